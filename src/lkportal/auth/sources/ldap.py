"""A directory as a password source: the person is found by a template or by a search, and binds with their own password. What the
rules need of LDAP is the Protocol Directory; ldap3 is behind it, in ldap_client."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

from lkportal.auth.external.vouched import labelled, mailbox, named
from lkportal.auth.sources.settings import SEARCH_PLACE, LdapTable
from lkportal.core import foreign
from lkportal.core.asked.vouching import PersonThere, SourceAway

_FILTER = {letter: f"\\{ord(letter):02x}" for letter in "\\*()\0"}
_DN = frozenset(',+"\\<>;=#')
_LONGEST = 256


@dataclass(frozen=True, slots=True)
class Found:
    """An entry of a directory: its name and what was asked of it, texts or bytes."""

    dn: str
    values: Mapping[str, Sequence[str | bytes]] = field(default_factory=dict)

    def first(self, name: str) -> str | bytes:
        """Return the first value of an attribute, "" for none."""
        for key, values in self.values.items():
            if key.lower() == name.lower() and values:
                return values[0]
        return ""

    def all(self, name: str) -> list[str]:
        """Return all values of an attribute that are texts."""
        found = [values for key, values in self.values.items() if key.lower() == name.lower()]
        return [each for values in found for each in values if isinstance(each, str)]


class Bound(Protocol):
    """A connection of somebody who proved their password."""

    def search(
        self, base: str, wanted: str, attributes: Sequence[str], most: int, *, only: bool = False
    ) -> list[Found]:
        """Return at most `most` entries below `base` that fit the filter `wanted` (`only`: the entry `base` itself)."""
        ...


class Directory(Protocol):
    """A directory that can be asked. Certificates are checked and referrals never followed. Raises SourceAway."""

    def bind(self, dn: str, password: str) -> AbstractContextManager[Bound | None]:
        """Connect as `dn`; None when the password does not fit."""
        ...


class LdapSource:
    """Checks passwords in a directory."""

    def __init__(self, table: LdapTable, directory: Directory) -> None:
        self._table, self._directory = table, directory

    def check(self, login: str, password: str) -> PersonThere | None:
        """Return the person whose password fits. See core.vouching.PasswordSource."""
        if not password or not login or len(login) > _LONGEST or not login.isprintable():
            return None  # a bind without a password is anonymous, and succeeds
        foreign.guard("the directory")
        if self._table.user_dn:
            dn = self._table.user_dn.replace(SEARCH_PLACE, escape_dn(login))
            with self._directory.bind(dn, password) as bound:
                return self._described(bound, dn, login) if bound is not None else None
        dn, person = self._found(login)
        if not dn:
            return None
        with self._directory.bind(dn, password) as bound:
            return person if bound is not None else None

    def _found(self, login: str) -> tuple[str, PersonThere | None]:
        """Return who somebody is in the directory and what it says of them; "" for nobody and for more than one."""
        table = self._table
        with self._directory.bind(table.bind_dn, table.bind_password.get_secret_value()) as bound:
            if bound is None:
                raise SourceAway("bind")
            wanted = table.search_filter.replace(SEARCH_PLACE, escape_filter(login))
            found = bound.search(table.search_base, wanted, (), 2)
            return (found[0].dn, self._described(bound, found[0].dn, login)) if len(found) == 1 else ("", None)

    def _described(self, bound: Bound, dn: str, login: str) -> PersonThere | None:
        """Return what the directory says of a person; None for one who is not in the group that is required."""
        table = self._table
        asked = [table.subject_attribute, table.name_attribute, table.email_attribute]
        asked += [table.groups_attribute] if table.groups_attribute and not table.groups_base else []
        entries = bound.search(dn, "(objectClass=*)", asked, 1, only=True)
        subject = _key(entries[0].first(table.subject_attribute)) if entries else ""
        if not subject:
            raise SourceAway("subject")
        groups = self._groups(bound, entries[0])
        if table.required_group and table.required_group.lower() not in groups:
            return None
        return PersonThere(
            subject=subject,
            name=named(entries[0].first(table.name_attribute)),
            email=mailbox(entries[0].first(table.email_attribute), confirmed=True),
            label=labelled(login),
            staff_roles=self._roles(groups) if table.who == "staff" and table.roles else None,
        )

    def _groups(self, bound: Bound, entry: Found) -> set[str]:
        table = self._table
        if table.groups_base:
            wanted = table.groups_filter.replace("{dn}", escape_filter(entry.dn))
            return {each.dn.lower() for each in bound.search(table.groups_base, wanted, (), 500)}
        return {each.lower() for each in entry.all(table.groups_attribute)} if table.groups_attribute else set()

    def _roles(self, groups: set[str]) -> tuple[str, ...]:
        return tuple(role for role, having in self._table.roles.items() if groups & {each.lower() for each in having})


def escape_filter(value: str) -> str:
    """Return a text as it may stand in a filter (RFC 4515): nothing in it can end the filter or widen it."""
    return "".join(_FILTER.get(letter, letter) for letter in value)


def escape_dn(value: str) -> str:
    """Return a text as it may stand in a name (RFC 4514): nothing in it can begin another part."""
    escaped = "".join(f"\\{letter}" if letter in _DN else letter for letter in value)
    if escaped.startswith(" "):
        escaped = "\\" + escaped
    return escaped[:-1] + "\\ " if escaped.endswith(" ") else escaped


def _key(value: str | bytes) -> str:
    return value.hex() if isinstance(value, bytes) else value.strip()[:255]
