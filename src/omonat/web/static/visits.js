// Says once that a form was begun. Pages load this only for whoever agreed to the analysis of visits. Stores nothing.
(() => {
  "use strict";
  const form = document.querySelector("form[data-started]");
  if (!form) return;
  const begun = () => {
    navigator.sendBeacon(form.dataset.started, new URLSearchParams({ form: form.dataset.form }));
  };
  form.addEventListener("input", begun, { once: true });
})();
