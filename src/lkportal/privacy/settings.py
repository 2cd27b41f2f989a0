"""Settings of privacy, the table [privacy] of portal.toml; each document is a table [privacy.documents.NAME]."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from lkportal.core.protection.retention import parse_retention
from lkportal.core.settings import ModuleSettings

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


class DocumentSettings(BaseModel):
    """One document that people agree to by itself. A changed text gets a new version, and everybody is asked again.

    `holds` are earlier versions whose agreement still counts: for corrections that change nothing of the meaning.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: str = Field(min_length=1, max_length=20, description="version of the text; a new one asks everybody again")
    files: dict[str, Path] = Field(
        min_length=1, description='file with the text by language: { ru = "consents/news.ru.md" }'
    )
    required: bool = Field(False, description="whether the account area opens only to those who agree")
    purpose: str = Field("", max_length=40, description="what modules ask by: marketing; empty: the document's name")
    holds: tuple[str, ...] = Field((), description="earlier versions whose agreement still counts")
    order: int = Field(100, description="place among the documents")


class PrivacySettings(ModuleSettings):
    """What people agree to, how they get or lose their data, how long rows are kept."""

    documents: dict[str, DocumentSettings] = Field(
        {}, description="documents people agree to or refuse, each by itself"
    )
    export_days: int = Field(7, ge=1, le=60, description="days the files of an export can be downloaded")
    exports_a_day: int = Field(3, ge=1, description="exports one person may ask for in a day")
    cooling_days: int = Field(7, ge=0, le=30, description="days a person may take back the wish to be erased")
    access_names: Literal["role", "name"] = Field(
        "role", description="what customers read of staff who looked: their role, or their name too"
    )
    access_days: int = Field(365, ge=1, description="days of looks that customers may read")
    retain: dict[str, str] = Field(
        {},
        description='how long rows of a table are kept instead of what its module says: { readings_readings = "4 years" }',
    )

    @field_validator("documents")
    @classmethod
    def _are_named(cls, value: dict[str, DocumentSettings]) -> dict[str, DocumentSettings]:
        for name in value:
            if not _NAME.fullmatch(name):
                raise ValueError(f"{name!r} cannot name a document: use small latin letters, digits and _")
        return value

    @field_validator("retain")
    @classmethod
    def _are_rules(cls, value: dict[str, str]) -> dict[str, str]:
        for rule in value.values():
            parse_retention(rule)
        return value
