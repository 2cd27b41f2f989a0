"""Somebody who may, and sends what no form of ours would: every route that takes a form, with fields that are missing, doubled,
endless, broken, out of the calendar, or of somebody else. What is answered is judged here."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus, urlsplit

from httpx2 import Response

from lkportal.testing.clients import PortalClient
from lkportal.testing.forms import PageForm
from lkportal.testing.leaks import Prover, Visit
from lkportal.testing.rows import Snapshot, written_tables
from lkportal.testing.statements import counting
from lkportal.testing.verdicts import expected
from lkportal.testing.visitors import CHROME
from lkportal.testing.world import PASSWORD
from lkportal.web.routing import SAFE_METHODS, Bound

URLENCODED = "application/x-www-form-urlencoded"
TYPED: Mapping[str, str] = {
    "nothing": "",
    "blanks": " \t\r\n ",
    "long": "Щ" * 5_000,
    "controls": "\x01\x1b[31m\x7f\u202e\ufeff\u2028",
    "markup": "\"'><script>alert(1)</script>{{ 7*7 }}",
    "sql": "' OR 1=1; DROP TABLE accounts_accounts --",
    "path": "../../../../etc/passwd",
    "minus": "-1",
    "nan": "NaN",
    "infinity": "-Infinity",
    "huge": "1e400",
    "digits": "9" * 40,
    "more than a bigint": "9223372036854775808",
    "foreign digits": "٣٤٥",
    "a square": "²",
    "day zero": "0000-00-00",
    "first year": "0001-01-01",
    "last year": "9999-12-31",
    "beyond": "10000-01-01",
    "no such day": "2026-02-30",
    "bracket": "[1,2",
    "json": '{"a": {"b": [1]}}',
    "emoji": "👩‍👩‍👧‍👦" * 40,
    "unpaired": "e\u0301\u0301\u0301",
    "nobody": "A" * 16,
    "a key of nobody": "999",
    "a last minute": "23:59",
}
"""What is typed into fields. Passwords too."""
RAW: Mapping[str, bytes] = {
    "nul": b"%00",
    "a lone surrogate": b"%ED%A0%80",
    "half a letter": b"%D0",
    "another encoding": "Щ".encode("cp1251"),
    "half an escape": b"%",
    "a megabyte": b"x" * (1 << 20),
}
"""What stands in the place of a value, byte for byte."""
SAMPLE = (
    "nothing",
    "controls",
    "huge",
    "last year",
    "first year",
    "more than a bigint",
    "a key of nobody",
    "a last minute",
)
LIKELY: Mapping[str, str] = {"email": "a@example.org", "tel": "+79990001122", "date": "2026-11-22", "time": "14:30"}
"""What a person types into a field of a kind; a form that fits but for one field is judged by more than its first rule."""
_BY_NAME: Sequence[tuple[str, str]] = (
    (r"amount|cap|sum|count|given|below|top_up|share|least|most|days|percent|limit|readings", "12"),
    (r"day$|number_of", "5"),
    (r"_on$|since|until|date|from$", "2026-11-22"),
    (r"time|^at$", "14:30"),
    (r"place|address|street", "Ломоносова, 2-20"),
    (r"mail|login|contact", "a@example.org"),
    (r"phone", "+79990001122"),
    (r"colo", "#0b5fff"),
)
KEPT = frozenset({"long", "markup", "nan", "no such day", "bracket", "sql"})
"""Those that a page which refuses must still hold: they are letters as people type them."""
_PEOPLE = ("owner", "staff: administrator", "staff: accountant", "staff: cashier", "staff: operator", "anonymous")
_SECRET = frozenset({"password"})
_ENGLISH = re.compile(r"\b(?:should|must|field|value|input|string|integer|invalid|required|error)\b", re.IGNORECASE)
_SAID = re.compile(r'<p class="error"[^>]*>(.*?)</p>|<div class="notice bad"[^>]*>(.*?)</div>', re.DOTALL)
_TAG = re.compile(r"<[^>]+>")
_RUSSIAN = re.compile("[а-яё]{2}", re.IGNORECASE)
_NO_PAGE = frozenset({303, 302, 204, 307})


@dataclass(frozen=True, slots=True)
class Target:
    """A route, who may use it, and the form that leads there: None when no page of the walk has one."""

    visit: Visit
    method: str
    form: PageForm | None

    def __str__(self) -> str:
        return f"{self.method} {self.visit.bound.name} by {self.visit.person.title}"


class Hostility(Prover):
    """Sends hostile forms to one town, in Russian. `sent` counts them, `statuses` what was answered."""

    def __post(self, target: Target, **body: Any) -> Response:
        cookies, _ = self._proof(target.visit.person)
        headers = self._headers(target.visit.person, cookies) | body.pop("headers", {})
        with counting(self.town.portal.database) as seen:
            answer = self._client.request(target.method, self._path(target.visit), headers=headers, **body)
        if seen.commits and written_tables(seen, own_books=True):
            self._snapshot.restore()
        return answer

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Keep one client open that reads Russian."""
        portal = self.town.portal
        headers = {"user-agent": CHROME, "accept-language": "ru"}
        self._client = PortalClient(portal, base_url=portal.sites[0].public_url, headers=headers, raise_errors=False)
        self.sent, self.statuses = 0, dict[int, int]()
        self._snapshot = Snapshot(portal.database)
        with self._client:
            yield

    def targets(self) -> Iterator[Target]:
        """Yield every route that takes a form, by somebody who may. Pages are looked at first, for their forms."""
        routes = list(self._routes.by_name.values())
        chosen = [person for title in _PEOPLE for person in self.town.people if person.title == title]
        self.town.people = chosen
        for bound in routes:
            if bound.spec.methods and SAFE_METHODS & set(bound.spec.methods) and bound.spec.kind == "page":
                for visit in self._allowed(bound):
                    answer = self.get(visit)
                    if answer.headers.get("content-type", "").startswith("text/html"):
                        self._harvest(answer.text)
        for bound in routes:
            for method in sorted(set(bound.spec.methods) - SAFE_METHODS):
                yield from self._target(bound, method)

    def _allowed(self, bound: Bound) -> Iterator[Visit]:
        met = set[str]()
        for visit in self.visits(bound):
            may = expected(self.town, visit.person, bound, visit.values) in ("pass", "open")
            if may and visit.person.title not in met:
                met.add(visit.person.title)
                yield visit

    def _target(self, bound: Bound, method: str) -> Iterator[Target]:
        forms = {urlsplit(form.action).path: form for form in self._forms.get(bound.name, [])}
        first: Visit | None = None
        for visit in self._allowed(bound):
            first = first or visit
            if self._path(visit) in forms:
                yield Target(visit, method, forms[self._path(visit)])
                return
        if first is not None:
            yield Target(first, method, next(iter(forms.values()), None))

    def fields(self, target: Target) -> dict[str, str]:
        """Return the fields of a form as it stands, without its token."""
        fields = dict(target.form.fields) if target.form else {"a": "", "b[c]": ""}
        return {name: value for name, value in fields.items() if name != "csrf_token"}

    def attack(self, target: Target, name: str, only: str = "") -> str:
        """Type `name` of TYPED into every field, or into one; return what is wrong with the answer, or ""."""
        _, token = self._proof(target.visit.person)
        here = likely(target.form, self.fields(target)) if only else self.fields(target)
        typed = {field: TYPED[name] if not only or field == only else value for field, value in here.items()}
        answer = self.__post(target, data={**typed, "csrf_token": token})
        return self._told(target, f"{name} in {only or 'all'}", answer, typed if name in KEPT else {})

    def attack_raw(self, target: Target, name: str) -> str:
        """Send RAW bytes in the place of every value."""
        _, token = self._proof(target.visit.person)
        parts = [f"{quote_plus(field)}=".encode() + RAW[name] for field in list(self.fields(target))[:3]]
        body = b"&".join([f"csrf_token={quote_plus(token)}".encode(), *parts])
        return self._told(target, name, self.__post(target, content=body, headers={"content-type": URLENCODED}), {})

    def attack_shape(self, target: Target) -> Iterator[str]:
        """Send forms of another shape: without fields, each field twice, nested, as other kinds of body."""
        _, token = self._proof(target.visit.person)
        here = {**self.fields(target), "csrf_token": token}
        shapes: dict[str, dict[str, Any]] = {
            "no fields": {"data": {"csrf_token": token}},
            "doubled": {"data": {name: [value, value] for name, value in here.items()}},
            "nested": {"data": {**here, **{f"{name}[a][b]": "1" for name in here}, "__class__": "x", "a]b[": "y"}},
            "indexed": {"data": {**{f"{name}[0]": value for name, value in here.items()}, "csrf_token": token}},
            "many": {"data": {**here, **{f"x{number}": "1" for number in range(600)}}},
            "json": {"json": {**here, "deep": [[[[]]]]}},
            "no body": {"content": b"", "headers": {"content-type": URLENCODED}},
            "no boundary": {"content": b"--x\r\n", "headers": {"content-type": "multipart/form-data"}},
            "cut": {"content": b"--x\r\nContent-Disp", "headers": {"content-type": "multipart/form-data; boundary=x"}},
        }
        for name, body in shapes.items():
            yield self._told(target, name, self.__post(target, **body), {})

    def _told(self, target: Target, name: str, answer: Response, typed: Mapping[str, str]) -> str:
        self.sent += 1
        self.statuses[answer.status_code] = self.statuses.get(answer.status_code, 0) + 1
        fault = wrong(answer, typed, target.form)
        return f"{target}, {name}: {fault}" if fault else ""


