"""The request that endpoints get: who asks, about which account, in which language, with one reading connection.
The unit of work opens here; how a request comes to be is in wrapper."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, TypeVar, cast

from sqlalchemy import Connection
from sqlalchemy.orm import Session
from starlette.datastructures import MultiDict
from starlette.requests import Request as StarletteRequest
from starlette.types import Scope

from lkportal.core.errors import Forbidden
from lkportal.core.i18n import text
from lkportal.core.language.formats import Locale
from lkportal.core.policy import ANONYMOUS, AccountRef, Actor, GuestLink, Viewing
from lkportal.core.unit import UnitContext, open_unit
from lkportal.web.cookies import Cookie
from lkportal.web.forms.body import Body
from lkportal.web.forms.formdata import close_uploads
from lkportal.web.forms.multipart import Upload
from lkportal.web.portal import Portal, Site
from lkportal.web.routing import SAFE_METHODS, Bound, address
from lkportal.web.visit import Visit, visit_of

S = TypeVar("S")
_PAGE_DIGITS = 5
ONLY_LOOKING = text(
    "web.viewing.only_looking", "You see these pages as the customer: nothing can be changed. End the view first."
)


class Request(StarletteRequest):
    """One request in its worker thread. `form_data` holds the fields as typed, `files` the uploads, `body_bytes` the rest.
    A large body lies on disk, and so do large uploads, until `put_away`.

    `opening` is done first in the first unit of work of this request, and stands or falls with it.
    `intake` is what took a large body in, on a route that declares one.
    `drawn` names the templates of parts drawn before the page that will hold them, so that it links their stylesheets.
    `closed` are modules that are not open to the account this is about, or was last: pages show nothing of them.
    """

    def __init__(self, scope: Scope, bound: Bound, body: Body = b"") -> None:
        super().__init__(scope)
        self.visit: Visit = visit_of(scope)
        self.route = bound
        self.sent = body
        self.actor: Actor = ANONYMOUS
        self.account: AccountRef | None = None
        self.link: GuestLink | None = None
        self.menu_account: AccountRef | None = None
        self.viewing: Viewing | None = None
        self.closed: frozenset[str] = frozenset()
        self.slots: dict[str, str] = {}
        self.drawn: list[str] = []
        self.form_data: MultiDict = MultiDict()
        self.files: list[Upload] = []
        self.cookies_out: list[Cookie] = []
        self.after: list[Callable[[], None]] = []
        self.intake: Any = None
        self.opening: Callable[[Session], None] | None = None
        self._csrf_token = ""
        self._reading: AbstractContextManager[Connection] | None = None
        self._connection: Connection | None = None

    @property
    def portal(self) -> Portal:
        """The portal this request came to."""
        return self.visit.edge.portal

    @property
    def locale(self) -> Locale:
        """The language and formats of the reader."""
        return self.visit.locale

    @property
    def site(self) -> Site:
        """The brand whose host was asked, with its public address."""
        return self.visit.site

    @property
    def brand(self) -> str:
        """The key of the brand."""
        return self.visit.site.key

    @property
    def request_id(self) -> str:
        """What logs, audit and error pages call this request."""
        return self.visit.request_id

    @property
    def nonce(self) -> str:
        """The nonce scripts of this answer must carry."""
        return self.visit.nonce

    @property
    def csrf_token(self) -> str:
        """This visitor's CSRF token, masked anew for this answer: asking for it may set a cookie."""
        if not self._csrf_token:
            self._csrf_token = self.visit.edge.csrf.token(self)
        return self._csrf_token

    @property
    def body_bytes(self) -> bytes:
        """The body as it came: for what is small by the limit of its route."""
        if isinstance(self.sent, bytes):
            return self.sent
        self.sent.seek(0)
        return self.sent.read()

    def put_away(self) -> None:
        """Let go of the files of this request."""
        close_uploads(self.files)
        if not isinstance(self.sent, bytes):
            self.sent.close()

    @property
    def own_account(self) -> AccountRef:
        """The account of a route whose policy is on an account. Raises RuntimeError on any other route."""
        if self.account is None:
            raise RuntimeError(f"{self.route.name} touches an account, but its policy is not on_account(...)")
        return self.account

    @property
    def path_below(self) -> str:
        """The path asked for, below the portal's root."""
        path: str = self.scope["path"]
        return path[len(self.visit.root) :] if self.visit.root and path.startswith(self.visit.root + "/") else path

    @property
    def own_link(self) -> GuestLink:
        """The signed link of a route whose policy is guest(...). Raises RuntimeError on any other route."""
        if self.link is None:
            raise RuntimeError(f"{self.route.name} works by a signed link, but its policy is not guest(...)")
        return self.link

    @property
    def wants_fragment(self) -> bool:
        """Whether htmx asks for a part of the page; a boosted link or a step back in history wants the whole."""
        headers = self.headers
        return (
            headers.get("hx-request") == "true"
            and headers.get("hx-boosted") != "true"
            and headers.get("hx-history-restore-request") != "true"
            and headers.get("hx-request-type", "partial") != "full"
        )

    @property
    def page_number(self) -> int:
        """The page of a list that the query asks for, from 1; whatever is no such number asks for the first."""
        typed = self.query_params.get("page", "")
        return max(1, int(typed)) if len(typed) <= _PAGE_DIGITS and typed.isdecimal() else 1

    @property
    def db(self) -> Connection:
        """The reading connection of this request: autocommit, cannot write, released before a unit opens."""
        if self._connection is None:
            self._reading = self.portal.database.reading()
            self._connection = self._reading.__enter__()
        return self._connection

    def settings_of(self, module: str, model: type[S]) -> S:
        """Return the settings of a module that is on, typed by its own class."""
        return cast(S, self.portal.settings_of(module))

    def url(self, name: str, /, **params: Any) -> str:  # type: ignore[override]
        """Return the address of a route below this portal's root, such as /readings/Xk3.../; never with a host.

        A route about an account gets this request's account unless another is given; on a page about none, the one the menu
        is about.
        """
        account = self.account or self.menu_account
        if account is not None and "account" not in params and self.visit.edge.routes.takes_account(name):
            params["account"] = account.public_id
        return address(self.scope, name, params)

    def public_url(self, name: str, /, **params: Any) -> str:
        """Return the whole address of a route for letters and providers: from the settings, never from the Host header."""
        return public_url(self.portal, self.visit.edge.routes.path(name, params), self.brand)

    def set_cookie(self, cookie: Cookie) -> None:
        """Send a cookie with whatever answer this request gets."""
        self.cookies_out.append(cookie)

    def after_answer(self, work: Callable[[], None]) -> None:
        """Run `work` in a thread once the answer is sent: last-seen marks and the like. It may be lost in a crash.

        Nothing is done for somebody who only views as the customer: what they open stays as unread as it was.
        """
        if not self.actor.behind:
            self.after.append(work)

    def forget_promises(self) -> None:
        """Drop cookies and later work of an endpoint that failed: what it meant to do was not done."""
        self.cookies_out.clear()
        self.after.clear()
        self._csrf_token = ""

    def release(self) -> None:
        """Give the reading connection back to the pool; asked again, `db` takes another."""
        if self._reading is not None:
            reading, self._reading, self._connection = self._reading, None, None
            reading.__exit__(None, None, None)


