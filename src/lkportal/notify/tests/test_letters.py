"""Letters as they travel: safe headers, the brand's name, certificates, one id for one letter."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from lkportal.core.asked.letters import Letters, Mailer
from lkportal.core.clock import SystemClock
from lkportal.core.foreign import ForeignCallInUnit
from lkportal.core.jobs import GiveUp
from lkportal.core.ports import port
from lkportal.core.settings import MailTable
from lkportal.notify.letters.wording import Worded
from lkportal.notify.post.smtp import MailServerAway, address, compose, hand_over
from lkportal.notify.tests.town import PostOffice, Town, post_office, town, wear

HEADERS = {
    "Subject",
    "From",
    "To",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "MIME-Version",
    "Content-Type",
    "Content-Language",
}
LETTER = Worded("Subject", "Plain text", "<p>HTML</p>", "Brand")
CONFIRM = {"name": "Анна", "link": "http://lk.example.org/confirm/once", "hours": 24}
LINES = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=120)


def made(letter: Worded, to: str = "anna@example.org") -> bytes:
    moment = SystemClock().now()
    return compose(
        letter, to=to, sender="no-reply@example.org", message_id="x@y", moment=moment, language="ru"
    ).as_bytes()


@given(subject=LINES, name=LINES)
def test_whatever_stands_in_subject_and_name_makes_no_new_header(subject: str, name: str) -> None:
    one_line = " ".join(subject.split())
    read = message_from_bytes(made(Worded(one_line, "text", "<p>text</p>", " ".join(name.split()))), policy=default)

    assert set(read.keys()) == HEADERS
    assert " ".join(str(read["Subject"]).split()) == one_line
    assert read["From"].addresses[0].addr_spec == "no-reply@example.org"
    assert len(read["From"].addresses) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "anna",
        "@example.org",
        "anna@",
        "anna@example.org\r\nBcc: eve@example.org",
        "anna@example.org\nSubject: x",
        "anna@example.org, eve@example.org",
        "Anna <anna@example.org>",
        "anna @example.org",
        "anna@exa mple.org",
        "anna@example.org\x00",
        "a@b@c..d",
    ],
)
def test_an_address_that_is_none_or_holds_more_is_given_up(wrong: str) -> None:
    with pytest.raises(GiveUp) as given_up:
        made(LETTER, wrong)
    assert given_up.value.code == "address_unusable"


def test_a_domain_in_cyrillic_is_written_as_servers_know_it() -> None:
    assert address("anna@почта.рф") == "anna@xn--80a1acny.xn--p1ai"


def test_a_wrong_address_becomes_a_dead_letter(village: Town) -> None:
    with village.world.unit() as db:
        letters = port(db, Letters)  # type: ignore[type-abstract]
        letters.send(
            db,
            to="anna@example.org\r\nBcc: eve@example.org",
            template="auth/letters/known",
            values={"name": "Анна\r\nBcc: eve@example.org", "link": "http://lk.example.org/login"},
            locale="xx",
            brand="",
            kind="auth.known",
        )
    village.work()
    assert village.rows("SELECT state, error FROM notify_letters") == [("dead", "address_unusable")]
    assert village.office.letters == []


def test_a_letter_without_an_event_goes_out_in_the_first_language_when_its_own_is_unknown(house: Town) -> None:
    with house.world.unit() as db:
        letters = port(db, Letters)  # type: ignore[type-abstract]
        letters.send(
            db,
            to="anna@example.org",
            template="auth/letters/known",
            values={"name": "Анна\r\nBcc: eve@example.org", "link": "http://lk.example.org/login"},
            locale="xx",
            brand="",
            kind="auth.known",
        )
    house.work()
    (letter,) = house.office.letters
    assert letter["Content-Language"] == "ru"
    assert letter["Bcc"] is None
    assert "anna@example.org" not in str(house.rows("SELECT * FROM notify_letters")), "contacts are kept sealed"


def test_a_letter_with_a_secret_is_sent_at_once_and_leaves_no_trace_of_it(house: Town) -> None:
    mailer = house.portal.ports.get(Mailer)  # type: ignore[type-abstract]
    for _ in range(2):
        mailer.deliver(
            to="anna@example.org",
            template="auth/letters/confirm",
            values=CONFIRM,
            locale="en",
            brand="",
            message_id="auth-confirm-1",
        )

    (letter,) = house.office.letters
    assert letter["Message-ID"] == "<auth-confirm-1@lk.example.org>"
    assert letter["Subject"] == "Confirm your e-mail address"
    body = letter.get_body(("plain",))
    assert body is not None
    assert CONFIRM["link"] in body.get_content()
    stored = house.rows("SELECT * FROM notify_letters")
    assert len(stored) == 1
    assert "once" not in str(stored)
    assert "anna@example.org" not in str(stored)


def test_nobody_waits_for_the_mail_server_inside_a_unit(village: Town) -> None:
    mailer = village.portal.ports.get(Mailer)  # type: ignore[type-abstract]
    with village.world.unit(), pytest.raises(ForeignCallInUnit):
        mailer.deliver(
            to="a@example.org", template="auth/letters/confirm", values=CONFIRM, locale="", brand="", message_id="1"
        )


def test_a_letter_wears_the_brand_of_its_account(sqlite_url: str, tmp_path: Path, office: PostOffice) -> None:
    for key, name, colour, sender in (
        ("south", "Южная вода", "#0B3F86", "Южная вода, кабинет"),
        ("north", "Северная вода", "#B4232A", 'Вода "Север"'),
    ):
        folder = tmp_path / key
        folder.mkdir()
        book = f'[brand]\nname = "{name}"\npublic_url = "https://{key}.example.org"\n[color]\nprimary = "{colour}"\n'
        book += f"[email]\nfrom_name = '{sender}'\nfooter = 'Работаем с 8 до 20'\n[voice]\nsupport_phone = '8 800 100 00 00'\n"
        (folder / "brand.toml").write_text(book, encoding="utf-8")
    brands = {"brand_dir": tmp_path / "south", "brands": {"north": tmp_path / "north"}}
    with town(sqlite_url, tmp_path, office, **brands) as here:
        wear(here, "north")
        anna = here.person("anna@example.org", here.account)
        here.send_reading(anna)
        here.work()

    (letter,) = office.letters
    assert letter["From"].addresses[0].display_name == 'Вода "Север"'
    assert letter["From"].addresses[0].addr_spec == "no-reply@lk.example.org"
    html, plain = letter.get_body(("html",)), letter.get_body(("plain",))
    assert html is not None
    assert plain is not None
    for said in ("Северная вода", "https://north.example.org/readings/", "Работаем с 8 до 20", "8 800 100 00 00"):
        assert said in html.get_content()
        assert said in plain.get_content()
    assert "#B4232A" in html.get_content().upper()
    assert "Южная" not in html.get_content()


def test_the_head_of_a_letter_travels_inside_it(sqlite_url: str, tmp_path: Path, office: PostOffice) -> None:
    folder = tmp_path / "brand"
    folder.mkdir()
    (folder / "mark.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><rect width="8" height="8" fill="#123"/></svg>',
        "utf-8",
    )
    book = '[brand]\nname = "Аква"\n[color]\nprimary = "#112233"\n[logo]\nmark = "mark.svg"\n'
    (folder / "brand.toml").write_text(book, "utf-8")
    with town(sqlite_url, tmp_path, office, brand_dir=folder) as here:
        anna = here.person("anna@example.org", here.account)
        here.send_reading(anna)
        here.work()
        head = here.portal.theme("main").letterhead.png

    (letter,) = office.letters
    html = letter.get_body(("html",))
    assert html is not None
    assert 'src="cid:head"' in html.get_content()
    (picture,) = [part for part in letter.walk() if part.get_content_type() == "image/png"]
    assert (picture["Content-ID"], picture.get_content()) == ("<head>", head)
    assert head.startswith(b"\x89PNG")
    kinds = [part.get_content_type() for part in letter.walk()]
    assert kinds == ["multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png"]
    assert 'src="http' not in html.get_content()


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for 127.0.0.1 that only those trust who are given it; key and certificate in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail")])
    now = SystemClock().now()
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "mail.pem"
    plain = serialization.NoEncryption()
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return file


def letter_to(office: PostOffice, security: str) -> None:
    settings = MailTable.model_validate({"host": office.host, "port": office.port, "security": security})
    moment = SystemClock().now()
    letter = compose(LETTER, to="a@example.org", sender="b@example.org", message_id="x@y", moment=moment, language="en")
    hand_over(letter, settings, "example.org")


def test_a_server_with_a_strange_certificate_gets_nothing_and_a_known_one_gets_all(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate)
    with post_office(tls_context=server, require_starttls=True) as office:
        with pytest.raises(MailServerAway) as away:
            letter_to(office, "starttls")
        assert away.value.code == "smtp_certificate"
        assert office.letters == []
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        letter_to(office, "starttls")
        assert len(office.letters) == 1
    monkeypatch.delenv("SSL_CERT_FILE")
    with post_office(ssl_context=server) as office:
        with pytest.raises(MailServerAway):
            letter_to(office, "tls")
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        letter_to(office, "tls")
        assert len(office.letters) == 1


def test_a_server_that_offers_no_encryption_gets_nothing_when_it_was_asked_for(office: PostOffice) -> None:
    with pytest.raises(MailServerAway) as away:
        letter_to(office, "starttls")
    assert away.value.code == "smtp_unsupported"
    assert office.letters == []


def test_a_port_where_nobody_listens_is_tried_again() -> None:
    with pytest.raises(MailServerAway) as away:
        letter_to(PostOffice(port=1), "none")
    assert away.value.code == "smtp_unreachable"
