// Push in the service worker: shows what came, and opens where it leads. One message of a thing replaces the one before it.
(() => {
  "use strict";
  const told = (event) => { try { return event.data.json(); } catch { return {}; } };
  self.addEventListener("push", (event) => {
    const { id, title, body, url } = told(event);
    const icon = `${PORTAL.root}/apple-touch-icon.png`;
    event.waitUntil(self.registration.showNotification(title || self.location.host, { body, tag: id, icon, data: { url } }));
  });
  self.addEventListener("notificationclick", (event) => {
    event.notification.close();
    const { url } = event.notification.data || {};
    if (!url || new URL(url, self.location).origin !== self.location.origin) return;
    event.waitUntil((async () => {
      const open = await self.clients.matchAll({ type: "window" });
      const ours = open.find((each) => "navigate" in each);
      if (!ours) return self.clients.openWindow(url);
      await ours.navigate(url);
      return ours.focus();
    })());
  });
})();
