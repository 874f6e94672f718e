// A run that goes on: look again by itself after a while. Without a script there is a link that does the same.
(() => {
  "use strict";
  if (document.querySelector("[data-reload]")) {
    setTimeout(() => location.reload(), 2000);
  }
})();
