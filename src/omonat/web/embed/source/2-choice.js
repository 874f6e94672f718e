// --- the choice: kept on this site as the server has signed it, `payload.signature` ---

const decode = value => {
  try {
    return { ...JSON.parse(atob(value.split(".")[0].replace(/-/g, "+").replace(/_/g, "/"))), value };
  } catch {
    return null;
  }
};
const encode = facts => btoa(JSON.stringify(facts)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "") + ".";
const isSigned = it => !it.value.endsWith(".");
const holds = it => it && it.purposes && it.basis === config.basis && Date.parse(it.at) + config.days * 864e5 > Date.now();

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

// An older choice, run out or made under other purposes, is asked again; what it refused stays refused meanwhile.
let older = kept();
let choice = holds(older) ? older : null;

// A signal of the browser outweighs a choice that was not made in spite of it.
const permits = purpose => !!(choice && choice.purposes[purpose] && (!gpc || choice.gpc));
const each = word => Object.fromEntries(purposes.map(it => [it, word(it)]));
const state = via => ({
  purposes: each(permits), chosen: !!choice, gpc, language, via,
});

// The text that a choice answers: this script's, or that of a banner from the site's server (adopt).
const ours = { language, text: said.hash };
const isOurs = it => config.texts[it.language].hash === it.text;

const send = async facts => {
  const answer = await fetch(home + "/embed/choice", {
    method: "POST", body: JSON.stringify(facts), headers: { "Content-Type": "text/plain" },
    credentials: "omit", referrerPolicy: "no-referrer", keepalive: true,
  });
  if (answer.status === 409) { // another notice is in force than was shown: asked anew
    if (isOurs(facts)) { // by this script, which is fetched
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

// Refusing and withdrawing hold at once, and are told to the server as soon as it answers. Allowing holds from the
// moment at which the server has the proof. Rejects when something newly allowed could not be proven.
const choose = async (wanted, via, shown = ours) => {
  const more = purposes.some(it => wanted[it] && !permits(it));
  const lost = purposes.filter(it => !wanted[it] && permits(it));
  const last = choice || older;
  const facts = {
    purposes: each(it => !!wanted[it]), via, gpc, ...shown,
    choice: last ? (isSigned(last) ? last.value : last.before || "") : "",
  };
  if (lost.length || !more) {
    const now = each(it => !!wanted[it] && permits(it));
    keep(encode({
      purposes: now, via, gpc, ...shown, before: facts.choice, basis: config.basis, at: new Date().toISOString(),
    }));
    lost.forEach(clear);
    if (!more) settled(via, lost);
  }
  const told = send(facts);
  await (more ? told : told.catch(() => {})); // tried again on the next page
  if (more) settled(via, lost);
  if (lost.some(it => ran.has(it))) location.reload(); // a script that runs can only be stopped with its page
};

// What could not be told to the server before, with the text that it answered.
const tellAgain = () => {
  const { purposes, before, via, language, text } = { ...ours, ...choice };
  return send({ purposes, language, via, gpc, text, choice: before || "" }).catch(() => {});
};
