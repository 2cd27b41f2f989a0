"""Puts the sandbox together: store, courier, API, payment page and control in one ASGI app."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette

from . import api, control, page
from .api import Sandbox
from .courier import Courier
from .store import Store


def create_app(shop: str, secret: str, notify: str = "", state: str = ":memory:", public_url: str = "") -> Starlette:
    """Return a sandbox for one shop.

    `notify` is the merchant's address for notices, `state` a file that keeps everything over a restart, `public_url` how
    browsers reach the payment page when that differs from how the API is called.
    """

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        store = Store(state)
        courier = Courier(store, notify)
        app.state.sandbox = Sandbox(store, courier, shop, secret, public_url.rstrip("/"))
        courier.start()
        yield
        courier.stop()
        store.close()

    return Starlette(routes=[*api.routes(), *control.routes(), *page.routes()], lifespan=lifespan)
