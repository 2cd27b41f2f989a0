"""Between the first look at a person and the act, the company may keep them out, a session may end, a letter may become needless:
then nothing is done, and what was begun is taken back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import update

from lkportal.auth import identities, sessions
from lkportal.auth.door import entering
from lkportal.auth.door.entering import Arrival, Door
from lkportal.auth.external import meeting
from lkportal.auth.external.meeting import NotLetIn
from lkportal.auth.external.vouched import Vouched
from lkportal.auth.letters import joining
from lkportal.auth.models import Identity
from lkportal.auth.one_time.minting import Mint
from lkportal.auth.own import contacts
from lkportal.auth.passkeys import keys
from lkportal.auth.passwords import Passwords
from lkportal.auth.second import factors, proving, totp
from lkportal.auth.second.proving import EntryGone, Proof
from lkportal.auth.second.recovery_codes import plain
from lkportal.auth.sessions import Origin
from lkportal.auth.tests.house import OTHER, PASSWORD, House, settled, token_in
from lkportal.core.errors import NotFound
from lkportal.core.policy import Actor
from lkportal.core.unit import open_unit
from lkportal.testing.races import meanwhile

ANNA = "anna@example.org"
SEED = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


def door(house: House, passwords: Passwords | None = None) -> Door:
    """The door of the house."""
    settings, made = house.portal.settings_of("auth"), passwords or house.portal.ports.get(Passwords)
    return Door(house.portal.database, house.portal.unit_context(), made, settings, Origin())


def signed_in(house: House) -> tuple[Door, Actor]:
    """The door with Anna in it, and Anna with a session."""
    house.person(ANNA)
    here = door(house)
    with open_unit(here.database, here.circumstances) as db:
        person = identities.by_login(db.connection(), ANNA)
        assert person is not None
        begun = sessions.begin(db, person.id, "customer", Origin(), here.settings)
    actor = replace(identities.as_actor(person), session_id=begun.id)
    return replace(here, circumstances=replace(here.circumstances, actor=actor)), actor


def kept_out(house: House) -> None:
    """The company keeps everybody out."""
    _write(house, "UPDATE auth_identities SET disabled_at = created_at")


def sessions_ended(house: House) -> None:
    _write(house, "UPDATE auth_sessions SET revoked_at = created_at")


def test_with_a_session_that_ended_nothing_is_proved_or_changed(house: House) -> None:
    here, actor = signed_in(house)
    sessions_ended(house)

    with pytest.raises(entering.WrongPassword):
        entering.prove(here, actor, PASSWORD)
    with pytest.raises(entering.WrongPassword):
        entering.change_password(here, actor, PASSWORD, OTHER)
    with pytest.raises(EntryGone):
        proving.set_up_totp(here, actor, SEED, totp.code_at(SEED, totp.step_at(house.clock.now())))

    assert house.count("SELECT count(*) FROM auth_totp") == 0
    assert house.browser().sign_in(ANNA).status_code == 303


def test_the_second_factor_of_who_is_kept_out_proves_nothing(house: House) -> None:
    _, seed, _ = settled(house)
    here = door(house)
    with here.database.reading() as connection:
        person = identities.by_login(connection, ANNA)
    assert person is not None
    actor = replace(identities.as_actor(person), session_id=house.count("SELECT max(id) FROM auth_sessions"))
    sessions_ended(house)
    with pytest.raises(EntryGone):
        proving.prove_again(here, actor, proving.by_code(here, totp.code_at(seed, totp.step_at(house.clock.now()))))
    kept_out(house)
    with pytest.raises(EntryGone):
        proving.prove_again(here, actor, proving.by_code(here, "000000"))


def test_a_sign_in_ends_at_the_second_step_when_the_person_is_kept_out_meanwhile(house: House) -> None:
    settled(house)
    waiting = house.browser()
    waiting.sign_in(ANNA)

    def prove(person: object) -> Proof:
        kept_out(house)
        return Proof("totp", lambda db, identity: True)

    with pytest.raises(EntryGone):
        proving.take_step(door(house), waiting.client.cookies["lk_entry"], prove)

    assert house.count("SELECT count(*) FROM auth_sessions WHERE methods LIKE '% totp'") == 0


def test_whoever_is_kept_out_while_the_password_is_checked_stays_out(house: House) -> None:
    house.person(ANNA)
    real = house.portal.ports.get(Passwords)

    class Slow(Passwords):
        def fits(self, password: str, kept: str) -> tuple[bool, str]:
            kept_out(house)
            return real.fits(password, kept)[0], real.make(password)

    with pytest.raises(entering.WrongPassword):
        entering.check_password(door(house, Slow(house.portal.settings_of("auth"))), ANNA, PASSWORD)


def test_whoever_is_kept_out_after_the_check_is_not_let_in(house: House) -> None:
    house.person(ANNA)
    here = door(house)
    person = entering.check_password(here, ANNA, PASSWORD)
    kept_out(house)

    with pytest.raises(entering.WrongPassword):
        entering.let_in(here, person, Arrival(("password",)))

    assert house.count("SELECT count(*) FROM auth_sessions") == 0


def test_a_provider_that_became_the_desks_meanwhile_links_no_customer(house: House) -> None:
    here, actor = signed_in(house)

    with pytest.raises(NotLetIn, match="another person"):
        meeting.link(here, Vouched("https://sso.example.org", "u-1", "desk", kind="staff"), actor)

    assert house.count("SELECT count(*) FROM auth_external") == 0


def test_a_login_chosen_after_one_was_kept_out_is_nobodys(house: House) -> None:
    here, actor = signed_in(house)
    kept_out(house)

    assert contacts.change_login(here, actor, "anna.k")
    assert contacts.confirm(here, house.portal.ports.get(Mint), actor, "email", "browser", "1234567") == "wrong"
    contacts.drop_phone(here, actor)

    assert house.count("SELECT count(*) FROM auth_names WHERE name = 'anna.k'") == 0


def test_the_login_one_has_is_no_change(house: House) -> None:
    here, actor = signed_in(house)

    assert contacts.change_login(here, actor, ANNA)

    assert house.count("SELECT count(*) FROM audit_records WHERE action = 'auth.contact_changed'") == 0


def test_a_passkey_is_removed_once(house: House) -> None:
    here, actor = signed_in(house)

    with pytest.raises(NotFound), open_unit(here.database, here.circumstances) as db:
        keys.remove(db, actor, "gone")
    with open_unit(here.database, here.circumstances) as db:
        assert not keys.rename(db, actor, "gone", "Phone")


def test_of_two_second_factors_set_up_at_once_both_are_kept(house: House) -> None:
    here, actor = signed_in(house)
    quicker = iter(["passkey"])

    with open_unit(here.database, here.circumstances) as db:

        def change(ways: tuple[str, ...], asks: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
            for other in quicker:
                db.execute(update(Identity).where(Identity.id == actor.id).values(second_ways=other))
            return (*ways, "totp"), asks

        assert factors._changed(db, actor.id or 0, change) == ("passkey", "totp")

    assert house.count("SELECT count(*) FROM auth_identities WHERE second_ways = 'passkey totp'") == 1


def test_a_page_that_asks_for_a_proof_opens_to_nobody_who_is_kept_out_meanwhile(house: House) -> None:
    browser, _, _ = settled(house)
    page = browser.get("/step-up").text

    with meanwhile(house.portal.database, "FROM auth_sessions", lambda: kept_out(house)):
        assert browser.get("/step-up").status_code == 410
    _write(house, "UPDATE auth_identities SET disabled_at = NULL")
    with meanwhile(house.portal.database, "FROM auth_sessions", lambda: kept_out(house)):
        late = browser.client.post("/step-up/second", data={"csrf_token": token_in(page), "code": "000000"})

    assert late.headers["location"] == "/login"


@pytest.mark.parametrize(
    ("page", "fields", "needless"),
    [
        ("/recover", {"login": ANNA}, "UPDATE auth_recoveries SET state = 'void'"),
        ("/recover", {"login": ANNA}, "UPDATE auth_identities SET disabled_at = created_at"),
        ("/register", {"name": "Nina", "email": "nina@example.org"}, "DELETE FROM auth_registrations"),
    ],
)
def test_a_letter_that_became_needless_is_not_sent(
    house: House, page: str, fields: dict[str, str], needless: str
) -> None:
    house.person(ANNA)
    house.browser().send(page, **fields)
    queued = house.count("SELECT count(*) FROM core_jobs WHERE name LIKE 'auth.send%'")

    _write(house, needless)

    assert queued == 1
    assert house.letters == []


def test_who_has_no_mailbox_is_told_by_no_letter(house: House) -> None:
    here, _ = signed_in(house)
    house.browser().sign_in(ANNA)
    _write(house, "UPDATE auth_identities SET email = '', email_confirmed_at = NULL")
    with open_unit(here.database, here.circumstances) as db:
        person = identities.by_login(db.connection(), ANNA)
        assert person is not None
        proving.reset(db, person)

    assert house.letters == []


def test_a_name_that_somebody_else_has_makes_no_new_person(house: House) -> None:
    house.person(ANNA)
    browser = house.browser()
    browser.sign_in(ANNA)
    browser.send("/settings/login", login="anna.k")
    here = door(house)

    with open_unit(here.database, here.circumstances) as db:
        for taken in ("anna.k", ANNA):
            assert identities.create(db, kind="customer", login=taken, name="Vera", password_hash="x") is None
        made = identities.create(
            db, kind="staff", login="vera", name="Vera", password_hash="x", email="vera@example.org"
        )
        assert made is not None

    assert house.count("SELECT count(*) FROM auth_identities") == 2
    with here.database.reading() as connection:
        assert identities.by_login(connection, "vera@example.org") is not None


def test_the_desk_begins_a_recovery_and_never_sees_the_link(house: House) -> None:
    here, _ = signed_in(house)
    with open_unit(here.database, here.circumstances) as db:
        person = identities.by_login(db.connection(), ANNA)
        assert person is not None
        joining.start_recovery(db, person, "")

    assert house.browser().send(house.letters[-1].link, password=OTHER).status_code == 303
    assert house.browser().sign_in(ANNA, OTHER).status_code == 303


def test_what_is_no_recovery_code_is_none() -> None:
    assert plain("not a code") == ""


def _write(house: House, statement: str) -> None:
    with house.portal.database.unit() as db:
        db.connection().exec_driver_sql(statement)
