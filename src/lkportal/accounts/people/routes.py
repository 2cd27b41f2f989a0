"""Pages of an account's people: who reaches it, inviting, changing and taking away, owners, leaving. Rules stand in deciding and
inviting; how an invitation is accepted in routes_invited."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from starlette.responses import Response

from lkportal.accounts.people import deciding, inviting
from lkportal.accounts.people.deciding import Hand, LastOwner, Scope
from lkportal.accounts.people.forms import InviteForm, OwnerForm, PersonForm
from lkportal.accounts.people.inviting import Wish
from lkportal.accounts.roles import OWNER, Roles
from lkportal.accounts.settings import AccountsSettings
from lkportal.auth.limits import TooOften
from lkportal.core.asked.letters import Letters
from lkportal.core.errors import NotFound, PortalError
from lkportal.core.i18n import Text, text
from lkportal.core.policy import on_account
from lkportal.core.ports import port
from lkportal.core.protection.masking import masked
from lkportal.core.registry.rollouts import without
from lkportal.web import WHOLE, Form, Request, empty_form, page, read_form, redirect, route, unit_of_work

ROWS = 50
_BODY = 8 * 1024


def show(request: Request) -> Response:
    """Show who reaches the account, and the invitations that wait."""
    account, mine, moment = request.own_account, hand_of(request), request.portal.clock.now()
    number = min(max(request.page_number, 1), 200)
    rows = deciding.here(request.db, account, moment, ROWS + 1, (number - 1) * ROWS)
    return page(
        request,
        "accounts/people.html",
        people=[
            (row, roles_here(request).title(row.role, request.locale.code), masked(row.email), mine.decides(row))
            for row in rows[:ROWS]
        ],
        waiting=inviting.waiting(request.db, mine.scopes, ROWS) if number == 1 else (),
        role_title=lambda role: roles_here(request).title(role, request.locale.code),
        me=request.actor.public_id,
        moment=moment,
        last_day=lambda ends: (ends - timedelta(seconds=1)).astimezone(_zone(request)).date(),
        number=number,
        more=len(rows) > ROWS,
        owns=owned(mine) is not None,
    )


def invite(request: Request) -> Response:
    """Show the form of an invitation."""
    return _invite_page(request, empty_form(InviteForm))


def send_invitation(request: Request) -> Response:
    """Invite a mailbox: the answer is the same whether anybody has it."""
    form, mine = read_form(request, InviteForm), hand_of(request)
    scope, until = mine.scope(form.data.scope if form.parsed else ""), None
    if form.parsed and scope is None:
        form.add_error("scope", text("accounts.people.no_scope", "Choose one of these."))
    if form.parsed and form.data.role not in roles_here(request).below(mine.roles):
        form.add_error("role", text("accounts.people.no_role", "Choose one of the roles."))
    if form.parsed:
        until = _until(request, form)
    if not form.valid or scope is None:
        return _invite_page(request, form, 422)
    data = form.data
    wish = Wish(data.email, data.role, data.name, data.word[:500], until)
    return _sent(request, form, scope, wish) or redirect(request, "accounts:people", _sent_to(data.email))


def owner(request: Request) -> Response:
    """Show how somebody becomes an owner, beside or in place of this one. Comes after a fresh proof."""
    return _owner_page(request, empty_form(OwnerForm, {"email": request.query_params.get("email", "")}))


def offer(request: Request) -> Response:
    """Offer the account to a mailbox: nothing changes until it is accepted."""
    form, own = read_form(request, OwnerForm), owned(hand_of(request))
    if own is None:
        raise NotFound
    if form.parsed and form.data.how not in ("beside", "instead"):
        form.add_error("how", text("accounts.owner.choose", "Choose what changes for you."))
    if not form.valid:
        return _owner_page(request, form, 422)
    wish = Wish(form.data.email, OWNER, word=form.data.word[:500], hands_over=form.data.how == "instead")
    return _sent(request, form, own, wish) or redirect(request, "accounts:people", _sent_to(form.data.email))


def person(request: Request) -> Response:
    """Show one right: role, until when, which functions are on."""
    row = _row(request)
    until = row.expires_at.astimezone(_zone(request)) - timedelta(seconds=1) if row.expires_at else None
    values = {"role": row.role, "until": until.date().isoformat() if until else ""}
    return _person_page(request, row, empty_form(PersonForm, values))


def change(request: Request) -> Response:
    """Keep role, day and functions of somebody."""
    row, form, roles = _row(request), read_form(request, PersonForm), roles_here(request)
    mine = hand_of(request)
    role = (form.data.role if form.parsed else "") or row.role
    if role != row.role and role not in roles.below(mine.roles):
        form.add_error("role", text("accounts.people.no_role", "Choose one of the roles."))
    until = _until(request, form) if form.parsed else None
    if until is not None and roles.manages(role):
        form.add_error(
            "until", text("accounts.people.owner_until", "Owners have no last day. Choose another role first.")
        )
    if not form.valid:
        return _person_page(request, row, form, 422)
    off = set() if roles.manages(role) else _off(request, row, roles.rights[role], form.data.on)
    try:
        with unit_of_work(request) as db:
            if (role, until) != (row.role, row.expires_at):
                made = deciding.change(db, row, request.own_account, role, until)
                row = deciding.one(db.connection(), request.own_account, made, request.portal.clock.now())
            if off != set(row.without.split()):
                deciding.narrow(db, row, request.own_account, off)
    except LastOwner as error:
        form.add_error(WHOLE, _words(error))
        return _person_page(request, row, form, error.status)
    return redirect(request, "accounts:people", text("accounts.people.changed", "The change holds from now on."))


def take(request: Request) -> Response:
    """Take a right away and let its person know."""
    row, account = _row(request), request.own_account
    try:
        with unit_of_work(request) as db:
            deciding.take(db, row, account)
            _tell(request, db, row)
    except LastOwner as error:
        return redirect(request, "accounts:people", _words(error), "bad")
    return redirect(request, "accounts:people", text("accounts.people.taken", "This person has no access any more."))


def leaving(request: Request) -> Response:
    """Show what leaving the account means."""
    rows = [row for row in hand_of(request).own if row.account_id is not None]
    return page(request, "accounts/leave.html", rows=rows, others=len(hand_of(request).own) - len(rows))


def leave(request: Request) -> Response:
    """Give up one's own rights to the account itself."""
    rows = [row for row in hand_of(request).own if row.account_id is not None]
    if not rows:
        return redirect(request, "accounts:leaving")
    try:
        with unit_of_work(request) as db:
            for row in rows:
                deciding.take(db, row, request.own_account)
    except LastOwner as error:
        return redirect(request, "accounts:leaving", _words(error), "bad")
    return redirect(request, "accounts:list", text("accounts.leave.done", "You have left the account."))


