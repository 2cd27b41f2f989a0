"""The laws are worth something only if they turn red: each drill is green on the portal as it is, and red with its fault planted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import bindparam, insert, update

from lkportal.app import Portal
from lkportal.core import events
from lkportal.core.clock import MovableClock
from lkportal.core.databases.prepared import Prepared
from lkportal.core.db import Database
from lkportal.core.tables import deliveries
from lkportal.core.unit import context, open_unit
from lkportal.core.work import outbox
from lkportal.modules.payments.books import ledger
from lkportal.modules.payments.gateways.yookassa_http import YooKassaHttp
from lkportal.modules.payments.models import Attempt, Entry
from lkportal.modules.payments.paying import asking, cases, recording
from lkportal.modules.readings import service
from lkportal.modules.readings.models import Register
from lkportal.testing import SandboxDriver, Visitor
from tests.faults import drills
from tests.faults.drills import Drill, Stage

pytestmark = [pytest.mark.postgres, pytest.mark.parametrize("portal_url", ["postgresql"], indirect=True)]
Plant = Callable[[Stage, pytest.MonkeyPatch], None]


@pytest.fixture
def stage(
    portal: Portal, clock: MovableClock, gateway: SandboxDriver, customer: Visitor, postgres_url: str
) -> Iterator[Stage]:
    empty = Database.connect(postgres_url, pool_size=20)
    yield Stage(portal, clock, gateway, customer, empty)
    empty.close()


def no_unique_origin(stage: Stage, patch: pytest.MonkeyPatch) -> None:
    """Entries are no longer unique by their cause."""
    _ddl(stage, "ALTER TABLE payments_entries DROP CONSTRAINT uq_payments_entries_origin")
    plain = insert(Entry.__table__).inline().execution_options(preserve_rowcount=True)  # type: ignore[arg-type]
    patch.setattr(ledger, "_NEW_ENTRY", {"postgresql": plain})


def no_condition_on_the_state(stage: Stage, patch: pytest.MonkeyPatch) -> None:
    """Both guards of a credit are gone: the attempt's state is not compared, and causes are not unique."""
    no_unique_origin(stage, patch)
    it = Attempt.id == bindparam("attempt")
    patch.setattr(recording, "_SUCCEED", update(Attempt).where(it).values(state="succeeded", asked_at=bindparam("now")))


def amount_not_compared(_stage: Stage, patch: pytest.MonkeyPatch) -> None:
    """What the provider tells is taken to be what was asked for."""
    patch.setattr(recording, "_misfit", lambda _case, _seen: "")


def notice_believed(_stage: Stage, patch: pytest.MonkeyPatch) -> None:
    """A hint is taken for the truth: the payment is not fetched."""

    def believe(gateway: Any, ways: Any, provider_id: str) -> bool:
        with ways.reading() as connection:
            case = cases.by_provider(connection, gateway.name, provider_id)
        assert case is not None
        with ways.unit() as db:
            recording._credit(db, case)
        return True

    patch.setattr(asking, "look", believe)


def fresh_key_each_time(_stage: Stage, patch: pytest.MonkeyPatch) -> None:
    """Every call to the provider carries another idempotency key."""
    post = YooKassaHttp.post
    patch.setattr(YooKassaHttp, "post", lambda self, path, body, _key: post(self, path, body, str(uuid4())))


def nobody_asks_again(_stage: Stage, patch: pytest.MonkeyPatch) -> None:
    """Attempts whose time has come are not looked for."""
    patch.setattr(cases, "due", lambda _connection, _now, _most: [])


def told_outside_the_transaction(stage: Stage, patch: pytest.MonkeyPatch) -> None:
    """Events are written by a transaction of their own."""

    def loose(db: Any, event: Any, *, account: Any = None) -> str:
        circumstances = context(db)

        def write() -> str:
            with open_unit(stage.portal.database, circumstances) as own:
                return events.emit(own, event, account=account)

        # The failing moment is not for this one.
        observers, stage.portal.database._observers = stage.portal.database._observers, ()
        try:
            with ThreadPoolExecutor(1) as other:
                return other.submit(write).result()
        finally:
            stage.portal.database._observers = observers

    patch.setattr(recording, "emit", loose)


