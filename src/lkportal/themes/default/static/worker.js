// The frame of the service worker: takes over at once; static files of a kept page come from the device when there is no network.
// What else is done stands in the parts behind this one. Nothing here keeps a page: a part that does names its cache.
(() => {
  "use strict";
  self.addEventListener("install", () => self.skipWaiting());
  self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
  self.addEventListener("fetch", (event) => {
    const { method, url } = event.request;
    if (method !== "GET" || !url.startsWith(`${self.location.origin}${PORTAL.root}/static/`)) return;
    event.respondWith(fetch(event.request).catch(async (error) => {
      const kept = await caches.match(event.request);
      if (kept) return kept;
      throw error;
    }));
  });
})();
