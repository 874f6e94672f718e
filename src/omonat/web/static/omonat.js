// Adds comfort, never a function: everything works without it. Stores nothing.
(() => {
  "use strict";
  const banner = document.querySelector("[data-choice]");
  if (!banner) return;
  // Escape inside the banner closes it, and closing is refusing.
  banner.addEventListener("keydown", (event) => {
    if (event.key === "Escape") banner.querySelector("[value=refuse]").click();
  });
})();
