// Readings without a network: gives the form to the service worker, shows what waits there. Without this file the form is sent as ever.
(() => {
  "use strict";
  const place = document.querySelector("[data-waiting]");
  if (!place || !navigator.serviceWorker) return;
  const { keep, send, person } = place.dataset;
  const list = place.querySelector("[data-list]");
  const item = place.querySelector("template[data-item]").content.firstElementChild;

  const tell = async (type, more = {}) => {
    const { active } = await navigator.serviceWorker.ready;
    const { port1, port2 } = new MessageChannel();
    const answer = new Promise((done) => { port1.onmessage = ({ data }) => done(data); });
    active.postMessage({ type, ...more }, [port2]);
    const { result, error } = await answer;
    if (error) throw new Error(error);
    return result;
  };

  const row = (form) => {
    const shown = item.cloneNode(true);
    const when = new Date(form.takenAt).toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
    const values = form.fields.filter(([name, value]) => name.startsWith("readings[") && value).map(([, value]) => value);
    shown.querySelector("[data-when]").textContent = `${when}: ${values.join("; ")}`;
    shown.querySelector("[data-said]").textContent = form.said;
    const [right, drop] = [shown.querySelector("[name=right]"), shown.querySelector("[name=drop]")];
    right.hidden = form.state !== "doubt";
    drop.hidden = form.state === "waits";
    right.addEventListener("click", () => tell("readings.right", { token: form.token }).then(go));
    drop.addEventListener("click", () => tell("readings.drop", { token: form.token }).then(show));
    return shown;
  };
  const show = async () => {
    const forms = await tell("readings.list");
    list.replaceChildren(...forms.map(row));
    place.hidden = !forms.length;
  };
  const go = async () => { if (navigator.onLine) await tell("readings.send"); await show(); };

  const named = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"[byte % 62]).join("");
  const wait = async (form) => {
    const fields = [...new FormData(form)].filter(([name, value]) => name !== "csrf_token" && (value instanceof File ? value.size : value));
    if (!fields.some(([name]) => name.startsWith("readings["))) return;
    await tell("readings.wait", { form: { token: named(), page: keep, send, takenAt: new Date().toISOString(), fields } });
    form.reset();
    form.querySelectorAll("[data-whole]").forEach((input) => input.dispatchEvent(new Event("input")));
    await show();
    place.scrollIntoView({ block: "center" });
  };

  document.querySelectorAll("form[data-wait]").forEach((form) => form.addEventListener("submit", (event) => {
    if (form.dataset.wait !== "always" && navigator.onLine) return;
    event.preventDefault();
    event.stopPropagation();
    wait(form).then(go);
  }));
  navigator.serviceWorker.addEventListener("message", ({ data }) => {
    if (data?.type === "readings.sent") window.location.reload();
  });
  window.addEventListener("online", go);
  if (navigator.onLine) tell("readings.keep", { page: keep, person });
  go();
})();