def public_url(portal: Portal, path: str, brand: str = "") -> str:
    """Return the public address of `path` on a brand's site (the default one when `brand` is unknown)."""
    sites = portal.sites
    site = next((each for each in sites if each.key == brand), sites[0])
    return site.public_url.rstrip("/") + path


@contextmanager
def unit_of_work(request: Request, *, on_read: bool = False) -> Iterator[Session]:
    """Open the unit of work of this request: all of it is kept, or none.

    GET never writes: on a page or a file this raises RuntimeError, unless `on_read` says that the read itself is what is
    recorded (an audit row of a view). A GET that must act, such as the return from a provider, is declared kind="action".
    """
    if request.method in SAFE_METHODS and request.route.spec.kind != "action" and not on_read:
        raise RuntimeError(f"{request.route.name} answers {request.method} and must not write: make it a POST.")
    if request.actor.behind and not on_read:
        raise Forbidden("viewing", ONLY_LOOKING)
    request.release()
    with open_unit(request.portal.database, unit_context(request)) as db:
        opening, request.opening = request.opening, None
        if opening is not None:
            opening(db)
        yield db


def unit_context(request: Request) -> UnitContext:
    """Return the circumstances that the rules and events of this request are written with."""
    account = request.account
    return UnitContext(
        clock=request.portal.clock,
        actor=request.actor,
        request_id=request.request_id,
        ports=request.portal.ports,
        on_behalf_of=request.actor.on_behalf_of,
        account_public=account.public_id if account else None,
        brand=account.brand if account else request.brand,
    )
