"""Equipment of the company at its customers: routers, boxes, SIM cards, whether they work."""
