// Keys for the queue of cases. They work only while the focus is in the list (WCAG 2.1.4), and store nothing.
(() => {
  "use strict";
  const table = document.querySelector("[data-cases]");
  const keys = document.querySelector("[data-keys]");
  if (!table || !keys) return;
  const help = keys.querySelector("dialog");
  keys.hidden = false;
  keys.querySelector("[data-keys-open]").addEventListener("click", () => help.showModal());

  const links = [...table.querySelectorAll("a.cases-link")];
  const rowOf = (element) => element.closest("tbody tr");
  const linkOf = (row) => row && row.querySelector("a.cases-link");

  const move = (row, by) => {
    const at = row ? links.indexOf(linkOf(row)) + by : 0;
    const next = links[Math.max(0, Math.min(links.length - 1, at))];
    if (next) next.focus();
  };
  const open = (row, place) => {
    const link = linkOf(row);
    if (link) location.assign(`${link.href}?open=1#${place}`);
  };
  const press = (row, selector) => {
    const found = row && row.querySelector(selector);
    if (found) found.click();
  };
  const acts = {
    j: (row) => move(row, 1),
    ArrowDown: (row) => move(row, 1),
    k: (row) => move(row, -1),
    ArrowUp: (row) => move(row, -1),
    x: (row) => press(row, "input[type=checkbox]"),
    a: (row) => press(row, "button[form=take]"),
    r: (row) => open(row, "text"),
    c: (row) => open(row, "comment"),
    "/": () => document.getElementById("number").focus(),
    "?": () => help.showModal(),
  };

  table.parentElement.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    const typing = event.target.matches("input:not([type=checkbox]), textarea, select, [contenteditable]");
    const act = acts[event.key];
    if (typing || !act) return;
    event.preventDefault();
    act(rowOf(event.target));
  });

  const all = document.querySelector("[data-all]");
  const boxes = [...table.querySelectorAll("input[type=checkbox]")];
  if (all) {
    all.addEventListener("change", () => boxes.forEach((box) => { box.checked = all.checked; }));
  }
})();
