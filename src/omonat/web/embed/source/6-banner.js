// --- the first layer: text, Refuse, Accept, settings; light DOM, real buttons, gone after the choice ---

dress(STYLE);
const leaveRoom = dress("");
// Dark only where the page can be dark itself; looked up only where it matters, as it makes the browser work out styles.
const dark = matchMedia("(prefers-color-scheme: dark)");
const darken = () => {
  const scheme = document.querySelector("meta[name=color-scheme]");
  if (dark.matches && (tag.dataset.theme === "auto" ||
    /dark/.test(getComputedStyle(root).colorScheme + (scheme ? scheme.content : "")))) root.classList.add("omonat-dark-too");
};
darken();
if (dark.addEventListener) dark.addEventListener("change", darken);
let box = null; // the banner or the settings, whichever is open
let entry = null; // the permanent way back (clause 8.2)
let cameFrom = null;
let held = false; // whether the focus was in the box: a button that is switched off loses it

const announced = { lang: language, dir: "ltr", tabIndex: -1, role: "dialog", "aria-modal": "false" };

// Opens a box in the page; the page makes room at its end, so that nothing stays covered.
const open = made => {
  if (box) box.remove();
  box = made;
  box.addEventListener("keydown", event => { if (event.key === "Escape") leave(); });
  if (entry) entry.hidden = true;
  if (!made.isConnected) document.body.prepend(made);
  root.classList.add("omonat-asks");
  // Measured when the browser has laid the page out anyway: asked for at once, it would lay out everything twice.
  // `:not(#_)` weighs as much as the ids of the style that stands until then.
  const room = () => box && leaveRoom(`.omonat-asks:not(#_){scroll-padding-block-end:${box.offsetHeight + 32}px}` +
    `.omonat-asks:not(#_) body{margin-block-end:${box.offsetHeight + 32}px}`);
  window.ResizeObserver ? new ResizeObserver(room).observe(made) : room();
};

const close = () => {
  if (!box) return;
  held = held || box.contains(document.activeElement);
  box.remove();
  box = null;
  root.classList.remove("omonat-asks");
  offer();
  const next = cameFrom && cameFrom.isConnected && !cameFrom.hidden ? cameFrom : entry;
  if (held && next) next.focus({ preventScroll: true });
  cameFrom = null;
  held = false;
};

// Closing an unanswered question is refusing; closing the settings afterwards changes nothing.
const leave = () => gpc || !toAsk().length ? close() : choose({}, "banner", box.omonatShown || ours());

// Presses once, waits for the proof, says so when there is none.
const guarded = async (within, pressed, wanted, via, shown) => {
  const buttons = all("button", within);
  held = within.contains(document.activeElement);
  buttons.forEach(it => (it.disabled = true));
  within.setAttribute("aria-busy", "true");
  try {
    await choose(wanted, via, shown);
  } catch (error) {
    all("[role=alert]", within).forEach(it => it.remove());
    buttons[0].parentNode.before(make("p", { role: "alert" }, said.failed));
    throw error;
  } finally {
    buttons.forEach(it => (it.disabled = false));
    within.removeAttribute("aria-busy");
    held = false;
    if (within.isConnected) pressed.focus();
  }
};

const press = (within, button, via, shown) => {
  button.onclick = event => {
    event.preventDefault();
    guarded(within, button, pick(purposes, () => button.value === "accept"), via, shown).catch(() => {});
  };
};
const answer = (within, via, shown) => word => {
  const button = make("button", { type: "button", value: word, name: "choice" }, said[word]);
  press(within, button, via, shown);
  return button;
};

const linked = text => {
  const [before, after] = text.split(said.link);
  return [before, make("a", { href: `${home}/${language}/policy` }, said.link), after || ""];
};

// A banner that the site's own server has put into the page is taken over as it is. Its form says which text stands
// there: perhaps in another language than this script's, perhaps of another version; and what it asks about.
const adopt = made => {
  const form = Object.fromEntries(all("input", made).map(it => [it.name, it.value]));
  const shown = made.omonatShown = {
    language: fit(form.language) || language, text: form.text || "", asked: form.asked ? form.asked.split(" ") : purposes,
  };
  all("button[name=choice]", made).forEach(it => press(made, it, "banner", shown));
  all(".omonat-more", made).forEach(it => (it.onclick = showSettings));
  open(made);
};

const ask = () => {
  const there = document.getElementById("omonat-banner");
  if (there) return adopt(there);
  const made = make("section", { id: "omonat-banner", "aria-labelledby": "omonat-title", ...announced });
  const more = make("button", { type: "button", className: "omonat-more" }, said.settings);
  more.onclick = showSettings;
  const shown = made.omonatShown = ours();
  const parts = shown.asked.map(it => said.asked[it]);
  const shared = new Set(parts.map(it => it[1])); // who gets it: at the end where all go to the same, else behind each
  const waits = parts.map(it => shared.size > 1 && it[1] ? `${it[0]} (${it[1].slice(0, -1)})` : it[0]).join("; ") + ".";
  const notice = [said.notice[0], waits, ...(shared.size > 1 ? [] : shared), said.notice[1]];
  made.append(
    make("div", { className: "omonat-text" },
      make("h2", { id: "omonat-title" }, said.title), make("p", {}, ...linked(notice.filter(Boolean).join(" ")))),
    make("div", { className: "omonat-buttons" }, ...["refuse", "accept"].map(answer(made, "banner", shown)), more));
  open(made);
};

// The permanent entry: the page's own [data-omonat-open], else a small button in the corner.
const offer = () => {
  if (entry) entry.hidden = false;
  if (entry || all("[data-omonat-open]").length) return;
  entry = make("button", { type: "button", id: "omonat-entry", lang: language, dir: "ltr", onclick: showSettings }, said.settings);
  document.body.append(entry);
};

// --- the second layer, loaded when somebody opens it, or when a frame waits ---

let layer = null;
const second = () => {
  layer = layer || new Promise((loaded, failed) => {
    window.omonat.layer = loaded;
    // Named after its texts, so that no cache gives one of another version.
    load(`${home}/embed/${language}/settings.js?${config.second}`).catch(failed);
  });
  layer.catch(() => (layer = null));
  return layer;
};
const tools = () => ({ make, open, leave, choose: guarded, answer, said, permits, purposes, announced, dress, gpc, home, language });

const showSettings = async event => {
  if (event) event.preventDefault();
  const from = event ? event.currentTarget : document.activeElement;
  try {
    const { settings } = await second();
    cameFrom = from && from.closest("#omonat-banner") ? null : from;
    settings(tools());
  } catch {
    location.assign(`${home}/${language}/cookies`); // the page of the same name does the same
  }
};
