"""Rules of the company's people: hired, kept out and let in, their roles and sessions, and what roles may do. Each writes its audit
row; none takes away the last administrator. Pages are in routes and routes_roles, the shell in cli.users."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.orm import Session

from lkportal.accounts.desk import roles as desk_roles
from lkportal.accounts.models import StaffRole
from lkportal.auth import identities, sessions
from lkportal.auth.contract import Whom
from lkportal.auth.models import Identity
from lkportal.core.errors import Forbidden, PortalError
from lkportal.core.i18n import Text, text
from lkportal.core.jobs import enqueue
from lkportal.core.policy import AccountRef, AuditLog, Permission
from lkportal.core.ports import port
from lkportal.core.registry.building import Registry
from lkportal.core.registry.overlay import Overlay, RoleChange, change_role, read_overlay, stand_in_line
from lkportal.core.unit import context
from lkportal.staff.people.matrix import KEYS, change_to, rights_of

INVITE = "staff.invite"
_LINE = "staff.people"
_HOLDERS = (
    select(StaffRole.identity_id, StaffRole.role)
    .join(Identity, Identity.id == StaffRole.identity_id)
    .where(Identity.disabled_at.is_(None), (Identity.password_hash != "") | Identity.email_confirmed_at.is_not(None))
)


class Refused(PortalError):
    """An act on the company's people or roles that a rule forbids; `words` are for the page."""

    def __init__(self, code: str, words: Text, status: int) -> None:
        super().__init__(code, words, status)
        self.words = words


class LastAdministrator(Refused):
    """The act would leave nobody who gives roles and changes what they may do."""

    def __init__(self) -> None:
        message = text(
            "staff.people.last",
            "Nobody would be left who gives roles. Make another administrator first, then try again.",
        )
        super().__init__("last_administrator", message, 409)


class NotOneself(Refused):
    """Somebody wanted to change their own roles, or keep themselves out."""

    def __init__(self) -> None:
        message = text("staff.people.oneself", "Nobody changes their own access. Ask another administrator.")
        super().__init__("not_oneself", message, 403)


class ChangedMeanwhile(Refused):
    """Somebody else changed the role since the page was opened."""

    def __init__(self) -> None:
        message = text("staff.rights.meanwhile", "Somebody changed this role meanwhile. Look again and repeat.")
        super().__init__("changed_meanwhile", message, 409)


class LoginTaken(Refused):
    """The mailbox belongs to somebody already."""

    def __init__(self) -> None:
        message = text("staff.people.taken", "Somebody signs in with this address already.")
        super().__init__("login_taken", message, 409)


def hire(db: Session, permissions: Mapping[str, Permission], *, name: str, email: str, roles: tuple[str, ...]) -> str:
    """Make one of the company's people and queue the letter with a link to set their password; return their public id.

    Raises LoginTaken, and Forbidden when a role is above what the actor may give.
    """
    public = identities.create(db, kind="staff", login=email, name=name, password_hash="", email=email)
    if public is None:
        raise LoginTaken
    # Whether the mailbox answers is known when its letter is opened.
    db.execute(update(Identity).where(Identity.public_id == public).values(email_confirmed_at=None))
    made = db.execute(select(Identity.id).where(Identity.public_id == public)).scalar_one()
    record(db, "staff.person_added", public)
    for role in roles:
        _demand_keys(db, role, permissions)
        desk_roles.give_role(db, made, public, role)
    enqueue(db, INVITE, {"identity": public})
    return public


def invite_again(db: Session, person: Row[Any]) -> None:
    """Queue the letter with the link once more."""
    enqueue(db, INVITE, {"identity": person.public_id})
    record(db, "staff.person_invited", person.public_id)


def give(db: Session, permissions: Mapping[str, Permission], person: Row[Any], role: str) -> bool:
    """Give a role; say whether it is new. Raises NotOneself, and Forbidden for a role above what the actor may give."""
    _demand_other(db, person)
    _demand_keys(db, role, permissions)
    return desk_roles.give_role(db, person.id, person.public_id, role)


def take(db: Session, permissions: Mapping[str, Permission], person: Row[Any], role: str) -> bool:
    """Take a role away; say whether it was theirs. Raises NotOneself, Forbidden, LastAdministrator."""
    _demand_other(db, person)
    _demand_keys(db, role, permissions)
    with _somebody_stays(db, lambda: permissions):
        return desk_roles.take_role(db, person.id, person.public_id, role)


