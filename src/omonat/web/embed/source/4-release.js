// --- what waits for consent: marked scripts, frames, images; released in document order, each once ---

const ran = new Set(); // purposes whose scripts have run on this page
const done = new WeakSet();
const wants = it => it.dataset.omonat.split(/\s+/).filter(Boolean);
const isOpen = it => wants(it).every(permits);

// A script that the browser took for text is made anew, with its nonce, integrity and all else.
const revive = old => new Promise(next => {
  const fresh = document.createElement("script");
  for (const { name, value } of old.attributes) {
    if (name !== "type" && !name.startsWith("data-omonat")) fresh.setAttribute(name, value);
  }
  if (old.dataset.omonatType) fresh.type = old.dataset.omonatType;
  if (old.dataset.omonatSrc) fresh.src = old.dataset.omonatSrc;
  fresh.nonce = old.nonce;
  fresh.text = old.text;
  fresh.async = old.hasAttribute("async");
  const waits = fresh.src && !fresh.async;
  fresh.onload = fresh.onerror = next; // one that fails does not stop the rest
  wants(old).forEach(it => ran.add(it));
  old.replaceWith(fresh);
  if (!waits) next();
});

const show = it => {
  const { omonatSrc, omonatSrcset } = it.dataset;
  if (omonatSrcset) it.srcset = omonatSrcset;
  if (omonatSrc) it.src = omonatSrc;
  if (it.omonatPlace) it.omonatPlace.remove();
  it.omonatPlace = null;
  it.hidden = false;
};

const hide = it => {
  it.removeAttribute("srcset");
  it.localName === "iframe" ? (it.src = "about:blank") : it.removeAttribute("src");
  done.delete(it);
};

// The place of a frame says what is missing, shows this one alone, or allows the purpose: of the second layer.
const stand = it => second().then(({ place }) => {
  if (it.omonatPlace || isOpen(it) || done.has(it)) return;
  it.omonatPlace = place(tools(), it, wants(it).filter(purpose => purposes.includes(purpose)), () => {
    done.add(it);
    show(it);
    it.focus();
  });
  it.before(it.omonatPlace);
  it.hidden = true;
}, () => {}); // tried again after the next choice

let queue = parsed;
const release = () => (queue = queue.then(async () => {
  for (const it of all("[data-omonat]")) {
    const isScript = it.localName === "script";
    if (isOpen(it) && !done.has(it)) {
      done.add(it);
      isScript ? await revive(it) : show(it);
    } else if (!isScript && !isOpen(it) && it.localName === "iframe" && !done.has(it)) {
      stand(it);
    }
  }
}));
const takeBack = lost => all("[data-omonat]").filter(it => it.localName !== "script" && wants(it).some(n => lost.includes(n)))
  .forEach(hide);
