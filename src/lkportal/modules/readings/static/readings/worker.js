// The readings' part of the service worker: a page that cannot be reached gives way to the form of the meters, kept on the device.
(() => {
  "use strict";
  const PAGES = `readings-pages${PORTAL.root}`;

  const reached = async (request) => {
    try {
      return await fetch(request);
    } catch (error) {
      const cache = await caches.open(PAGES);
      const [newest] = (await cache.keys()).slice(-1);
      const kept = (await cache.match(request, { ignoreSearch: true })) || (newest && (await cache.match(newest)));
      if (kept) return kept;
      throw error;
    }
  };

  self.addEventListener("fetch", (event) => {
    const { method, mode } = event.request;
    if (method === "GET" && mode === "navigate") event.respondWith(reached(event.request));
  });
})();
