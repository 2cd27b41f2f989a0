"""Telling people: who gets an entry and a letter, once, in which words, whatever happens on the way."""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage

import pytest

from lkportal.core.contributions import NoticeSender
from lkportal.core.events import envelope_of
from lkportal.core.ports import port
from lkportal.core.tables import outbox
from lkportal.notify.post.posting import ATTEMPTS
from lkportal.notify.tests.town import Town


class Killed(BaseException):
    """The worker's process dies here: nothing catches this."""


def plain(letter: EmailMessage) -> str:
    part = letter.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def states(house: Town) -> list[tuple[str, int, str]]:
    return house.rows("SELECT state, attempts, error FROM notify_letters ORDER BY id")


def test_each_member_gets_one_entry_and_one_letter_in_their_own_language(house: Town) -> None:
    anna = house.person("anna@example.org", house.account)
    house.person("ben@example.org", house.account, role="payer", locale="en")

    house.send_reading(anna)
    house.work()

    assert house.rows("SELECT count(*), count(DISTINCT identity_id) FROM notify_messages") == [(2, 2)]
    (russian,), (english,) = house.office.to("anna@example.org"), house.office.to("ben@example.org")
    assert russian["Subject"] == "Показания за ноябрь приняты"
    assert english["Subject"] == "Readings for November received"
    assert "416 м³, +4 м³" in plain(russian).replace("\u00a0", " ")
    assert "416 m³, +4 m³" in plain(english).replace("\u00a0", " ")
    assert f"http://lk.example.org/readings/{house.account.public_id}/history" in plain(russian)
    assert house.account.number in plain(russian), "it says why it came"
    assert (russian["Content-Language"], english["Content-Language"]) == ("ru", "en")
    assert russian["Auto-Submitted"] == "auto-generated"
    assert states(house) == [("sent", 1, "")] * 2


def test_an_event_told_twice_is_told_once(house: Town) -> None:
    anna = house.person("anna@example.org", house.account)
    house.send_reading(anna)
    house.work()
    with house.portal.database.reading() as connection:
        envelope = envelope_of(connection.execute(outbox.select()).one())

    notice = house.portal.registry.notices["readings.submitted"]
    with house.world.unit() as db:
        port(db, NoticeSender).tell(db, notice, envelope)  # type: ignore[type-abstract]
    house.work()

    assert house.rows("SELECT count(*) FROM notify_messages") == [(1,)]
    assert len(house.office.letters) == 1


def test_a_worker_that_dies_after_the_server_took_the_letter_repeats_it_under_the_same_id(house: Town) -> None:
    anna = house.person("anna@example.org", house.account)
    house.send_reading(anna)

    def die(moment: str, sql: str) -> None:
        if moment == "before_statement" and sql.startswith("UPDATE notify_letters"):
            raise Killed

    with house.portal.database.observe(die), pytest.raises(Killed):
        house.work()
    assert len(house.office.letters) == 1
    assert states(house) == [("queued", 0, "")]

    house.world.clock.advance(timedelta(minutes=6))
    house.work()

    first, second = house.office.letters
    assert first["Message-ID"] == second["Message-ID"]
    assert states(house) == [("sent", 1, "")]
    assert house.rows("SELECT count(*) FROM notify_messages") == [(1,)]


def test_a_server_that_is_busy_gets_the_letter_later(house: Town) -> None:
    anna = house.person("anna@example.org", house.account)
    house.send_reading(anna)
    house.office.answers = [("RCPT", "451 try again"), ("DATA", "452 disk full")]

    house.work()
    assert states(house) == [("failed", 1, "smtp_451")]
    house.world.clock.advance(timedelta(minutes=1))
    house.work()
    assert states(house) == [("failed", 2, "smtp_452")]
    house.world.clock.advance(timedelta(minutes=5))
    house.work()

    assert states(house) == [("sent", 3, "")]
    assert len(house.office.letters) == 1


def test_a_mailbox_that_does_not_exist_is_not_tried_again(house: Town) -> None:
    anna = house.person("anna@example.org", house.account)
    house.send_reading(anna)
    house.office.answers = [("RCPT", "550 no such user")]

    house.work()
    house.world.clock.advance(timedelta(days=2))
    house.work()

    assert states(house) == [("dead", 1, "smtp_550")]
    assert house.office.letters == []
    assert house.rows("SELECT count(*) FROM notify_messages") == [(1,)], "the entry in the portal stays"


def test_a_server_that_stays_away_ends_in_a_dead_letter_after_two_days(village: Town) -> None:
    anna = village.person("anna@example.org", village.account)
    village.send_reading(anna)
    village.office.answers = [("RCPT", "421 closing")] * 100

    begun = village.world.clock.now()
    while states(village) != [("dead", ATTEMPTS, "smtp_421")]:
        assert village.world.clock.now() - begun < timedelta(days=5)
        village.world.clock.advance(timedelta(hours=1))
        village.work()
    assert village.world.clock.now() - begun > timedelta(days=1)


def test_who_lacks_the_right_or_lost_it_or_never_had_the_account_is_not_told(house: Town) -> None:
    stranger_account = house.world.account("0999")
    anna = house.person("anna@example.org", house.account)
    house.person("stranger@example.org", stranger_account)
    house.person("disabled@example.org", house.account)
    lost = house.person("lost@example.org", house.account)
    house.revoke(lost)
    house.person("nobody@example.org", house.account, role="no-such-role")
    house.change(house.person("shut@example.org", house.account), disabled_at=house.world.clock.now())

    house.send_reading(anna)
    house.work()

    told = {letter["To"] for letter in house.office.letters}
    assert told == {"anna@example.org", "disabled@example.org"}
    assert house.rows("SELECT count(*) FROM notify_messages") == [(2,)]


def test_who_lost_the_right_before_the_letter_left_gets_no_letter(house: Town) -> None:
    anna = house.person("anna@example.org", house.account)
    house.send_reading(anna)
    house.office.answers = [("RCPT", "451 later")]
    house.work()
    house.revoke(anna)

    house.world.clock.advance(timedelta(minutes=5))
    house.work()

    assert house.office.letters == []
    assert states(house)[0][0] == "dropped"


def test_a_mailbox_nobody_confirmed_gets_no_letter(village: Town) -> None:
    anna = village.person("anna@example.org", village.account)
    village.change(anna, email_confirmed_at=None)

    village.send_reading(anna)
    village.work()

    assert village.office.letters == []
    assert village.rows("SELECT count(*) FROM notify_messages") == [(1,)]


def test_old_records_are_forgotten(village: Town) -> None:
    anna = village.person("anna@example.org", village.account)
    village.send_reading(anna)
    village.work()
    for days, left in ((89, (1, 1)), (2, (1, 0)), (320, (0, 0))):
        village.world.clock.advance(timedelta(days=days))
        village.work()
        counts = "SELECT (SELECT count(*) FROM notify_messages), (SELECT count(*) FROM notify_letters)"
        assert village.rows(counts) == [left]