def no_mark_of_deliveries(stage: Stage, patch: pytest.MonkeyPatch) -> None:
    """It is not remembered which listener has been told."""
    _ddl(stage, "ALTER TABLE core_deliveries DROP CONSTRAINT uq_core_deliveries_event_id_handler")
    plain = insert(deliveries).inline().execution_options(preserve_rowcount=True)
    patch.setattr(outbox, "_NEW_DELIVERY", {"postgresql": plain})


def read_then_write(_stage: Stage, patch: pytest.MonkeyPatch) -> None:
    """The last value is compared when it is read, not when it is replaced."""
    blind = (
        update(Register)
        .where(Register.id == bindparam("register"))
        .values(last_milli=bindparam("value"), last_on=bindparam("taken_on"), last_period=bindparam("counted_for"))
    )
    patch.setattr(service, "_ADVANCE", Prepared(blind))


def any_form_is_believed(_stage: Stage, patch: pytest.MonkeyPatch) -> None:
    """Neither the sender nor the token is looked at."""
    patch.setattr("lkportal.web.trust.csrf.Csrf.check", lambda _self, _request: "believed")


def revocation_ignored(stage: Stage, _patch: pytest.MonkeyPatch) -> None:
    """A session that is revoked lives on."""
    _ddl(
        stage,
        "CREATE FUNCTION revive() RETURNS trigger AS 'BEGIN NEW.revoked_at = NULL; RETURN NEW; END' LANGUAGE plpgsql",
    )
    _ddl(stage, "CREATE TRIGGER revive BEFORE UPDATE ON auth_sessions FOR EACH ROW EXECUTE FUNCTION revive()")


def calls_anywhere(_stage: Stage, patch: pytest.MonkeyPatch) -> None:
    """Nobody minds whether a unit is open."""
    patch.setattr("lkportal.core.foreign.guard", lambda _what="": None)


FAULTS: list[tuple[Drill, Plant, str]] = [
    (drills.a_fact_is_booked_once, no_unique_origin, "2 entries"),
    (drills.notices_that_race_credit_once, no_condition_on_the_state, "times"),
    (drills.another_amount_is_not_credited, amount_not_compared, "148260 credited of 100"),
    (drills.a_forged_notice_credits_nothing, notice_believed, "did not take it"),
    (drills.a_lost_answer_makes_no_second_payment, fresh_key_each_time, "holds 2 payments"),
    (drills.a_lost_notice_is_made_up_for, nobody_asks_again, "is not credited"),
    (drills.what_is_not_kept_is_not_told, told_outside_the_transaction, "credited 0 times and told 1 times"),
    (drills.a_delivery_that_comes_twice_has_one_effect, no_mark_of_deliveries, "2 effects"),
    (drills.values_that_race_never_go_back, read_then_write, "accepted after"),
    (drills.a_form_without_our_token_is_refused, any_form_is_believed, "1 payments started"),
    (drills.a_revoked_session_is_refused, revocation_ignored, "revoked session"),
    (drills.nobody_outside_is_asked_inside_a_unit, calls_anywhere, "inside a unit"),
]


@pytest.mark.parametrize("drill", [each for each, _, _ in FAULTS], ids=lambda drill: drill.__name__)
def test_the_portal_as_it_is_passes_the_drill(stage: Stage, drill: Drill) -> None:
    assert drill(stage) == []


@pytest.mark.parametrize(("drill", "plant", "red"), FAULTS, ids=[plant.__name__ for _, plant, _ in FAULTS])
def test_a_planted_fault_turns_its_drill_red(
    stage: Stage, drill: Drill, plant: Plant, red: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(stage, monkeypatch)
    said = drill(stage)
    assert red in "\n".join(said)


def _ddl(stage: Stage, statement: str) -> None:
    with stage.portal.database.unit() as db:
        db.connection().exec_driver_sql(statement)
