"""The leak prover: every route x every person of the town x every object, with canaries looked for in each answer.
What should be answered is judged in verdicts; the town and its canaries are built in town."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from httpx2 import Response

from lkportal.api import tokens
from lkportal.api.rest.binding import route_name
from lkportal.api.rest.scopes import Scopes
from lkportal.core.rest import PUBLIC_ID
from lkportal.testing.canaries import Canary
from lkportal.testing.clients import PortalClient
from lkportal.testing.forms import PageForm, forms_of
from lkportal.testing.logs import Logs
from lkportal.testing.mailbox import Letter
from lkportal.testing.representations import kind_of, told
from lkportal.testing.rows import Snapshot, changes, rows_of, written_tables
from lkportal.testing.samples import Samples, told_apart
from lkportal.testing.statements import counting
from lkportal.testing.town import Person, Town
from lkportal.testing.verdicts import REFUSED, Sample, Verdict, expected, has_program, may_see, reader, wrong
from lkportal.testing.visitors import CHROME
from lkportal.testing.world import PASSWORD
from lkportal.web.cookies import BROWSER, SESSION, cookie_name
from lkportal.web.routing import SAFE_METHODS, Bound

_TYPED = "413"
_MOST_FORMS = 3
_HOLDERS = ("anonymous", "owner", "stranger", "staff: operator")
_FIELD = "csrf_token"
_ID = re.compile(PUBLIC_ID)
_PARAM = re.compile(r"{([a-zA-Z_][a-zA-Z0-9_]*)")


@dataclass(slots=True)
class Report:
    """What the walk found. `checked` counts requests, `verdicts` what they should have been answered, `forms` what was read
    for canaries: pages, JSON, CSV, PDF."""

    checked: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    forms: Counter[str] = field(default_factory=Counter)
    routes: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        said = ", ".join(f"{count} {verdict}" for verdict, count in sorted(self.verdicts.items()))
        read = ", ".join(f"{count} {form}" for form, count in self.forms.most_common())
        head = f"{self.checked} requests to {len(self.routes)} routes ({said}; {read}): {len(self.problems)} problems"
        return "\n".join([head, *self.problems])


@dataclass(frozen=True, slots=True)
class Visit:
    """One combination: who asks which route about what."""

    person: Person
    bound: Bound
    values: Mapping[str, Sample]

    @property
    def tells_something(self) -> bool:
        """Whether the answer can depend on the objects: below an account out of reach only its own and one's own do."""
        account = self.values.get("account")
        keys = {key for kind, key in account.owners if kind == "account"} if account else set()
        if account is None or keys & self.person.reach.keys():
            return True
        near = account.owners | {("account", key) for key in self.person.reach}
        return all(sample is account or bool(sample.owners & near) for sample in self.values.values())

    def title(self, town: Town, method: str) -> str:
        """Say it in words."""
        owners = town.names()
        whose = [f"{name} of {_whose(sample, owners)}" for name, sample in self.values.items()]
        return f"{method} {self.bound.name} by {self.person.title}" + (f" ({', '.join(whose)})" if whose else "")


