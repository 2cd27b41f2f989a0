// A thread that shows new messages by itself. Without this file, or without a stream, loading the page again shows them.
(() => {
  "use strict";
  const place = document.querySelector("[data-live]");
  if (!place || !window.EventSource) return;
  let source = null;
  const close = () => { source?.close(); source = null; };
  const open = () => {
    if (source || document.hidden) return;
    source = new EventSource(place.dataset.live);
    source.addEventListener("changed", () => place.dispatchEvent(new Event("live")));
    source.addEventListener("replaced", close);
  };
  // Only the page in sight listens: one stream for a browser.
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  addEventListener("pagehide", close);
  addEventListener("pageshow", open);
  open();
})();
