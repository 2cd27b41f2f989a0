"""Reading what mail servers send back: delivery status notifications (RFC 3464) and complaints of readers (RFC 5965, ARF), cut by the
standard library. What follows from a report stands in marking; nothing here knows a database."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, message_from_string
from email.message import Message
from typing import Literal

Kind = Literal["failed", "complaint", "other"]
Weight = Literal["gone", "trouble", ""]
LARGEST = 1 << 20
"""Bytes of the largest report that is looked at: it may hold the whole letter."""
_STATUS = re.compile(r"\b([245]\.[0-9]{1,3}\.[0-9]{1,3})\b")
_ID = re.compile(r"<([^<>\s]{3,200})>")
# The sender's own address is at fault in 5.1.7 and 5.1.8, the form of a name in 5.1.9: the reader's mailbox is not judged by these.
_GONE = frozenset({"5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"})
_TROUBLE = re.compile(r"[45]\.(?:2|4)\.[0-9]+|5\.1\.4")


@dataclass(frozen=True, slots=True)
class Report:
    """What came back: `letters` are Message-IDs found in it (ours is the first that is known), `recipients` the addresses it speaks
    of, in lower case, `status` an enhanced status code (RFC 3463) such as "5.1.1", or ""."""

    kind: Kind
    letters: tuple[str, ...] = ()
    recipients: frozenset[str] = frozenset()
    status: str = ""


def read(raw: bytes) -> Report:
    """Return what a message says; of kind "other" when it is no report, or tells of a delay or of success."""
    if len(raw) > LARGEST:
        return Report("other")
    try:
        return _read(message_from_bytes(raw))
    except (ValueError, LookupError, RecursionError, AttributeError, TypeError):
        return Report("other")  # somebody wrote it to break readers


def weight(status: str) -> Weight:
    """Return what a status code (RFC 3463) means for an address: there is nobody, there is trouble that may pass, or nothing at all,
    for the letter itself was refused."""
    if status in _GONE:
        return "gone"
    return "trouble" if _TROUBLE.fullmatch(status) else ""


def status_in(said: str) -> str:
    """Return the enhanced status code that stands in a server's answer, or ""."""
    found = _STATUS.search(said)
    return found[1] if found else ""


def _read(message: Message) -> Report:
    fields = list(_fields(message, "message/delivery-status"))
    failed = [each for each in fields if str(each.get("action", "")).strip().lower() == "failed"]
    if failed:
        said = " ".join(f"{each.get('status', '')} {each.get('diagnostic-code', '')}" for each in failed)
        return Report("failed", _letters(message), _recipients(failed), status_in(said))
    complaints = list(_fields(message, "message/feedback-report"))
    if any(str(each.get("feedback-type", "")).strip().lower() in ("abuse", "fraud", "not-spam") for each in complaints):
        is_complaint = all(str(each.get("feedback-type", "")).strip().lower() != "not-spam" for each in complaints)
        return Report("complaint" if is_complaint else "other", _letters(message))
    return Report("other")


def _fields(message: Message, kind: str) -> Iterator[Message]:
    """Yield the groups of fields of all parts of a kind. The library cuts delivery-status by itself, feedback-report it does not."""
    for part in message.walk():
        if part.get_content_type() != kind:
            continue
        found = part.get_payload()
        if isinstance(found, list):
            for group in found:
                # feedback-report is read as a message of its own: its fields are the headers of it
                yield group if isinstance(group, Message) else message_from_string(str(group))
        else:
            yield message_from_string(str(found).lstrip())


def _letters(report: Message) -> tuple[str, ...]:
    """Return the Message-IDs of the letters in a report: whole, as their headers alone, or as a text."""
    found: list[str] = []
    for part in report.walk():
        if part is not report and (known := part.get("message-id")):
            found += _ID.findall(str(known))
        if part.get_content_type() in ("text/rfc822-headers", "message/rfc822-headers"):
            headers = part.get_payload(decode=True)
            if isinstance(headers, bytes):
                found += _ID.findall(str(message_from_bytes(headers).get("message-id", "")))
    return tuple(dict.fromkeys(found))[:10]


def _recipients(groups: list[Message]) -> frozenset[str]:
    said = [str(group.get(name, "")) for group in groups for name in ("final-recipient", "original-recipient")]
    return frozenset(each.rpartition(";")[2].strip().strip("<>").lower() for each in said if each)
