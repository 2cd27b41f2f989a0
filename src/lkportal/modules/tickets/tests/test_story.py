"""A request from the first word to the rating, as its customer, the neighbour and the company's people live it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from lkportal.app import Portal
from lkportal.core.clock import MovableClock
from lkportal.core.unit import open_unit
from lkportal.modules.payments.models import Bill
from lkportal.modules.tickets.tests.conftest import House, asked, at_desk, say, token_of
from lkportal.testing import Mailbox

Work = Callable[[], int]


def test_a_request_from_the_first_word_to_the_rating(house: House, work_off: Work, mailbox: Mailbox) -> None:
    page = asked(house.anna)
    shown = house.anna.get(page).text
    assert "Received" in shown
    assert "We answer by" in shown
    assert "Why is the water brown?" in house.olga.get("/staff/tickets/").text

    say(house.olga, at_desk(page), "Which tap is it?", after="waiting")
    work_off()
    assert mailbox.last.subject == "Мы написали вам по обращению № 1"
    assert "Which tap is it?" in mailbox.last.text
    at_home = house.anna.get(house.anna.url("accounts:home")).text
    assert "We wait for your answer" in at_home
    shown = house.anna.get(page).text
    assert "Which tap is it?" in shown
    assert "We answer by" not in shown, "the clock stands while the customer is asked"

    say(house.anna, page, "The kitchen.")
    assert "In work" in house.anna.get(page).text
    say(house.olga, at_desk(page), "The pipe is washed.", after="solved")
    shown = house.anna.get(page).text
    assert "Is it solved?" in shown

    rated = house.anna.post(f"{page}rate", {"rating": "5", "remark": "Quick!"}, page=page)
    assert rated.status_code == 303
    house.anna.post(f"{page}close", {}, page=page)
    shown = house.anna.get(page).text
    assert "5 of 5" in shown
    assert "Quick!" in house.olga.get(at_desk(page)).text
    assert 'name="body"' not in shown, "what is closed takes no more words"


@pytest.mark.parametrize("portal_overrides", [{"modules": {"enabled": ["tickets"]}, "tickets": {"week": {}}}])
def test_a_company_that_names_no_working_hours_promises_none_and_takes_requests(house: House) -> None:
    page = asked(house.anna)
    assert "We answer by" not in house.anna.get(page).text
    say(house.olga, at_desk(page), "Which tap is it?", after="waiting")
    say(house.anna, page, "The kitchen.")
    assert "The kitchen." in house.olga.get(at_desk(page)).text


def test_a_note_of_staff_is_nowhere_in_what_a_customer_gets(house: House, work_off: Work, mailbox: Mailbox) -> None:
    page = asked(house.anna)
    say(house.olga, at_desk(page), "He always complains", inner="1", after="waiting")
    work_off()

    assert "He always complains" in house.olga.get(at_desk(page)).text
    assert not mailbox.letters
    for where in (
        page,
        house.anna.url("tickets:list"),
        house.anna.url("accounts:home"),
        house.anna.url("accounts:history"),
    ):
        text = house.anna.get(where).text
        assert "complains" not in text
        assert "note of staff" not in text
    assert "Received" in house.anna.get(page).text


def test_a_neighbour_meets_nothing_of_it(house: House) -> None:
    page = asked(house.anna)
    theirs = page.replace(house.home.public_id, house.boris.url("accounts:home").split("/")[-2])

    assert house.boris.get(page).status_code == 404
    assert house.boris.get(theirs).status_code == 404
    assert (
        house.boris.post(
            f"{theirs}say", {"body": "Me too", "token": "a" * 16}, page=house.boris.url("tickets:list")
        ).status_code
        == 404
    )
    assert "brown" not in house.boris.get(house.boris.url("tickets:list")).text


def test_the_same_form_sent_twice_is_one_request(house: House) -> None:
    shown = house.anna.url("tickets:form", type="tickets.charge")
    form = {"body": "The bill doubled", "token": token_of(house.anna.get(shown).text, shown)}

    first, second = (house.anna.post(shown, form, page=shown).headers["location"] for _ in range(2))

    assert first == second
    assert house.olga.get("/staff/tickets/").text.count(">The bill doubled<") == 1
    assert house.anna.get(first).text.count("The bill doubled</p>") == 1


def test_a_form_that_misses_something_keeps_what_was_typed(house: House) -> None:
    shown = house.anna.url("tickets:form", type="tickets.repair")
    token = token_of(house.anna.get(shown).text, shown)

    answer = house.anna.post(shown, {"body": "It drips", "place": "", "since": "soon", "token": token}, page=shown)

    assert answer.status_code == 422
    assert "It drips" in answer.text
    assert "Enter a date such as" in answer.text
    assert token in answer.text


def test_words_after_a_solution_open_it_again_and_quiet_closes_it(
    house: House, clock: MovableClock, work_off: Work
) -> None:
    page = asked(house.anna)
    say(house.olga, at_desk(page), "Done.", after="solved")
    say(house.anna, page, "It is brown again.")
    assert "In work" in house.anna.get(page).text

    say(house.olga, at_desk(page), "Washed once more.", after="solved")
    for _ in range(8):
        assert "Solved" in house.anna.get(page).text
        clock.advance(timedelta(days=1))
        work_off()
    assert "Closed" in house.anna.get(page).text
    assert say_closed(house, page).status_code == 303
    assert "The request changed meanwhile" in house.anna.get(page).text


def say_closed(house: House, page: str) -> Any:
    return house.anna.post(f"{page}say", {"body": "Hello?", "token": "b" * 16}, page=house.anna.url("tickets:list"))


def test_files_go_with_a_message_and_come_back_to_keep(house: House) -> None:
    page = asked(house.anna)
    token = token_of(house.anna.get(page).text, f"{page}say")
    picture = b"\x89PNG\r\n\x1a\n" + b"0" * 100

    sent = house.anna.post(
        f"{page}say", {"body": "Look", "token": token}, page=page, files={"files": ("tap.png", picture, "image/png")}
    )

    assert sent.status_code == 303, sent.text
    shown = house.anna.get(page).text
    link = shown[shown.index("/file/") - len(page) + 1 :].split('"')[0]
    file = house.anna.get(link)
    assert file.content == picture
    assert file.headers["content-disposition"].startswith("attachment")
    assert house.boris.get(link).status_code == 404
    assert house.olga.get(f"/staff/tickets/files/{link.rpartition('/')[2]}").content == picture


def test_a_file_that_is_not_what_it_says_is_refused_with_the_words_kept(house: House) -> None:
    page = asked(house.anna)
    token = token_of(house.anna.get(page).text, f"{page}say")
    for name, body, said in (
        ("virus.exe", b"MZ", "is not taken"),
        ("tap.png", b"<script>", "is damaged or not what its name says"),
        ("tap.pdf", b"", "is damaged or not what its name says"),
        ("big.pdf", b"%PDF-" + b"0" * 11_000_000, "is larger than 10 MB"),
    ):
        answer = house.anna.post(
            f"{page}say", {"body": "Look at it", "token": token}, page=page, files={"files": (name, body, "image/png")}
        )
        assert answer.status_code == 422, name
        assert said in answer.text
        assert "Look at it" in answer.text


def test_files_are_let_go_after_three_years(house: House, clock: MovableClock, portal: Portal, work_off: Work) -> None:
    page = asked(house.anna)
    token = token_of(house.anna.get(page).text, f"{page}say")
    house.anna.post(
        f"{page}say", {"body": "Look", "token": token}, page=page, files={"files": ("a.txt", b"words", "text/plain")}
    )
    folder = portal.data_dir / "files" / "tickets"
    work_off()
    assert len(_files(folder)) == 1

    clock.advance(timedelta(days=3 * 365 + 2))
    work_off()

    assert not _files(folder)


def test_files_of_words_that_were_not_written_are_not_kept(house: House, portal: Portal) -> None:
    page = asked(house.anna)
    folder, token = portal.data_dir / "files" / "tickets", token_of(house.anna.get(page).text, f"{page}say")
    sent = {"files": ("a.txt", b"words", "text/plain")}
    for _ in range(2):
        house.anna.post(f"{page}say", {"body": "Look", "token": token}, page=page, files=sent)
    assert len(_files(folder)) == 1, "the same form twice"

    house.anna.post(f"{page}withdraw", {}, page=page)
    late = house.anna.post(
        f"{page}say", {"body": "Look", "token": "c" * 16}, page=house.anna.url("tickets:list"), files=sent
    )
    assert late.status_code == 303
    assert len(_files(folder)) == 1


def _files(folder: Path) -> list[Path]:
    return [each for each in folder.rglob("*") if each.is_file()]


@pytest.mark.parametrize("portal_overrides", [{"modules": {"enabled": ["tickets", "payments"]}}])
def test_a_bill_leads_to_a_question_about_it(house: House, portal: Portal) -> None:
    with open_unit(portal.database, portal.unit_context("test")) as db:
        bill = Bill(
            account_id=house.home.id, period=date(2026, 10, 1), total=100, posted=100,
            issued_on=date(2026, 11, 1), currency="RUB", due_on=date(2026, 11, 25),
            source="test", source_key="1", source_version="", seen_at=portal.clock.now(),
        )  # fmt: skip
        db.add(bill)
        db.flush()
        key = bill.public_id
    shown = house.anna.get(house.anna.url("payments:bill", bill=key)).text
    link = unescape(shown[: shown.index('aria-label="Ask about this bill"')].rpartition('href="')[2].partition('"')[0])

    form = house.anna.get(link).text
    assert "About: Bill for October 2026" in form
    page = asked(house.anna, "tickets.charge", about=f"payments.bill/{key}")

    assert "Bill for October 2026" in house.anna.get(page).text
    assert house.anna.url("payments:bill", bill=key) in house.anna.get(page).text
    assert "Счёт за октябрь 2026" in house.anna.get(page, **{"accept-language": "ru"}).text
    assert (
        "Bill for"
        not in house.boris.get(
            house.boris.url("tickets:form", type="tickets.charge", about=f"payments.bill/{key}")
        ).text
    )


def test_a_prepared_answer_is_filled_in_and_sent_as_changed(house: House) -> None:
    page = asked(house.anna)
    new = "/staff/tickets/macros/new"
    typed = {"title": "Pipes", "body[en]": "We wash the pipes on Mondays.", "body[ru]": "", "after": "waiting"}
    assert "Write it in one language at least" in house.olga.post(new, {"title": "Pipes"}, page=new).text
    house.olga.post(new, typed, page=new)

    shown = house.olga.get(at_desk(page)).text
    link = unescape(re.findall(r'href="([^"]*macro=[^"]*)"', shown)[0])
    filled = house.olga.get(link).text
    assert "We wash the pipes on Mondays.</textarea>" in filled
    assert re.search(r"waiting\"[^>]* selected", filled)
    assert "Pipes" not in house.anna.get(page).text

    own = "/staff/tickets/macros/" + link.partition("macro=")[2].partition("#")[0] + "/"
    house.olga.post(own, {**typed, "body[en]": "On Tuesdays."}, page=own)
    assert "On Tuesdays." in house.olga.get("/staff/tickets/macros").text
    house.olga.post(f"{own}drop", {}, page=own)
    assert "No answer is prepared yet" in house.olga.get("/staff/tickets/macros").text
    assert house.olga.get(own).status_code == 404


@pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
def test_what_was_read_stays_read_whatever_is_written_to_others(house: House) -> None:
    page = asked(house.anna)
    say(house.olga, at_desk(page), "Washed")
    listed = house.anna.url("tickets:list")
    assert 'class="new"' in house.anna.get(listed).text
    house.anna.get(page)
    asked(house.boris)
    assert 'class="new"' not in house.anna.get(listed).text
