"""ldap3 behind the Protocol Directory: one connection a question, TLS before anything is said, certificates checked, limits on
every wait, no referrals."""

from __future__ import annotations

import importlib.util
import ssl
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from lkportal.auth.sources.ldap import Found, LdapSource
from lkportal.auth.sources.settings import LdapTable
from lkportal.core.asked.vouching import PasswordSourceSpec, SourceAway
from lkportal.core.errors import StartupError
from lkportal.core.i18n import text


def source(portal: Any) -> LdapSource:
    """Return the directory of the settings as a password source. Raises StartupError when the package is missing."""
    table: LdapTable = portal.settings_of("auth").ldap
    if importlib.util.find_spec("ldap3") is None:
        raise StartupError("ldap_extra", "Sign-in in a directory needs a package: pip install 'lkportal[ldap]'.")
    authority = str(portal.configuration.path(table.ca_file)) if table.ca_file else None
    return LdapSource(table, Client(table, authority))


def _is_on(settings: Any) -> bool:
    return bool(settings.ldap.url)


LDAP = PasswordSourceSpec("ldap", text("auth.ldap.title", "company account"), source, kind="staff", order=70, on=_is_on)


def tuned(spec: PasswordSourceSpec, settings: Any) -> PasswordSourceSpec:
    """Return the declaration of the directory as the settings name it and whom it lets in; any other as it is."""
    if spec is not LDAP:
        return spec
    return replace(spec, kind=settings.ldap.who, title=settings.ldap.title or spec.title)


class Client:
    """Connects to one directory."""

    def __init__(self, table: LdapTable, authority: str | None) -> None:
        with warnings.catch_warnings():  # it asks pyasn1 by names that have newer ones; once, at boot
            warnings.simplefilter("ignore", DeprecationWarning)
            import ldap3  # noqa: PLC0415 - an optional extra

        self._table = table
        tls = _tls(ldap3, ssl.create_default_context(cafile=authority))
        self._encrypts = table.starttls and table.url.startswith("ldap://")
        self._server = ldap3.Server(
            table.url, tls=tls, connect_timeout=table.timeout_seconds, get_info=ldap3.NONE, allowed_referral_hosts=[]
        )

    @contextmanager
    def bind(self, dn: str, password: str) -> Iterator[Connected | None]:
        """Connect as `dn`; None when the password does not fit. Raises SourceAway."""
        import ldap3  # noqa: PLC0415
        from ldap3.core.exceptions import LDAPException  # noqa: PLC0415

        connection = ldap3.Connection(
            self._server,
            user=dn or None,
            password=password or None,
            authentication=ldap3.SIMPLE if dn else ldap3.ANONYMOUS,
            auto_referrals=False,
            raise_exceptions=False,
            receive_timeout=self._table.timeout_seconds,
            read_only=True,
            check_names=False,
        )
        try:
            connection.open()
            if self._encrypts and not connection.start_tls():
                raise SourceAway("starttls")
            if connection.bind():
                yield Connected(connection, self._table.timeout_seconds)
            else:
                _judge(connection)
                yield None
        except (LDAPException, OSError) as error:
            raise SourceAway(type(error).__name__) from error
        finally:
            _close(connection)


def _tls(ldap3: Any, context: ssl.SSLContext) -> Any:
    """Return what ldap3 encrypts with. Its own way compares names by a function that newer Pythons do not have."""

    class Tls(ldap3.Tls):  # type: ignore[misc]
        def wrap_socket(self, connection: Any, do_handshake: bool = False) -> None:
            connection.socket = context.wrap_socket(connection.socket, server_hostname=connection.server.host)

    return Tls(validate=ssl.CERT_REQUIRED)


class Connected:
    """A connection whose password fitted."""

    def __init__(self, connection: Any, seconds: int) -> None:
        self._connection, self._seconds = connection, seconds

    def search(
        self, base: str, wanted: str, attributes: Sequence[str], most: int, *, only: bool = False
    ) -> list[Found]:
        """Return the entries that fit; see Bound."""
        import ldap3  # noqa: PLC0415

        self._connection.search(
            base,
            wanted,
            ldap3.BASE if only else ldap3.SUBTREE,
            attributes=list(attributes) or ldap3.NO_ATTRIBUTES,
            size_limit=most,
            time_limit=self._seconds,
            dereference_aliases=ldap3.DEREF_NEVER,
        )
        entries = [each for each in self._connection.response or [] if each.get("type") == "searchResEntry"]
        return [
            Found(str(each["dn"]), {name: _values(raw) for name, raw in each["raw_attributes"].items()})
            for each in entries
        ]


def _judge(connection: Any) -> None:
    """A bind that failed: the password does not fit, or the directory has another trouble, which is not the person's."""
    if connection.result["description"] not in (
        "invalidCredentials",
        "noSuchObject",
        "invalidDNSyntax",
        "unwillingToPerform",
    ):
        raise SourceAway(str(connection.result["description"]))


def _values(raw: Sequence[bytes]) -> list[str | bytes]:
    return [_text(each) for each in raw]


def _text(raw: bytes) -> str | bytes:
    try:
        decoded = raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw
    return decoded if decoded.isprintable() else raw


def _close(connection: Any) -> None:
    """Hang up; ldap3 leaves the socket of a connection that never came to be open."""
    held = connection.socket
    try:
        connection.unbind()
    except Exception:  # noqa: BLE001, S110 - it is closed either way, and what was answered stands
        pass
    if held is not None:
        held.close()
