(config=>{
"use strict";
const{texts}=config;
let dressed=false;
const dressedBy=it=>{
if (!dressed) it.dress("#omonat-settings{max-inline-size:44em;max-block-size:min(85vh,85dvh);padding-block-start:0}#omonat-settings .omonat-head{position:sticky;inset-block-start:0;display:flex;justify-content:space-between;align-items:center;gap:1em;margin-inline:-1.5em;padding:.9em 1.5em;background:var(--o-paper);border-block-end:1px solid var(--o-line)}#omonat-settings h2{margin:0;font-size:1.2em;line-height:1.3;font-weight:650}#omonat-settings h3{margin:1.2em 0 .3em;font-size:1em;font-weight:650}#omonat-settings p{margin:.7em 0}#omonat-settings .omonat-soft{font-size:.9em;color:var(--o-soft)}#omonat-settings .omonat-note{padding:.7em 1em;border-inline-start:4px solid var(--o-accent);border-radius:6px;background:var(--o-wash)}#omonat-settings .omonat-close{flex:none;white-space:nowrap;background:none;color:var(--o-ink);border-color:var(--o-line)}#omonat-settings .omonat-close:hover{background:var(--o-wash)}#omonat-settings .omonat-purpose{margin-block:.8em;padding:.4em 1em .8em;border:1px solid var(--o-line);border-radius:12px}#omonat-settings label{display:flex;align-items:center;gap:.8em;min-block-size:2.75em;font-weight:600;cursor:pointer}#omonat-settings input{inline-size:1.5em;block-size:1.5em;margin:0;flex:none;accent-color:var(--o-accent)}#omonat-settings ul{margin:.4em 0;padding-inline-start:1.2em;font-size:.9em;color:var(--o-soft)}#omonat-settings code{font-family:ui-monospace,Menlo,Consolas,monospace;color:var(--o-ink);overflow-wrap:anywhere}#omonat-settings .omonat-buttons{position:sticky;inset-block-end:0;display:grid;grid-template-columns:1fr 1fr;gap:.6em;margin-inline:-1.5em;padding:.9em 1.5em;background:var(--o-paper);border-block-start:1px solid var(--o-line)}#omonat-settings{padding-block-end:0;scroll-padding-block:4.5em 5.5em}#omonat-settings button{min-inline-size:0}#omonat-settings .omonat-buttons > [value=some]{grid-column:1/-1}@media (max-width:40em){#omonat-settings{padding-block:0}#omonat-settings .omonat-head,#omonat-settings .omonat-buttons{margin-inline:-1em;padding:.7em 1em}}@media (max-height:34em){#omonat-settings .omonat-head,#omonat-settings .omonat-buttons{position:static}}.omonat-place{display:flex;flex-direction:column;justify-content:center;gap:.75em;padding:1.25em;text-align:center;border:1px dashed;border-radius:12px;color:inherit;background:color-mix(in srgb,currentcolor 6%,transparent)}.omonat-place p{margin:0;font-size:.92em}.omonat-place div{display:flex;flex-wrap:wrap;justify-content:center;gap:.6em}");
dressed=true;
};
const shownFor=(it,asked)=>({language:it.language,text:config.hash,asked});
const settings=it=>{
const{make,said}=it;
dressedBy(it);
const list=items=>make("ul",{},...items.map(([name,rest])=>make("li",{},make("code",{},name),rest)));
const boxes={};
const purpose=one=>{
const id="omonat-" + one.id;
boxes[one.id]=make("input",{type:"checkbox",id,checked:it.permits(one.id),"aria-describedby":id + "-text"});
return make("div",{className:"omonat-purpose"},
make("label",{htmlFor:id},boxes[one.id],make("span",{},one.label)),
make("p",{className:"omonat-soft",id:id + "-text"},one.details),list(one.items));
};
const box=make("section",{id:"omonat-settings","aria-labelledby":"omonat-settings-title",...it.announced});
const shown=shownFor(it,it.purposes);
const save=make("button",{type:"button",value:"some",name:"choice"},texts.save);
save.onclick=()=>{
const chosen=Object.fromEntries(Object.entries(boxes).map(([name,input])=>[name,input.checked]));
it.choose(box,save,chosen,"settings",shown).catch(()=>{});
};
box.append(
make("div",{className:"omonat-head"},
make("h2",{id:"omonat-settings-title"},said.settings),
make("button",{type:"button",className:"omonat-close",onclick:it.leave},texts.close)),
make("p",{},texts.lead),
...(it.gpc?[make("p",{className:"omonat-note"},texts.signal)]:[]),
...config.purposes.map(purpose),
make("h3",{},texts.needed),
make("p",{className:"omonat-soft"},texts.why),
list(config.needed),
make("p",{},make("a",{href:`${it.home}/${it.language}/policy`},texts.policy)),
make("div",{className:"omonat-buttons"},...["refuse","accept"].map(it.answer(box,"settings",shown)),save));
it.open(box);
box.focus();
};
const place=(it,frame,asked,showOnce)=>{
const{make}=it;
dressedBy(it);
const wanted=config.purposes.filter(one=>asked.includes(one.id));
const what=frame.dataset.omonatName||frame.title||texts.content;
const lines=[
texts.missing.replace("{purpose}",wanted.map(one=>one.label).join(", ")),...wanted.map(one=>one.details)];
const once=make("button",{type:"button",onclick:showOnce},texts.once);
const always=make("button",{type:"button"},texts.always);
const made=make("div",{className:"omonat-place",role:"group","aria-label":what,lang:it.language,dir:"ltr"},
make("strong",{},what),...lines.map(line=>make("p",{},line)),
make("div",{},once,...(wanted.length?[always]:[])));
made.style.minHeight=frame.offsetHeight + "px";
const allowed=Object.fromEntries(wanted.map(one=>[one.id,true]));
always.onclick=()=>it.choose(made,always,allowed,"placeholder",shownFor(it,wanted.map(one=>one.id)))
.then(()=>frame.focus(),()=>{});
return made;
};
window.omonat.layer({settings,place});
})
