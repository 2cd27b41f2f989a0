"""The directory of the company's people, the table [auth.ldap] of portal.toml."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator

from lkportal.auth.oidc.settings import LOOPBACK
from lkportal.core.settings import Table

SEARCH_PLACE = "{login}"


class LdapTable(Table):
    """A directory that people's passwords are checked in. Off while `url` is empty."""

    url: str = Field("", description="ldaps://dc.example.org or ldap://dc.example.org (then with starttls); empty: off")
    starttls: bool = Field(True, description="whether an ldap:// connection turns to TLS before anything is said")
    ca_file: Path | None = Field(None, description="certificate authority of the directory (PEM); empty: the system's")
    title: str = Field("", description="what the button calls the directory; empty: the company's account")
    who: Literal["staff", "customer"] = Field("staff", description="who signs in there")
    user_dn: str = Field("", description="who people are there, such as uid={login},ou=people,dc=example,dc=org")
    search_base: str = Field("", description="instead of user_dn: below what people are searched for")
    search_filter: str = Field(
        "(uid={login})", description="how one is found; Active Directory: (sAMAccountName={login})"
    )
    bind_dn: str = Field("", description="who searches")
    bind_password: SecretStr = Field(SecretStr(""), description="the password of who searches; from the environment")
    subject_attribute: str = Field("entryUUID", description="lasting key of a person; Active Directory: objectGUID")
    name_attribute: str = Field("cn", description="a person's name")
    email_attribute: str = Field("mail", description="a person's e-mail")
    groups_attribute: str = Field("memberOf", description="attribute of a person that names their groups; empty: none")
    groups_base: str = Field("", description="instead of it: below what groups are searched for")
    groups_filter: str = Field("(member={dn})", description="how the groups of a person are found below groups_base")
    roles: dict[str, tuple[str, ...]] = Field({}, description="staff role = the groups (whole names) that have it")
    required_group: str = Field("", description="the group (whole name) one must be in to come in; empty: anybody")
    timeout_seconds: int = Field(4, ge=1, le=15, description="longest wait for one answer of the directory")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if not self.url:
            return self
        parts = urlsplit(self.url)
        if parts.scheme not in ("ldap", "ldaps") or not parts.hostname or parts.username is not None:
            raise ValueError("url must be ldaps://host or ldap://host, perhaps with a port")
        if parts.scheme == "ldap" and not self.starttls and parts.hostname not in LOOPBACK:
            raise ValueError("passwords may not travel in the clear: use ldaps:// or starttls = true")
        if bool(self.user_dn) == bool(self.search_base):
            raise ValueError("name user_dn or search_base: how a person is found")
        if self.user_dn and self.user_dn.count(SEARCH_PLACE) != 1:
            raise ValueError("user_dn must hold {login} once")
        if self.search_base and SEARCH_PLACE not in self.search_filter:
            raise ValueError("search_filter must hold {login}")
        return self
