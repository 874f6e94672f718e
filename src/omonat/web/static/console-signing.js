// Passkeys: asks the device what the server asks, and sends the answer with the form. Stores nothing.
(() => {
  "use strict";
  if (!window.PublicKeyCredential || !navigator.credentials) return;

  const toBytes = (text) =>
    Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
  const toText = (bytes) =>
    btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const listed = (all) => (all || []).map((one) => ({ ...one, id: toBytes(one.id) }));

  const shown = async (options) => {
    const found = await navigator.credentials.get({
      publicKey: { ...options, challenge: toBytes(options.challenge), allowCredentials: listed(options.allowCredentials) },
    });
    const said = found.response;
    return { ...common(found), response: {
      clientDataJSON: toText(said.clientDataJSON), authenticatorData: toText(said.authenticatorData),
      signature: toText(said.signature), userHandle: said.userHandle ? toText(said.userHandle) : null,
    } };
  };
  const made = async (options) => {
    const user = { ...options.user, id: toBytes(options.user.id) };
    const found = await navigator.credentials.create({
      publicKey: { ...options, user, challenge: toBytes(options.challenge), excludeCredentials: listed(options.excludeCredentials) },
    });
    const said = found.response;
    return { ...common(found), response: {
      clientDataJSON: toText(said.clientDataJSON), attestationObject: toText(said.attestationObject),
    } };
  };
  const common = (found) => ({
    id: found.id, rawId: toText(found.rawId), type: found.type, clientExtensionResults: found.getClientExtensionResults(),
  });

  const ask = async (form) => {
    const token = form.elements.csrf_token;
    const answer = await fetch(form.dataset.options, {
      method: "POST", credentials: "same-origin", headers: { Accept: "application/json" },
      body: new URLSearchParams(token ? { csrf_token: token.value } : {}),
    });
    if (!answer.ok || answer.redirected) throw new Error("refused");
    const asked = await answer.json();
    const making = form.dataset.passkey === "make";
    if (making) form.elements.ceremony.value = asked.ceremony;
    const said = making ? await made(JSON.parse(asked.options)) : await shown(asked);
    form.elements.answer.value = JSON.stringify(said);
    form.submit();
  };

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const button = form.querySelector("button");
      const failed = form.querySelector("[data-failed]");
      failed.hidden = true;
      button.disabled = true;
      ask(form).catch(() => { failed.hidden = false; }).finally(() => { button.disabled = false; });
    });
  }
})();