class Prover:
    """Walks one town. `samples` fill params that no table is named after. `brief`: of the visits of a person to a route that
    should be refused, one for each pattern of own, others' and absent objects; all that should be let in."""

    def __init__(
        self,
        town: Town,
        *,
        samples: Mapping[str, Sequence[Sample]] | None = None,
        logs: Logs | None = None,
        brief: bool = False,
    ) -> None:
        self.town = town
        self._brief = brief
        self.report = Report()
        self._samples = Samples(town, samples or {})
        self._logs = logs
        self._seen: set[tuple[str, str]] = set()
        self._forms: dict[str, list[PageForm]] = {}
        self._tokens: dict[str, tuple[str, str]] = {}
        self._secrets: dict[str, str] = {}
        self._routes = town.portal.edge.routes

    def walk(self, *, forms: bool = True, only: Iterable[str] = ()) -> Report:
        """Walk every route (or those named) as everybody about everything; return what was found. `forms` False: only look."""
        wanted = set(only)
        routes = [bound for name, bound in self._routes.by_name.items() if not wanted or name in wanted]
        with self.at_work():
            for bound in routes:
                if SAFE_METHODS & set(bound.spec.methods):
                    for visit in self.visits(bound):
                        self._ask(visit)
            if forms:
                self._post_everything(routes)
        if self._logs is not None:
            self._look(self._logs.text, (), "the log")
        return self.report

    def letters(self, letters: Iterable[Letter], people: Mapping[str, Person]) -> int:
        """Judge letters; `people` are by address. Return how many were looked at."""
        count = 0
        for letter in letters:
            count += 1
            addressee = people.get(letter.to)
            where = f"a letter to {addressee.title if addressee else letter.to}: {letter.subject}"
            self._look(letter.whole, (addressee,) if addressee else (), where)
        return count

    def visits(self, bound: Bound) -> Iterator[Visit]:
        """Yield everybody's way to a route, about everything its path may name."""
        params = _PARAM.findall(bound.template)
        choices = [self._samples.of(bound, param) for param in params]
        met = set[object]()
        for person in self._visitors(bound):
            for chosen in itertools.product(*(told_apart(each, person.identity) for each in choices)):
                visit = Visit(person, bound, dict(zip(params, chosen, strict=True)))
                if visit.tells_something and not (self._brief and self._was_met(visit, met)):
                    yield visit

    def _was_met(self, visit: Visit, met: set[object]) -> bool:
        """Whether a visit of this pattern should have been refused before."""
        verdict = expected(self.town, visit.person, visit.bound, visit.values)
        if verdict not in REFUSED:
            return False
        mine = visit.person.owns
        pattern = (visit.person.title, verdict, *((bool(s.owners & mine), s.exists) for s in visit.values.values()))
        known = pattern in met
        met.add(pattern)
        return known

    def _visitors(self, bound: Bound) -> Sequence[Person]:
        """Behind a signed link everybody is the same guest: a few kinds of people are enough."""
        if bound.policy.who != "guest":
            return self.town.people
        return [person for person in self.town.people if person.title in _HOLDERS]

    def get(self, visit: Visit) -> Response:
        """Open a page as this visit's person, a call of the API with the query of its example. Only inside `at_work`."""
        query = self._example(visit.bound) if visit.bound.policy.who == "caller" else None
        headers = self._headers(visit.person, bound=visit.bound)
        return self._client.get(self._path(visit), params=query, headers=headers)

    def fetch(self, person: Person, path: str) -> Response:
        """Open any address of the portal as somebody. Only inside `at_work`."""
        return self._client.get(path, headers=self._headers(person))

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Keep one client open for the length of a block."""
        town = self.town.portal
        headers = {"user-agent": CHROME, "accept-language": "en"}
        self._client = PortalClient(town, base_url=town.sites[0].public_url, headers=headers, raise_errors=False)
        self._secrets = self._secrets or self._programs()
        with self._client:
            yield

    def _programs(self) -> dict[str, str]:
        """Give a program of every customer who is in a token that is good for everything."""
        scopes = [*self.town.portal.ports.get(Scopes).of("customers")]
        with self.town.world.unit() as db:
            return {
                person.title: tokens.add_own(db, person.identity, "program", scopes, days=1)
                for person in self.town.people
                if scopes and has_program(person)
            }

    def _ask(self, visit: Visit) -> None:
        answer = self.get(visit)
        is_call = visit.bound.policy.who == "caller"
        verdict = self._judge(visit, "GET", answer, elsewhere=is_call and _names_a_row(self._example(visit.bound)))
        if verdict == "pass" and answer.headers.get("content-type", "").startswith("text/html"):
            self._harvest(answer.text)

    def _post_everything(self, routes: Sequence[Bound]) -> None:
        self._snapshot = Snapshot(self.town.portal.database)
        self._before = rows_of(self.town)
        for bound in routes:
            for method in sorted(set(bound.spec.methods) - SAFE_METHODS):
                for visit in self.visits(bound):
                    for body in self._bodies(visit):
                        self._post(visit, method, body)

    def _bodies(self, visit: Visit) -> list[dict[str, Any]]:
        """Nothing, and what was found in forms for this route: those of this path, and those of others (crossed objects).
        Who should be refused is, whatever they send: the form of this path is enough. A call of the API sends its example."""
        if visit.bound.policy.who == "caller":
            return [self._example(visit.bound)]
        forms = self._forms.get(visit.bound.name, [])
        here = self._path(visit)
        ordered = sorted(forms, key=lambda form: urlsplit(form.action).path != here)
        bodies: list[dict[str, Any]] = [{}, *(form.filled(_TYPED, PASSWORD) for form in ordered[:_MOST_FORMS])]
        refused = expected(self.town, visit.person, visit.bound, visit.values) in REFUSED
        return bodies[1:2] or bodies if refused else bodies

    def _example(self, bound: Bound) -> dict[str, Any]:
        calls = self.town.portal.registry.api_routes.get(bound.module, ())
        return dict(next((each.example_input for each in calls if route_name(each) == bound.spec.name), {}))

    def _post(self, visit: Visit, method: str, body: Mapping[str, Any]) -> None:
        if visit.bound.policy.who == "caller":
            headers = {**self._headers(visit.person, bound=visit.bound), "idempotency-key": str(self.report.checked)}
            sent: dict[str, Any] = {"json": dict(body), "headers": headers}
        else:
            cookies, token = self._proof(visit.person)
            sent = {"data": {**body, _FIELD: token}, "headers": self._headers(visit.person, cookies, visit.bound)}
        with counting(self.town.portal.database) as seen:
            answer = self._client.request(method, self._path(visit), **sent)
        named = visit.bound.policy.who == "caller" and _names_a_row(body)
        verdict = self._judge(visit, method, answer, elsewhere=not body or named)
        tables = written_tables(seen)
        if seen.commits and tables:
            self._judge_writes(visit, method, verdict, tables)
            self._snapshot.restore()

    def _judge(self, visit: Visit, method: str, answer: Response, *, elsewhere: bool = False) -> Verdict:
        verdict = expected(self.town, visit.person, visit.bound, visit.values)
        self.report.checked += 1
        self.report.verdicts[verdict] += 1
        self.report.routes.add(visit.bound.name)
        fault = wrong(verdict, method, answer, elsewhere=elsewhere)
        if fault:
            self._blame(f"{visit.title(self.town, method)} {fault}")
        self.report.forms[kind_of(answer)] += 1
        who = reader(visit.person, visit.bound, visit.values)
        self._look(told(answer), (who,) if who else (), visit.title(self.town, method))
        return verdict

    def _judge_writes(self, visit: Visit, method: str, verdict: Verdict, tables: frozenset[str]) -> None:
        if visit.person.actor.kind == "staff" and verdict == "pass":
            return
        mine = set(visit.person.owns)
        if visit.bound.policy.who == "guest":
            mine = set(visit.values["token"].owners)
        before = {place: row for place, row in self._before.items() if place[0] in tables}
        for table, owners in changes(before, rows_of(self.town, tables)):
            if not owners & mine or verdict in REFUSED:
                names = self.town.names()
                whose = ", ".join(names.get(owner, "?") for owner in sorted(owners))
                self._blame(f"{visit.title(self.town, method)} changes {table} of {whose}")

    def _look(self, text: str, readers: Sequence[Person], where: str) -> None:
        """Blame every canary that none of the readers may see; without readers nobody may."""
        strange = [
            canary
            for canary in self.town.canaries.found(text)
            if not any(may_see(self.town, reader, canary) for reader in readers)
        ]
        for table, column in sorted({(canary.table, canary.column) for canary in strange}):
            names = self.town.names()
            owners = {names.get(o, "?") for c in strange if (c.table, c.column) == (table, column) for o in c.owners}
            self._blame(f"{where} shows {table}.{column} of {', '.join(sorted(owners))}")

    def _blame(self, problem: str) -> None:
        if problem not in self.report.problems:
            self.report.problems.append(problem)

    def _harvest(self, html: str) -> None:
        for form in forms_of(html):
            path = urlsplit(form.action).path
            found = self._routes.find(path) if path and form.method == "post" else None
            bound = found[0].by_method.get("POST") if found else None
            if bound is not None and (bound.name, path) not in self._seen:
                self._seen.add((bound.name, path))
                self._forms.setdefault(bound.name, []).append(form)

    def _path(self, visit: Visit) -> str:
        return self._routes.path(visit.bound.name, {name: sample.value for name, sample in visit.values.items()})

    def _headers(self, person: Person, cookies: str = "", bound: Bound | None = None) -> dict[str, str]:
        """Return what tells who asks: a session, for a call of the API the token of a customer's program."""
        self._client.cookies.clear()
        if bound is not None and bound.policy.who == "caller":
            secret = self._secrets.get(person.title)
            return {"authorization": f"Bearer {secret}"} if secret else {}
        session = f"{cookie_name(self.town.portal.sites[0], SESSION)}={person.token}" if person.token else ""
        both = "; ".join(filter(None, (session, cookies)))
        return {"cookie": both} if both else {}

    def _proof(self, person: Person) -> tuple[str, str]:
        """Return what makes a form of this person believed: more cookies, and the token of a page they can open."""
        if person.title not in self._tokens:
            answer = self._client.get("/settings" if person.is_in else "/login", headers=self._headers(person))
            fields = (field for form in forms_of(answer.text) for field in form.fields)
            token = next((value for name, value in fields if name == _FIELD), "")
            name = cookie_name(self.town.portal.sites[0], BROWSER)
            browser = answer.cookies.get(name)
            self._tokens[person.title] = (f"{name}={browser}" if browser else "", token)
        return self._tokens[person.title]


def _whose(sample: Sample, owners: Mapping[Any, str]) -> str:
    if not sample.exists:
        return "nobody"
    return " and ".join(sorted(owners.get(owner, "?") for owner in sample.owners)) or "the portal"


__all__ = ["Canary", "Prover", "Report", "Sample", "Visit"]


def _names_a_row(example: Mapping[str, Any]) -> bool:
    """Whether an example of a call names something by its id: that stands in the description, not in the town."""
    return any(isinstance(value, str) and _ID.fullmatch(value) for value in example.values())
