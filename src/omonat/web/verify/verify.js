// Checks a receipt (docs/security/receipts.md) in the browser alone: nothing is sent anywhere, nothing is stored.
// The same steps and the same findings as omonat/receipts/verification.py and contradictions.py; a test holds the two side by side.
"use strict";

const LARGEST = 1000000;
const STATES = {
  granted: "dpv:ConsentGiven", refused: "dpv:ConsentRefused", withdrawn: "dpv:ConsentWithdrawn", expired: "dpv:ConsentExpired",
  renewed: "dpv:RenewedConsentGiven", void: "dpv:ConsentInvalidated", pending: "dpv:ConsentRequested",
};
const EVENT_KINDS = {
  consent: Object.keys(STATES).map((state) => `consent_${state}`), disclosure: ["disclosed"], destruction: ["destruction_certified"],
};
const STANDING = ["granted", "renewed"];
const GROUND_TERMS = { consent: "dpv:Consent", contract: "dpv:Contract", law: "dpv:LegalObligation" };
const REFERS = {
  consent: ["consent", "purpose", "channel", "policy", "text", "language", "via"],
  disclosure: ["disclosure", "recipient", "purpose", "ground"],
  destruction: ["certificate"],
};

class Unreadable extends Error {}

// --- bytes ---

const utf8 = new TextEncoder();
const text = (bytes) => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
const joined = (...parts) => {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => (whole.set(part, at), at + part.length), 0);
  return whole;
};
const same = (one, other) => one.length === other.length && one.every((byte, at) => byte === other[at]);
const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));

