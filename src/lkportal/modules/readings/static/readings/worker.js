// The readings' part of the service worker. Keeps the form of the meters (and nothing else of anybody) for days without a network;
// what is typed then waits in this device and is sent once: the server knows each form by its token. Pages talk to it by messages.
(() => {
  "use strict";
  const START = `readings ${PORTAL.root} `;

  // --- the kept form: one cache a person, so that nobody meets another's ---
  const pages = async () => (await caches.keys()).find((name) => name.startsWith(START));

  const keep = async ({ page, person }) => {
    const mine = START + person;
    for (const name of await caches.keys()) if (name.startsWith(START) && name !== mine) await caches.delete(name);
    const answer = await fetch(page, { credentials: "same-origin" });
    if (!answer.ok || answer.redirected) return;
    const cache = await caches.open(mine);
    const text = await answer.clone().text();
    const files = [...text.matchAll(/"([^"]*\/static\/[^"#]+)/g)].map(([, address]) => address).filter((address) => address.startsWith("/"));
    await cache.delete(page);
    await cache.put(page, answer);
    await Promise.all([...new Set(files)].map(async (file) => (await cache.match(file)) || cache.add(file).catch(() => {})));
  };

  const reached = async (request) => {
    try {
      return await fetch(request);
    } catch (error) {
      const mine = await pages();
      const cache = mine && (await caches.open(mine));
      const kept = cache && (await cache.keys()).map(({ url }) => url).filter((url) => url.endsWith("/kept"));
      if (!kept || !kept.length) throw error;
      const account = new URL(request.url).pathname.split("/readings/")[1]?.split("/")[0];
      return cache.match(kept.find((url) => account && url.includes(`/${account}/`)) || kept[kept.length - 1]);
    }
  };

  // --- what waits: one row a form, in the device's own database ---
  const store = (mode, work) => new Promise((done, failed) => {
    const opening = indexedDB.open(`readings${PORTAL.root}`, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("waiting", { keyPath: "token" });
    opening.onerror = () => failed(opening.error);
    opening.onsuccess = () => {
      const deed = opening.result.transaction("waiting", mode);
      const asked = work(deed.objectStore("waiting"));
      deed.oncomplete = () => { opening.result.close(); done(asked.result); };
      deed.onabort = deed.onerror = () => { opening.result.close(); failed(deed.error); };
    };
  });
  const all = () => store("readonly", (table) => table.getAll());
  const put = (form) => store("readwrite", (table) => table.put(form));
  const drop = (token) => store("readwrite", (table) => table.delete(token));

  // "taken" and "known" are over; a doubt or a refusal stays to be looked at; no network or no session: later.
  const sendOne = async (form) => {
    const page = await fetch(form.page, { credentials: "same-origin", cache: "no-store" });
    const token = (await page.text()).match(/name="csrf_token" value="([^"]+)"/);
    if (!page.ok || page.redirected || !token) return "later";
    const body = new FormData();
    [["csrf_token", token[1]], ["token", form.token], ["taken_at", form.takenAt], ...form.fields].forEach(([name, value]) => body.append(name, value));
    const answer = await fetch(form.send, { method: "POST", body, credentials: "same-origin" });
    if (!(answer.headers.get("content-type") || "").includes("json")) return "later";
    const { state, said } = await answer.json();
    if (state === "taken" || state === "known") await drop(form.token);
    else await put({ ...form, state, said });
    return state;
  };

  const sendAll = () => navigator.locks.request("readings", async () => {
    let sent = 0;
    try {
      for (const form of await all()) if (form.state === "waits" && ["taken", "known"].includes(await sendOne(form))) sent += 1;
    } finally {
      if (sent) for (const page of await self.clients.matchAll()) page.postMessage({ type: "readings.sent", sent });
    }
  });

  const acts = {
    "readings.keep": keep,
    "readings.wait": async ({ form }) => { await put({ ...form, state: "waits", said: "" }); await self.registration.sync?.register("readings").catch(() => {}); },
    "readings.right": async ({ token }) => {
      const form = (await all()).find((each) => each.token === token);
      if (!form) return;
      const boxes = form.fields.filter(([name]) => name.startsWith("readings[")).map(([name]) => [name.replace("readings[", "confirmed["), "1"]);
      await put({ ...form, fields: [...form.fields, ...boxes], state: "waits" });
    },
    "readings.drop": ({ token }) => drop(token),
    "readings.send": () => sendAll().catch(() => {}),
    "readings.list": all,
  };

  self.addEventListener("message", (event) => {
    const act = acts[event.data?.type];
    if (!act) return;
    const answer = (value) => event.ports[0]?.postMessage(value);
    event.waitUntil(act(event.data).then((result) => answer({ result }), (error) => answer({ error: String(error) })));
  });
  self.addEventListener("sync", (event) => { if (event.tag === "readings") event.waitUntil(sendAll()); });
  self.addEventListener("fetch", (event) => {
    const { method, mode } = event.request;
    if (method !== "GET" || mode !== "navigate") return;
    const answer = reached(event.request);
    event.respondWith(answer);
    // A page came, so there may be a network and a session again.
    event.waitUntil(answer.then(sendAll).catch(() => {}));
  });
})();
