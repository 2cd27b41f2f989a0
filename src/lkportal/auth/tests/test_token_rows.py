"""Laws of a one-time token's row: for one purpose, until a second, once; and of the registration it may belong to."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import insert

from lkportal.auth.models import Registration, Session, Token
from lkportal.auth.one_time import tokens
from lkportal.auth.tests.house import House
from lkportal.auth.tests.rows import all_of, moment, person, unit
from lkportal.core.ids import token_hash

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


def registered(house: House, public: str = "r-1", **changes: object) -> int:
    values = {"public_id": public, "email": "v@example.org", "name": "Vera", "locale": "ru", "brand": "main"}
    with unit(house) as db:
        made = insert(Registration).returning(Registration.id)
        return db.execute(made, {**values, "created_at": moment(house), **changes}).scalar_one()


def test_a_token_is_kept_as_a_hash_with_what_it_is_for(house: House) -> None:
    anna = person(house, "anna")
    with unit(house) as db:
        token = tokens.make(db, "end", HOUR, identity_id=anna, session_id=5, bound="b")
        plain = tokens.make(db, "end", HOUR, identity_id=anna)

    row, other = all_of(house, Token)
    assert (row.token_hash, row.purpose, row.bound) == (token_hash(token), "end", "b")
    assert (row.identity_id, row.registration_id, row.session_id) == (anna, None, 5)
    assert (row.created_at, row.expires_at, row.used_at) == (moment(house), moment(house) + HOUR, None)
    assert (other.bound, other.session_id) == ("", None)
    assert plain != token


def test_a_token_is_looked_at_for_its_purpose_until_its_time_is_over(house: House) -> None:
    anna = person(house, "anna")
    with unit(house) as db:
        tokens.make(db, "end", HOUR, identity_id=anna)
        token = tokens.make(db, "end", HOUR, identity_id=anna, session_id=5, bound="b")
    with house.portal.database.reading() as connection:
        found = tokens.look(connection, "end", token, moment(house) + HOUR - SECOND)
        assert found is not None
        assert (found.identity_id, found.registration_id, found.bound, found.session_id) == (anna, None, "b", 5)
        assert found.id == all_of(house, Token)[1].id
        assert tokens.look(connection, "end", token, moment(house) + HOUR) is None
        assert tokens.look(connection, "confirm", token, moment(house)) is None
        assert tokens.look(connection, "end", "another", moment(house)) is None

    assert all_of(house, Token)[1].used_at is None


def test_a_token_is_spent_once_for_its_purpose_in_its_time(house: House) -> None:
    anna = person(house, "anna")
    with unit(house) as db:
        other = tokens.make(db, "end", HOUR, identity_id=anna)
        token = tokens.make(db, "end", HOUR, identity_id=anna, session_id=5, bound="b")
        late = tokens.make(db, "end", timedelta(0), identity_id=anna)
    with unit(house) as db:
        assert tokens.spend(db, "confirm", token) is None
        assert tokens.spend(db, "end", late) is None
        found = tokens.spend(db, "end", token)
        assert found is not None
        assert tokens.spend(db, "end", token) is None

    assert (found.identity_id, found.registration_id, found.bound, found.session_id) == (anna, None, "b", 5)
    assert found.id == all_of(house, Token)[1].id
    assert [row.used_at for row in all_of(house, Token)] == [None, moment(house), None]
    with house.portal.database.reading() as connection:
        assert tokens.look(connection, "end", token, moment(house)) is None
        assert tokens.look(connection, "end", other, moment(house)) is not None


def test_a_registration_is_found_by_either_key(house: House) -> None:
    registered(house, "r-0", email="other@example.org")
    key = registered(house)
    with house.portal.database.reading() as connection:
        found = tokens.registration(connection, key)
        assert found is not None
        assert tokens.registration_by_public_id(connection, "r-1") == found
        assert tokens.registration(connection, key + 1) is None
        assert tokens.registration_by_public_id(connection, "r-2") is None

    assert (found.id, found.public_id, found.email) == (key, "r-1", "v@example.org")
    assert (found.name, found.locale, found.brand) == ("Vera", "ru", "main")


def test_what_ran_out_is_forgotten_and_what_something_leads_to_stays(house: House) -> None:
    anna, now = person(house, "anna"), moment(house)
    led_to = registered(house, "led to", created_at=now - HOUR)
    registered(house, "old", created_at=now - SECOND)
    registered(house, "young")
    with unit(house) as db:
        tokens.make(db, "end", -SECOND, identity_id=anna)
        tokens.make(db, "end", timedelta(0), identity_id=anna, bound="last")
        tokens.make(db, "confirm", HOUR, registration_id=led_to)

    with unit(house) as db:
        tokens.forget_old(db, now)

    assert [row.bound for row in all_of(house, Token)] == ["last", ""]
    assert [row.public_id for row in all_of(house, Registration)] == ["led to", "young"]
    assert all_of(house, Session) == []
