// --- the choice: kept on this site as the server has signed it, `payload.signature` ---

const decode = value => {
  try {
    return { purposes: {}, basis: {}, since: {}, ...JSON.parse(atob(value.split(".")[0].replace(/-/g, "+").replace(/_/g, "/"))), value };
  } catch {
    return null;
  }
};
const encode = facts => btoa(JSON.stringify(facts)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "") + ".";
const isSigned = it => !it.value.endsWith(".");

const kept = () => document.cookie.split("; ")
  .filter(it => it.startsWith(NAME + "=")).map(it => decode(it.slice(NAME.length + 1))).filter(Boolean)
  .sort((one, other) => Date.parse(other.at) - Date.parse(one.at))[0] || null;

const shared = config.share.find(it => location.hostname === it || location.hostname.endsWith("." + it));
const keep = value => {
  const end = "; Path=/; SameSite=Lax" + (location.protocol === "https:" ? "; Secure" : "");
  if (shared) document.cookie = NAME + "=; Max-Age=0" + end; // one that this host kept for itself before
  document.cookie = `${NAME}=${value}; Max-Age=${config.days * 86400}${shared ? "; Domain=" + shared : ""}${end}`;
  choice = decode(value);
};

// Purpose by purpose: an answer that ran out, or that was given on another basis, is none and is asked for again.
let choice = kept();
const when = it => choice.since[it] || choice.at;
const answered = it => !!choice && choice.basis[it] === config.basis[it] &&
  Date.parse(when(it)) + config.days * 864e5 > Date.now();
const toAsk = () => purposes.filter(it => !answered(it));

// A signal of the browser outweighs a choice that was not made in spite of it.
const permits = it => !!(answered(it) && choice.purposes[it] && (!gpc || choice.gpc));
const pick = (names, word) => Object.fromEntries(names.map(it => [it, word(it)]));
const state = via => ({
  purposes: pick(purposes, permits), chosen: !toAsk().length, gpc, language, via,
});

// The text that a choice answers: this script's, or that of a banner from the site's server (adopt), of the settings,
// of the place of a frame; `asked`: the purposes of which it speaks.
const ours = () => ({ language, text: said.hash, asked: toAsk() });

const send = async facts => {
  const before = choice ? (isSigned(choice) ? choice.value : choice.before || "") : "";
  const answer = await fetch(home + "/embed/choice", {
    method: "POST", body: JSON.stringify({ gpc, choice: before, ...facts }), headers: { "Content-Type": "text/plain" },
    credentials: "omit", referrerPolicy: "no-referrer", keepalive: true,
  });
  if (answer.status === 409) { // another notice is in force than was shown: asked anew
    if (facts.via !== "banner" || config.texts[facts.language].hash === facts.text) { // by this script, which is fetched
      await fetch(tag.src, { cache: "reload", mode: "no-cors" });
      location.reload();
    } else { // by a page that its server, or a cache, may give out for a while yet: this script asks in its place
      box.remove();
      ask();
      box.focus();
    }
  }
  if (!answer.ok) throw new Error("choice " + answer.status);
  keep((await answer.json()).choice);
};

// What the server has not heard yet, with the text that it answered: refusals only, which need no proof to hold.
const tellAgain = () => {
  const { untold, via, language, text } = choice;
  return send({ purposes: untold, language, via, text });
};
const isUntold = () => choice && choice.untold && !isSigned(choice);

// Refusing and withdrawing hold at once, and are told to the server as soon as it answers. Allowing holds from the
// moment at which the server has the proof. Rejects when something newly allowed could not be proven; what was taken
// back beside it is gone all the same.
const choose = async (wanted, via, { asked, ...shown }) => {
  const [yes, no] = [true, false].map(word => asked.filter(it => !!wanted[it] === word));
  const more = yes.filter(it => !permits(it));
  const lost = no.filter(permits);
  const stops = lost.some(it => ran.has(it)); // a script that runs can only be stopped with its page
  if (no.length) {
    const at = new Date().toISOString();
    const stay = purposes.filter(it => no.includes(it) || answered(it) && !more.includes(it));
    keep(encode({
      purposes: pick(stay, it => !no.includes(it) && choice.purposes[it]), basis: pick(stay, it => config.basis[it]),
      since: pick(stay, it => no.includes(it) ? at : when(it)), at, via, gpc, ...shown,
      before: choice ? (isSigned(choice) ? choice.value : choice.before) : "",
      untold: { ...(choice && choice.untold), ...pick(no, () => false) },
    }));
    lost.forEach(clear);
    takeBack(lost);
  }
  if (!more.length) finish(via);
  let failed;
  const told = (async () => {
    if (isUntold()) await tellAgain();
    if (yes.length) await send({ purposes: pick(yes, () => true), via, ...shown });
  })().catch(error => (failed = error));
  await (stops ? Promise.race([told, new Promise(next => setTimeout(next, 5e3))]) : told);
  if (more.length) failed ? settled(via) : finish(via);
  if (stops) location.reload();
  if (failed && more.length) throw failed;
};
