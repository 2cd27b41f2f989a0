"""Routes the edge has itself: health, the service worker, the manifest, the gallery of the kit."""
