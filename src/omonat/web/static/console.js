// Comfort for the console, never a function: everything works without it. Stores nothing.
(() => {
  "use strict";
})();
