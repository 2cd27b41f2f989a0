"""Contacts as shown to those who may not see them in full: enough to confirm one with a caller, too little to use it. Which columns
hold contacts is declared by `PersonalTable.mask`; every page of the desk shows them through this one function."""

from __future__ import annotations

_HIDDEN = "***"
_DOTTED = 2


def masked(contact: str) -> str:
    """Return a contact with its middle hidden: a***@example.org, +7916***67, 203.0.***, o***."""
    if "@" in contact:
        name, _, host = contact.partition("@")
        return f"{name[:1]}{_HIDDEN}@{host}"
    if contact.startswith("+") and contact[1:].isdigit():
        return f"{contact[:5]}{_HIDDEN}{contact[-2:]}"
    dotted = contact.partition("/")[0].split(".")
    if len(dotted) == _DOTTED * 2 and all(part.isdigit() for part in dotted):
        return f"{'.'.join(dotted[:_DOTTED])}.{_HIDDEN}"
    return f"{contact[:1]}{_HIDDEN}" if contact else ""


def shown(contact: str, *, whole: bool) -> str:
    """Return a contact in full or masked; `whole` is whether the reader has the right accounts.contacts."""
    return contact if whole else masked(contact)
