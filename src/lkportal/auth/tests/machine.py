"""A door with a plain model beside it: what one person, a thief and the company do in any order, on the real functions. Everything is
told by both; whatever they tell differently is a forbidden state. The rules that draw acts stand in test_machine."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import bindparam, select

from lkportal.accounts import grants
from lkportal.auth import identities, sessions
from lkportal.auth.door import entering
from lkportal.auth.door.entering import Arrival, Door, Entered, Half
from lkportal.auth.external import links
from lkportal.auth.external.vouched import Vouched
from lkportal.auth.letters import joining, recovering
from lkportal.auth.models import Identity, RecoveryCode, Session, Totp
from lkportal.auth.passwords import Passwords, fingerprint
from lkportal.auth.second import proving as second
from lkportal.auth.second import totp
from lkportal.auth.sessions import Origin
from lkportal.auth.tests.house import House
from lkportal.core.ids import secret_token, token_hash
from lkportal.core.policy import Actor, Policy
from lkportal.core.unit import open_unit
from lkportal.web.trust.guard import STEP_UP_LASTS, Grant, judge

SETTINGS = dict.fromkeys(
    (
        "stranger_tries",
        "device_tries",
        "network_tries",
        "second_tries",
        "letters_mailbox",
        "portal_tries",
        "portal_burst",
    ),
    1000000,
)
IDLE = timedelta(hours=168)
_LIVING = (
    select(Session.token_hash, Session.second_at, Identity.asks, Identity.second_ways)
    .join(Identity, Identity.id == Session.identity_id)
    .where(
        Identity.id == bindparam("person"),
        Identity.disabled_at.is_(None),
        Session.revoked_at.is_(None),
        Session.expires_at > bindparam("now"),
    )
)
_APPS = select(Totp.identity_id).where(Totp.identity_id == bindparam("person"))
_CODES = select(RecoveryCode.id).where(RecoveryCode.identity_id == bindparam("person"), RecoveryCode.used_at.is_(None))
_STATEMENTS = grants.Statements()


class CheapHasher:
    """Hashes in no time: what is judged here is the order of things, not the work of a hash."""

    def __init__(self) -> None:
        self._salts = count()

    def hash(self, password: str, /) -> str:
        salt = f"{next(self._salts):08}"
        return f"$argon2id${salt}{hashlib.sha256(f'{salt}{password}'.encode()).hexdigest()}"

    def verify_and_update(self, password: str, kept: str, /) -> tuple[bool, str | None]:
        salt, digest = kept[10:18], kept[18:]
        return hashlib.sha256(f"{salt}{password}".encode()).hexdigest() == digest, None


@dataclass
class Known:
    """A session as the model knows it."""

    began: datetime
    proved: datetime
    second: datetime | None
    alive: bool = True


@dataclass
class Waiting:
    """A sign-in that waits for its second step, or a link to a new password, as the model knows it."""

    ends: datetime
    password: str
    used: bool = False


@dataclass
class Stage:
    """The world of one run: a person with a password, and all that is known of them."""

    house: House
    person: int
    public: str
    login: str
    door: Door
    password: str = "password 0"
    disabled: bool = False
    seed: str = ""
    used_step: int = 0
    codes: list[str] = field(default_factory=list)
    gone_codes: list[str] = field(default_factory=list)
    old_seeds: list[str] = field(default_factory=list)
    asks: frozenset[str] = frozenset()
    linked: set[str] = field(default_factory=set)
    sessions: dict[str, Known] = field(default_factory=dict)
    entries: dict[str, Waiting] = field(default_factory=dict)
    letters: dict[str, Waiting] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        return self.house.clock.now()

    def lives(self, token: str) -> bool:
        """Whether a session lives, by the model."""
        known = self.sessions[token]
        return known.alive and not self.disabled and self.now < known.began + IDLE

    def end(self, *, but: str = "") -> None:
        """End the model's sessions."""
        for token, known in self.sessions.items():
            known.alive = known.alive and token == but

    def row(self) -> Any:
        """Return the person as the database has them, or None when disabled."""
        with self.house.portal.database.reading() as connection:
            return identities.by_id(connection, self.person)

    def actor(self, token: str) -> Actor | None:
        """Return who a request with this session's token is, by the statement of every page."""
        with self.house.portal.database.reading() as connection:
            rows = _STATEMENTS.person_and_last(connection, token_hash(token), self.now)
        return grants.actor(rows[0], frozenset()) if rows else None

    def verdict(self, token: str, policy: Policy) -> str:
        """Return what the guard says to a request with this session's token."""
        actor = self.actor(token)
        return "sign_in" if actor is None else judge(policy, Grant(actor), self.now)

    def here(self, actor: Actor | None = None) -> Door:
        """Return the door as it is for who is signed in."""
        if actor is None:
            return self.door
        return replace(self.door, circumstances=replace(self.door.circumstances, actor=actor))

    def renewed(self, old: str, new: str, *, by_second: bool) -> None:
        """The model's session has another token, and a fresh proof."""
        known = self.sessions[old]
        self.sessions[new] = replace(known, proved=self.now, second=self.now if by_second else known.second)
        known.alive = False

    def came(self, outcome: Entered | Half, *, second: bool) -> None:
        """Note who came in, or waits; judge whether that was right."""
        asked = bool(self.seed) and "entry" in self.asks
        if isinstance(outcome, Half):
            assert asked
            assert not second
            self.entries[outcome.token] = Waiting(self.now + timedelta(minutes=10), self.password)
            return
        assert second or not asked, "signed in without the second step that was asked for"
        self.sessions[outcome.session.token] = Known(self.now, self.now, self.now if second else None)

    def fits(self, typed: str) -> bool:
        """Whether a second factor may be taken, by the model; it is taken when it may."""
        if typed.isdecimal():
            here = totp.step_at(self.now)
            steps = [s for s in (here - 1, here, here + 1) if self.seed and totp.code_at(self.seed, s) == typed]
            if not steps or steps[-1] <= self.used_step:
                return False
            self.used_step = steps[-1]
            return True
        if typed not in self.codes:
            return False
        self.codes.remove(typed)
        self.gone_codes.append(typed)
        return True

    def set_up(self, seed: str, codes: list[str]) -> None:
        """The model has an app and codes."""
        self.old_seeds += [self.seed] if self.seed else []
        self.gone_codes += self.codes
        self.asks = self.asks or frozenset({"entry", "signature", "contacts"})
        self.seed, self.codes = seed, codes

    def turned_off(self) -> None:
        """The model has no second factor."""
        self.old_seeds += [self.seed] if self.seed else []
        self.gone_codes += self.codes
        self.seed, self.codes, self.asks, self.used_step = "", [], frozenset(), 0

    def wants(self, token: str, purpose: str) -> str:
        """Return what the guard must say to a page for `purpose`, by the model."""
        known = self.sessions[token]
        if not self.lives(token):
            return "sign_in"
        if "entry" in self.asks and known.second is None:
            return "set_up"
        chosen = bool(self.seed) and (purpose in self.asks or purpose == "second")
        if purpose == "payment" and not chosen:
            return "pass"
        proved = known.second if chosen else known.proved
        fresh = proved is not None and self.now - proved <= STEP_UP_LASTS
        return "pass" if fresh else "step_up"

    def compare(self) -> None:
        """Compare the database with the model: every session that lives, and no other; no session without what is asked."""
        with self.house.portal.database.reading() as connection:
            rows = connection.execute(_LIVING, {"person": self.person, "now": self.now}).all()
            apps = len(connection.execute(_APPS, {"person": self.person}).all())
            codes = len(connection.execute(_CODES, {"person": self.person}).all())
        living = {row.token_hash: row.second_at for row in rows}
        known = {token_hash(token): known.second for token, known in self.sessions.items() if self.lives(token)}
        assert living == known
        assert apps == bool(self.seed)
        assert codes == len(self.codes)
        for row in rows:
            assert (row.second_ways == "totp") == bool(self.seed)
            assert frozenset(row.asks.split()) == self.asks
            assert row.second_at or "entry" not in row.asks.split(), "alive without the second step that is asked for"

    def arrive(self, method: str) -> None:
        """Let the person in after a first step that was right."""
        person = self.row()
        assert person is not None
        self.came(entering.let_in(self.door, person, Arrival((method,))), second=False)

    def disable(self, *, on: bool) -> None:
        """The company keeps the person out, or lets them in again."""
        with open_unit(self.house.portal.database, self.door.circumstances) as db:
            if on:
                identities.disable(db, self.person)
                sessions.revoke_all(db, self.person, self.public)
            else:
                identities.enable(db, self.person)
        self.disabled = on
        if on:
            self.end()

    def send_letter(self) -> None:
        """Send a link to a new password, as the job does."""
        person = self.row()
        if person is None:
            return
        with open_unit(self.house.portal.database, self.door.circumstances) as db:
            asked, token = recovering.ask(db, self.person, "en", ""), secret_token()
            assert recovering.send(db, asked, token, fingerprint(person.password_hash), timedelta(minutes=60))
        self.letters[token] = Waiting(self.now + timedelta(minutes=60), self.password)

    def open_letter(self, token: str, password: str) -> None:
        """Set a new password behind a link."""
        letter = self.letters[token]
        right = not (letter.used or self.disabled) and self.now < letter.ends and letter.password == self.password
        try:
            joining.recover(self.door, token, joining.person_behind(self.door, token), password)
        except joining.LinkGone:
            assert not right
            return
        assert right
        letter.used, self.password = True, password
        self.end()

    def link(self, subject: str) -> None:
        """Link somebody elsewhere to the person."""
        with open_unit(self.house.portal.database, self.door.circumstances) as db:
            made = links.link(db, vouched(self.login, subject), self.person)
        assert made == (subject not in self.linked)
        self.linked.add(subject)

    def unlink(self, subject: str) -> None:
        """Take a link away."""
        with self.house.portal.database.reading() as connection:
            mine = [row.public_id for row in links.of_person(connection, self.person) if row.label == subject]
        assert bool(mine) == (subject in self.linked)
        for public in mine:
            with open_unit(self.house.portal.database, self.door.circumstances) as db:
                links.unlink(db, self.person, public)
        self.linked.discard(subject)

    def come_from(self, subject: str) -> None:
        """Sign in as somebody whom an issuer vouches for."""
        with self.house.portal.database.reading() as connection:
            found = links.by_subject(connection, f"https://id.example/{self.login}", subject)
        assert (found is not None) == (subject in self.linked)
        if found is not None and not self.disabled:
            self.arrive("oidc:plain")


def vouched(login: str, subject: str) -> Vouched:
    """Return somebody whom an issuer of this run vouches for."""
    return Vouched(issuer=f"https://id.example/{login}", subject=subject, provider="plain", label=subject)


def stage(house: House, number: int) -> Stage:
    """Return the world of a run in a house that many runs share: a person of its own."""
    login = f"person{number}@example.org"
    passwords = Passwords(house.portal.settings_of("auth"), CheapHasher())
    door = Door(
        house.portal.database,
        house.portal.unit_context("machine"),
        passwords,
        house.portal.settings_of("auth"),
        Origin(),
    )
    with open_unit(house.portal.database, door.circumstances) as db:
        public = identities.create(
            db, kind="customer", login=login, name="", password_hash=passwords.make("password 0"), email=login
        )
        found = identities.by_login(db.connection(), login)
    assert found is not None
    assert public is not None
    return Stage(house, found.id, public, login, door)


__all__ = ["SETTINGS", "Stage", "second", "stage"]
