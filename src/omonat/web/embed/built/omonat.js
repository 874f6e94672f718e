(config=>{
"use strict";
if (window.omonat&&window.omonat.permits) return;
const tag=document.currentScript;
const home=new URL(tag.src).origin;
const root=document.documentElement;
const NAME="omonat_choice";
const purposes=Object.keys(config.clear);
const gpc=navigator.globalPrivacyControl===true;
const fit=wanted=>{
for (let code=(wanted||"").toLowerCase();code;code=code.replace(/(^|-)[^-]*$/,"")){
const found=code==="uz"?"uz-Latn":Object.keys(config.texts).find(it=>it.toLowerCase()===code);
if (found) return found;
}
};
const language=[root.lang,...navigator.languages].map(fit).find(Boolean)||"uz-Latn";
const said=config.texts[language];
const make=(name,properties,...children)=>{
const made=document.createElement(name);
for (const [key,value] of Object.entries(properties)){
key.includes("-")||key==="role"?made.setAttribute(key,value):(made[key]=value);
}
made.append(...children);
return made;
};
const all=(selector,within)=>[...(within||document).querySelectorAll(selector)];
const parsed=new Promise(done=>
document.readyState==="loading"?document.addEventListener("DOMContentLoaded",done):done());
const load=address=>new Promise((done,failed)=>{
const script=make("script",{src:address,nonce:tag.nonce,onload:done,onerror:failed});
document.head.append(script);
});
const dress=css=>{
try{
const sheet=new CSSStyleSheet();
sheet.replaceSync(css);
document.adoptedStyleSheets=[...document.adoptedStyleSheets,sheet];
return other=>sheet.replaceSync(other);
} catch{
const style=make("style",{nonce:tag.nonce,textContent:css});
document.head.append(style);
return other=>(style.textContent=other);
}
};
const decode=value=>{
try{
return{purposes:{},basis:{},since:{},...JSON.parse(atob(value.split(".")[0].replace(/-/g,"+").replace(/_/g,"/"))),value};
} catch{
return null;
}
};
const encode=facts=>btoa(JSON.stringify(facts)).replace(/\+/g,"-").replace(/\//g,"_").replace(/=+$/,"") + ".";
const isSigned=it=>!it.value.endsWith(".");
const kept=()=>document.cookie.split("; ")
.filter(it=>it.startsWith(NAME + "=")).map(it=>decode(it.slice(NAME.length + 1))).filter(Boolean)
.sort((one,other)=>Date.parse(other.at) - Date.parse(one.at))[0]||null;
const shared=config.share.find(it=>location.hostname===it||location.hostname.endsWith("." + it));
const keep=value=>{
const end="; Path=/; SameSite=Lax" + (location.protocol==="https:"?"; Secure":"");
if (shared) document.cookie=NAME + "=; Max-Age=0" + end;
document.cookie=`${NAME}=${value}; Max-Age=${config.days * 86400}${shared ? "; Domain=" + shared : ""}${end}`;
choice=decode(value);
};
let choice=kept();
const when=it=>choice.since[it]||choice.at;
const answered=it=>!!choice&&choice.basis[it]===config.basis[it]&&
Date.parse(when(it)) + config.days * 864e5 >Date.now();
const toAsk=()=>purposes.filter(it=>!answered(it));
const permits=it=>!!(answered(it)&&choice.purposes[it]&&(!gpc||choice.gpc));
const pick=(names,word)=>Object.fromEntries(names.map(it=>[it,word(it)]));
const state=via=>({
purposes:pick(purposes,permits),chosen:!toAsk().length,gpc,language,via,
});
const ours=()=>({language,text:said.hash,asked:toAsk()});
const send=async facts=>{
const before=choice?(isSigned(choice)?choice.value:choice.before||""):"";
const answer=await fetch(home + "/embed/choice",{
method:"POST",body:JSON.stringify({gpc,choice:before,...facts}),headers:{"Content-Type":"text/plain"},
credentials:"omit",referrerPolicy:"no-referrer",keepalive:true,
});
if (answer.status===409){
if (facts.via !=="banner"||config.texts[facts.language].hash===facts.text){
await fetch(tag.src,{cache:"reload",mode:"no-cors"});
location.reload();
} else{
box.remove();
ask();
box.focus();
}
}
if (!answer.ok) throw new Error("choice " + answer.status);
keep((await answer.json()).choice);
};
const tellAgain=()=>{
const{untold,via,language,text}=choice;
return send({purposes:untold,language,via,text});
};
const isUntold=()=>choice&&choice.untold&&!isSigned(choice);
const choose=async (wanted,via,{asked,...shown})=>{
const [yes,no]=[true,false].map(word=>asked.filter(it=>!!wanted[it]===word));
const more=yes.filter(it=>!permits(it));
const lost=no.filter(permits);
const stops=lost.some(it=>ran.has(it));
if (no.length){
const at=new Date().toISOString();
const stay=purposes.filter(it=>no.includes(it)||answered(it)&&!more.includes(it));
keep(encode({
purposes:pick(stay,it=>!no.includes(it)&&choice.purposes[it]),basis:pick(stay,it=>config.basis[it]),
since:pick(stay,it=>no.includes(it)?at:when(it)),at,via,gpc,...shown,
before:choice?(isSigned(choice)?choice.value:choice.before):"",
untold:{...(choice&&choice.untold),...pick(no,()=>false)},
}));
lost.forEach(clear);
takeBack(lost);
}
if (!more.length) finish(via);
let failed;
const told=(async ()=>{
if (isUntold()) await tellAgain();
if (yes.length) await send({purposes:pick(yes,()=>true),via,...shown});
})().catch(error=>(failed=error));
await (stops?Promise.race([told,new Promise(next=>setTimeout(next,5e3))]):told);
if (more.length) failed?settled(via):finish(via);
if (stops) location.reload();
if (failed&&more.length) throw failed;
};
const named=(pattern,name)=>pattern.endsWith("*")?name.startsWith(pattern.slice(0,-1)):name===pattern;
const places=()=>{
const labels=location.hostname.split(".");
const domains=["",...labels.map((_,at)=>"; Domain=" + labels.slice(at).join("."))];
const steps=location.pathname.split("/");
const paths=steps.flatMap((_,at)=>{
const path=steps.slice(0,at + 1).join("/");
return [path||"/",path + "/"];
});
const kinds=["","; Secure","; Secure; Partitioned"];
return [...new Set(paths)].flatMap(path=>domains.flatMap(domain=>kinds.map(kind=>`; Path=${path}${domain}${kind}`)));
};
const clear=purpose=>{
for (const item of config.clear[purpose]){
const pattern=item.slice(2);
(async ()=>wipers[item[0]](pattern))().catch(()=>{});
}
};
const wipers={
c:pattern=>{
for (const name of new Set(document.cookie.split("; ").map(it=>it.split("=")[0]))){
if (named(pattern,name)) places().forEach(place=>(document.cookie=`${name}=; Max-Age=0${place}`));
}
},
l:pattern=>wipe(localStorage,pattern),
s:pattern=>wipe(sessionStorage,pattern),
d:async pattern=>{
const listed=async ()=>(await indexedDB.databases()).map(it=>it.name);
const found=await listed().catch(()=>[pattern]);
found.filter(it=>named(pattern,it)).forEach(it=>indexedDB.deleteDatabase(it));
},
};
const wipe=(storage,pattern)=>
Object.keys(storage).filter(it=>named(pattern,it)).forEach(it=>storage.removeItem(it));
const ran=new Set();
const done=new WeakSet();
const wants=it=>it.dataset.omonat.split(/\s+/).filter(Boolean);
const isOpen=it=>wants(it).every(permits);
const revive=old=>new Promise(next=>{
const fresh=document.createElement("script");
for (const{name,value} of old.attributes){
if (name !=="type"&&!name.startsWith("data-omonat")) fresh.setAttribute(name,value);
}
if (old.dataset.omonatType) fresh.type=old.dataset.omonatType;
if (old.dataset.omonatSrc) fresh.src=old.dataset.omonatSrc;
fresh.nonce=old.nonce;
fresh.text=old.text;
fresh.async=old.hasAttribute("async");
const waits=fresh.src&&!fresh.async;
fresh.onload=fresh.onerror=next;
wants(old).forEach(it=>ran.add(it));
old.replaceWith(fresh);
if (!waits) next();
});
const show=it=>{
const{omonatSrc,omonatSrcset}=it.dataset;
if (omonatSrcset) it.srcset=omonatSrcset;
if (omonatSrc) it.src=omonatSrc;
if (it.omonatPlace) it.omonatPlace.remove();
it.omonatPlace=null;
it.hidden=false;
};
const hide=it=>{
it.removeAttribute("srcset");
it.localName==="iframe"?(it.src="about:blank"):it.removeAttribute("src");
done.delete(it);
};
const stand=it=>second().then(({place})=>{
if (it.omonatPlace||isOpen(it)||done.has(it)) return;
it.omonatPlace=place(tools(),it,wants(it).filter(purpose=>purposes.includes(purpose)),()=>{
done.add(it);
show(it);
it.focus();
});
it.before(it.omonatPlace);
it.hidden=true;
},()=>{});
let queue=parsed;
const release=()=>(queue=queue.then(async ()=>{
for (const it of all("[data-omonat]")){
const isScript=it.localName==="script";
if (isOpen(it)&&!done.has(it)){
done.add(it);
isScript?await revive(it):show(it);
} else if (!isScript&&!isOpen(it)&&it.localName==="iframe"&&!done.has(it)){
stand(it);
}
}
}));
const takeBack=lost=>all("[data-omonat]").filter(it=>it.localName !=="script"&&wants(it).some(n=>lost.includes(n)))
.forEach(hide);
const modes=Object.fromEntries((tag.dataset.consentMode||"").split(/\s+/).filter(Boolean).map(it=>it.split("=")));
const tellGoogle=word=>{
if (!tag.dataset.consentMode) return;
window.dataLayer=window.dataLayer||[];
window.gtag=window.gtag||function (){window.dataLayer.push(arguments);};
const facts=word==="default"?{security_storage:"granted",wait_for_update:500}:{};
for (const type of ["ad_storage","ad_user_data","ad_personalization","analytics_storage",
"functionality_storage","personalization_storage"]){
facts[type]=word !=="default"&&permits(modes[type])?"granted":"denied";
}
window.gtag("consent",word,facts);
};
const listeners=[];
const tell=(name,via)=>{
const detail=state(via);
listeners.forEach(it=>{try{it(detail);} catch (error){setTimeout(()=>{throw error;});}});
document.dispatchEvent(new CustomEvent(name,{detail}));
};
const settled=via=>{
tellGoogle("update");
release();
tell("omonat:choice",via);
};
const finish=via=>{
close();
settled(via);
askOnce();
};
dress("#omonat-banner,#omonat-settings,#omonat-entry,.omonat-place{--o-paper:var(--omonat-paper,#fff);--o-ink:var(--omonat-ink,#17212b);--o-soft:var(--omonat-soft,#4a5763);--o-line:var(--omonat-line,#d5dcdb);--o-accent:var(--omonat-accent,#0b5d6b);--o-accent-deep:var(--omonat-accent-deep,#084853);--o-on-accent:var(--omonat-on-accent,#fff);--o-wash:var(--omonat-wash,#f1f6f6)}@media (prefers-color-scheme:dark){.omonat-dark-too :is(#omonat-banner,#omonat-settings,#omonat-entry,.omonat-place){--o-paper:var(--omonat-dark-paper,#18232a);--o-ink:var(--omonat-dark-ink,#e9eef0);--o-soft:var(--omonat-dark-soft,#b1bec5);--o-line:var(--omonat-dark-line,#34454f);--o-accent:var(--omonat-dark-accent,#7fd0d9);--o-accent-deep:var(--omonat-dark-accent-deep,#a5e0e6);--o-on-accent:var(--omonat-dark-on-accent,#06262c);--o-wash:var(--omonat-dark-wash,#1f2d35)}}.omonat-asks,:root:has(#omonat-banner){scroll-padding-block-end:22em}.omonat-asks body,body:has(> #omonat-banner){margin-block-end:22em}#omonat-banner,#omonat-settings,#omonat-entry,.omonat-place,#omonat-banner *,#omonat-settings *,.omonat-place *{all:revert;box-sizing:border-box}#omonat-banner,#omonat-settings,#omonat-entry,.omonat-place{font-size:medium;line-height:1.5;color:var(--o-ink);text-align:start;overflow-wrap:break-word}#omonat-banner,#omonat-settings{position:fixed;z-index:2147483000;inset-block-end:max(1em,env(safe-area-inset-bottom));inset-inline:1em;max-inline-size:62em;max-block-size:min(70vh,70dvh);margin-inline:auto;padding:1.25em 1.5em;overflow-y:auto;overscroll-behavior:contain;background:var(--o-paper);border:1px solid var(--o-line);border-radius:16px;box-shadow:0 2px 6px rgb(10 30 40/10%),0 16px 48px rgb(10 30 40/22%)}#omonat-banner{display:grid;grid-template-columns:1fr auto;gap:.5em 2em;align-items:center}#omonat-banner h2{margin:0 0 .3em;font-size:1.1em;line-height:1.3;font-weight:650}#omonat-banner p{margin:0;font-size:.92em;color:var(--o-soft)}#omonat-banner a,#omonat-settings a{color:var(--o-accent);text-underline-offset:.18em}#omonat-banner .omonat-buttons{display:grid;grid-template-columns:1fr 1fr;gap:.6em}#omonat-banner button,#omonat-settings button,.omonat-place button,#omonat-entry{font:inherit;font-weight:600;min-block-size:2.75em;min-inline-size:8.2em;padding:.5em 1.1em;cursor:pointer;border:2px solid var(--o-accent);border-radius:10px;background:var(--o-accent);color:var(--o-on-accent)}#omonat-banner button:hover,#omonat-settings button:hover,.omonat-place button:hover{background:var(--o-accent-deep);border-color:var(--o-accent-deep)}#omonat-banner button:disabled,#omonat-settings button:disabled,.omonat-place button:disabled{opacity:.6;cursor:progress}#omonat-banner .omonat-more,#omonat-banner a.omonat-more{grid-column:1/-1;border-color:transparent;background:none;color:var(--o-accent);text-align:center;text-decoration:underline;text-underline-offset:.18em}#omonat-banner a.omonat-more{display:flex;align-items:center;justify-content:center;min-block-size:2.75em;font-weight:600;border-radius:10px}#omonat-banner .omonat-more:hover{background:var(--o-wash);border-color:transparent}#omonat-banner :focus-visible,#omonat-settings :focus-visible,#omonat-entry:focus-visible,.omonat-place :focus-visible{outline:3px solid var(--o-accent);outline-offset:2px}#omonat-banner [role=alert],#omonat-settings [role=alert],.omonat-place [role=alert]{grid-column:1/-1;padding:.6em .9em;border-inline-start:4px solid #c0392b;color:var(--o-ink);background:var(--o-wash);border-radius:6px}#omonat-entry{position:fixed;z-index:2147482000;inset-block-end:.75em;inset-inline-start:.75em;min-inline-size:0;font-size:.85em;padding:.4em 1em;border:1px solid var(--o-line);border-radius:2em;color:var(--o-ink);background:var(--o-paper);box-shadow:0 2px 10px rgb(10 30 40/16%);min-block-size:max(44px,2.75em)}#omonat-entry[hidden]{display:none}@media (max-width:56em){#omonat-banner{grid-template-columns:minmax(0,1fr)}}@media (max-width:40em){#omonat-banner,#omonat-settings{inset-inline:.5em;inset-block-end:.5em;padding:1em}#omonat-banner .omonat-buttons{grid-template-columns:repeat(auto-fit,minmax(min(7.5em,100%),1fr))}#omonat-banner button{min-inline-size:0;padding-inline:.5em}#omonat-banner p{font-size:.85em;line-height:1.45}}@media (forced-colors:active){#omonat-banner,#omonat-settings,#omonat-entry{border:2px solid}}@media print{#omonat-banner,#omonat-settings,#omonat-entry{display:none}}");
const leaveRoom=dress("");
const dark=matchMedia("(prefers-color-scheme: dark)");
const darken=()=>{
const scheme=document.querySelector("meta[name=color-scheme]");
if (dark.matches&&(tag.dataset.theme==="auto"||
/dark/.test(getComputedStyle(root).colorScheme + (scheme?scheme.content:"")))) root.classList.add("omonat-dark-too");
};
darken();
if (dark.addEventListener) dark.addEventListener("change",darken);
let box=null;
let entry=null;
let cameFrom=null;
let held=false;
const announced={lang:language,dir:"ltr",tabIndex:-1,role:"dialog","aria-modal":"false"};
const open=made=>{
if (box) box.remove();
box=made;
box.addEventListener("keydown",event=>{if (event.key==="Escape") leave();});
if (entry) entry.hidden=true;
if (!made.isConnected) document.body.prepend(made);
root.classList.add("omonat-asks");
const room=()=>box&&leaveRoom(`.omonat-asks:not(#_){scroll-padding-block-end:${box.offsetHeight + 32}px}` +
`.omonat-asks:not(#_) body{margin-block-end:${box.offsetHeight + 32}px}`);
window.ResizeObserver?new ResizeObserver(room).observe(made):room();
};
const close=()=>{
if (!box) return;
held=held||box.contains(document.activeElement);
box.remove();
box=null;
root.classList.remove("omonat-asks");
offer();
const next=cameFrom&&cameFrom.isConnected&&!cameFrom.hidden?cameFrom:entry;
if (held&&next) next.focus({preventScroll:true});
cameFrom=null;
held=false;
};
const leave=()=>gpc||!toAsk().length?close():choose({},"banner",box.omonatShown||ours());
const guarded=async (within,pressed,wanted,via,shown)=>{
const buttons=all("button",within);
held=within.contains(document.activeElement);
buttons.forEach(it=>(it.disabled=true));
within.setAttribute("aria-busy","true");
try{
await choose(wanted,via,shown);
} catch (error){
all("[role=alert]",within).forEach(it=>it.remove());
buttons[0].parentNode.before(make("p",{role:"alert"},said.failed));
throw error;
} finally{
buttons.forEach(it=>(it.disabled=false));
within.removeAttribute("aria-busy");
held=false;
if (within.isConnected) pressed.focus();
}
};
const press=(within,button,via,shown)=>{
button.onclick=event=>{
event.preventDefault();
guarded(within,button,pick(purposes,()=>button.value==="accept"),via,shown).catch(()=>{});
};
};
const answer=(within,via,shown)=>word=>{
const button=make("button",{type:"button",value:word,name:"choice"},said[word]);
press(within,button,via,shown);
return button;
};
const linked=text=>{
const [before,after]=text.split(said.link);
return [before,make("a",{href:`${home}/${language}/policy`},said.link),after||""];
};
const adopt=made=>{
const form=Object.fromEntries(all("input",made).map(it=>[it.name,it.value]));
const shown=made.omonatShown={
language:fit(form.language)||language,text:form.text||"",asked:form.asked?form.asked.split(" "):purposes,
};
all("button[name=choice]",made).forEach(it=>press(made,it,"banner",shown));
all(".omonat-more",made).forEach(it=>(it.onclick=showSettings));
open(made);
};
const ask=()=>{
const there=document.getElementById("omonat-banner");
if (there) return adopt(there);
const made=make("section",{id:"omonat-banner","aria-labelledby":"omonat-title",...announced});
const more=make("button",{type:"button",className:"omonat-more"},said.settings);
more.onclick=showSettings;
const shown=made.omonatShown=ours();
const parts=shown.asked.map(it=>said.asked[it]);
const shared=new Set(parts.map(it=>it[1]));
const waits=parts.map(it=>shared.size >1&&it[1]?`${it[0]} (${it[1].slice(0, -1)})`:it[0]).join("; ") + ".";
const notice=[said.notice[0],waits,...(shared.size >1?[]:shared),said.notice[1]];
made.append(
make("div",{className:"omonat-text"},
make("h2",{id:"omonat-title"},said.title),make("p",{},...linked(notice.filter(Boolean).join(" ")))),
make("div",{className:"omonat-buttons"},...["refuse","accept"].map(answer(made,"banner",shown)),more));
open(made);
};
const offer=()=>{
if (entry) entry.hidden=false;
if (entry||all("[data-omonat-open]").length) return;
entry=make("button",{type:"button",id:"omonat-entry",lang:language,dir:"ltr",onclick:showSettings},said.settings);
document.body.append(entry);
};
let layer=null;
const second=()=>{
layer=layer||new Promise((loaded,failed)=>{
window.omonat.layer=loaded;
load(`${home}/embed/${language}/settings.js?${config.second}`).catch(failed);
});
layer.catch(()=>(layer=null));
return layer;
};
const tools=()=>({make,open,leave,choose:guarded,answer,said,permits,purposes,announced,dress,gpc,home,language});
const showSettings=async event=>{
if (event) event.preventDefault();
const from=event?event.currentTarget:document.activeElement;
try{
const{settings}=await second();
cameFrom=from&&from.closest("#omonat-banner")?null:from;
settings(tools());
} catch{
location.assign(`${home}/${language}/cookies`);
}
};
const waiting=Array.isArray(window.omonat)?window.omonat:[];
window.omonat={
permits,state,open:()=>showSettings(),
on:listener=>{listeners.push(listener);},
refresh:release,
push:ready=>ready(window.omonat),
};
tellGoogle("default");
(window.requestIdleCallback||setTimeout)(()=>purposes.filter(it=>!permits(it)).forEach(clear));
if (purposes.some(answered)) tellGoogle("update");
if (isUntold()) tellAgain().catch(()=>{});
const asks=()=>!gpc&&toAsk().length;
const askOnce=()=>{if (asks()&&!box) ask();};
if (document.body) setTimeout(askOnce);
parsed.then(()=>{
if (!asks()) all("#omonat-banner").forEach(it=>it.remove());
asks()?setTimeout(askOnce):offer();
all("[data-omonat-open]").forEach(it=>it.addEventListener("click",showSettings));
});
release();
waiting.forEach(ready=>ready(window.omonat));
tell("omonat:ready");
})
