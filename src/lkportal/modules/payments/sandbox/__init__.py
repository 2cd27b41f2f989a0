"""A payment provider to practise on: a separate ASGI process that speaks YooKassa API v3 and loses no real money.

It imports nothing of the portal, so the two meet over HTTP only: `python -m lkportal.modules.payments.sandbox --help`."""
