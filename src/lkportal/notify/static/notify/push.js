// Messages of the browser: shows which state this browser is in, asks for permission when the person presses, sends its address with
// the form of the page. Without this file the page says that nothing can be switched on here, and what else there is.
(() => {
  "use strict";
  const box = document.querySelector("[data-push]");
  if (!box || !("serviceWorker" in navigator) || !("PushManager" in window) || !("Notification" in window)) return;
  const show = (state) => { for (const each of box.querySelectorAll("[data-state]")) each.hidden = each.dataset.state !== state; };
  const form = box.querySelector("form");
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const mark = async (address) =>
    Array.from(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(address))), (each) =>
      each.toString(16).padStart(2, "0")).join("");

  const send = (made) => {
    form.elements.endpoint.value = made.endpoint;
    form.elements.p256dh.value = text(made.getKey("p256dh"));
    form.elements.auth.value = text(made.getKey("auth"));
    form.requestSubmit();
  };

  const ask = async () => {
    if ((await Notification.requestPermission()) !== "granted") return show("denied");
    try {
      const { pushManager } = await navigator.serviceWorker.ready;
      const old = await pushManager.getSubscription();
      if (old) await old.unsubscribe();
      send(await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(box.dataset.push) }));
    } catch {
      form.hidden = false;
      box.querySelector('[data-state="failed"]').hidden = false;
    }
  };

  form.addEventListener("submit", (event) => {
    if (form.elements.endpoint.value) return;
    event.preventDefault();
    event.stopPropagation();
    ask();
  });

  (async () => {
    if (Notification.permission === "denied") return show("denied");
    show("off");
    const worker = await navigator.serviceWorker.getRegistration();
    const made = worker && (await worker.pushManager.getSubscription());
    if (made && document.querySelector(`[data-mark="${await mark(made.endpoint)}"]`)) show("on");
  })();
})();
