"""Web push: messages that a browser shows while no page is open. Sealing (RFC 8291, 8292), sending, and the browsers people allowed."""
