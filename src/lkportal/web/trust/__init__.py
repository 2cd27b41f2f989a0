"""What is believed: signatures, forms of our own, policies of routes, destinations."""
