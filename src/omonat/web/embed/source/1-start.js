// The banner of Omonat on any site: one script tag, no framework, nothing stored before a choice.
// These files are joined in order of their names by scripts/banner_script.py; `config` is filled in by the server
// (web/embed/content.py). docs/banner.md says what a developer may use.
(config => {
"use strict";
if (window.omonat && window.omonat.permits) return; // a second tag changes nothing

const tag = document.currentScript;
const home = new URL(tag.src).origin;
const root = document.documentElement;
const NAME = "omonat_choice";
const purposes = Object.keys(config.clear);
const gpc = navigator.globalPrivacyControl === true;

// --- language: the page's, then the browser's, then the first (RFC 4647 look-up) ---

const fit = wanted => {
  for (let code = (wanted || "").toLowerCase(); code; code = code.replace(/(^|-)[^-]*$/, "")) {
    const found = code === "uz" ? "uz-Latn" : Object.keys(config.texts).find(it => it.toLowerCase() === code);
    if (found) return found;
  }
};
const language = [root.lang, ...navigator.languages].map(fit).find(Boolean) || "uz-Latn";
const said = config.texts[language];

// --- small tools ---

// An element with properties and children. No markup is ever parsed, no style attribute set: a strict CSP holds.
const make = (name, properties, ...children) => {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    key.includes("-") || key === "role" ? made.setAttribute(key, value) : (made[key] = value);
  }
  made.append(...children);
  return made;
};
const all = (selector, within) => [...(within || document).querySelectorAll(selector)];
const parsed = new Promise(done =>
  document.readyState === "loading" ? document.addEventListener("DOMContentLoaded", done) : done());

// Loads a script of ours with the nonce of our own tag.
const load = address => new Promise((done, failed) => {
  const script = make("script", { src: address, nonce: tag.nonce, onload: done, onerror: failed });
  document.head.append(script);
});

// Style goes in as an object, which no CSP forbids; browsers before 2023 get an element with our nonce.
// Returns what puts another style in its place.
const dress = css => {
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
    return other => sheet.replaceSync(other);
  } catch {
    const style = make("style", { nonce: tag.nonce, textContent: css });
    document.head.append(style);
    return other => (style.textContent = other);
  }
};
