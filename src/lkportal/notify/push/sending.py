"""Handing a push message to the push service of a browser, and judging its answer. Never inside a unit. The address comes from the
browser: only services the settings name are called, and no redirect is followed."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import sha256
from urllib.parse import urlsplit

import httpx2

from lkportal.core import foreign
from lkportal.core.errors import PortalError
from lkportal.core.i18n import text
from lkportal.core.jobs import GiveUp, RetryLater
from lkportal.notify.push.sealing import OwnKey, decode, encode, seal
from lkportal.notify.settings import PushTable

LIFETIME = timedelta(days=1)
"""How long a push service keeps a message for a device that is off."""
_LONGEST_PAUSE = timedelta(hours=6)
_PLAIN, _NAME = re.compile(r"[\x21-\x7e]+"), re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?")
_LOOPBACK = frozenset({"127.0.0.1", "localhost"})


class PushAway(PortalError):
    """The push service did not take the message now: it is tried again. `code` tells what it said, such as "push_503"."""

    def __init__(self, code: str) -> None:
        message = text("notify.error.push_away", "The message could not be sent now. We are trying again.")
        super().__init__(code, message, 503)


class BrowserGone(GiveUp):
    """The browser takes no messages any more: its address may be forgotten."""


@dataclass(frozen=True, slots=True)
class Pushing:
    """How push messages leave: None of it without a key. `contact` is whom a push service writes to."""

    key: OwnKey | None
    settings: PushTable
    contact: str

    @property
    def public_key(self) -> str:
        """The key browsers subscribe with; "" when the company sends no push messages."""
        return self.key.public if self.key else ""

    def takes(self, endpoint: str) -> bool:
        """Whether an address is one of a push service the settings name: https, or http on this very machine."""
        try:
            parts = urlsplit(endpoint)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            return False
        if parts.username or parts.password or len(endpoint) > 1_000 or not _PLAIN.fullmatch(endpoint):
            return False
        if not _NAME.fullmatch(host):
            return False
        if parts.scheme != "https" and not (parts.scheme == "http" and host in _LOOPBACK):
            return False
        if port not in (None, 443) and host not in _LOOPBACK:
            return False
        return any(host.endswith(name[1:]) if name.startswith("*.") else host == name for name in self.settings.hosts)

    def send(
        self, endpoint: str, keys: Mapping[str, str], said: Mapping[str, str], about: str, moment: datetime
    ) -> None:
        """Seal and send `said`. `about` lets a newer message of the same thing replace one that still waits.

        Raises BrowserGone (404, 410), GiveUp for good, RetryLater when asked to wait (429), PushAway for now.
        """
        foreign.guard("the push service")
        if self.key is None or not self.takes(endpoint):
            raise GiveUp("push_not_allowed")
        try:
            body = seal(json.dumps(said, ensure_ascii=False).encode(), decode(keys["p256dh"]), decode(keys["auth"]))
        except (ValueError, KeyError) as error:
            raise BrowserGone("push_keys") from error
        headers = {
            "TTL": str(int(LIFETIME.total_seconds())),
            "Urgency": "normal",
            "Topic": encode(sha256(about.encode()).digest()[:24]),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "Authorization": self.key.authorization(endpoint, self.contact, moment),
        }
        try:
            with (
                foreign.client(timeout=self.settings.seconds) as client,
                client.stream("POST", endpoint, content=body, headers=headers) as answer,
            ):
                _judge(answer.status_code, answer.headers.get("retry-after", ""), moment)
        except httpx2.RequestError as error:
            raise PushAway(f"push_{type(error).__name__}"[:60].lower()) from error


def _judge(status: int, retry_after: str, moment: datetime) -> None:
    if 200 <= status < 300:
        return
    if status in (404, 410):
        raise BrowserGone(f"push_{status}")
    if status == 429:
        raise RetryLater("push_429", _pause(retry_after, moment))
    if 400 <= status < 500 and status not in (408, 425):
        raise GiveUp(f"push_{status}")
    raise PushAway(f"push_{status}")


def _pause(said: str, moment: datetime) -> timedelta:
    """What Retry-After asks: seconds or a date; a minute when it says nothing that can be read, six hours at most."""
    pause = timedelta(minutes=1)
    if said.strip().isdecimal() and len(said) < 9:
        pause = timedelta(seconds=int(said))
    elif said:
        try:
            pause = parsedate_to_datetime(said).astimezone(UTC) - moment
        except (ValueError, TypeError):
            pause = timedelta(minutes=1)
    return min(max(pause, timedelta(seconds=1)), _LONGEST_PAUSE)
