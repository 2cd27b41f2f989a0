"""The door as a state machine: signing in, the second step, proofs before something delicate, recovery, links and revocation in any
order. No order leads to a forbidden state: a session without the second step that is asked for, a code used twice, a session
alive after it was ended, a recovery that passes the second factor by."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from itertools import count
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import event

from lkportal.auth import sessions
from lkportal.auth.door import entering
from lkportal.auth.door.entering import NotThePassword, WrongPassword
from lkportal.auth.second import proving, totp
from lkportal.auth.second.proving import EntryGone, WrongCode
from lkportal.auth.tests.house import House
from lkportal.auth.tests.machine import SETTINGS, Stage, stage
from lkportal.core.policy import Actor, Policy, known_person, signed_in
from lkportal.core.unit import open_unit
from lkportal.testing.world import NOON

WHICH = st.integers(0, 5)
RIGHT = st.sampled_from([True, True, True, False])
SECONDS = st.sampled_from([1, 29, 31, 31, 61, 61, 301, 599, 601, 3_601, 86_400, 7 * 86_400])
SUBJECTS = st.sampled_from(["one", "two"])
CODES = st.sampled_from(
    ["fresh"] * 6 + ["now", "next", "last", "used", "used", "old app", "old", "paper", "paper", "used paper", "wrong"]
)
ASKS = st.frozensets(st.sampled_from(["entry", "payment", "signature", "contacts"]))
PURPOSES = st.sampled_from(["payment", "signature", "contacts", "always"])
OWN = known_person(step_up="second")


class Doors(RuleBasedStateMachine):
    """What a person, whoever has their password, and the company do. Sessions, waiting sign-ins and letters are picked by number."""

    def __init__(self, place: House, numbers: Iterator[int]) -> None:
        super().__init__()
        place.clock.set(NOON)
        self.it: Stage = stage(place, next(numbers))

    @initialize(app=st.sampled_from([True, True, False]))
    def begin(self, app: bool) -> None:
        if app:
            self.sign_in(right=True)
            self.set_up(which=0, right=True)

    @rule()
    def come_in(self) -> None:
        """All the way, as people do every day."""
        self.sign_in(right=True)
        if self.it.entries:
            self.second_step(which=0, kind="fresh")

    @rule(right=RIGHT)
    def sign_in(self, right: bool) -> None:
        it = self.it
        try:
            person = entering.check_password(it.door, it.login, it.password if right else "another")
        except WrongPassword:
            assert it.disabled or not right
            return
        assert right
        assert not it.disabled
        assert person.id == it.person
        it.arrive("password")

    @precondition(lambda self: self.it.entries)
    @rule(which=WHICH, kind=CODES)
    def second_step(self, which: int, kind: str) -> None:
        it, token, typed = self.it, pick(self.it.entries, which), self.typed(kind)
        entry = it.entries[token]
        open_still = not entry.used and not it.disabled and it.now < entry.ends and entry.password == it.password
        try:
            entered, _ = proving.take_step(it.door, token, proving.by_code(it.door, typed))
        except EntryGone:
            assert not open_still
            return
        except WrongCode:
            assert open_still
            assert not it.fits(typed)
            return
        assert open_still, "a waiting sign-in was taken up that is over"
        assert it.fits(typed), "a code was taken that does not fit or was used"
        entry.used = True
        it.came(entered, second=True)

    @precondition(lambda self: self.it.sessions)
    @rule(which=WHICH, right=RIGHT)
    def prove(self, which: int, right: bool) -> None:
        it = self.it
        with_session = self.signed_in(which)
        if with_session is None:
            return
        token, actor = with_session
        try:
            newer = entering.prove(it.here(actor), actor, it.password if right else "another")
        except NotThePassword:
            assert not right
            return
        assert right
        it.renewed(token, newer, by_second=False)

    @precondition(lambda self: self.it.sessions)
    @rule(which=WHICH, kind=CODES)
    def prove_by_second(self, which: int, kind: str) -> None:
        it, typed = self.it, self.typed(kind)
        with_session = self.signed_in(which)
        if with_session is None:
            return
        token, actor = with_session
        try:
            newer = proving.prove_again(it.here(actor), actor, proving.by_code(it.here(actor), typed))
        except WrongCode:
            assert not it.fits(typed)
            return
        assert it.fits(typed)
        it.renewed(token, newer, by_second=True)

    @precondition(lambda self: self.it.sessions)
    @rule(which=WHICH, right=RIGHT)
    def set_up(self, which: int, right: bool) -> None:
        it = self.it
        with_session = self.signed_in(which, OWN)
        if with_session is None:
            return
        token, actor = with_session
        seed = totp.new_seed()
        step = totp.step_at(it.now)
        code = totp.code_at(seed, step if right else step - 9)
        try:
            newer, codes = proving.set_up_totp(it.here(actor), actor, seed, code)
        except WrongCode:
            assert not right or step <= it.used_step
            return
        assert right
        assert step > it.used_step
        it.set_up(seed, [each.replace("-", "") for each in codes])
        it.used_step = step
        it.end(but=token)
        it.renewed(token, newer, by_second=True)

    @precondition(lambda self: self.it.sessions and self.it.seed)
    @rule(which=WHICH)
    def turn_off(self, which: int) -> None:
        with_session = self.signed_in(which, OWN)
        if with_session is not None:
            token, actor = with_session
            newer = proving.turn_off_totp(self.it.here(actor), actor)
            self.it.turned_off()
            self.it.renewed(token, newer, by_second=False)

    @precondition(lambda self: self.it.sessions and self.it.seed)
    @rule(which=WHICH)
    def renew_codes(self, which: int) -> None:
        with_session = self.signed_in(which, OWN)
        if with_session is not None:
            codes = proving.renew_codes(self.it.here(with_session[1]), with_session[1])
            self.it.gone_codes += self.it.codes
            self.it.codes = [each.replace("-", "") for each in codes]

    @precondition(lambda self: self.it.sessions and self.it.seed)
    @rule(which=WHICH, asks=ASKS)
    def choose(self, which: int, asks: frozenset[str]) -> None:
        it = self.it
        with_session = self.signed_in(which, OWN)
        if with_session is None:
            return
        proving.choose(it.here(with_session[1]), with_session[1], asks)
        it.asks = asks
        for known in it.sessions.values():
            known.alive = known.alive and (known.second is not None or "entry" not in asks)

    @precondition(lambda self: self.it.sessions)
    @rule(which=WHICH, purpose=PURPOSES)
    def open_a_page(self, which: int, purpose: Any) -> None:
        token = pick(self.it.sessions, which)
        assert self.it.verdict(token, signed_in(step_up=purpose)) == self.it.wants(token, purpose)

    @precondition(lambda self: self.it.sessions)
    @rule(which=WHICH, right=RIGHT)
    def change_password(self, which: int, right: bool) -> None:
        it = self.it
        with_session = self.signed_in(which)
        if with_session is None:
            return
        token, actor = with_session
        newer = f"password {len(it.sessions)} {it.now.timestamp()}"
        try:
            renewed = entering.change_password(it.here(actor), actor, it.password if right else "another", newer)
        except NotThePassword:
            assert not right
            return
        assert right
        it.password = newer
        it.end(but=token)
        it.renewed(token, renewed, by_second=False)

    @rule()
    def ask_for_a_letter(self) -> None:
        self.it.send_letter()

    @precondition(lambda self: self.it.letters)
    @rule(which=WHICH)
    def recover(self, which: int) -> None:
        it = self.it
        it.open_letter(pick(it.letters, which), f"recovered {len(it.letters)} {it.now.timestamp()}")

    @precondition(lambda self: self.it.sessions)
    @rule(which=WHICH, other=WHICH, how=st.sampled_from(["leave", "one", "others"]))
    def end_sessions(self, which: int, other: int, how: str) -> None:
        it = self.it
        with_session = self.signed_in(which)
        if with_session is None:
            return
        token, actor = with_session
        if how == "leave":
            entering.leave(it.here(actor), token)
            it.sessions[token].alive = False
            return
        with open_unit(it.house.portal.database, it.here(actor).circumstances) as db:
            if how == "others":
                sessions.revoke_all(db, it.person, it.public, keep=actor.session_id)
                it.end(but=token)
                return
            target = pick(it.sessions, other)
            at = it.actor(target)
            rows = sessions.living(db.connection(), it.person, it.now)
            for row in rows:
                if at is not None and row.id == at.session_id:
                    sessions.revoke(db, it.person, it.public, row.public_id)
                    it.sessions[target].alive = False

    @rule(what=st.sampled_from(["nothing", "keeps out", "lets in", "lets in", "takes away"]))
    def the_company(self, what: str) -> None:
        it = self.it
        if what == "keeps out" or (what == "lets in" and it.disabled):
            it.disable(on=what == "keeps out")
        if what != "takes away" or not it.seed or it.disabled:
            return
        with open_unit(it.house.portal.database, it.door.circumstances) as db:
            proving.reset(db, it.row())
        it.turned_off()
        it.end()

    @rule(subject=SUBJECTS, act=st.sampled_from(["link", "unlink", "come", "come"]))
    def elsewhere(self, subject: str, act: str) -> None:
        if act == "link":
            self.it.link(subject)
        elif act == "unlink":
            self.it.unlink(subject)
        else:
            self.it.come_from(subject)

    @rule(seconds=SECONDS)
    def wait(self, seconds: int) -> None:
        self.it.house.clock.advance(timedelta(seconds=seconds))

    @invariant()
    def the_database_says_the_same(self) -> None:
        self.it.compare()

    def signed_in(self, which: int, policy: Policy | None = None) -> tuple[str, Actor] | None:
        """Return a session and its actor when a page with this policy opens to it; the guard is judged by the model."""
        token = pick(self.it.sessions, which)
        actor = self.it.actor(token)
        assert (actor is not None) == self.it.lives(token), "a session lives that was ended"
        if actor is None:
            return None
        if policy is not None:
            verdict = self.it.verdict(token, policy)
            assert verdict == ("pass" if self.proved(token) else "step_up")
            if verdict != "pass":
                return None
        return token, actor

    def proved(self, token: str) -> bool:
        """Whether a session has the fresh proof that pages about the second factor ask for, by the model."""
        known = self.it.sessions[token]
        at = known.second if self.it.seed else known.proved
        return at is not None and self.it.now - at <= timedelta(minutes=10)

    def typed(self, kind: str) -> str:
        """Return a second factor of a kind, right or wrong."""
        it, step = self.it, totp.step_at(self.it.now)
        if kind == "fresh" and it.seed:
            it.house.clock.advance(timedelta(seconds=totp.STEP * max(0, it.used_step + 1 - step)))
            return totp.code_at(it.seed, totp.step_at(it.now))
        later = {"now": 0, "next": 1, "last": -1, "old": -7}
        if kind in later and it.seed:
            return totp.code_at(it.seed, step + later[kind])
        if kind == "used" and it.seed:
            return totp.code_at(it.seed, it.used_step)
        if kind == "old app" and it.old_seeds:
            return totp.code_at(it.old_seeds[-1], step)
        if kind == "paper" and it.codes:
            return it.codes[0]
        if kind == "used paper" and it.gone_codes:
            return it.gone_codes[-1]
        return "000000" if kind == "wrong" else "k7m29xqf3hta"


def pick(things: dict[str, Any], which: int) -> str:
    """Return one of the newest things, by number: mostly one that is not over."""
    still = [
        name for name, thing in things.items() if getattr(thing, "alive", True) and not getattr(thing, "used", False)
    ]
    newest = (still if still and which else list(things))[-3:]
    return newest[-1 - which % len(newest)]


@pytest.fixture(scope="module")
def machine() -> Iterator[Callable[[], Doors]]:
    with tempfile.TemporaryDirectory() as folder:
        house = House(f"sqlite:///{folder}/portal.db", folder, **SETTINGS)
        # Nobody pulls the plug here: commits need not wait for the disk.
        event.listen(house.portal.database.engine, "connect", lambda raw, _: raw.execute("PRAGMA synchronous=OFF"))
        house.portal.database.engine.dispose()
        yield partial(Doors, house, count())
        house.close()


@pytest.mark.parametrize("runs", [500, pytest.param(5_000, marks=pytest.mark.proof)])
def test_no_order_of_acts_leads_to_a_forbidden_state(machine: Callable[[], Doors], runs: int) -> None:
    judged = settings(
        max_examples=runs,
        stateful_step_count=40,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(cast(Any, machine), settings=judged)
