"""Settings of the desk, the table [staff] of portal.toml."""

from __future__ import annotations

import re
from ipaddress import ip_network

from pydantic import BaseModel, ConfigDict, Field, field_validator

from lkportal.core.settings import ModuleSettings

_ROLE = re.compile(r"[a-z][a-z0-9_]{1,19}")


class RoleTable(BaseModel):
    """One role of the company's people, `[staff.roles.<role>]`: of the company's own, or one of ours said anew."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str = Field("", max_length=60, description="what the role is called; needed for a role of your own")
    rights: tuple[str, ...] | None = Field(
        None,
        description="what the role may do, in place of what modules declare; without it a role of ours keeps theirs",
    )


class StaffSettings(ModuleSettings):
    """How the desk judges what it shows, who may come to it, and what the company's people may do."""

    late_hours: dict[str, int] = Field(
        {},
        description="hours after which a kind of file counts as late: { registry = 26, charges = 800 }; others are not judged",
    )
    roles: dict[str, RoleTable] = Field(
        {}, description="roles of your people: `[staff.roles.collector]` with title and rights"
    )
    networks: tuple[str, ...] = Field(
        (), description='networks the desk is open to, such as ["10.0.0.0/8"]; empty: to all'
    )
    host: str = Field(
        "", description="the only host the desk is opened at, such as desk.example.org; empty: every host"
    )
    view_as_minutes: int = Field(15, ge=1, le=120, description="minutes a view as a customer lasts")
    two_persons: tuple[str, ...] = Field(
        (), description='rights whose acts wait for a second person, besides those that always do: ["staff.rights"]'
    )
    approval_hours: int = Field(72, ge=1, le=720, description="hours an act waits for a second person")
    behaviour: bool = Field(
        False,
        description="whether facts of behaviour are kept of those who agreed to a document of the purpose `behaviour`",
    )
    behaviour_days: int = Field(3, ge=2, le=30, description="days single steps are kept; what stays are sums by day")
    invitation_hours: int = Field(72, ge=1, le=720, description="hours the link works that a new colleague is sent")

    @field_validator("roles")
    @classmethod
    def _named(cls, roles: dict[str, RoleTable]) -> dict[str, RoleTable]:
        for name in roles:
            if not _ROLE.fullmatch(name):
                raise ValueError(f"the role {name!r} needs a name of 2 to 20 small latin letters, digits and _")
        return roles

    @field_validator("networks")
    @classmethod
    def _networks(cls, networks: tuple[str, ...]) -> tuple[str, ...]:
        for each in networks:
            ip_network(each, strict=False)
        return networks
