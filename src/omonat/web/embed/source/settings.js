// The second layer: purpose by purpose with named recipients, what is always on, and the same two words.
// Called with what content.py says of the policy; the first layer waits in `omonat.layer` for what this returns.
(config => {
"use strict";
const { texts } = config;
let dressed = false;

const days = number => (number ? texts.days.replace("{days}", number) : texts.closing);

window.omonat.layer(it => {
  const { make, said } = it;
  if (!dressed) it.dress(STYLE);
  dressed = true;

  const list = items => make("ul", {}, ...items.map(item =>
    make("li", {}, make("code", {}, item.name), ` · ${item.for} · ${days(item.days)}`)));

  const boxes = {};
  const purpose = one => {
    const id = "omonat-" + one.id;
    boxes[one.id] = make("input", { type: "checkbox", id, checked: it.permits(one.id), "aria-describedby": id + "-text" });
    return make("div", { className: "omonat-purpose" },
      make("label", { htmlFor: id }, boxes[one.id], make("span", {}, one.label)),
      make("p", { className: "omonat-soft", id: id + "-text" }, one.details), list(one.items));
  };

  const box = make("section", { id: "omonat-settings", "aria-labelledby": "omonat-settings-title", ...it.announced });
  const save = make("button", { type: "button", value: "some", name: "choice" }, texts.save);
  save.onclick = () => {
    const chosen = Object.fromEntries(Object.entries(boxes).map(([name, input]) => [name, input.checked]));
    it.choose(box, save, chosen, "settings").catch(() => {});
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
    make("div", { className: "omonat-buttons" }, ...["refuse", "accept"].map(it.answer(box, "settings")), save));
  it.open(box);
  box.focus();
});
})
