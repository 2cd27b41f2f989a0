"""A directory that answers strangely, and people of a password source who are somebody else's already. Needs no directory."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import pytest

from lkportal.auth.external.meeting import NotLetIn
from lkportal.auth.sources import checking, ldap, ldap_client
from lkportal.auth.sources.settings import LdapTable
from lkportal.auth.tests.federated import link
from lkportal.auth.tests.house import House
from lkportal.auth.tests.test_too_late import door
from lkportal.core.asked.vouching import PasswordSourceSpec, PersonThere, SourceAway
from lkportal.core.errors import StartupError
from lkportal.testing.races import meanwhile

TABLE = LdapTable(url="ldap://127.0.0.1:9", search_base="dc=example,dc=org", timeout_seconds=1)
SPEC = PasswordSourceSpec("till", "Till", lambda portal: None, kind="customer")  # type: ignore[arg-type, return-value]


@pytest.mark.parametrize(
    ("typed", "escaped"), [(" olga", "\\ olga"), ("olga ", "olga\\ "), ("o,l=ga", "o\\,l\\=ga"), ("olga", "olga")]
)
def test_a_login_cannot_end_the_name_it_is_put_into(typed: str, escaped: str) -> None:
    assert ldap.escape_dn(typed) == escaped


def test_a_value_that_is_no_text_stays_bytes() -> None:
    assert ldap_client._text(b"\xff\xfe") == b"\xff\xfe"
    assert ldap_client._text("Ольга".encode()) == "Ольга"


def test_a_directory_with_trouble_of_its_own_is_away_and_refuses_nobody() -> None:
    with pytest.raises(SourceAway, match="busy"):
        ldap_client._judge(SimpleNamespace(result={"description": "busy"}))
    ldap_client._judge(SimpleNamespace(result={"description": "invalidCredentials"}))


def test_without_encryption_no_password_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    client, sent = ldap_client.Client(TABLE, None), list[Any]()

    class Refusing:
        """A connection to a directory that does not want to encrypt."""

        def __init__(self, *_server: Any, **_settings: Any) -> None:
            self.socket = None
            self.open = self.unbind = lambda: None
            self.start_tls = lambda: False
            self.bind = lambda: sent.append("secret")

    monkeypatch.setattr(sys.modules["ldap3"], "Connection", Refusing)

    with pytest.raises(SourceAway, match="starttls"), client.bind("cn=olga", "secret"):
        pytest.fail("bound")

    assert sent == []


def test_somebody_without_a_number_of_their_own_is_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    class Bound:
        def search(self, *_asked: Any, **_named: Any) -> list[Any]:
            return []

    with pytest.raises(SourceAway, match="subject"):
        ldap.LdapSource(TABLE, None)._described(Bound(), "cn=olga", "olga")  # type: ignore[arg-type]


def test_a_missing_package_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    settings = SimpleNamespace(ldap=TABLE)

    with pytest.raises(StartupError, match=r"pip install 'lkportal\[ldap\]'"):
        ldap_client.source(SimpleNamespace(settings_of=lambda _module: settings))


def test_a_person_without_accounts_there_comes_in_with_none(house: House) -> None:
    there = PersonThere("7", name="Nina")

    nina = checking.meet(door(house), SPEC, there, "nina", "b", "")

    assert nina is not None
    assert (nina.login, nina.name) == ("nina", "Nina")
    assert house.count("SELECT count(*) FROM accounts_memberships") == 0


def test_two_first_sign_ins_at_once_make_one_person(house: House) -> None:
    def first() -> None:
        link(house, house.person("nina@example.org"), checking.issuer_of(SPEC.name), "7", SPEC.name)

    with meanwhile(house.portal.database, "FROM auth_external", first), pytest.raises(NotLetIn):
        checking.meet(door(house), SPEC, PersonThere("7"), "nina", "b", "")

    assert house.count("SELECT count(*) FROM auth_identities") == 1
