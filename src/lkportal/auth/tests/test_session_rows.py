"""Laws of a session's row, to the second: how it begins, what renews it, what ends it and whose else, and when it is forgotten."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from lkportal.auth import sessions
from lkportal.auth.models import Identity, Session
from lkportal.auth.sessions import Begun, Origin
from lkportal.auth.settings import AuthSettings
from lkportal.auth.tests.house import House
from lkportal.auth.tests.rows import alive, all_of, moment, person, told, unit
from lkportal.core.ids import token_hash

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
SETTINGS = AuthSettings(customer_idle_hours=2, customer_whole_hours=5, staff_idle_hours=4, staff_whole_hours=3)


def begin(house: House, identity: int, kind: str = "customer", **more: Any) -> Begun:
    with unit(house) as db:
        return sessions.begin(db, identity, kind, Origin("Firefox", "203.0.113.0/24"), SETTINGS, **more)


def change(house: House, begun: Begun, **values: Any) -> None:
    with unit(house) as db:
        db.execute(update(Session).where(Session.id == begun.id).values(**values))


def row(house: House, begun: Begun) -> Any:
    return next(each for each in all_of(house, Session) if each.id == begun.id)


def test_each_kind_of_person_has_limits_of_its_own() -> None:
    assert sessions.limits("customer", SETTINGS) == (2 * HOUR, 5 * HOUR)
    assert sessions.limits("staff", SETTINGS) == (4 * HOUR, 3 * HOUR)
    assert timedelta(minutes=5) == sessions.TOUCH_EVERY


def test_a_session_begins_with_what_was_proved_and_nothing_more(house: House) -> None:
    anna, now = person(house, "anna"), moment(house)

    begun = begin(house, anna, methods=("password", "x" * 200))
    strong, plain = begin(house, anna, "staff", second=True), begin(house, anna)

    made = row(house, begun)
    assert (made.identity_id, made.token_hash, made.public_id) == (anna, token_hash(begun.token), begun.public_id)
    assert (made.created_at, made.seen_at, made.stepped_up_at, made.second_at) == (now, now, now, None)
    assert (made.expires_at, made.ends_at, made.revoked_at) == (now + 2 * HOUR, now + 5 * HOUR, None)
    assert (made.device, made.network) == ("Firefox", "203.0.113.0/24")
    assert made.methods == "password " + "x" * 91
    assert (row(house, strong).second_at, row(house, strong).expires_at) == (now, now + 3 * HOUR)
    assert (row(house, plain).methods, row(house, plain).second_at) == ("", None)
    assert (Origin().device, Origin().network) == ("", "")


def test_a_proof_gives_another_token_and_a_second_factor_counts_from_then(house: House) -> None:
    anna = person(house, "anna")
    begun, other = begin(house, anna), begin(house, anna)
    house.clock.advance(HOUR)
    with unit(house) as db:
        token = sessions.rotate(db, begun.id)
    assert row(house, begun).token_hash == token_hash(token) != token_hash(begun.token)
    assert (row(house, begun).stepped_up_at, row(house, begun).second_at) == (moment(house), None)

    with unit(house) as db:
        sessions.rotate(db, begun.id, second=True)
    first = moment(house)
    house.clock.advance(SECOND)
    with unit(house) as db:
        sessions.rotate(db, begun.id)

    assert (row(house, begun).stepped_up_at, row(house, begun).second_at) == (moment(house), first)
    assert row(house, other).token_hash == token_hash(other.token)


def test_another_token_for_other_rights_proves_nothing(house: House) -> None:
    anna = person(house, "anna")
    begun, other = begin(house, anna), begin(house, anna)
    proved = moment(house)
    house.clock.advance(HOUR)

    with unit(house) as db:
        token = sessions.renew(db, begun.id)

    assert row(house, begun).token_hash == token_hash(token)
    assert (row(house, begun).stepped_up_at, row(house, begun).second_at) == (proved, None)
    assert row(house, other).token_hash == token_hash(other.token)


@pytest.mark.parametrize("how", ["revoked", "run out"])
def test_a_session_that_is_over_gets_no_other_token(house: House, how: str) -> None:
    begun = begin(house, person(house, "anna"))
    if how == "revoked":
        change(house, begun, revoked_at=moment(house))
    else:
        house.clock.advance(2 * HOUR)

    with unit(house) as db:
        assert sessions.rotate(db, begun.id) == ""
        assert sessions.renew(db, begun.id) == ""

    assert row(house, begun).token_hash == token_hash(begun.token)


def test_leaving_ends_the_family_that_crossed_hosts_and_nobody_else(house: House) -> None:
    strangers, anna = begin(house, person(house, "boris")), person(house, "anna")
    first, crossed, other = begin(house, anna), begin(house, anna), begin(house, anna)
    change(house, crossed, origin_id=first.id)
    house.clock.advance(SECOND)
    ended = moment(house)

    with unit(house) as db:
        sessions.end(db, crossed.token)
    house.clock.advance(SECOND)
    with unit(house) as db:
        sessions.end(db, first.token)
        sessions.end(db, "nobody's")

    assert alive(house) == [strangers.public_id, other.public_id]
    assert [row(house, each).revoked_at for each in (first, crossed)] == [ended, ended], "the first end counts"


def test_leaving_by_the_first_of_a_family_ends_all_of_it(house: House) -> None:
    anna = person(house, "anna")
    first, crossed, other = begin(house, anna), begin(house, anna), begin(house, anna)
    change(house, crossed, origin_id=first.id)

    with unit(house) as db:
        sessions.end(db, first.token)

    assert alive(house) == [other.public_id]


def test_one_session_is_ended_by_its_name_with_its_family_by_its_owner_alone(house: House) -> None:
    anna, boris = person(house, "anna"), person(house, "boris")
    first, crossed, other, strangers = *(begin(house, anna) for _ in range(3)), begin(house, boris)
    change(house, crossed, origin_id=first.id)
    house.clock.advance(SECOND)
    with unit(house) as db:
        assert not sessions.revoke(db, boris, "b", first.public_id)
        assert not sessions.revoke(db, anna, "a", "nothing")
        assert sessions.revoke(db, anna, "a", crossed.public_id)
        assert not sessions.revoke(db, anna, "a", crossed.public_id)

    assert alive(house) == [other.public_id, strangers.public_id]
    assert row(house, first).revoked_at == moment(house)
    assert told(house, "auth.session_revoked") == [{"identity": "a", "sessions": [first.public_id, crossed.public_id]}]


def test_all_sessions_but_one_end_and_those_of_others_stay(house: House) -> None:
    anna, boris = person(house, "anna"), person(house, "boris")
    kept, gone, old, strangers = *(begin(house, anna) for _ in range(3)), begin(house, boris)
    change(house, old, revoked_at=moment(house))
    with unit(house) as db:
        assert sessions.revoke_all(db, anna, "a", keep=kept.id) == 1
    assert alive(house) == [kept.public_id, strangers.public_id]
    assert told(house, "auth.session_revoked") == [{"identity": "a", "sessions": [gone.public_id]}]

    with unit(house) as db:
        assert sessions.revoke_all(db, anna, "a") == 1
        assert sessions.revoke_all(db, anna, "a") == 0
    assert alive(house) == [strangers.public_id]
    assert len(told(house, "auth.session_revoked")) == 2, "nothing is told of nothing"


def test_everybodys_sessions_end_at_once_but_the_browser_of_who_asks(house: House) -> None:
    anna, boss = person(house, "anna"), person(house, "boss")
    with unit(house) as db:
        db.execute(update(Identity).where(Identity.id == boss).values(kind="staff"))
    first, over, mine, crossed, elsewhere = begin(house, anna), begin(house, anna), *(begin(house, boss) for _ in "123")
    change(house, crossed, origin_id=mine.id)
    house.clock.advance(HOUR)
    change(house, over, revoked_at=moment(house) - SECOND)
    with unit(house) as db:
        assert sessions.counted(db.connection(), moment(house)) == {"customer": 1, "staff": 3}
        assert sessions.revoke_everybodys(db, "customers", keep=crossed.id) == 1
    assert alive(house) == [mine.public_id, crossed.public_id, elsewhere.public_id]
    assert row(house, first).revoked_at == moment(house)
    assert row(house, over).revoked_at == moment(house) - SECOND, "when it ended stays known"

    with unit(house) as db:
        assert sessions.revoke_everybodys(db, "everybody", keep=crossed.id) == 1
    assert alive(house) == [mine.public_id, crossed.public_id]
    with unit(house) as db:
        assert sessions.revoke_everybodys(db, "everybody") == 2
    assert alive(house) == []
    assert [each["sessions"] for each in told(house, "auth.everybody_signed_out")] == [1, 1, 2]


def test_sessions_without_a_second_factor_end_when_it_is_asked_for(house: House) -> None:
    anna, boris = person(house, "anna"), person(house, "boris")
    weak, strong, strangers = begin(house, anna), begin(house, anna, second=True), begin(house, boris)
    old = begin(house, anna)
    change(house, old, revoked_at=moment(house))

    with unit(house) as db:
        assert sessions.revoke_without_second(db, anna, "a") == 1

    assert row(house, weak).revoked_at is not None
    assert alive(house) == [strong.public_id, strangers.public_id]


def test_devices_are_listed_the_latest_first_as_long_as_they_live(house: House) -> None:
    anna = person(house, "anna")
    first, crossed, gone = begin(house, anna), begin(house, anna), begin(house, anna)
    begin(house, person(house, "boris"))
    change(house, gone, revoked_at=moment(house))
    change(house, crossed, origin_id=first.id)
    house.clock.advance(SECOND)
    late = begin(house, anna, methods=("password", "totp"))
    change(house, first, seen_at=moment(house) + SECOND)
    change(house, crossed, seen_at=moment(house))
    with house.portal.database.reading() as connection:
        listed = sessions.living(connection, anna, moment(house))
        after = sessions.living(connection, anna, moment(house) + 2 * HOUR - SECOND)

    assert [each.id for each in listed] == [first.id, late.id, crossed.id], (
        "seen last, and of two seen at once the one begun last"
    )
    assert [each.family for each in listed] == [first.id, late.id, first.id]
    assert [each.id for each in after] == [late.id], "what runs out this second is over"
    latest = listed[1]
    assert (latest.public_id, latest.device, latest.network) == (late.public_id, "Firefox", "203.0.113.0/24")
    assert (latest.created_at, latest.seen_at, latest.methods) == (moment(house), moment(house), "password totp")


def test_by_what_a_session_began_is_known(house: House) -> None:
    anna = person(house, "anna")
    begin(house, anna)
    begun = begin(house, anna, methods=("code:email",))

    with house.portal.database.reading() as connection:
        assert sessions.methods_of(connection, begun.id) == "code:email"
        assert sessions.methods_of(connection, 10**6) == ""


def test_a_visit_moves_the_idle_limit_on_but_never_past_the_whole_one(house: House) -> None:
    anna = person(house, "anna")
    begun, other, gone = begin(house, anna), begin(house, anna), begin(house, anna)
    change(house, gone, revoked_at=moment(house))
    ends, touched = row(house, begun).ends_at, row(house, gone)
    house.clock.advance(HOUR)
    for each in (begun, gone):
        sessions.touch(house.portal.database, each.id, moment(house), 2 * HOUR, "198.51.100.0/24", 7)

    seen = row(house, begun)
    assert (seen.seen_at, seen.expires_at) == (moment(house), moment(house) + 2 * HOUR)
    assert (seen.network, seen.account_id, seen.ends_at) == ("198.51.100.0/24", 7, ends)
    assert row(house, gone) == touched
    assert row(house, other).network == "203.0.113.0/24"
    sessions.touch(house.portal.database, begun.id, moment(house), 4 * HOUR + SECOND, "", None)
    assert (row(house, begun).expires_at, row(house, begun).account_id) == (ends, None)


def test_sessions_are_forgotten_a_while_after_they_ran_out(house: House) -> None:
    anna = person(house, "anna")
    old, last = begin(house, anna), begin(house, anna)
    change(house, old, expires_at=moment(house) - SECOND)
    change(house, last, expires_at=moment(house))

    with unit(house) as db:
        sessions.forget_old(db, moment(house))

    assert alive(house) == [last.public_id]
