// Registers the service worker of the portal. Loaded only by pages that set `worker`; they do all they do without it too.
(() => {
  "use strict";
  if (!navigator.serviceWorker) return;
  const ours = document.currentScript.dataset.worker;
  const checked = (address) => { if (address !== ours) throw new TypeError("not our worker"); return address; };
  const policy = window.trustedTypes
    ? window.trustedTypes.createPolicy("portal-worker", { createScriptURL: checked })
    : { createScriptURL: checked };
  // A browser that keeps no worker (a private window) loses nothing but work without a network.
  navigator.serviceWorker.register(policy.createScriptURL(ours)).catch(() => {});
})();
