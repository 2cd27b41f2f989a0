"""Settings of documents, the table [documents] of portal.toml."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr

from lkportal.core.settings import ModuleSettings, Table


class SigningTable(Table):
    """Simple signatures: how people sign by a code, and the agreement that makes it count."""

    agreement_version: str = Field("1", max_length=20, description="version of the agreement on simple signatures")
    agreement: dict[str, Path] = Field(
        default_factory=dict,
        description="its text by language, one file each; empty: the text that comes with the portal",
    )
    code_minutes: int = Field(5, ge=1, le=30, description="how long a code may be typed, minutes")
    trusted: tuple[Path, ...] = Field(
        (), description="certificates (PEM) of the authorities whose signature files count as signatures"
    )
    seal: Path | None = Field(None, description="the company's certificate with its key (PKCS#12) for sealing PDF")
    seal_password: SecretStr = Field(SecretStr(""), description="password of that file")
    codes_an_hour: int = Field(6, ge=1, le=60, description="codes that one person may ask for in an hour")


class DocumentsSettings(ModuleSettings):
    """Which documents there are, for how long they wait, how large they may be."""

    kinds: tuple[str, ...] = Field((), description="names of the kinds in use, in this order; empty: all")
    days: dict[str, int] = Field(
        default_factory=dict, description="terms for the customer's answer by kind, days; 0: none"
    )
    file_mb: int = Field(20, ge=1, le=100, description="largest document, megabytes")
    pages_shown: int = Field(20, ge=1, le=100, description="pages that are shown as pictures; the rest is in the file")
    remind_days: int = Field(2, ge=0, le=30, description="days before the term ends to remind of it; 0: never")
    keep_years: int = Field(
        5, ge=1, le=75, description="years after the last step during which the bytes of a finished document are kept"
    )
    signing: SigningTable = Field(default_factory=SigningTable, description="simple signatures")
