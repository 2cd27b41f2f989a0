"""Laws of authenticator apps: the codes of the standard, the half minutes in which they fit, and that none is taken twice."""

from __future__ import annotations

from base64 import b32decode
from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from lkportal.auth.models import Totp
from lkportal.auth.second import totp
from lkportal.auth.tests.house import House
from lkportal.auth.tests.rows import all_of, moment, person, unit

SEED, OTHER = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
STEP = timedelta(seconds=30)


def set_up(house: House, name: str = "anna", seed: str = SEED) -> int:
    """Return the key of a person whose app was set up a half minute ago."""
    who = person(house, name)
    with unit(house) as db:
        assert totp.set_up(db, who, seed, code(house, seed))
    house.clock.advance(STEP)
    return who


def code(house: House, seed: str = SEED, later: int = 0) -> str:
    return totp.code_at(seed, totp.step_at(moment(house)) + later)


def take(house: House, who: int, typed: str) -> bool:
    with unit(house) as db:
        return totp.take(db, who, typed)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037"),
     (20000000000, "353130")],
)  # fmt: skip
def test_codes_are_those_of_the_standard(seconds: int, expected: str) -> None:
    """RFC 6238, appendix B: SHA-1, its last six digits."""
    assert totp.code_at(SEED, totp.step_at(datetime.fromtimestamp(seconds, UTC))) == expected


def test_codes_fit_for_many_steps_as_another_maker_computes_them() -> None:
    maker = pyotp.TOTP(OTHER)
    for step in range(0, 4000, 7):
        assert totp.code_at(OTHER, step) == maker.at(step * 30), step


def test_a_half_minute_begins_to_the_second() -> None:
    begin = datetime(2026, 11, 22, 9, tzinfo=UTC)
    assert totp.step_at(begin) - totp.step_at(begin - timedelta(microseconds=1)) == 1
    assert totp.step_at(begin + STEP - timedelta(microseconds=1)) == totp.step_at(begin)


def test_seeds_are_long_and_never_the_same() -> None:
    first, second = totp.new_seed(), totp.new_seed()
    assert [len(b32decode(each)) for each in (first, second)] == [20, 20]
    assert first != second
    assert (type(first), len(first)) == (str, 32), "as apps read it"


def test_the_address_says_whose_code_it_is() -> None:
    assert totp.address(SEED, "Water & Co", "a/b@example.org") == (
        f"otpauth://totp/Water%20%26%20Co%3Aa%2Fb%40example.org?secret={SEED}&issuer=Water%20%26%20Co"
    )


def test_a_code_fits_in_its_half_minute_and_beside_it() -> None:
    now = datetime(2026, 11, 22, 9, tzinfo=UTC)
    here = totp.step_at(now)
    found = {later: totp.step_of(SEED, totp.code_at(SEED, here + later), now) for later in range(-3, 4)}
    assert found == {-3: None, -2: None, -1: here - 1, 0: here, 1: here + 1, 2: None, 3: None}


def test_a_code_that_fits_twice_counts_as_the_newer(monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime(2026, 11, 22, 9, tzinfo=UTC)
    monkeypatch.setattr(totp, "code_at", lambda _seed, _step: "123456")
    assert totp.step_of(SEED, "123456", now) == totp.step_at(now) + 1


def test_a_code_is_taken_once_and_no_older_one_after_it(house: House) -> None:
    anna, boris = set_up(house), set_up(house, "boris", OTHER)
    before = code(house)
    house.clock.advance(STEP)
    now = code(house)

    assert not take(house, anna, code(house, OTHER))
    assert not take(house, person(house, "vera"), now)
    assert take(house, anna, now)
    assert [take(house, anna, typed) for typed in (now, before)] == [False, False]

    mine, others = all_of(house, Totp)
    assert (mine.identity_id, mine.used_step, mine.used_at) == (anna, totp.step_at(moment(house)), moment(house))
    assert (others.identity_id, others.used_step) == (boris, totp.step_at(moment(house) - 2 * STEP))


def test_what_is_no_code_is_none(house: House) -> None:
    anna = set_up(house)
    for typed in ("", "１２３４５６", "000000x", code(house) + "0"):
        assert not take(house, anna, typed), typed


def test_an_app_is_set_up_with_its_first_code_which_then_is_used(house: House) -> None:
    anna = person(house, "anna")
    with unit(house) as db:
        assert not totp.set_up(db, anna, SEED, code(house, OTHER))
        assert not totp.set_up(db, anna, SEED, "１２３４５６")
        assert totp.row_of(db.connection(), anna) is None
        assert totp.set_up(db, anna, SEED, code(house)) is True
    assert not take(house, anna, code(house))

    (kept,) = all_of(house, Totp)
    assert (kept.identity_id, kept.used_step) == (anna, totp.step_at(moment(house)))
    with house.portal.database.reading() as connection:
        row = totp.row_of(connection, anna)
    assert row is not None
    assert (row.seed, row.created_at, row.used_at) == (SEED, moment(house), moment(house))


def test_another_app_takes_the_place_of_the_first_from_a_newer_code_on(house: House) -> None:
    boris, anna = set_up(house, "boris"), set_up(house)
    taken = totp.code_at(OTHER, totp.step_at(moment(house)) - 1)
    with unit(house) as db:
        assert totp.set_up(db, anna, OTHER, taken) is False, "a code of a half minute that was used"
        assert totp.set_up(db, anna, OTHER, code(house, OTHER)) is True
        assert totp.set_up(db, anna, SEED, code(house)) is False
    assert not take(house, anna, code(house, OTHER)), "its first code is used"

    with house.portal.database.reading() as connection:
        mine, others = totp.row_of(connection, anna), totp.row_of(connection, boris)
    assert mine is not None
    assert others is not None
    assert (mine.seed, mine.created_at, mine.used_at) == (OTHER, moment(house), moment(house))
    assert (others.seed, others.created_at) == (SEED, moment(house) - 2 * STEP)


def test_an_app_is_forgotten_alone(house: House) -> None:
    anna, boris = set_up(house), set_up(house, "boris")

    with unit(house) as db:
        totp.forget(db, anna)

    assert [row.identity_id for row in all_of(house, Totp)] == [boris]