function fromHex(said) {
  if (!/^([0-9a-fA-F]{2})*$/.test(said)) throw new Unreadable("hex");
  return Uint8Array.from(said.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

function fromBase64(said) {
  let binary;
  try { binary = atob(said); } catch { throw new Unreadable("base64"); }
  if (btoa(binary) !== said) throw new Unreadable("base64");
  return Uint8Array.from(binary, (sign) => sign.charCodeAt(0));
}

function fromBase64Url(said) {
  if (/[+/=]/.test(said)) throw new Unreadable("base64url");
  const plain = said.replaceAll("-", "+").replaceAll("_", "/");
  return fromBase64(plain + "=".repeat((4 - (plain.length % 4)) % 4));
}

async function isSigned(publicKey, signed, signature) {
  const key = await crypto.subtle.importKey("raw", publicKey, "Ed25519", false, ["verify"]);
  return signature.length === 64 && crypto.subtle.verify("Ed25519", key, signature, signed);
}

// --- JSON in the one spelling that hashes are taken of: sorted keys; compact, or indented by two ---

function spelled(value, indent = "", step = "") {
  if (typeof value === "string" || value === null || typeof value === "boolean") return JSON.stringify(value);
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value)) throw new Unreadable("number");
    return String(value);
  }
  const inner = indent + step, space = step ? "\n" + inner : "", end = step ? "\n" + indent : "";
  const [open, close, parts] = Array.isArray(value)
    ? ["[", "]", value.map((item) => spelled(item, inner, step))]
    : ["{", "}", Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${step ? " " : ""}${spelled(value[name], inner, step)}`)];
  return parts.length ? open + space + parts.join("," + space) + end + close : open + close;
}

function parsed(said) {
  try { return JSON.parse(said); } catch { throw new Unreadable("json"); }
}

const isText = (value) => typeof value === "string";
const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const isWhole = (value) => Number.isSafeInteger(value);
const orNull = (is) => (value) => value === null || is(value);
const everyText = (values) => Object.values(values).every(isText);

function shaped(value, shape, more = false) {
  const names = Object.keys(shape);
  if (!isObject(value) || (!more && Object.keys(value).length !== names.length)) throw new Unreadable("shape");
  if (!names.every((name) => Object.hasOwn(value, name) && shape[name](value[name]))) throw new Unreadable("shape");
  return value;
}

const OPENING = (value) => Boolean(shaped(value, { value: isText, salt: isText }));
const EVIDENCE = {
  event: isText, key: isText, openings: (value) => isObject(value) && Object.values(value).every(OPENING),
  position: orNull(isWhole), proof: orNull((value) => Array.isArray(value) && value.every(isText)), checkpoint: orNull(isText),
};
const STATEMENT = {
  iss: isText, kind: (value) => Object.hasOwn(EVENT_KINDS, value), made_at: isText, event: isText, entry: isText,
  evidence: isText, refers: (value) => isObject(value) && everyText(value), subject: orNull(isText), record: isObject,
};
const FILE = {
  format: (value) => value === "omonat-receipt/1", statement: isText,
  evidence: (value) => Boolean(shaped(value, EVIDENCE)),
};
const BODY = { v: isWhole, id: isText, kind: isText, at: isText, nonce: isText, facts: isObject };

// --- keys, notes, the tree ---

const isName = (name) => name !== "" && !/[\s+]/.test(name);

async function readKey(said) {
  const [name, id, ...rest] = said.trim().split("+");
  const material = fromBase64(rest.join("+"));
  if (!isName(name ?? "") || material.length !== 33 || material[0] !== 1) throw new Unreadable("key");
  const own = (await sha256(joined(utf8.encode(name + "\n"), material))).slice(0, 4);
  if (hex(own) !== id) throw new Unreadable("key");
  return { name, id: own, publicKey: material.slice(1), text: said.trim() };
}

async function openCheckpoint(said, key) {
  const cut = said.lastIndexOf("\n\n");
  if (cut < 0 || !said.endsWith("\n") || /[\x00-\x09\x0b-\x1f]/.test(said)) throw new Unreadable("note");
  const signed = said.slice(0, cut + 1);
  const lines = said.slice(cut + 2, -1).split("\n");
  if (lines.length > 100) throw new Unreadable("note");
  let verified = false;
  for (const line of lines) {
    const [, name, encoded] = /^— (\S+) (\S+)$/u.exec(line) ?? [];
    if (name === undefined || !isName(name)) throw new Unreadable("note");
    const blob = fromBase64(encoded);
    if (blob.length <= 4) throw new Unreadable("note");
    if (name !== key.name || !same(blob.slice(0, 4), key.id)) continue;
    if (!(await isSigned(key.publicKey, utf8.encode(signed), blob.slice(4)))) throw new Unreadable("note");
    verified = true;
  }
  const [origin, size, root, ...rest] = signed.split("\n");
  if (!verified || origin !== key.name || rest.pop() !== "" || rest.includes("")) throw new Unreadable("note");
  if (!/^(0|[1-9][0-9]{0,18})$/.test(size)) throw new Unreadable("note");
  const head = { size: Number(size), root: fromBase64(root) };
  if (!Number.isSafeInteger(head.size) || head.root.length !== 32) throw new Unreadable("note");
  return head;
}

const node = (left, right) => sha256(joined([1], left, right));

async function isIncluded(leaf, index, size, proof, root) { // RFC 9162, 2.1.3.2
  if (!(index >= 0 && index < size) || proof.some((step) => step.length !== 32)) return false;
  let fn = BigInt(index), sn = BigInt(size) - 1n, found = leaf;
  for (const step of proof) {
    if (sn === 0n) return false;
    if (fn & 1n || fn === sn) {
      found = await node(step, found);
      while (!(fn & 1n) && fn) { fn >>= 1n; sn >>= 1n; }
    } else {
      found = await node(found, step);
    }
    fn >>= 1n; sn >>= 1n;
  }
  return sn === 0n && same(found, root);
}

// --- the check ---

const dict = (value) => (isObject(value) ? value : {});
const listed = (value) => (Array.isArray(value) ? value : []);
const isSaid = (value) => value !== undefined && value !== null;
const bare = (value) => (isText(value) ? value.replace(/^sha256:/, "") : value);
const purposesOf = (part) => listed(part.purposes).map((one) => (Object.hasOwn(dict(one), "purpose") ? one.purpose : ""));
const isSameText = (said, held) => isText(said) && said === held;
const areSameTexts = (said, held) =>
  Array.isArray(held) && said.length === held.length && said.every((text, at) => isSameText(text, held[at]));
const isSameCount = (said, held) => isWhole(said) && said === held;

function areSameCounts(said, held) {
  if (!isObject(held)) return isSameCount(said, held);
  const words = Object.keys(held);
  return isObject(said) && Object.keys(said).length === words.length &&
    words.every((word) => Object.hasOwn(said, word) && isSameCount(said[word], held[word]));
}

function wordsOf(record) {
  const processing = dict(record.processing), event = dict(record.event);
  return [
    ...[record, processing].flatMap(purposesOf).map((purpose) => ["purpose", purpose]),
    ["channel", event.channel], ["via", event.collection_method], ["via", record.collectionMethod],
    ["language", processing.language], ["language", record.language],
    ["text", bare(processing.shown_text)], ["policy", bare(dict(processing.privacy_notice).hash)],
  ].filter(([, said]) => isSaid(said));
}

// A moment in UTC with six digits behind the second, so that equal moments are equal texts; null for what is none.
function momentOf(value) {
  const found = isText(value) ? /^([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]{1,6}))?Z$/.exec(value) : null;
  return found && secondsOf(found[1]) !== null ? `${found[1]}.${(found[2] ?? "").padEnd(6, "0")}` : null;
}

function secondsOf(moment) { // of a day and an hour that there are
  const at = new Date(`${moment.slice(0, 19)}Z`);
  return Number.isNaN(at.getTime()) || at.toISOString().slice(0, 19) !== moment.slice(0, 19) || moment.startsWith("0000") ? null : at.getTime() / 1000;
}

function otherTimes(record, held) {
  const moment = momentOf(held), stamp = record.consentTimestamp;
  const times = [
    ["event_time", record.event_time], ["event_time", dict(record.event).event_time],
    ["finished_at", dict(record.certificate).finished_at],
  ].filter(([, said]) => isSaid(said) && (moment === null || momentOf(said) !== moment)).map(([word]) => `record.${word}`);
  const other = isSaid(stamp) && (moment === null || !isSameCount(stamp, secondsOf(moment)));
  return other ? [...times, "record.consentTimestamp"] : times;
}

function otherState(record, state) {
  const said = dict(record.event).event_state;
  const other = isSaid(said) && !isSameText(said, STATES[state]);
  const ended = Object.hasOwn(record, "consentReceiptID") && !STANDING.includes(state); // Kantara 1.1 says that a consent stands
  return other || ended ? ["event_state"] : [];
}

function otherDisclosure(record, facts) {
  const parties = listed(record.party_identification).map(dict);
  const others = parties.filter((one) => one.party_role !== "dpv:DataController" || Object.hasOwn(one, "recipient"));
  const ground = isText(facts.ground) && Object.hasOwn(GROUND_TERMS, facts.ground) ? GROUND_TERMS[facts.ground] : facts.ground;
  const compared = {
    purpose: [purposesOf(record), [facts.purpose]],
    recipient: [others.map((one) => one.recipient), [facts.recipient]],
    categories: [listed(record.pii_information).map((one) => dict(one).category), facts.categories],
    ground: [[record.lawful_basis], [ground]],
  };
  return Object.keys(compared).filter((word) => isSaid(facts[word]) && !areSameTexts(...compared[word])).map((word) => `record.${word}`);
}

function otherCertificate(certificate, facts) {
  const texts = [["certificate", "number"], ["trigger", "trigger"]];
  const counts = [["records", "records_by_category"], ["keys", "keys"], ["searched", "searched"]];
  return [
    ...texts.filter(([word, name]) => isSaid(facts[word]) && !isSameText(certificate[name], facts[word])).map(([, name]) => `record.${name}`),
    ...counts.filter(([word, name]) => isSaid(facts[word]) && !areSameCounts(certificate[name], facts[word])).map(([word]) => `record.${word}`),
  ];
}

function differing(statement, body) {
  const { kind, record, refers } = statement, facts = body.facts;
  const numbers = ["record_id", "consentReceiptID"].filter((name) => Object.hasOwn(record, name)).map((name) => record[name]);
  const isNumber = (number) => isSameText(number, facts[REFERS[kind][0]]);
  const words = [
    ...(body.id === statement.event ? [] : ["event"]),
    ...(EVENT_KINDS[kind].includes(body.kind) ? [] : ["kind"]),
    ...Object.keys(refers).filter((word) => facts[word] !== refers[word]),
    ...REFERS[kind].filter((word) => isSaid(facts[word]) && !Object.hasOwn(refers, word)),
    ...(numbers.length && numbers.every(isNumber) ? [] : ["record_id"]),
    ...wordsOf(record).filter(([word, said]) => !isSameText(said, facts[word])).map(([word]) => `record.${word}`),
    ...otherTimes(record, isSaid(facts.said_at) ? facts.said_at : body.at),
    ...(kind === "consent" ? otherState(record, body.kind.replace(/^consent_/, ""))
      : kind === "disclosure" ? otherDisclosure(record, facts) : otherCertificate(dict(record.certificate), facts)),
  ];
  return [...new Set(words)].sort();
}

const minute = (moment) => moment.slice(0, 16).replace("T", " ");

function read(content) {
  if (content.length > LARGEST) throw new Unreadable("too long");
  const file = shaped(parsed(text(content)), FILE);
  const parts = file.statement.split(".");
  if (parts.length !== 3) throw new Unreadable("statement");
  return { file, statement: shaped(parsed(text(fromBase64Url(parts[1]))), STATEMENT) };
}

// Gives {findings, proven, notProven, statement}: sentences as [code, places].
async function verify(content, keyText) {
  let file, statement, own;
  try {
    ({ file, statement } = read(content));
    own = await readKey(file.evidence.key);
  } catch (error) {
    if (!(error instanceof Unreadable || error instanceof TypeError)) throw error;
    const isPdf = same(content.slice(0, 5), utf8.encode("%PDF-"));
    return { findings: [[isPdf ? "is_pdf" : "unreadable", {}]], proven: [], notProven: [], statement: null };
  }
  const given = keyText ? await readKey(keyText) : null;
  const key = given ?? own, evidence = file.evidence, findings = [], proven = [];
  const find = (code, places = {}) => findings.push([code, places]);
  const prove = (code, places = {}) => proven.push([code, places]);
  if (!given) find("key_not_given");
  else if (given.text !== own.text) find("other_key");
  if (!same(utf8.encode(spelled(file, "", "  ") + "\n"), content)) find("rewritten");

  // who signed, and what
  const before = findings.length;
  const [head, payload, signature] = file.statement.split(".");
  let signed = false;
  try {
    signed = parsed(text(fromBase64Url(head))).alg === "EdDSA" &&
      (await isSigned(key.publicKey, utf8.encode(`${head}.${payload}`), fromBase64Url(signature)));
  } catch (error) {
    if (!(error instanceof Unreadable || error instanceof TypeError)) throw error;
  }
  if (!signed) find("statement_forged");
  if (statement.iss !== key.name) find("other_issuer");
  if (hex(await sha256(utf8.encode(spelled(evidence)))) !== statement.evidence) find("evidence_changed");
  if (findings.length === before) prove("signed", { origin: key.name, moment: minute(statement.made_at) });

  // the event behind the entry
  const raw = utf8.encode(evidence.event), entry = await sha256(raw);
  let body = null;
  try { body = shaped(parsed(evidence.event), BODY, true); } catch (error) { if (!(error instanceof Unreadable)) throw error; }
  if (body === null || hex(entry) !== statement.entry) {
    find("event_changed");
  } else {
    const other = differing(statement, body);
    if (other.length) {
      find("says_other", { words: other.join(", ") });
    } else {
      const words = Object.entries(statement.refers).map(([word, said]) => `${word} ${said}`).join(", ");
      prove("event", { kind: body.kind, moment: minute(body.at), words });
      await checkPerson();
    }
  }

  async function checkPerson() {
    const committed = body.facts.committed ?? null;
    if (statement.subject === null) {
      if (committed !== null) find("other_person");
      return;
    }
    const opening = Object.hasOwn(evidence.openings, "subject") ? evidence.openings.subject : null;
    if (opening === null || !isObject(committed) || opening.value !== statement.subject) return find("other_person");
    let opened = "";
    try {
      const salt = fromHex(opening.salt);
      const mac = await crypto.subtle.importKey("raw", salt, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
      opened = hex(new Uint8Array(await crypto.subtle.sign("HMAC", mac, joined(prefixed("subject"), prefixed(opening.value)))));
    } catch (error) {
      if (!(error instanceof Unreadable || error instanceof DOMException)) throw error;
    }
    if (opened === "" || opened !== committed.subject) find("other_person");
    else prove("person", { subject: statement.subject });
  }

  // its place in the signed tree
  if (evidence.position === null || evidence.proof === null || evidence.checkpoint === null) {
    find("proof_missing");
  } else {
    let top = null;
    try { top = await openCheckpoint(evidence.checkpoint, key); } catch (error) { if (!(error instanceof Unreadable)) throw error; }
    if (top === null) {
      find("checkpoint_forged");
    } else {
      let inside = false;
      try {
        inside = await isIncluded(await sha256(joined([0], entry)), evidence.position, top.size, evidence.proof.map(fromHex), top.root);
      } catch (error) { if (!(error instanceof Unreadable)) throw error; }
      if (inside) prove("included", { position: evidence.position, size: top.size });
      else find("not_included");
    }
  }
  const holds = findings.every(([code]) => code === "proof_missing");
  const byKind = statement.kind === "destruction" ? ["copies", "whose"] : ["who"];
  const notProven = ["truth", "rest", "one_ledger", ...byKind].map((code) => [code, {}]);
  return { findings, proven: holds ? proven : [], notProven, statement };
}

function prefixed(said) {
  const bytes = utf8.encode(said), length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, bytes.length);
  return joined(length, bytes);
}

// --- the page ---

const TEXTS = JSON.parse(document.getElementById("texts").textContent);
const by = (id) => document.getElementById(id);
let last = null;

function said(code, places = {}) {
  const found = TEXTS[document.documentElement.lang][code];
  return found.replace(/\{(\w+)\}/g, (whole, name) => (Object.hasOwn(places, name) ? String(places[name]) : whole));
}

function speak(language) {
  document.documentElement.lang = language;
  document.title = said("title");
  for (const place of document.querySelectorAll("[data-t]")) place.textContent = said(place.dataset.t);
  for (const button of document.querySelectorAll("[data-language]")) {
    button.setAttribute("aria-pressed", String(button.dataset.language === language));
  }
  if (last) show(last);
}

function list(title, sentences, kind) {
  if (!sentences.length) return [];
  const heading = document.createElement("h3"), items = document.createElement("ul");
  heading.textContent = said(title);
  items.className = kind;
  for (const [code, places] of sentences) {
    const item = document.createElement("li");
    item.textContent = said(code, places);
    items.append(item);
  }
  return [heading, items];
}

function show(outcome) {
  last = outcome;
  const heading = document.createElement("h2"), ok = outcome.findings.length === 0;
  heading.textContent = said(ok ? "holds" : "does_not");
  heading.tabIndex = -1;
  const kind = document.createElement("p");
  kind.textContent = outcome.statement ? said(`kind_${outcome.statement.kind}`) : "";
  by("answer").className = ok ? "good" : "bad";
  by("answer").replaceChildren(
    heading, ...(kind.textContent ? [kind] : []), ...list("found", outcome.findings, "found"),
    ...list("proven", outcome.proven, "proven"), ...list("not_proven", outcome.notProven, "open"),
  );
  by("answer").hidden = false;
  heading.focus();
}

function trouble(code) {
  by("trouble").textContent = code ? said(code) : "";
  by("trouble").hidden = !code;
}

async function check(event) {
  event.preventDefault();
  const chosen = by("file").files[0];
  trouble("");
  if (!chosen) return trouble("no_file");
  const key = by("key").value.trim();
  if (key) {
    try { await readKey(key); } catch { return trouble("bad_key"); }
  }
  show(await verify(new Uint8Array(await chosen.arrayBuffer()), key));
}

async function begin() {
  const wanted = navigator.languages.map((one) => one.toLowerCase()).map((one) =>
    one.startsWith("ru") ? "ru" : one.startsWith("uz-cyrl") ? "uz-Cyrl" : one.startsWith("uz") ? "uz-Latn" : one.startsWith("en") ? "en" : "");
  speak(wanted.find(Boolean) ?? "uz-Latn");
  for (const button of document.querySelectorAll("[data-language]")) {
    button.addEventListener("click", () => speak(button.dataset.language));
  }
  by("form").addEventListener("submit", check);
  if (location.protocol === "file:") document.querySelector(".save").remove(); // it is saved already
  try {
    await crypto.subtle.importKey("raw", new Uint8Array(32), "Ed25519", false, ["verify"]);
  } catch {
    trouble("old_browser");
    by("go").disabled = true;
  }
}

begin();
