// --- Google Consent Mode v2: only where the tag asks for it, data-consent-mode="analytics_storage=improve ..." ---

const modes = Object.fromEntries((tag.dataset.consentMode || "").split(/\s+/).filter(Boolean).map(it => it.split("=")));
const tellGoogle = word => {
  if (!tag.dataset.consentMode) return;
  window.dataLayer = window.dataLayer || [];
  window.gtag = window.gtag || function () { window.dataLayer.push(arguments); };
  const facts = word === "default" ? { security_storage: "granted", wait_for_update: 500 } : {};
  for (const type of ["ad_storage", "ad_user_data", "ad_personalization", "analytics_storage",
    "functionality_storage", "personalization_storage"]) {
    facts[type] = word !== "default" && permits(modes[type]) ? "granted" : "denied";
  }
  window.gtag("consent", word, facts);
};

// --- developers: callbacks without a dataLayer, and events of the document ---

const listeners = [];
const tell = (name, via) => {
  const detail = state(via);
  listeners.forEach(it => { try { it(detail); } catch (error) { setTimeout(() => { throw error; }); } });
  document.dispatchEvent(new CustomEvent(name, { detail }));
};

// After a choice: everything that depends on it, once, in this order.
const settled = via => {
  tellGoogle("update");
  release();
  tell("omonat:choice", via);
};
// What the choice has left open is asked on: the place of a frame asks about its purposes only.
const finish = via => {
  close();
  settled(via);
  askOnce();
};
