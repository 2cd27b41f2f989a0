"""A document between the company and its customer: published, read, agreed, disputed, brought back, declined, sent the other way."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lkportal.core.clock import MovableClock
from lkportal.core.jobs import enqueue
from lkportal.core.unit import open_unit
from lkportal.modules.documents import module
from lkportal.modules.documents.jobs import EXPIRE, FORGET, REMIND
from lkportal.modules.documents.tests.conftest import House, field_of, of_anna, pdf, picture, published, step
from lkportal.testing import Mailbox, Visitor, personal_gaps


def at_night(house: House, job: str, work_off: object) -> None:
    portal = house.anna.portal
    with open_unit(portal.database, portal.unit_context("test")) as db:
        enqueue(db, job, {})
    work_off()  # type: ignore[operator]


def test_a_document_is_published_told_of_read_and_agreed(house: House, mailbox: Mailbox, work_off: object) -> None:
    desk = published(house, remark="Please look at section 3")
    work_off()  # type: ignore[operator]
    page = of_anna(house, desk)

    letter = mailbox.to("anna@example.org")[-1]
    assert letter.subject == "Документ ждёт вас"
    assert house.anna.get(letter.links[0]).headers["location"].endswith(page)
    assert "Contract of supply" in house.anna.get(house.anna.url("documents:list")).text
    shown = house.anna.get(page).text
    assert "Read it and tell whether you agree" in shown
    assert "Please look at section 3" in shown
    assert "Olga" not in shown

    answer = step(house.anna, page, "agree")

    assert answer.status_code == 303
    shown = house.anna.get(page).text
    assert "You agreed" in shown
    assert f'action="{page}agree"' not in shown
    assert "The customer agreed" in house.olga.get(desk).text
    assert "documents wait" not in house.anna.get(house.anna.url("accounts:home")).text


def test_its_pages_are_shown_as_pictures_and_its_bytes_are_given_as_they_were(house: House) -> None:
    body = pdf(2)
    desk = published(house, body=body)
    shown = house.anna.get(of_anna(house, desk)).text

    links = [each.partition('"')[0] for each in shown.split('src="')[1:] if "/picture/" in each.partition('"')[0]]
    assert len(links) == 2
    drawn = house.anna.get(links[0])
    assert (drawn.status_code, drawn.headers["content-type"]) == (200, "image/jpeg")
    file = next(each.partition('"')[0] for each in shown.split('href="')[1:] if "/file/" in each.partition('"')[0])
    given = house.anna.get(file)
    assert given.content == body
    assert given.headers["content-disposition"].startswith("attachment")


def test_nobody_else_sees_it(house: House) -> None:
    desk = published(house)
    page = of_anna(house, desk)
    shown = house.anna.get(page).text
    file = next(each.partition('"')[0] for each in shown.split('href="')[1:] if "/file/" in each.partition('"')[0])
    assert house.boris.account is not None
    mine = house.boris.account.public_id
    own = page.replace(house.home.public_id, mine)

    for path in (page, file, own, own + "sign", file.replace(house.home.public_id, mine)):
        assert house.boris.get(path).status_code == 404
    assert (
        house.boris.post(
            own + "agree", {"token": "A" * 16, "seen": "1"}, page=house.boris.url("documents:send")
        ).status_code
        == 404
    )


def test_remarks_go_to_and_fro_until_both_agree(house: House, mailbox: Mailbox, work_off: object) -> None:
    desk = published(house)
    page = of_anna(house, desk)
    work_off()  # type: ignore[operator]

    assert step(house.anna, page, "remark", remark="The price is wrong").status_code == 303
    assert "The price is wrong" in house.olga.get(desk).text
    assert "Documents that wait for us" in house.olga.get("/staff/").text
    answer = step(house.olga, desk, "version", files={"file": ("second.pdf", pdf(), "")}, remark="Mended")
    assert answer.status_code == 303
    work_off()  # type: ignore[operator]
    assert len([each for each in mailbox.to("anna@example.org") if each.subject == "Документ ждёт вас"]) == 2
    shown = house.anna.get(page).text
    assert "second.pdf" in shown
    assert "Mended" in shown
    answer = step(
        house.anna, page, "remark", files={"file": ("mine.docx.png", picture(), "")}, remark="Take mine, please"
    )
    assert answer.status_code == 303
    assert "mine.docx.png" in house.olga.get(desk).text
    assert f'action="{page}agree"' not in house.anna.get(page).text

    assert step(house.olga, desk, "answer", act="agree").status_code == 303

    assert "The company agreed" in house.anna.get(page).text
    assert step_is_closed(house.olga, desk)


def test_an_answer_without_agreement_puts_the_companys_version_back(house: House) -> None:
    desk = published(house, body=pdf(1))
    page = of_anna(house, desk)
    step(house.anna, page, "remark", files={"file": ("mine.png", picture(), "")}, remark="Mine")

    assert step(house.olga, desk, "answer", act="answer", remark="We cannot").status_code == 303

    shown = house.anna.get(page).text
    assert "Download: contract.pdf" in shown
    assert "We cannot" in shown
    assert step(house.anna, page, "agree").status_code == 303
    assert "You agreed" in house.anna.get(page).text


def test_an_earlier_version_comes_back_as_a_new_one_with_the_same_bytes(house: House) -> None:
    first = pdf(1)
    desk = published(house, body=first)
    step(house.olga, desk, "version", files={"file": ("second.pdf", pdf(2), "")})
    shown = house.olga.get(desk).text
    token = field_of(shown, f"{desk}restore")

    for _ in range(2):
        answer = house.olga.post(f"{desk}restore", {"token": token, "number": "1"}, page=desk)
        assert answer.status_code == 303

    shown = house.anna.get(of_anna(house, desk)).text
    assert "Version 3" in shown
    assert "Version 4" not in shown
    assert shown.count("/picture/") == 1
    file = next(each.partition('"')[0] for each in shown.split('href="')[1:] if "/file/" in each.partition('"')[0])
    assert house.anna.get(file).content == first


def test_an_agreement_with_what_was_not_seen_does_not_count(house: House) -> None:
    desk = published(house)
    page = of_anna(house, desk)
    shown = house.anna.get(page).text
    values = {"token": field_of(shown, f"{page}agree"), "seen": field_of(shown, f"{page}agree", "seen")}
    step(house.olga, desk, "version", files={"file": ("second.pdf", pdf(2), "")})

    answer = house.anna.post(f"{page}agree", values, page=page)

    assert answer.status_code == 303
    shown = house.anna.get(page).text
    assert "The document changed meanwhile" in shown
    assert "You agreed" not in shown


def test_a_doubled_form_is_one_document_and_one_step(house: House) -> None:
    form = f"/staff/documents/new/{house.home.public_id}"
    token = field_of(house.olga.get(form).text, form)
    desk = published(house, token=token)
    assert published(house, token=token) == desk
    page = of_anna(house, desk)
    shown = house.anna.get(page).text
    values = {"token": field_of(shown, f"{page}remark"), "seen": "1", "remark": "Only once"}
    for _ in range(2):
        assert house.anna.post(f"{page}remark", values, page=page).status_code == 303
    assert house.anna.get(page).text.count("Only once") == 1


def test_it_is_declined_with_a_reason_withdrawn_and_finished(house: House) -> None:
    desk = published(house)
    page = of_anna(house, desk)
    assert step(house.anna, page, "decline", reason="").status_code == 422
    assert step(house.anna, page, "decline", reason="We found another supplier").status_code == 303
    assert "We found another supplier" in house.olga.get(desk).text

    assert step(house.olga, desk, "withdraw").status_code == 303

    assert "Withdrawn" in house.anna.get(page).text
    assert step_is_closed(house.olga, desk)


def test_a_customer_sends_a_document_and_the_company_agrees(house: House) -> None:
    form = house.anna.url("documents:send")
    values = {
        "kind": "documents.letter",
        "title": "Power of attorney",
        "token": field_of(house.anna.get(form).text, form),
    }
    answer = house.anna.post(form, values, page=form, files={"file": ("paper.png", picture(), "image/png")})
    assert answer.status_code == 303, answer.text
    page = str(answer.headers["location"])
    assert "You sent it" in house.anna.get(page).text
    desk = f"/staff/documents/{page.rstrip('/').rpartition('/')[2]}/"
    assert "Power of attorney" in house.olga.get("/staff/documents/").text

    assert step(house.olga, desk, "answer", act="agree").status_code == 303

    assert "Agreed" in house.anna.get(page).text
    wrong = house.anna.post(form, {**values, "kind": "documents.contract"}, page=form)
    assert wrong.status_code == 422


def test_terms_are_reminded_of_and_run_out(
    house: House, clock: MovableClock, mailbox: Mailbox, work_off: object
) -> None:
    desk = published(house, due="2026-11-24")
    page = of_anna(house, desk)
    work_off()  # type: ignore[operator]
    mailbox.clear()
    for _ in range(2):
        at_night(house, REMIND, work_off)
    assert [each.subject for each in mailbox.to("anna@example.org")] == ["Срок документа скоро истечёт"]
    at_night(house, EXPIRE, work_off)
    assert f'action="{page}agree"' in house.anna.get(page).text

    clock.advance(timedelta(days=3))
    at_night(house, EXPIRE, work_off)

    assert house.anna.actor is not None
    house.anna.enter(house.anna.actor, house.home)
    assert "The term is over" in house.anna.get(page).text


@pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
def test_bytes_of_finished_documents_are_let_go_of_and_the_history_stays(
    house: House, clock: MovableClock, work_off: object
) -> None:
    desk = published(house)
    open_one = published(house, title="Still open")
    step(house.anna, of_anna(house, desk), "agree")
    kept = house.anna.portal.data_dir
    before = sum(1 for each in kept.rglob("*") if each.is_file() and "documents" in each.parts)
    clock.advance(timedelta(days=5 * 366))

    at_night(house, FORGET, work_off)

    left = sum(1 for each in kept.rglob("*") if each.is_file() and "documents" in each.parts)
    assert (before, left) == (4, 2)
    assert open_one != desk


def step_is_closed(visitor: Visitor, desk: str) -> bool:
    """Whether no form of the desk changes a document any more."""
    shown = visitor.get(desk).text
    return not any(f'action="{desk}{act}"' in shown for act in ("version", "answer", "withdraw", "restore"))


@pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
def test_the_desk_writes_an_act_and_it_is_printed_in_the_brand(house: House) -> None:
    form = f"/staff/documents/new/{house.home.public_id}"
    values = {"kind": "documents.act", "title": "Act of work", "number": "7/1", "asks": "sign"}
    values |= {"token": field_of(house.olga.get(form).text, form), "body": "The pipe was replaced.\n\nNothing is owed."}
    answer = house.olga.post(form, values, page=form)
    assert answer.status_code == 303, answer.text
    shown = house.anna.get(of_anna(house, str(answer.headers["location"]))).text
    assert "Download: Act of work 7-1.pdf" in shown
    assert shown.count("/picture/") == 1


HOSTILE = {
    "a program": ("a.exe", b"MZ"),
    "a page": ("a.pdf", b"<html><script>alert(1)</script></html>"),
    "a PDF that runs": ("a.pdf", pdf()[:-6] + b"\n1 0 obj<</S/JavaScript/JS(app.alert(1))>>endobj\n%%EOF"),
    "half a PDF": ("a.pdf", pdf()[:200]),
    "a picture that is none": ("a.png", b"\x89PNG\r\n\x1a\n" + b"\x00" * 90),
    "a workbook that is none": ("a.xlsx", b"PK\x03\x04" + b"\x00" * 90),
    "a drawing": ("a.svg", b"<svg/>"),
    "text that is none": ("a.txt", b"\xff\xfe\x00\x01"),
    "nothing": ("a.pdf", b""),
}


@pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
def test_hostile_files_are_refused_in_words(house: House) -> None:
    form = house.anna.url("documents:send")
    values = {"kind": "documents.letter", "title": "Paper", "token": field_of(house.anna.get(form).text, form)}
    for what, (name, body) in HOSTILE.items():
        answer = house.anna.post(form, values, page=form, files={"file": (name, body, "application/pdf")})
        assert answer.status_code == 422, what
        assert 'id="file-error"' in answer.text, what
        assert 'value="Paper"' in answer.text, what
    assert "There are no documents yet" in house.anna.get(house.anna.url("documents:list")).text


def test_nothing_personal_is_undeclared(portal_url: str) -> None:
    assert personal_gaps([module]) == []
