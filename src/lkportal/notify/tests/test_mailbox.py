"""The demo's mailbox: a server any sender can talk to, pages that show letters safely, and nothing of it in a live portal."""

from __future__ import annotations

import re
import smtplib
import socket
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from lkportal.notify.post.mailbox import MAX_BYTES, Mailbox, serving
from lkportal.notify.tests.town import PostOffice, Town, town


@pytest.fixture
def demo(sqlite_url: str, tmp_path: Path) -> Iterator[Town]:
    """A town in demo mode whose letters go to its own mailbox."""
    with (
        serving(tmp_path / "mailbox") as (host, port),
        town(sqlite_url, tmp_path, PostOffice(host=host, port=port), demo=True) as made,
    ):
        yield made


def test_what_was_sent_is_shown_as_text_and_as_a_letter(demo: Town) -> None:
    anna = demo.person("anna@example.org", demo.account)
    demo.send_reading(anna)
    demo.work()
    (name,) = Mailbox(demo.portal.data_dir / "mailbox").names(10)
    browser = demo.client()

    assert "Показания за ноябрь приняты" in browser.get("/mailbox").text
    page = browser.get(f"/mailbox/{name}").text
    assert "anna@example.org" in page
    assert f'href="http://lk.example.org/readings/{demo.account.public_id}/history"' in page
    letter = browser.get(f"/mailbox/{name}/html")
    assert any(value.startswith("sandbox") for value in letter.headers.get_list("content-security-policy"))
    assert ' style="' not in letter.text, "the policy of the portal forbids it"
    sheet = browser.get(f"/mailbox/{name}/styles.css")
    assert sheet.headers["content-type"].startswith("text/css")
    assert "border-radius:10px" in sheet.text


def test_a_live_portal_has_no_such_pages(village: Town) -> None:
    name = Mailbox(village.portal.data_dir / "mailbox").put(b"Subject: secret\r\n\r\nsecret\r\n")
    for path in ("/mailbox", f"/mailbox/{name}", f"/mailbox/{name}/html", f"/mailbox/{name}/styles.css"):
        answer = village.client().get(path)
        assert answer.status_code == 404
        assert "secret" not in answer.text


@pytest.mark.parametrize("name", ["..", "%2e%2e", "1790000000000000-00000000", "x", "1790000000000000-0000000g"])
def test_a_name_that_is_no_letter_is_not_found(demo: Town, name: str) -> None:
    assert demo.client().get(f"/mailbox/{name}/html").status_code == 404


def test_a_letter_cannot_bring_a_script_or_a_rule_of_its_own(demo: Town) -> None:
    letter = EmailMessage()
    letter["Subject"] = "<script>alert(1)</script>"
    letter.set_content("<script>alert(2)</script> http://example.org/?a=<b>")
    html = '<html><head></head><body style="color:red}body{display:none"><script>alert(3)</script></body></html>'
    letter.add_alternative(html, subtype="html")
    name = Mailbox(demo.portal.data_dir / "mailbox").put(bytes(letter))
    browser = demo.client()

    for path in ("/mailbox", f"/mailbox/{name}"):
        assert "<script>alert" not in browser.get(path).text
    shown = browser.get(f"/mailbox/{name}/html")
    policies = shown.headers.get_list("content-security-policy")
    assert any("sandbox" in policy and "allow-scripts" not in policy for policy in policies)
    assert any("script-src 'none'" in policy for policy in policies)
    sheet = browser.get(f"/mailbox/{name}/styles.css").text
    assert sheet.count("{") == sheet.count("}") == 1


def test_a_letter_is_shown_with_its_picture_its_classes_and_its_dark_rules(demo: Town) -> None:
    letter = EmailMessage()
    letter["Subject"] = "x"
    letter.set_content("x")
    sheet = "<style>@media (prefers-color-scheme: dark) { .card { color: #fff !important } }</style>"
    page = f'<html><head>{sheet}</head><body><p class="card" style="color:red">x<img src="cid:head"></p></body></html>'
    letter.add_alternative(page, subtype="html")
    html = letter.get_body(("html",))
    assert isinstance(html, EmailMessage)
    html.add_related(b"\x89PNG", "image", "png", cid="<head>")
    name = Mailbox(demo.portal.data_dir / "mailbox").put(bytes(letter))
    browser = demo.client()

    shown = browser.get(f"/mailbox/{name}/html").text
    assert 'src="data:image/png;base64,iVBORw=="' in shown
    assert "<style" not in shown
    found = re.search(r'<p class="card (s[0-9a-f]{10})">', shown)
    assert found is not None
    rules = browser.get(f"/mailbox/{name}/styles.css").text
    assert f".{found[1]}{{color:red}}" in rules
    assert rules.index(found[1]) < rules.index("prefers-color-scheme: dark")


def test_any_sender_can_talk_to_the_server(tmp_path: Path) -> None:
    with serving(tmp_path) as (host, port):
        with smtplib.SMTP(host, port, "sender") as server:
            server.ehlo_or_helo_if_needed()
            assert server.noop()[0] == 250
            assert server.docmd("VRFY anna")[0] == 502
            assert server.docmd("DATA")[0] == 503
            assert server.docmd("RCPT TO:<a@example.org>")[0] == 503
            assert server.docmd("MAIL FROM:a@example.org")[0] == 501
            for text in ("one", "two"):
                server.sendmail(
                    "a@example.org", ["b@example.org"], f"Subject: {text}\r\n\r\n.dot\r\n..two\r\n.\r\nlast"
                )
        with smtplib.SMTP(host, port, "sender") as server:
            server.mail("a@example.org")
            server.rset()
            assert server.docmd("RCPT TO:<a@example.org>")[0] == 503

    box = Mailbox(tmp_path)
    names = box.names(10)
    letters = [box.read(name) for name in names]
    assert [str(letter["Subject"]) for letter in letters if letter] == ["two", "one"]
    assert letters[0] is not None
    assert letters[0].get_content().splitlines() == [".dot", "..two", ".", "last"]


def test_a_letter_too_large_is_refused_and_a_broken_one_is_not_kept(tmp_path: Path) -> None:
    with serving(tmp_path) as (host, port):
        with smtplib.SMTP(host, port, "sender") as server, pytest.raises(smtplib.SMTPDataError):
            server.sendmail(
                "a@example.org", ["b@example.org"], "x" * 70 + "\r\n" + ("y" * 900 + "\r\n") * (MAX_BYTES // 900)
            )
        with socket.create_connection((host, port)) as peer:
            peer.sendall(b"MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\nhalf a letter\r\n")
            peer.shutdown(socket.SHUT_WR)
            while peer.recv(1000):
                pass
        with socket.create_connection((host, port)) as peer:
            peer.sendall(b"x" * 100_000)
            peer.shutdown(socket.SHUT_WR)
    assert Mailbox(tmp_path).names(10) == []
