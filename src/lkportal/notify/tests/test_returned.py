"""A letter that comes back: what the mail server says is read, the address is written to no more, and its owner is asked to mend it."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from lkportal.auth.models import Identity
from lkportal.core.policy import Actor
from lkportal.notify.queries import Unread
from lkportal.notify.returns import marking
from lkportal.notify.returns.commands import returned_mail
from lkportal.notify.returns.reading import Report, read, status_in, weight
from lkportal.notify.tests.test_choices import tell, token
from lkportal.notify.tests.town import PostOffice, Town, town

_ORIGIN = {"origin": "http://lk.example.org"}
ANNA = "anna@example.org"


def notification(
    letter: EmailMessage, status: str = "5.1.1", *, to: str = ANNA, action: str = "failed", whole: bool = False
) -> bytes:
    """What a mail server sends back (RFC 3464), with the letter or only its headers."""
    back = letter.as_bytes() if whole else f"Message-ID: {letter['Message-ID']}\nTo: {to}\n".encode()
    fields = f"Final-Recipient: rfc822; {to}\nAction: {action}\nStatus: {status}\nDiagnostic-Code: smtp; 550 said no\n"
    return report(
        "delivery-status",
        b"Reporting-MTA: dns; mx.example.org\n\n" + fields.encode(),
        b"message/rfc822" if whole else b"text/rfc822-headers",
        back,
    )


def complaint(letter: EmailMessage) -> bytes:
    """What a mail provider sends when its reader calls a letter spam (RFC 5965)."""
    fields = b"Feedback-Type: abuse\nUser-Agent: FBL/1\nVersion: 1\n"
    return report("feedback-report", fields, b"message/rfc822", letter.as_bytes())


def report(kind: str, fields: bytes, back_type: bytes, back: bytes) -> bytes:
    """A multipart/report as it comes over the wire."""
    head = f"From: <>\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type={kind};\n boundary=cut\n\n--cut\n\nSorry.\n\n"
    parts = (
        f"--cut\nContent-Type: message/{kind}\n\n".encode(),
        fields,
        b"\n--cut\nContent-Type: ",
        back_type,
        b"\n\n",
        back,
    )
    return head.encode() + b"".join(parts) + b"\n--cut--\n"


def one_letter(village: Town, key: str) -> EmailMessage:
    """Tell the people of the account some news and return the newest letter."""
    tell(village, key, "news")
    village.work()
    return village.office.letters[-1]


def take(village: Town, raw: bytes) -> str:
    with village.world.unit() as db:
        return marking.take(db, read(raw))


def letters(village: Town) -> list[tuple[str, str]]:
    return [tuple(row) for row in village.rows("SELECT state, error FROM notify_letters ORDER BY id")]


def bell(village: Town, person: Actor) -> int:
    """How much waits for a person at the bell of every page."""
    people = Identity.__table__
    asked = select(Unread().column(people.c.id)).where(people.c.id == person.id)
    with village.portal.database.reading() as connection:
        return int(connection.execute(asked, {"now": village.world.clock.now()}).scalar_one())


@pytest.mark.parametrize("whole", [False, True])
def test_nobody_writes_to_a_mailbox_that_is_gone_until_its_owner_says_it_is_right(village: Town, whole: bool) -> None:
    anna = village.person(ANNA, village.account)
    letter = one_letter(village, "one")
    before = village.client(anna, "en").get("/notices").text
    assert "Our letters do not reach you" not in before
    waiting = bell(village, anna)

    assert take(village, notification(letter, whole=whole)) == "marked"
    assert take(village, notification(letter, whole=whole)) == "known", "mail servers repeat themselves"
    tell(village, "two", "news")
    village.work()

    assert letters(village)[0] == ("bounced", "mailbox_gone")
    assert len(village.office.letters) == 1
    browser = village.client(anna, "en")
    assert bell(village, anna) == waiting + 2, "the bell asks to look: one more notice, and the address"
    home = browser.get("/notices").text
    assert "Our letters do not reach you" in home
    assert "a***@example.org" in home
    assert "Our letters do not reach you" in browser.get("/settings/notices").text
    operator = village.client(village.world.staff("operator@example.org", "operator"), "en")
    assert "do not arrive" in operator.get(f"/staff/accounts/{village.account.public_id}").text

    sent = browser.post("/notices/address", data={"csrf_token": token(home)}, headers=_ORIGIN)
    assert sent.status_code == 303
    one_letter(village, "three")
    assert len(village.office.letters) == 2
    assert "Our letters do not reach you" not in browser.get("/notices").text


def test_a_new_address_is_written_to_at_once(village: Town) -> None:
    anna = village.person(ANNA, village.account)
    take(village, notification(one_letter(village, "one")))

    village.change(anna, email="anna@other.example")
    one_letter(village, "two")

    assert village.office.letters[-1]["To"] == "anna@other.example"


def test_trouble_marks_an_address_when_it_lasts(house: Town) -> None:
    house.person(ANNA, house.account)
    outcomes = [take(house, notification(one_letter(house, f"n{n}"), "5.2.2")) for n in range(2)]
    house.world.clock.advance(timedelta(days=40))
    outcomes += [take(house, notification(one_letter(house, f"m{n}"), "5.2.2")) for n in range(3)]

    assert outcomes == ["noted"] * 4 + ["marked"]
    assert letters(house)[-1] == ("bounced", "mailbox_full")


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (lambda letter: notification(letter, to="boris@example.org"), "unknown"),
        (lambda letter: notification(letter, "4.4.1", action="delayed"), "unknown"),
        (lambda letter: notification(letter, "5.7.1"), "noted"),
        (lambda _letter: b"Subject: out of office\n\nI am away.", "unknown"),
    ],
)
def test_what_does_not_speak_of_the_address_marks_nothing(village: Town, raw: object, said: str) -> None:
    village.person(ANNA, village.account)
    letter = one_letter(village, "one")

    assert take(village, raw(letter)) == said  # type: ignore[operator]
    assert village.rows("SELECT count(*) FROM notify_returned WHERE marked_at IS NOT NULL") == [(0,)]


def test_a_server_that_knows_no_such_mailbox_is_believed_at_once(village: Town) -> None:
    village.person(ANNA, village.account)
    village.office.answers = [("RCPT", "550 5.1.1 no such user")]
    tell(village, "one", "news")
    village.work()
    tell(village, "two", "news")
    village.work()

    assert letters(village)[0] == ("dead", "smtp_550")
    assert village.office.letters == []
    assert village.rows("SELECT address, reason FROM notify_returned") == [(ANNA, "mailbox_gone")]


def test_a_complaint_ends_letters_of_its_kind_and_no_others(village: Town) -> None:
    village.person(ANNA, village.account)
    letter = one_letter(village, "one")

    assert village.client().post("/hooks/returned-mail", content=b"").status_code == 404, (
        "without a secret there is none"
    )
    assert [take(village, complaint(letter)) for _ in range(2)] == ["complaint", "known"]
    before = len(village.office.letters)
    tell(village, "two", "news")
    village.work()

    assert len(village.office.letters) == before
    assert letters(village)[0] == ("sent", "complaint")


def test_the_pipe_and_the_mailbox_of_the_mail_server(village: Town, tmp_path: Path) -> None:
    village.person(ANNA, village.account)
    raw = notification(one_letter(village, "one"))
    for name in ("cur", "new", "tmp"):
        (tmp_path / "box" / name).mkdir(parents=True)
    (tmp_path / "box/new/1.x").write_bytes(raw)

    piped = CliRunner().invoke(returned_mail, ["-"], input=raw, obj=lambda: village.portal)
    kept = CliRunner().invoke(returned_mail, [str(tmp_path / "box")], obj=lambda: village.portal)

    assert (piped.output.strip(), kept.output.strip()) == ("marked", "known: 1")
    assert list((tmp_path / "box").rglob("*.x")) == []


@pytest.fixture
def signing(sqlite_url: str, tmp_path: Path, office: PostOffice) -> Iterator[Town]:
    """A town whose mail provider signs with "s" 24 times."""
    secret = "whsec_" + base64.b64encode(b"s" * 24).decode()
    with town(sqlite_url, tmp_path, office, notify={"returns": {"secret": secret}}) as made:
        yield made


def test_the_providers_call_is_taken_only_with_its_signature(signing: Town) -> None:
    village = signing
    village.person(ANNA, village.account)
    raw = notification(one_letter(village, "one"))
    stamp = str(int(village.world.clock.now().timestamp()))
    signed = base64.b64encode(hmac.new(b"s" * 24, f"m1.{stamp}.".encode() + raw, sha256).digest()).decode()
    client = village.client()

    def call(**changed: str) -> int:
        headers = {"webhook-id": "m1", "webhook-timestamp": stamp, "webhook-signature": f"v1,{signed}"} | {
            name.replace("_", "-"): value for name, value in changed.items()
        }
        return client.post("/hooks/returned-mail", content=raw, headers=headers).status_code

    old = str(int(stamp) - 3600)
    assert [call(webhook_signature="v1,AAAA"), call(webhook_timestamp=old), call(webhook_id="m2"), call()] == [
        401
    ] * 3 + [200]
    assert village.rows("SELECT count(*) FROM notify_returned WHERE marked_at IS NOT NULL") == [(1,)]


@given(st.binary(max_size=400) | st.text(st.sampled_from("abc:;<>@\n\t =?-/\r\x00é"), max_size=300).map(str.encode))
@settings(max_examples=150, deadline=None)
def test_no_bytes_break_the_reader(raw: bytes) -> None:
    head = b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n"
    for whole in (raw, head + raw + b"\n--b\nContent-Type: message/rfc822\n\n" + raw + b"\n--b--"):
        assert isinstance(read(whole), Report)


def test_codes_are_weighed_by_whose_fault_they_are() -> None:
    assert [weight(code) for code in ("5.1.1", "5.2.1", "5.1.10")] == ["gone"] * 3
    assert [weight(code) for code in ("5.2.2", "4.4.7", "5.4.4")] == ["trouble"] * 3
    assert [weight(code) for code in ("5.7.1", "5.6.0", "5.1.7", "", "5.3.4")] == [""] * 5
    assert status_in("550-5.1.1 The account does not exist") == "5.1.1"