def send_again(request: Request) -> Response:
    """Send the letter of an invitation again, with a new link."""
    row, settings = _invitation(request), request.portal.settings_of("accounts")
    try:
        with unit_of_work(request) as db:
            inviting.again(db, row, request.own_account, settings.invitation_days, settings.invitations_a_day)
    except TooOften as error:
        return redirect(request, "accounts:people", _words(error), "bad")
    return redirect(request, "accounts:people", _sent_to(row.email))


def withdraw(request: Request) -> Response:
    """Take an invitation back."""
    row = _invitation(request)
    with unit_of_work(request) as db:
        inviting.withdraw(db, row, request.own_account)
    return redirect(request, "accounts:people", text("accounts.people.withdrawn", "The invitation is taken back."))


def hand_of(request: Request) -> Hand:
    """Return what the person of a request decides about its account."""
    return deciding.hand(
        request.db, request.actor.id or 0, request.own_account, roles_here(request), request.portal.clock.now()
    )


def roles_here(request: Request) -> Roles:
    """Return the roles of the portal."""
    return request.portal.ports.get(Roles)


def owned(mine: Hand) -> Scope | None:
    """Return the account as something its owner may hand over, or None when it is owned through something larger."""
    row = next((row for row in mine.own if row.account_id is not None and row.role == OWNER), None)
    scope = mine.scope("account")
    return scope if row is not None and scope is not None and scope.under == row.id else None


def _sent(request: Request, form: Form[Any], scope: Scope, wish: Wish) -> Response | None:
    settings: AccountsSettings = request.portal.settings_of("accounts")
    try:
        with unit_of_work(request) as db:
            inviting.invite(
                db,
                scope,
                request.own_account,
                wish,
                days=settings.invitation_days,
                a_day=settings.invitations_a_day,
                locale=request.locale.code,
            )
    except TooOften as error:
        form.add_error(WHOLE, _words(error))
        return (_owner_page if wish.role == OWNER else _invite_page)(request, form, error.status)
    return None


def _invite_page(request: Request, form: Form[Any], status: int = 200) -> Response:
    mine, roles, code = hand_of(request), roles_here(request), request.locale.code
    return page(
        request,
        "accounts/invite.html",
        status,
        form=form,
        roles=[(role, roles.title(role, code), _may(request, role)) for role in roles.below(mine.roles)],
        scopes=[(each.key, each.title) for each in mine.scopes],
        days=request.portal.settings_of("accounts").invitation_days,
        owns=owned(mine) is not None,
    )


def _may(request: Request, role: str) -> str:
    """Return what a role may do, as one phrase: nobody knows by a word what they give away."""
    roles = roles_here(request)
    rights = deciding.switchable(roles, roles.rights[role])
    said = [request.locale.render(each.title) for each in rights.values()]
    return ", ".join(said[:1] + [each[:1].lower() + each[1:] for each in said[1:]])


