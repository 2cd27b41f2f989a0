// Passkeys: asks the browser for a key and sends its answer with the form the page holds. Loaded only by pages with such a form.
// Nothing is drawn here; without this file the form stays hidden and the words beside it say what else to do.
(() => {
  "use strict";
  const keys = window.PublicKeyCredential && navigator.credentials;

  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const named = (list) => (list || []).map((each) => ({ ...each, id: bytes(each.id) }));

  const wanted = (asked) => ({
    ...asked,
    challenge: bytes(asked.challenge),
    ...(asked.user && { user: { ...asked.user, id: bytes(asked.user.id) } }),
    ...(asked.excludeCredentials && { excludeCredentials: named(asked.excludeCredentials) }),
    ...(asked.allowCredentials && { allowCredentials: named(asked.allowCredentials) }),
  });

  const given = ({ id, type, response }) => {
    const told = {};
    for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"])
      if (response[part]) told[part] = text(response[part]);
    if (response.getTransports) told.transports = response.getTransports();
    return JSON.stringify({ id, rawId: id, type, response: told, clientExtensionResults: {} });
  };

  const wire = (form) => {
    form.dataset.wired = "yes";
    const asked = JSON.parse(form.dataset.passkey);
    const said = form.querySelector("[data-failed]");
    let asking = null;
    const tell = (words) => { said.hidden = !words; said.textContent = words; };

    const ask = async (quiet) => {
      if (asking) asking.abort();
      asking = new AbortController();
      const options = { publicKey: wanted(asked), signal: asking.signal };
      if (quiet) options.mediation = "conditional";
      tell("");
      try {
        const made = await (asked.user ? keys.create(options) : keys.get(options));
        form.elements.credential.value = given(made);
        form.requestSubmit();
      } catch (error) {
        if (!quiet && error.name !== "AbortError")
          tell(error.name === "InvalidStateError" ? said.dataset.known : said.dataset.failed);
      }
    };

    form.addEventListener("submit", (event) => {
      if (form.elements.credential.value) return;
      event.preventDefault();
      event.stopPropagation();
      ask(false);
    });
    form.hidden = false;
    const instead = document.getElementById(form.dataset.instead);
    if (instead) instead.hidden = true;
    if ("autofill" in form.dataset && window.PublicKeyCredential.isConditionalMediationAvailable)
      window.PublicKeyCredential.isConditionalMediationAvailable().then((can) => { if (can) ask(true); });
  };

  if (keys) document.querySelectorAll("form[data-passkey]:not([data-wired])").forEach(wire);
})();
