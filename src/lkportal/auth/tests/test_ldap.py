"""The company's people sign in with the password of their directory: a real OpenLDAP, with TLS, filters and limits."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lkportal.auth.sources import ldap, ldap_client
from lkportal.auth.sources.settings import LdapTable
from lkportal.auth.tests.federated import refusals
from lkportal.auth.tests.house import House
from lkportal.auth.tests.slapd import OLGAS_PASSWORD, SEARCHER, SEARCHERS_PASSWORD, Slapd, certificates, serving
from lkportal.core.asked.vouching import SourceAway
from lkportal.core.errors import StartupError

FORM = "/login/with/ldap"
DESK = "cn=desk,dc=example,dc=org"
PEOPLE = "ou=people,dc=example,dc=org"
Make = Callable[..., ldap.LdapSource]


@pytest.fixture(scope="module")
def slapd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    with serving(tmp_path_factory.mktemp("slapd")) as running:
        yield running


def table(slapd: Slapd, **changes: Any) -> dict[str, Any]:
    """Return the settings: people are searched for, over StartTLS."""
    found = {
        "url": slapd.plain,
        "ca_file": str(slapd.authority),
        "search_base": PEOPLE,
        "bind_dn": SEARCHER,
        "bind_password": SEARCHERS_PASSWORD,
        "roles": {"operator": [DESK]},
        **changes,
    }
    return {key: value for key, value in found.items() if value is not None}


@pytest.fixture
def source(slapd: Slapd) -> Make:
    """Make a source with other settings."""

    def made(**changes: Any) -> ldap.LdapSource:
        settings = LdapTable(**table(slapd, **changes))
        return ldap.LdapSource(
            settings, ldap_client.Client(settings, str(settings.ca_file) if settings.ca_file else None)
        )

    return made


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """No data race here: one database is enough."""
    return sqlite_url


@pytest.fixture
def house(slapd: Slapd, build: Callable[..., House]) -> House:
    return build(ldap=table(slapd))


WAYS: dict[str, dict[str, Any]] = {
    "search, StartTLS": {},
    "search, LDAPS": {"url": "secure"},
    "template, StartTLS": {"user_dn": f"uid={{login}},{PEOPLE}", "search_base": "", "bind_dn": ""},
    "template, LDAPS": {"url": "secure", "user_dn": f"uid={{login}},{PEOPLE}", "search_base": "", "bind_dn": ""},
}


@pytest.mark.parametrize("way", WAYS)
def test_the_right_password_tells_who_it_is(slapd: Slapd, source: Make, way: str) -> None:
    changes = {**WAYS[way], **({"url": slapd.secure} if "LDAPS" in way else {})}

    found = source(**changes).check("olga", OLGAS_PASSWORD)

    assert found is not None
    assert (found.name, found.email, found.label) == ("Ольга", "olga@example.org", "olga")
    assert len(found.subject) == 36


REFUSED: dict[str, tuple[str, str]] = {
    "wrong password": ("olga", "wrong"),
    "password of another": ("olga", "pavel's password"),
    "no password": ("olga", ""),
    "unknown": ("nobody", "some password"),
    "two of one name": ("twin", "the twin's password"),
    "a star": ("*", OLGAS_PASSWORD),
    "a beginning and a star": ("ol*", OLGAS_PASSWORD),
    "a filter": ("olga)(uid=*", OLGAS_PASSWORD),
    "an or": ("nobody)(|(uid=olga)", OLGAS_PASSWORD),
    "another part of the name": (f"olga,{PEOPLE}", OLGAS_PASSWORD),
    "a backslash": ("ol\\67a", OLGAS_PASSWORD),
    "a zero": ("olga\0", OLGAS_PASSWORD),
    "a line break": ("olga\n", OLGAS_PASSWORD),
    "nobody at all": ("", OLGAS_PASSWORD),
    "endless": ("o" * 10_000, OLGAS_PASSWORD),
    "somebody elsewhere": ("elsewhere", "some password"),
}


@pytest.mark.parametrize(
    ("template", "named"),
    [*((False, each) for each in REFUSED), *((True, each) for each in REFUSED if each != "two of one name")],
)
def test_nobody_else_gets_in(source: Make, template: bool, named: str) -> None:
    changes = {"user_dn": f"uid={{login}},{PEOPLE}", "search_base": "", "bind_dn": ""} if template else {}

    assert source(**changes).check(*REFUSED[named]) is None


@pytest.mark.parametrize("base", ["", "dc=example,dc=org"], ids=["memberOf", "searched"])
def test_groups_decide(source: Make, base: str) -> None:
    needing = source(required_group=DESK.upper(), groups_base=base)

    olga, pavel = needing.check("olga", OLGAS_PASSWORD), source(groups_base=base).check("pavel", "pavel's password")

    assert olga is not None
    assert pavel is not None
    assert (olga.staff_roles, pavel.staff_roles) == (("operator",), ())
    assert needing.check("pavel", "pavel's password") is None


def test_a_certificate_nobody_signed_is_not_believed(source: Make, slapd: Slapd, tmp_path: Path) -> None:
    certificates(tmp_path)

    for url in (slapd.plain, slapd.secure):
        with pytest.raises(SourceAway):
            source(url=url, ca_file=str(tmp_path / "ca.pem")).check("olga", OLGAS_PASSWORD)
        with pytest.raises(SourceAway):
            source(url=url, ca_file=None).check("olga", OLGAS_PASSWORD)


def test_a_certificate_of_another_host_is_not_believed(source: Make, slapd: Slapd) -> None:
    with pytest.raises(SourceAway):
        source(url=slapd.secure.replace("127.0.0.1", "localhost")).check("olga", OLGAS_PASSWORD)


def test_a_directory_that_is_away_or_silent_is_not_waited_for(source: Make) -> None:
    with pytest.raises(SourceAway):
        source(url="ldap://127.0.0.1:1", timeout_seconds=1).check("olga", OLGAS_PASSWORD)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        held: list[socket.socket] = []
        threading.Thread(target=lambda: held.append(silent.accept()[0]), daemon=True).start()
        with pytest.raises(SourceAway):
            source(url=f"ldap://127.0.0.1:{silent.getsockname()[1]}", timeout_seconds=1).check("olga", "x")
        for each in held:
            each.close()


def test_a_searcher_that_is_not_let_in_is_the_portals_trouble(source: Make) -> None:
    with pytest.raises(SourceAway):
        source(bind_password="wrong").check("olga", OLGAS_PASSWORD)


def test_the_first_sign_in_makes_an_identity_with_its_roles(house: House) -> None:
    browser = house.browser()

    assert browser.send(FORM, login="Olga", password=OLGAS_PASSWORD).status_code == 303
    assert browser.get("/staff/yard/desk").text == "Ольга -"

    again = house.browser()
    assert again.send(FORM, login="olga", password=OLGAS_PASSWORD).status_code == 303
    assert house.count("SELECT count(*) FROM auth_identities") == 1
    assert house.count("SELECT count(*) FROM accounts_staff_roles") == 1


def test_who_lost_the_group_loses_the_role_at_the_next_sign_in(slapd: Slapd, build: Callable[..., House]) -> None:
    house = build(ldap=table(slapd))
    browser = house.browser()
    browser.send(FORM, login="pavel", password="pavel's password")
    with house.portal.database.unit() as db:
        db.connection().exec_driver_sql(
            "INSERT INTO accounts_staff_roles (identity_id, role, granted_at)"
            " SELECT id, 'operator', created_at FROM auth_identities"
        )
    assert browser.get("/staff/yard/desk").status_code == 200

    browser.send("/logout", "/settings/sessions")
    browser.send(FORM, login="pavel", password="pavel's password")

    assert browser.get("/staff/yard/desk").status_code == 403


def test_a_wrong_password_keeps_what_was_typed_and_is_counted(house: House) -> None:
    browser = house.browser()

    answers = [browser.send(FORM, login="olga", password="wrong") for _ in range(6)]

    assert [answer.status_code for answer in answers] == [422] * 5 + [429]
    assert 'value="olga"' in answers[0].text
    assert "wrong" not in answers[0].text.split("<main")[1].split("</form>")[0].replace("wrong_", "")
    assert "retry-after" in answers[-1].headers
    assert not browser.inside()
    assert len(refusals(house)) == 5


def test_known_and_unknown_get_the_same_bytes(house: House) -> None:
    def shown(login: str) -> str:
        answer = house.browser().send(FORM, login=login, password="wrong")
        page = answer.text.split("<main")[1].split("</main>")[0]
        return f"{answer.status_code} {sorted(answer.headers)} {page.split('csrf_token')[0]}".replace(login, "-")

    assert shown("olga") == shown("nobody")


def test_a_directory_that_is_away_is_said_so(build: Callable[..., House], slapd: Slapd) -> None:
    house = build(ldap=table(slapd, url="ldap://127.0.0.1:1"))

    answer = house.browser().send(FORM, login="olga", password=OLGAS_PASSWORD)

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
    assert "Passwords cannot be checked just now" in answer.text


def test_without_settings_there_is_no_trace(build: Callable[..., House]) -> None:
    house = build()
    browser = house.browser()

    assert browser.get(FORM).status_code == 404
    assert browser.client.post(FORM).status_code in (403, 404)
    assert "/login/with" not in browser.get("/login").text


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"url": "ldap://dc.example.org", "starttls": False}, "may not travel in the clear"),
        ({"url": "http://dc.example.org"}, "url must be"),
        ({"search_base": ""}, "user_dn or search_base"),
        ({"user_dn": "uid=olga", "search_base": ""}, "must hold {login} once"),
        ({"search_filter": "(uid=olga)"}, "search_filter must hold {login}"),
    ],
)
def test_settings_that_cannot_be_meant_stop_the_start(
    build: Callable[..., House], slapd: Slapd, changes: dict[str, Any], told: str
) -> None:
    with pytest.raises(StartupError, match=told):
        build(ldap=table(slapd, **changes))


def test_a_half_filled_form_comes_back_and_other_sources_are_not_there(house: House) -> None:
    assert house.browser().send(FORM, login="olga").status_code == 422
    assert house.browser().get("/login/with/nobody").status_code == 404
