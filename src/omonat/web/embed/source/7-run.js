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
if (choice) {
  tellGoogle("update");
  if (!isSigned(choice)) tellAgain();
} else if (!gpc && purposes.length && document.body) {
  ask();
}
parsed.then(() => {
  if (choice || gpc) all("#omonat-banner").forEach(it => it.remove()); // an old copy of a page, out of a cache
  if (!choice && !gpc && purposes.length && !box) ask();
  if (!box) offer();
  all("[data-omonat-open]").forEach(it => it.addEventListener("click", showSettings));
});
release();
waiting.forEach(ready => ready(window.omonat));
tell("omonat:ready");
})
