"""Settings of auth, the table [auth] of portal.toml."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Annotated, Any, Literal

from pydantic import Field

from lkportal.auth.oidc.settings import OidcTable
from lkportal.auth.sources.settings import LdapTable
from lkportal.core.errors import StartupError
from lkportal.core.settings import ModuleSettings

Demand = Literal["entry", "payment", "signature", "contacts", "always"]


class AuthSettings(ModuleSettings):
    """Who may enter, how long they stay, and how often anybody may try."""

    ways: tuple[str, ...] = Field(
        (),
        description="ways to sign in that are open, such as password, code, passkey; none named: all that are configured",
    )
    second_for_staff: tuple[Demand, ...] = Field(
        (),
        description="purposes for which staff must have and use a second factor; entry: they set one up before all else",
    )
    second_for_customers: tuple[Demand, ...] = Field(
        (), description="purposes for which customers must use a second factor; entry: they set one up before all else"
    )
    entry_minutes: int = Field(10, ge=2, le=60, description="minutes in which the second step of a sign-in must follow")
    second_tries: int = Field(10, ge=3, description="wrong codes of a second factor an hour for one person")
    passkey_domain: str = Field(
        "", description="domain that passkeys belong to; empty: the host of each brand's public address"
    )
    oidc: dict[Annotated[str, Field(pattern="^[a-z][a-z0-9_]{0,29}$")], OidcTable] = Field(
        {}, description="providers of sign-in: a table [auth.oidc.NAME] for each"
    )
    ldap: LdapTable = Field(LdapTable(), description="a directory that passwords are checked in: the table [auth.ldap]")
    registration: bool = Field(True, description="whether people may ask for access themselves")
    customer_idle_hours: int = Field(
        168, ge=1, description="hours without a visit after which a customer is signed out"
    )
    customer_whole_hours: int = Field(720, ge=1, description="hours after which a customer signs in anew in any case")
    staff_idle_hours: int = Field(2, ge=1, description="hours without a visit after which staff are signed out")
    staff_whole_hours: int = Field(12, ge=1, description="hours after which staff sign in anew in any case")
    password_least: int = Field(10, ge=8, le=64, description="shortest password, characters")
    password_words: tuple[str, ...] = Field(
        (), description="words no password may be made of, besides the brand's name"
    )
    hash_memory_kib: int = Field(19_456, ge=8_192, description="memory of one password check, KiB (Argon2id)")
    hash_passes: int = Field(2, ge=1, description="passes of one password check")
    hash_lanes: int = Field(1, ge=1, description="lanes of one password check")
    confirm_hours: int = Field(24, ge=1, le=168, description="hours a confirmation link works")
    recover_minutes: int = Field(60, ge=5, le=1440, description="minutes a recovery link works")
    device_days: int = Field(365, ge=1, description="days a device stays known after a sign-in")
    stranger_tries: int = Field(5, ge=1, description="password checks an hour for one login from unknown devices")
    device_tries: int = Field(10, ge=1, description="password checks an hour from one known device")
    network_tries: int = Field(100, ge=1, description="password checks an hour from one network's unknown devices")
    portal_tries: int = Field(
        3_000, ge=1, description="password checks an hour from all unknown devices together that did not fit"
    )
    portal_burst: int = Field(
        50, ge=1, description="password checks in ten seconds from all unknown devices together that did not fit"
    )
    letters_mailbox: int = Field(3, ge=1, description="letters with links an hour to one login")
    letters_network: int = Field(30, ge=1, description="letters with links an hour asked for from one network")
    letters_portal: int = Field(
        2_000, ge=1, description="messages with codes an hour to people on unknown devices, the whole portal together"
    )
    history_days: int = Field(400, ge=7, description="days a person's history of sign-ins is kept")
    contact_tries: int = Field(10, ge=1, description="changes of a contact or login somebody may begin in an hour")


def demanded(kind: str, settings: AuthSettings) -> frozenset[str]:
    """Return the purposes for which the company wants a second factor of this kind of person."""
    return frozenset(settings.second_for_staff if kind == "staff" else settings.second_for_customers)


def passkeys_are_there() -> bool:
    """Whether the package that passkeys need is installed."""
    return find_spec("webauthn") is not None


def passkeys_are_on(settings: Any) -> bool:
    """Whether people may use passkeys: the extra is there. Raises StartupError when it is asked for by name and is not."""
    if passkeys_are_there():
        return True
    if "passkey" in settings.ways:
        raise StartupError(
            "no_passkeys", "auth.ways names 'passkey', which needs a package more: pip install 'lkportal[passkeys]'."
        )
    return False


def passkeys_are_open(settings: Any) -> bool:
    """Whether people may use passkeys and the company lets them."""
    return passkeys_are_on(settings) and (not settings.ways or "passkey" in settings.ways)
