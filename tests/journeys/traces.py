"""Traces of modules that are off: in the tables of the registry, in what the portal tells programs, on every page that its people are
led to. Words are told apart by their keys, which every text is made to carry."""

from __future__ import annotations

import json
import re
from collections import Counter, deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from functools import partial
from html import unescape
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest

from lkportal.api.describing import describe
from lkportal.app import Portal
from lkportal.core.contributions import Listener
from lkportal.core.i18n import Text
from lkportal.core.language.catalogues import Words
from lkportal.core.module import Module
from lkportal.core.request_types import Subject
from lkportal.testing.visitors import Visitor
from lkportal.web.routing import Bound, RouteTable

TOLD_STILL = frozenset({"installed", "actions", "opening", "settings"})
"""Tables that know installed modules by design: what was done with a module is told by history after it is off."""
HINTS = {(Subject, "suggest"), (Module, "after"), (Listener, "event")}
"""Fields that name what may be there or not: who listens to an event of a module that is off hears nothing."""
_KEY = re.compile("⟦([a-z0-9_]+)[.]([a-z0-9_.]+)⟧")
_LINK = re.compile(r'(href|hx-get|action|hx-post|src|data-keep)="([^"#]*)')


def tell_keys(patch: pytest.MonkeyPatch) -> None:
    """Let every text carry its key, `⟦payments.bill.title⟧Bill`, in portals made from now on."""
    one, many = Words.pgettext, Words.npgettext

    def marked(said: str, key: str) -> str:
        return said if said.startswith("⟦") else f"⟦{key}⟧{said}"

    patch.setattr(Words, "pgettext", lambda self, key, english: marked(one(self, key, english), key))
    patch.setattr(Words, "npgettext", lambda self, key, *forms: marked(many(self, key, *forms), key))


def in_registry(portal: Portal, off: Collection[Module]) -> list[str]:
    """Return where the tables of the registry name a module that is off: by a name, a text, a route, a piece of its code."""
    seen: set[int] = set()
    found = []
    for table in fields(portal.registry):
        if table.name not in TOLD_STILL:
            held = getattr(portal.registry, table.name)
            traced = _traced(list(held.values()) if table.name == "listeners" else held, Names.of(off), seen)
            found += [f"the table {table.name} holds {each}" for each in traced]
    by_module = (
        portal.registry.routes,
        portal.registry.staff_pages,
        portal.registry.api_routes,
        portal.registry.connectors,
    )
    return found + [
        f"{each.name} has its place in a table" for each in off for table in by_module if each.name in table
    ]


def in_descriptions(portal: Portal, off: Collection[Module]) -> list[str]:
    """Return what the description of the API says of modules that are off."""
    told = json.dumps(describe(portal, portal.sites[0].public_url, portal.locales.get("en")), ensure_ascii=False)
    keys = {each[0] for each in _KEY.findall(told)}
    scopes = set(re.findall(r"[a-z0-9_]+(?=[.](?:read|write|pay|send))", told))
    return [f"the description of the API tells of {each.name}" for each in off if each.name in keys | scopes]


@dataclass(frozen=True, slots=True)
class Names:
    """The names of modules, and the beginnings of what is theirs: texts, routes and permissions, code, templates."""

    modules: frozenset[str]
    packages: tuple[str, ...]

    @classmethod
    def of(cls, modules: Collection[Module]) -> Names:
        """Return the names of some modules."""
        return cls(frozenset(each.name for each in modules), tuple(each.package for each in modules))

    def are_in(self, words: str) -> bool:
        """Whether a key, a route, a right, a path of a template begins with the name of a module. The name alone is a word as any."""
        begin = re.split(r"[.:/]", words, maxsplit=1)[0]
        return begin in self.modules and begin != words

    def wrote(self, path: str) -> bool:
        """Whether code of this dotted path is a module's."""
        return any(path == package or path.startswith(f"{package}.") for package in self.packages)


def _traced(value: Any, names: Names, seen: set[int]) -> Iterator[str]:
    if isinstance(value, str | Text):
        said = value.key if isinstance(value, Text) else value
        if names.are_in(said):
            yield repr(said)
    elif id(value) not in seen:
        seen.add(id(value))
        for part in _parts(value):
            yield from _traced(part, names, seen)
        if names.wrote(str(getattr(value, "__module__", ""))):
            yield f"code of {value.__module__}"


def _parts(value: Any) -> Iterable[Any]:
    """Return what a record, a table or a bound function is made of."""
    if isinstance(value, partial):
        return (value.func, value.args, value.keywords)
    if isinstance(value, Mapping):
        return (*value, *value.values())
    if isinstance(value, tuple | list | set | frozenset):
        return value
    if is_dataclass(value) and not isinstance(value, type):
        return [getattr(value, each.name) for each in fields(value) if (type(value), each.name) not in HINTS]
    return ()


@dataclass(slots=True)
class Walk:
    """One person's way through a portal by the links that they are shown. `whole` are the routes of a portal with everything on;
    `allowed` are keys that a route may tell of all the same; `most` pages of one route are looked at."""

    visitor: Visitor
    whole: RouteTable
    off: frozenset[str]
    allowed: Mapping[str, re.Pattern[str]]
    most: int = 2
    problems: list[str] = field(default_factory=list)
    pages: Counter[str] = field(default_factory=Counter)

    def go(self, *starts: str) -> None:
        """Open every page that links lead to, from `starts`; a few of each kind."""
        waiting, met = deque(starts), set(starts)
        while waiting:
            path = waiting.popleft()
            bound = self._bound(path)
            name = bound.name if bound else path
            if self.pages[name] >= self.most:
                continue
            self.pages[name] += 1
            for link in self._open(path, name):
                if link not in met:
                    met.add(link)
                    waiting.append(link)

    def _open(self, path: str, name: str) -> Iterator[str]:
        """Open a page; return where it leads."""
        answer = self.visitor.get(path)
        if answer.is_redirect:
            yield from self._inside(path, [answer.headers["location"]], name)
            return
        if answer.status_code != 200:
            self.problems.append(f"{name} ({path}) answers {answer.status_code}")
        if not answer.headers.get("content-type", "").startswith(("text/", "application/json", "application/manifest")):
            return
        may = self.allowed.get(name)
        for module, key in _KEY.findall(answer.text):
            if module in self.off and not (may and may.fullmatch(f"{module}.{key}")):
                self.problems.append(f"{name} says {module}.{key}")
        if answer.headers["content-type"].startswith("text/html"):
            told = [(how, unescape(link)) for how, link in _LINK.findall(answer.text)]
            list(self._inside(path, [link for how, link in told if how not in ("href", "hx-get")], name))
            yield from self._inside(path, [link for how, link in told if how in ("href", "hx-get")], name)

    def _inside(self, here: str, links: Iterable[str], name: str) -> Iterator[str]:
        for link in links:
            parts = urlsplit(urljoin(f"http://here{here}", link))
            if parts.netloc != "here":
                continue
            bound = self._bound(parts.path)
            if bound is not None and bound.module in self.off:
                self.problems.append(f"{name} leads to {bound.name}")
            elif bound is not None and "GET" in bound.spec.methods:
                yield parts._replace(scheme="", netloc="", fragment="").geturl()

    def _bound(self, path: str) -> Bound | None:
        found = self.whole.find(urlsplit(path).path)
        if found is None:
            return None
        methods = found[0].by_method
        return methods.get("GET") or next(iter(methods.values()))
