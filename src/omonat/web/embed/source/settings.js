// The second layer: purpose by purpose with named recipients, what is always on, and the same two words; and the place
// of a frame that waits. Called with what content.py says of the policy; the first layer waits in `omonat.layer`.
// What stands here is what a consent cites (policy/text/second_layer.py): line for line, in this order.
(config => {
"use strict";
const { texts } = config;
let dressed = false;
const dressedBy = it => {
  if (!dressed) it.dress(STYLE);
  dressed = true;
};
const shownFor = (it, asked) => ({ language: it.language, text: config.hash, asked });

const settings = it => {
  const { make, said } = it;
  dressedBy(it);
  const list = items => make("ul", {}, ...items.map(([name, rest]) => make("li", {}, make("code", {}, name), rest)));

  const boxes = {};
  const purpose = one => {
    const id = "omonat-" + one.id;
    boxes[one.id] = make("input", { type: "checkbox", id, checked: it.permits(one.id), "aria-describedby": id + "-text" });
    return make("div", { className: "omonat-purpose" },
      make("label", { htmlFor: id }, boxes[one.id], make("span", {}, one.label)),
      make("p", { className: "omonat-soft", id: id + "-text" }, one.details), list(one.items));
  };

  const box = make("section", { id: "omonat-settings", "aria-labelledby": "omonat-settings-title", ...it.announced });
  const shown = shownFor(it, it.purposes);
  const save = make("button", { type: "button", value: "some", name: "choice" }, texts.save);
  save.onclick = () => {
    const chosen = Object.fromEntries(Object.entries(boxes).map(([name, input]) => [name, input.checked]));
    it.choose(box, save, chosen, "settings", shown).catch(() => {});
  };
  box.append(
    make("div", { className: "omonat-head" },
      make("h2", { id: "omonat-settings-title" }, said.settings),
      make("button", { type: "button", className: "omonat-close", onclick: it.leave }, texts.close)),
    make("p", {}, texts.lead),
    ...(it.gpc ? [make("p", { className: "omonat-note" }, texts.signal)] : []),
    ...config.purposes.map(purpose),
    make("h3", {}, texts.needed),
    make("p", { className: "omonat-soft" }, texts.why),
    list(config.needed),
    make("p", {}, make("a", { href: `${it.home}/${it.language}/policy` }, texts.policy)),
    make("div", { className: "omonat-buttons" }, ...["refuse", "accept"].map(it.answer(box, "settings", shown)), save));
  it.open(box);
  box.focus();
};

// `asked`: the purposes that it waits for and that the policy knows; without one, nothing can be allowed here.
const place = (it, frame, asked, showOnce) => {
  const { make } = it;
  dressedBy(it);
  const wanted = config.purposes.filter(one => asked.includes(one.id));
  const what = frame.dataset.omonatName || frame.title || texts.content;
  const lines = [
    texts.missing.replace("{purpose}", wanted.map(one => one.label).join(", ")), ...wanted.map(one => one.details)];
  const once = make("button", { type: "button", onclick: showOnce }, texts.once);
  const always = make("button", { type: "button" }, texts.always);
  const made = make("div", { className: "omonat-place", role: "group", "aria-label": what, lang: it.language, dir: "ltr" },
    make("strong", {}, what), ...lines.map(line => make("p", {}, line)),
    make("div", {}, once, ...(wanted.length ? [always] : [])));
  made.style.minHeight = frame.offsetHeight + "px";
  const allowed = Object.fromEntries(wanted.map(one => [one.id, true]));
  always.onclick = () => it.choose(made, always, allowed, "placeholder", shownFor(it, wanted.map(one => one.id)))
    .then(() => frame.focus(), () => {});
  return made;
};

window.omonat.layer({ settings, place });
})