def likely(form: PageForm | None, fields: Mapping[str, str]) -> dict[str, str]:
    """Return the fields of a form with what a person may type into those that are empty."""
    kinds = form.typed if form else {}
    return {name: value or (_typed(name, kinds[name]) if name in kinds else "") for name, value in fields.items()}


def _typed(name: str, kind: str) -> str:
    by_name = next((typed for pattern, typed in _BY_NAME if re.search(pattern, name)), "Проверка связи")
    return PASSWORD if kind == "password" else LIKELY.get(kind, "5" if kind == "number" else by_name)


def wrong(answer: Response, typed: Mapping[str, str], form: PageForm | None) -> str:
    """Return what is wrong with an answer to a hostile form, or ""."""
    status, kind = answer.status_code, answer.headers.get("content-type", "")
    if status >= 500 and status != 503:
        return f"answers {status}"
    if status < 400 or not kind.startswith("text/html"):
        return ""
    page = answer.text
    if "<html" in page and 'lang="ru"' not in page:
        return f"answers {status}, not in Russian"
    for found in _SAID.finditer(page):
        said = html.unescape(_TAG.sub(" ", found[1] or found[2]))
        bare = re.sub(r"«[^»]*»", "", said)
        if not _RUSSIAN.search(bare) or _ENGLISH.search(bare):
            return f"answers {status} and says: {' '.join(said.split())[:200]}"
    if status == 422 and form is not None:
        shown = html.unescape(page)
        kinds = {field: kind for field, kind in form.typed.items() if kind in ("text", "textarea", "email", "tel")}
        lost = [
            field for field in kinds if field in typed and kinds[field] not in _SECRET and typed[field] not in shown
        ]
        if lost:
            return f"answers 422 and loses what was typed into {', '.join(lost)}"
    return ""


__all__ = ["PASSWORD", "RAW", "SAMPLE", "TYPED", "Hostility", "Target"]