def disable(db: Session, permissions: Mapping[str, Permission], person: Row[Any]) -> None:
    """Keep a person out: their sessions end, nothing opens to them. Raises NotOneself, LastAdministrator."""
    _demand_other(db, person)
    with _somebody_stays(db, lambda: permissions):
        identities.disable(db, person.id)
        sessions.revoke_all(db, person.id, person.public_id)
        record(db, "auth.disabled", person.public_id)


def enable(db: Session, person: Row[Any]) -> None:
    """Let a person in again. Raises NotOneself."""
    _demand_other(db, person)
    identities.enable(db, person.id)
    record(db, "auth.enabled", person.public_id)


def end_sessions(db: Session, person: Row[Any], session: str = "") -> int:
    """Sign a person out, on one device (the public id of its session) or on all; return on how many."""
    if session:
        ended = int(sessions.revoke(db, person.id, person.public_id, session))
    else:
        ended = sessions.revoke_all(db, person.id, person.public_id)
    record(db, "staff.sessions_ended", person.public_id, sessions=ended)
    return ended


def sign_everybody_out(db: Session, whom: Whom, reason: str, *, keep: int | None = None) -> int:
    """End all sign-ins of customers or of everybody, but the session to `keep`; return how many. For the day something leaked."""
    ended = sessions.revoke_everybodys(db, whom, keep=keep)
    record(db, "staff.everybody_signed_out", whom, reason=reason, sessions=ended)
    return ended


def change_rights(
    db: Session,
    registry_under: Callable[[Overlay], Registry],
    role: str,
    wanted: frozenset[str],
    seen: frozenset[str],
) -> RoleChange:
    """Let a role do exactly `wanted` of the rights there are, in every process from its next request; return what was added and
    taken. `seen` is what the role could do on the page. Raises ChangedMeanwhile, LastAdministrator."""
    stand_in_line(db, _LINE)
    stored = read_overlay(db.connection())
    registry = registry_under(stored)
    before = rights_of(role, registry.permissions)
    if before != seen:
        raise ChangedMeanwhile
    change = change_to(role, wanted, registry, stored.roles.get(role, RoleChange()))
    held = _is_held(db, registry.permissions)
    after = registry_under(change_role(db, role, change))
    if held and not _is_held(db, after.permissions):
        raise LastAdministrator
    done = RoleChange(wanted - before, before - wanted)
    given, taken = " ".join(sorted(done.given)), " ".join(sorted(done.taken))
    record(db, "staff.rights_changed", role, given=given, taken=taken)
    return done


@contextmanager
def _somebody_stays(db: Session, permissions: Callable[[], Mapping[str, Permission]]) -> Iterator[None]:
    """Let an act pass that leaves an administrator, if there was one: acts of this kind are judged one after another."""
    stand_in_line(db, _LINE)
    held = _is_held(db, permissions())
    yield
    if held and not _is_held(db, permissions()):
        raise LastAdministrator


def _is_held(db: Session, permissions: Mapping[str, Permission]) -> bool:
    """Whether somebody who may sign in has all the keys."""
    held: dict[int, set[str]] = {}
    for identity, role in db.connection().execute(_HOLDERS):
        held.setdefault(identity, set()).update(rights_of(role, permissions))
    return any(rights >= KEYS for rights in held.values())


def _demand_other(db: Session, person: Row[Any]) -> None:
    if context(db).actor.id == person.id:
        raise NotOneself


def _demand_keys(db: Session, role: str, permissions: Mapping[str, Permission]) -> None:
    """A role that holds a key is given and taken by those alone who have both: nobody climbs above themselves."""
    actor = context(db).actor
    if actor.kind == "staff" and rights_of(role, permissions) & KEYS and not actor.permissions >= KEYS:
        raise Forbidden


def record(db: Session, action: str, target: str, account: AccountRef | None = None, **detail: str | int) -> None:
    """Write what was done at the desk into the audit, in the unit of the act."""
    port(db, AuditLog).record(db, action, target=target, account=account, detail=dict(detail))  # type: ignore[type-abstract]
