"""Handing a text message to a gateway: the company's provider over HTTP, or the demo's mailbox. Never inside a unit. What a
message says and what is recorded of it stands in texting."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any, Protocol

import httpx2

from lkportal.core import foreign
from lkportal.core.clock import Clock
from lkportal.core.errors import PortalError
from lkportal.core.i18n import text
from lkportal.core.jobs import GiveUp
from lkportal.notify.post.mailbox import Mailbox
from lkportal.notify.settings import SmsTable

MAX_ANSWER = 64 * 1024
_AGAIN = frozenset({408, 425, 429})
CHANNEL = "X-Lkportal-Channel"
"""Header that tells a text message from a letter in the demo's mailbox."""


class SmsGatewayAway(PortalError):
    """The gateway did not take the message now: it is tried again. `code` tells what it said, such as "sms_500"."""

    def __init__(self, code: str) -> None:
        message = text("notify.error.sms_away", "The text message could not be sent now. We are trying again.")
        super().__init__(code, message, 503)


@dataclass(frozen=True, slots=True)
class TextMessage:
    """A text message as it leaves: the number in E.164, the words, its own id."""

    to: str
    words: str
    id: str


class Gateway(Protocol):
    """Takes a text message."""

    def send(self, message: TextMessage) -> None:
        """Hand the message over and return when it was taken. Raises GiveUp for good, SmsGatewayAway for now."""
        ...


class ConsoleGateway:
    """The demo's: a message goes into the demo's mailbox and to nobody."""

    def __init__(self, mailbox: Mailbox, clock: Clock) -> None:
        self._mailbox = mailbox
        self._clock = clock

    def send(self, message: TextMessage) -> None:
        """Keep the message as a letter that says it is none."""
        foreign.guard("the demo's mailbox")
        self._mailbox.put(_as_letter(message, self._clock.now()))


class HttpGateway:
    """The company's provider: one call as the settings describe it, within one limit of time, redirects not followed."""

    def __init__(self, settings: SmsTable) -> None:
        self._settings = settings
        self._timeout = httpx2.Timeout(settings.seconds, connect=min(settings.connect_seconds, settings.seconds))

    def send(self, message: TextMessage) -> None:
        """Make the call and judge its answer by status and success rule."""
        settings = self._settings
        words = _words(message, settings)
        fields = _filled(settings.fields, words)
        deadline = time.monotonic() + settings.seconds
        try:
            with (
                foreign.client(timeout=self._timeout) as client,
                client.stream(
                    settings.method,
                    _filled(settings.url, words) if "{" in settings.url else settings.url,
                    headers={name: _filled(value, words) for name, value in settings.headers.items()},
                    **_body(settings.body, fields),
                ) as answer,
            ):
                status, body = answer.status_code, _read(answer, deadline)
        except httpx2.RequestError as error:
            raise SmsGatewayAway(f"sms_{type(error).__name__}"[:60].lower()) from error
        _judge(settings, status, body)


def _words(message: TextMessage, settings: SmsTable) -> Mapping[str, str]:
    return {
        "{to}": message.to,
        "{digits}": message.to.removeprefix("+"),
        "{text}": message.words,
        "{id}": message.id,
        "{key}": settings.key.get_secret_value(),
    }


def _filled(value: Any, words: Mapping[str, str]) -> Any:
    """Put the words into every text of `value`. Each placeholder is looked for in what the settings say, never in a word that
    was put in before it."""
    if isinstance(value, Mapping):
        return {name: _filled(item, words) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_filled(item, words) for item in value]
    if not isinstance(value, str):
        return value
    parts = [value]
    for placeholder, word in words.items():
        parts = [piece for part in parts for piece in _split(part, placeholder, word)]
    return "".join(parts)


class _Word(str):
    """A word that was put in: nothing is looked for in it."""


def _split(part: str, placeholder: str, word: str) -> list[str]:
    if isinstance(part, _Word) or placeholder not in part:
        return [part]
    pieces: list[str] = []
    for place, piece in enumerate(part.split(placeholder)):
        pieces += [_Word(word), piece] if place else [piece]
    return pieces


def _body(kind: str, fields: Any) -> dict[str, Any]:
    if kind == "json":
        return {"json": fields}
    flat = {name: value if isinstance(value, str) else json.dumps(value) for name, value in fields.items()}
    return {"data": flat} if kind == "form" else {"params": flat}


def _read(answer: httpx2.Response, deadline: float) -> bytes:
    """The client's own limits are per packet: an answer that drips would hold the worker for ever."""
    body = bytearray()
    for chunk in answer.iter_bytes():
        body += chunk
        if len(body) > MAX_ANSWER:
            raise SmsGatewayAway("sms_answer_too_long")
        if time.monotonic() > deadline:
            raise SmsGatewayAway("sms_answer_too_slow")
    return bytes(body)


def _judge(settings: SmsTable, status: int, body: bytes) -> None:
    """2xx and a fitting field is taken; 4xx is refused for good; anything else, garbage too, is tried again."""
    if 400 <= status < 500 and status not in _AGAIN:
        raise GiveUp(f"sms_{status}")
    if not 200 <= status < 300:
        raise SmsGatewayAway(f"sms_{status}")
    if not settings.success_field:
        return
    told = _told(body, settings.success_field)
    if told in settings.refused_values:
        raise GiveUp("sms_refused")
    if told not in settings.success_values:
        raise SmsGatewayAway("sms_answer_unknown")


def _told(body: bytes, path: str) -> str | None:
    """What the answer says in the field `path`: "result.0.status" goes through objects and lists."""
    try:
        found: Any = json.loads(body)
    except (ValueError, RecursionError):
        return None
    for step in path.split("."):
        if isinstance(found, dict) and step in found:
            found = found[step]
        elif isinstance(found, list) and step.isdecimal() and int(step) < len(found):
            found = found[int(step)]
        else:
            return None
    return json.dumps(found) if isinstance(found, bool | None) else str(found)


def _as_letter(message: TextMessage, moment: datetime) -> bytes:
    letter = EmailMessage(policy=SMTP)
    letter[CHANNEL] = "sms"
    letter["Subject"] = message.words.splitlines()[0][:120] if message.words else ""
    letter["To"] = f"{message.to} <{message.to.removeprefix('+')}@sms.invalid>"
    letter["Date"] = format_datetime(moment)
    letter["Message-ID"] = f"<{message.id}>"
    letter.set_content(message.words, charset="utf-8", cte="base64")
    return letter.as_bytes()
