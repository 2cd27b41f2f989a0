"""Plain records that hooks return. The registry gathers them into immutable tables at boot; requests walk the tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session
from sqlalchemy.sql import Executable

from lkportal.core.i18n import Text
from lkportal.core.language.formats import Locale
from lkportal.core.notices import Notice as Notice  # noqa: PLC0414 - it is one of the records that hooks return
from lkportal.core.notices import NoticeSender as NoticeSender  # noqa: PLC0414 - as above
from lkportal.core.policy import AccountRef, Policy

Kind = Literal["page", "action", "api", "file"]
Limiter = Literal["web", "slow", "hash", "files", "papers"]


@dataclass(frozen=True, slots=True)
class RouteSpec:
    """One route. `path` is relative to its module's mount; `policy` is required: a route without one stops the start.

    `body` is the largest request body in bytes; `limiter` the pool it waits for; `origins` extra form-action origins.
    `always` opens a page to those too who must first agree to a document: their own data, signing out.
    `explain(request)` tells what a form would do, without doing it (a Proposal, or the answer to a form that does not fit): a
    route that may wait for a second person has one.
    `on(settings, brought)`, given its module's settings and what all hooks brought (by hook), says whether there is such a route.
    `csrf=False` only for calls that carry their own proof (a provider's notification, an API token).
    `intake(request)` is for bodies too large for memory: called once the policy passed and before anything is read, it returns
    what takes the body piece by piece (web.Intake); the endpoint finds it in `request.intake`.
    """

    path: str
    endpoint: Callable[[Any], Any]
    name: str
    policy: Policy | None
    methods: tuple[str, ...] = ("GET",)
    limiter: Limiter = "web"
    body: int = 64 * 1024
    kind: Kind = "page"
    csrf: bool = True
    origins: tuple[str, ...] = ()
    always: bool = False
    explain: Callable[[Any], Any] | None = None
    on: Callable[[Any, Mapping[str, Sequence[Any]]], bool] | None = None
    intake: Callable[[Any], Any] | None = None


DeskGroup = Literal["customers", "work", "money", "texts", "settings"]


@dataclass(frozen=True, slots=True)
class MenuItem:
    """An entry of the customer's menu: shown only when the account has the right `action` (empty: always). In the back office's menu it
    stands in its `group`.

    `used(account_id)` is a condition on the account's key that says whether this account has what the entry leads to, such as
    a meter; it is asked by the statement that finds out who asks, so it must be a look into an index.
    """

    route: str
    label: Text
    icon: str
    order: int = 100
    action: str = ""
    used: Callable[[ColumnElement[int]], ColumnElement[bool]] | None = None
    group: DeskGroup = "work"


def _always(_settings: Any) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class SignInWay:
    """A way to sign in. `template` is the part drawn for it on the sign-in page (context: `next`, the page that was wanted).

    `on(settings)` says whether it is configured, given the settings of auth. A way that is off leaves no trace: its routes call
    `demand_way(request, name)` first. It ends in `lkportal.auth.door.arriving.arrive`.
    """

    name: str
    template: str
    order: int = 100
    on: Callable[[Any], bool] = _always


@dataclass(frozen=True, slots=True)
class SettingsEntry:
    """An entry of a person's settings: a link to the page `route` with one line of what is there. `who` sees it.

    `on(settings)` says whether there is anything to set, given the settings of the route's module. `now(request)` returns what
    stands there now ("anna@example.org"): shown instead of the hint when it is not empty; None hides the entry. `group` is the card.
    """

    route: str
    title: Text
    hint: Text
    icon: str
    order: int = 100
    who: Literal["person", "customer", "staff"] = "person"
    on: Callable[[Any], bool] = _always
    now: Callable[[Any], str | None] | None = None
    group: Literal["you", "access", "data"] = "access"


@dataclass(frozen=True, slots=True)
class Shown:
    """What a card or section may know when it is shown: whose page, which day in the account's zone, in which language.

    `url(name, **params)` makes addresses; `rights` are what the reader may do (a customer's rights or a staff member's).
    """

    account: AccountRef
    today: date
    locale: Locale
    url: Callable[..., str]
    settings: Any
    rights: frozenset[str]


@dataclass(frozen=True, slots=True)
class Said:
    """One line with the way on, which a card says even when its person put it away: "1 482,60 ₽ is overdue", where to pay."""

    text: Text
    href: str
    link: Text


@dataclass(frozen=True, slots=True)
class Card:
    """A card of the dashboard. `queries` (at most two) are prepared statements that may use :account_id, :person_id,
    :today and :since (the first day of this month a year ago). `render(rows, shown)` is pure: it gets the rows of each query by
    name and returns the template's values, or None to show nothing. `settings` of `shown` are its module's own.
    `when(settings)` says once, at start, whether there is such a card at all.

    People hide, order and pin cards. `title` names the card where they do (empty: the module's). A hidden card is not read,
    unless it has `urgent(rows, shown)`: what it returns is still said in one line, None when nothing presses. Its template may
    put itself to `place or "p3"`: on a phone cards of both columns mix by their place, and a person's order comes in `place`.

    A card that tells something in place of another names it in the value `covers` ("payments.slip"): the template of that one then
    finds `covered` true and leaves out what would be said twice. A card that draws nothing is left out."""

    name: str
    template: str
    queries: Mapping[str, Executable]
    render: Callable[[Mapping[str, Sequence[Any]], Shown], Mapping[str, Any] | None]
    order: int = 100
    action: str = ""
    column: Literal["main", "side"] = "main"
    when: Callable[[Any], bool] | None = None
    title: Text | str = ""
    urgent: Callable[[Mapping[str, Sequence[Any]], Shown], Said | None] | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A named slot of a page of another module filled by this one: `slot` "staff:customer". Same rules as a card."""

    slot: str
    name: str
    template: str
    queries: Mapping[str, Executable]
    render: Callable[[Mapping[str, Sequence[Any]], Shown], Mapping[str, Any] | None]
    order: int = 100
    action: str = ""


@dataclass(frozen=True, slots=True)
class Listener:
    """A handler of an event: `handle(db, envelope)` runs in its own unit of work and bears being run twice. `title` is what the desk
    calls it, as a sentence ("Tells of new bills"); without one it shows `name`."""

    event: str
    name: str
    handle: Callable[..., None]
    title: Text | str = ""


@dataclass(frozen=True, slots=True)
class JobSpec:
    """Work to be done later: `run(context, **args)` opens its own units; `attempts` tries with growing pauses. `title` is what the
    desk says it does ("Sends an invitation"); without one it shows `name`."""

    name: str
    run: Callable[..., None]
    attempts: int = 8
    lease_seconds: int = 60
    title: Text | str = ""


@dataclass(frozen=True, slots=True)
class Schedule:
    """A job that comes back: a cron line in the company's time zone."""

    job: str
    cron: str
    args: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PortBinding:
    """An answer to a port's question: `factory(portal)` makes the implementation once at boot."""

    protocol: type[Any]
    factory: Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Command:
    """A command of the shell: `command` is a click command put under `lkportal <name>`."""

    name: str
    command: Any


@dataclass(frozen=True, slots=True)
class TemplateGlobal:
    """A function or value that templates may use by `name`."""

    name: str
    value: Any


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found: how grave it is and a sentence that says what to do. `bad` keeps customers from their due."""

    grade: Literal["ok", "warn", "bad"]
    sentence: str


@dataclass(frozen=True, slots=True)
class Check:
    """A check of a live configuration: `run(portal)` returns what it found; a plain sentence counts as `warn`, nothing as ok.

    It may open a reading connection, and changes nothing.
    """

    name: str
    run: Callable[[Any], Iterable[Finding | str]]


@dataclass(frozen=True, slots=True)
class ClaimProof:
    """A way to prove that an account is one's own, beside its number: what stands in the meter, on a bill, in a letter.

    `check(db, account_id, typed)` says whether `typed` fits; it runs in the unit that gives access and may spend what proves
    once. It is asked about some account even when the number is nobody's, so it must cost the same whatever it finds.
    `strong` is what cannot be guessed by trying (a random code): strangers' tries at a number do not lock it.
    `level` is how far it verifies a person unless settings say otherwise.
    """

    name: str
    title: Text
    label: Text
    hint: Text
    check: Callable[[Session, int, str], bool]
    level: int = 0
    strong: bool = False
    order: int = 100
    inputmode: str = ""


@dataclass(frozen=True, slots=True)
class GuestPurpose:
    """Something a person may do through a signed link without signing in: once, about one account, with one right.

    `route` is the page of it, whose path is "/guest/{token}" and whose policy is `guest(right)`. `offered` says that the public
    page "without registration" leads there too. `days` is how long a link from a letter lives unless its maker says otherwise.
    """

    name: str
    title: Text
    right: str
    route: str
    days: int = 30
    offered: bool = True
    order: int = 100


@dataclass(frozen=True, slots=True)
class FirstStep:
    """A step of a person's first visit. `route` is the page where it is taken, `action` the words of the way there.

    `done` is a statement with :identity_id that finds a row once the step is taken; without it the person says so.
    `always` steps cannot be skipped. `on(settings_of)` tells whether this portal has the step at all.
    """

    name: str
    title: Text
    text: Text
    route: str
    action: Text
    done: Executable | None = None
    order: int = 100
    always: bool = False
    on: Callable[[Callable[[str], Any]], bool] | None = None


@dataclass(frozen=True, slots=True)
class WorkerScript:
    """A part of the portal's one service worker, `/sw.js`: `name` is a static file ("readings/worker.js").

    The parts stand one after another in one script, so each is a function called at once and speaks no words of its own;
    `PORTAL.root` is the path the portal is mounted under.
    """

    name: str
    order: int = 100


@dataclass(frozen=True, slots=True)
class DeskSetting:
    """A setting that the company changes at the desk, without touching portal.toml: a field of the module's settings class.

    `key` is its path there ("autopay.notice_days"); type and limits are the field's own, `title` and `hint` what people read.
    `choices` are the titles of a field of fixed words (of a tuple: several may be ticked), `unit` stands behind a number ("days"), `money` says that the number is an
    amount in minor units. `effect(before, after, today)`, given the module's settings as they are and as they would be, returns
    sentences of what follows; `unfit(after)` says why the settings cannot be so, where their class alone cannot know. `right` is needed besides that of the page; `four_eyes`: a second person agrees.
    """

    key: str
    title: Text
    hint: Text
    choices: tuple[tuple[str, Text], ...] = ()
    unit: Text | str = ""
    money: bool = False
    effect: Callable[[Any, Any, date], Iterable[Text | str]] | None = None
    unfit: Callable[[Any], Text | None] | None = None
    right: str = ""
    four_eyes: bool = False
    order: int = 100


@dataclass(frozen=True, slots=True)
class Queue:
    """Something that waits for people of the company: a line of the desk's first page, for those who have the right `action`.

    `statement` returns one row: `waiting`, how many, and `oldest`, since when the oldest waits (None: not told). It may use :now
    and :today. `route` is the page where they are worked off, `params` its query. `late_hours`: an older one is told as late.
    """

    name: str
    title: Text
    route: str
    statement: Executable
    action: str
    params: Mapping[str, str] = field(default_factory=dict)
    late_hours: int = 24
    order: int = 100


@dataclass(frozen=True, slots=True)
class GatewayBinding:
    """A payment gateway: `factory(settings, portal)` makes it; `origins` are where forms may lead."""

    name: str
    title: Text
    factory: Callable[..., Any]
    origins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DocumentKind:
    """A kind of document: `name` ("documents.act"), and what it `asks` of customers unless its publisher says otherwise: nothing, that
    they agree, that they sign.

    `days` is the term for the customer's answer, 0: none. `from_customer`: customers may send documents of this kind themselves.
    """

    name: str
    title: Text
    hint: Text
    icon: str = "file-text"
    asks: Literal["", "agree", "sign"] = ""
    days: int = 0
    from_customer: bool = False
    order: int = 100
