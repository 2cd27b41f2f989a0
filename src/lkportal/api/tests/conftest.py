"""A system of the company: a token, and calls as a billing makes them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from lkportal.api import tokens
from lkportal.app import Portal
from lkportal.testing import World

KINDS = ("accounts", "charges", "registry", "meters")


@dataclass
class System:
    """Calls the API of one portal with one token. `rows` may be bytes, sent as they are."""

    portal: Portal
    secret: str
    network: str = "203.0.113.50"
    language: str = "en"
    client: TestClient = field(init=False)

    def __post_init__(self) -> None:
        self.client = TestClient(
            self.portal,
            base_url=self.portal.sites[0].public_url,
            client=(self.network, 50_000),
            headers={"accept-language": self.language, "authorization": f"Bearer {self.secret}"},
            follow_redirects=False,
        )

    def push(self, kind: str, rows: Sequence[Mapping[str, Any]] | bytes, key: str = "one", **more: Any) -> Response:
        """Send rows under a key; `headers` and `params` may be added."""
        body = rows if isinstance(rows, bytes) else ndjson(rows)
        headers = {"content-type": "application/x-ndjson", "idempotency-key": key, **more.pop("headers", {})}
        return self.client.post(f"/api/v1/feed/{kind}", content=body, headers=headers, **more)

    def get(self, path: str, **headers: str) -> Response:
        """Ask for something."""
        return self.client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})


def ndjson(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Return rows as they travel."""
    return b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)


@pytest.fixture
def give(portal: Portal, world: World) -> Callable[..., System]:
    """Give a token and return the system that has it."""

    def made(*kinds: str, **options: Any) -> System:
        calling = {name: options.pop(name) for name in ("network", "language") if name in options}
        with world.unit() as db:
            secret, _ = tokens.add(db, "Billing", kinds or KINDS, **{"days": 30, **options})
        return System(portal, secret, **calling)

    return made


@pytest.fixture
def billing(give: Callable[..., System]) -> System:
    """The billing of the company."""
    return give()
