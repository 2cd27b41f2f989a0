"""What columns are called for the person they tell of, as far as many modules share their names, and values in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from lkportal.core.columns import Milli, Minor
from lkportal.core.db import Base
from lkportal.core.i18n import Text, text
from lkportal.core.language.formats import Locale
from lkportal.notify.packing import shown

LABELS: Mapping[str, Text] = {
    "added_milli": text("privacy.column.added", "Added"),
    "address": text("privacy.column.address", "Address"),
    "amount": text("privacy.column.amount", "Amount"),
    "as_of": text("privacy.column.as_of", "On the day"),
    "at": text("privacy.column.at", "When"),
    "action": text("privacy.column.action", "Act"),
    "asked_at": text("privacy.column.asked_at", "Asked"),
    "balance": text("privacy.column.balance", "Balance"),
    "cancelled_at": text("privacy.column.cancelled_at", "Taken back"),
    "channel": text("privacy.column.channel", "Way"),
    "closed_at": text("privacy.column.closed_at", "Closed"),
    "code": text("privacy.column.code", "Code"),
    "confirmed_at": text("privacy.column.confirmed_at", "Confirmed"),
    "created_at": text("privacy.column.created_at", "Since"),
    "currency": text("privacy.column.currency", "Currency"),
    "decision": text("privacy.column.decision", "Decision"),
    "device": text("privacy.column.device", "Device"),
    "document": text("privacy.column.document", "Document"),
    "done_at": text("privacy.column.done_at", "Done"),
    "due_at": text("privacy.column.due_at", "Due"),
    "due_on": text("privacy.column.due_on", "To be paid by"),
    "email": text("privacy.column.email", "E-mail"),
    "facts": text("privacy.column.facts", "Contents"),
    "gateway": text("privacy.column.gateway", "Payment provider"),
    "granted_at": text("privacy.column.granted_at", "Given"),
    "holder": text("privacy.column.holder", "Holder"),
    "how": text("privacy.column.how", "Where shown"),
    "installed_on": text("privacy.column.installed_on", "Installed"),
    "issued_on": text("privacy.column.issued_on", "Issued"),
    "kind": text("privacy.column.kind", "Kind"),
    "last_milli": text("privacy.column.last", "Last value"),
    "last_on": text("privacy.column.last_on", "Read on"),
    "last_used_at": text("privacy.column.used_at", "Used"),
    "level": text("privacy.column.level", "Level of proof"),
    "locale": text("privacy.column.locale", "Language"),
    "login": text("privacy.column.login", "Login"),
    "method_title": text("privacy.column.method", "Means of payment"),
    "methods": text("privacy.column.methods", "Signed in with"),
    "name": text("privacy.column.name", "Name"),
    "network": text("privacy.column.network", "Network"),
    "note": text("privacy.column.note", "Note"),
    "number": text("privacy.column.number", "Number"),
    "occurred_on": text("privacy.column.occurred_on", "Day"),
    "opened_at": text("privacy.column.opened_at", "Opened"),
    "outcome": text("privacy.column.outcome", "Outcome"),
    "paid_at": text("privacy.column.paid_at", "Paid"),
    "period": text("privacy.column.period", "Month"),
    "phone": text("privacy.column.phone", "Phone"),
    "place": text("privacy.column.place", "Place"),
    "read_at": text("privacy.column.read_at", "Read"),
    "ready_at": text("privacy.column.ready_at", "Ready"),
    "recipient": text("privacy.column.recipient", "Recipient"),
    "refunded": text("privacy.column.refunded", "Given back"),
    "resource": text("privacy.column.resource", "Resource"),
    "revoked_at": text("privacy.column.revoked_at", "Taken away"),
    "role": text("privacy.column.role", "Role"),
    "seen_at": text("privacy.column.seen_at", "Last seen"),
    "sent_at": text("privacy.column.sent_at", "Sent"),
    "serial": text("privacy.column.serial", "Serial number"),
    "service": text("privacy.column.service", "Service"),
    "state": text("privacy.column.state", "State"),
    "taken_on": text("privacy.column.taken_on", "Read on"),
    "text_hash": text("privacy.column.text_hash", "SHA-256 of the text"),
    "title": text("privacy.column.title", "Title"),
    "topic": text("privacy.column.topic", "Topic"),
    "total": text("privacy.column.total", "Total"),
    "unit": text("privacy.column.unit", "Unit"),
    "used_at": text("privacy.column.used_at", "Used"),
    "value_milli": text("privacy.column.value", "Value"),
    "verified_until": text("privacy.column.verified_until", "Verified until"),
    "version": text("privacy.column.version", "Version"),
    "volume_milli": text("privacy.column.volume", "Volume"),
}


def label(name: str, own: Text | str = "") -> Text | str:
    """Return what a column is called: by its module, by us, else its own name in words."""
    return own or LABELS.get(name) or name.removesuffix("_milli").replace("_", " ").capitalize()


def in_words(table: str, name: str, row: Mapping[str, Any], locale: Locale, zone: str, currency: str) -> str:
    """Return a value as a person reads it."""
    value = row[name]
    kind = Base.metadata.tables[table].c[name].type
    match value:
        case None | "":
            return "–"
        case bool():
            return locale.render(_YES if value else _NO)
        case int() if isinstance(kind, Minor):
            return locale.money(value, str(row.get("currency") or currency or "RUB"))
        case int() if isinstance(kind, Milli):
            return locale.volume(value, str(row.get("unit") or ""))
        case datetime():
            return locale.datetime(value, zone)
        case date():
            return locale.date(value)
        case dict() | list():
            return _flat(shown(value, locale, zone)) or "–"
    return str(value)


_YES = text("privacy.value.yes", "yes")
_NO = text("privacy.value.no", "no")


def _flat(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(_flat(each) for each in value.values() if each not in (None, "", [], {}))
    if isinstance(value, list):
        return ", ".join(_flat(each) for each in value)
    return str(value)