def _owner_page(request: Request, form: Form[Any], status: int = 200) -> Response:
    if owned(hand_of(request)) is None:
        raise NotFound
    return page(request, "accounts/owner.html", status, form=form)


def _off(request: Request, row: Any, rights: frozenset[str], on: Sequence[str]) -> set[str]:
    """Return what is off for somebody: what their page showed and was not chosen, and what was off and was not shown there: of
    modules that are not open here. What another role brings anew is on."""
    roles = roles_here(request)
    shown = set(deciding.switchable(roles, without(rights & roles.rights.get(row.role, rights), request.closed)))
    return (shown - set(on)) | ((set(row.without.split()) & rights) - shown)


def _person_page(request: Request, row: Any, form: Form[Any], status: int = 200) -> Response:
    mine, roles, code = hand_of(request), roles_here(request), request.locale.code
    offered = roles.below(mine.roles)
    if row.role not in offered:
        offered = [row.role, *offered]
    manages = roles.manages(row.role)
    functions: Mapping[str, Any] = (
        {} if manages else deciding.switchable(roles, without(roles.rights.get(row.role, frozenset()), request.closed))
    )
    off = row.without.split()
    return page(
        request,
        "accounts/person.html",
        status,
        form=form,
        row=row,
        roles=[(role, roles.title(role, code)) for role in offered],
        functions=[(name, each.title) for name, each in functions.items()],
        on=form.values.get("on", [name for name in functions if name not in off]),
        manages=manages,
        scope=deciding.scope_title(row, request.own_account),
        me=row.identity_id == request.actor.id,
    )


def _row(request: Request) -> Any:
    row = deciding.one(
        request.db, request.own_account, str(request.path_params["membership"]), request.portal.clock.now()
    )
    if not hand_of(request).decides(row):
        raise NotFound
    return row


def _invitation(request: Request) -> Any:
    wanted = str(request.path_params["invitation"])
    found = inviting.one(request.db, hand_of(request).scopes, wanted)
    if found is None:
        raise NotFound
    return found


def _until(request: Request, form: Form[Any]) -> datetime | None:
    """Return the first moment after the last day that was typed, in the account's zone."""
    day = form.data.until
    if day is None:
        return None
    end = datetime.combine(day + timedelta(days=1), time(), _zone(request))
    if end <= request.portal.clock.now():
        form.add_error(
            "until", text("accounts.people.past", "This day is over. Choose a later one, or leave it empty.")
        )
    return end


def _zone(request: Request) -> ZoneInfo:
    return ZoneInfo(request.own_account.time_zone)


def _tell(request: Request, db: Any, row: Any) -> None:
    """Write to somebody whose right was taken away, unless they did it themselves."""
    known = deciding.mailbox(db.connection(), row.identity_id)
    if known is None or row.identity_id == request.actor.id:
        return
    account = request.own_account
    port(db, Letters).send(  # type: ignore[type-abstract]
        db,
        to=known.email,
        template="accounts/letters/taken",
        values={"name": known.name, "account_title": account.title, "account_number": account.number},
        locale=known.locale,
        brand=account.brand,
        kind="accounts.access",
    )


def _words(error: PortalError) -> Text:
    return error.message if isinstance(error.message, Text) else text("accounts.people.failed", "This did not work.")


def _sent_to(email: str) -> Text:
    return text("accounts.people.sent", "The invitation is on its way to %(email)s.", email=email)


_MANAGE = on_account("accounts.manage")
_OWNER = on_account("accounts.manage", step_up="always")
_AT = "/home/{account}"


def _act(path: str, endpoint: Any, name: str, policy: Any = _MANAGE) -> Any:
    return route(_AT + path, endpoint, name=name, policy=policy, methods=("POST",), kind="action", body=_BODY)


PEOPLE_ROUTES = [
    route(_AT + "/people", show, name="people", policy=_MANAGE),
    route(_AT + "/people/invite", invite, name="invite", policy=_MANAGE),
    _act("/people/invite", send_invitation, "send_invitation"),
    route(_AT + "/people/owner", owner, name="owner", policy=_OWNER),
    _act("/people/owner", offer, "offer", _OWNER),
    route(_AT + "/people/{membership}", person, name="person", policy=_MANAGE),
    _act("/people/{membership}", change, "change_person"),
    _act("/people/{membership}/take", take, "take_person"),
    route(_AT + "/leave", leaving, name="leaving", policy=on_account("accounts.view")),
    _act("/leave", leave, "leave", on_account("accounts.view")),
    _act("/invitations/{invitation}/again", send_again, "send_again"),
    _act("/invitations/{invitation}/withdraw", withdraw, "withdraw"),
]
