// --- start ---

const waiting = Array.isArray(window.omonat) ? window.omonat : [];
window.omonat = {
  permits, state, open: () => showSettings(),
  on: listener => { listeners.push(listener); },
  refresh: release,
  push: ready => ready(window.omonat),
};

tellGoogle("default");
// Also what a page set while it was being left. Nobody waits for it: storages are slow to open.
(window.requestIdleCallback || setTimeout)(() => purposes.filter(it => !permits(it)).forEach(clear));
if (purposes.some(answered)) tellGoogle("update");
if (isUntold()) tellAgain().catch(() => {});
// A task of its own: the page is not held up by loading the script and asking in one go.
const asks = () => !gpc && toAsk().length;
const askOnce = () => { if (asks() && !box) ask(); };
if (document.body) setTimeout(askOnce);
parsed.then(() => {
  if (!asks()) all("#omonat-banner").forEach(it => it.remove()); // an old copy of a page, out of a cache
  asks() ? setTimeout(askOnce) : offer();
  all("[data-omonat-open]").forEach(it => it.addEventListener("click", showSettings));
});
release();
waiting.forEach(ready => ready(window.omonat));
tell("omonat:ready");
})
