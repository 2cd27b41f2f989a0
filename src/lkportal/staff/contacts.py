"""Contacts as shown to those who may not see them in full: enough to confirm one with a caller, too little to use it."""

from __future__ import annotations

_HIDDEN = "***"


def masked(contact: str) -> str:
    """Return an e-mail address, a phone number or a login with its middle hidden: a***@example.org, +7916***67, o***."""
    if "@" in contact:
        name, _, host = contact.partition("@")
        return f"{name[:1]}{_HIDDEN}@{host}"
    if contact.startswith("+") and contact[1:].isdigit():
        return f"{contact[:5]}{_HIDDEN}{contact[-2:]}"
    return f"{contact[:1]}{_HIDDEN}" if contact else ""


def shown(contact: str, *, whole: bool) -> str:
    """Return a contact in full or masked."""
    return contact if whole else masked(contact)
