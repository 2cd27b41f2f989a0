"""Settings of one's own cash register, [payments.atol]."""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator

from lkportal.core.settings import Table
from lkportal.modules.payments.contract import Vat


class AtolSettings(Table):
    """A group of cash registers at ATOL Online. Its accountant chooses rate, subject, mode and tax system: they are data here."""

    login: str = Field(min_length=1, max_length=100, description="login of the integration")
    password: SecretStr = Field(min_length=1, description="its password; give it by the environment")
    group: str = Field(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9_-]+$", description="code of the group")
    base_url: str = Field(
        "https://online.atol.ru/possystem/v5", description="address of the API, its version (v4 or v5) at the end"
    )
    inn: str = Field(pattern=r"^(\d{10}|\d{12})$", description="tax number of the company")
    email: str = Field(
        max_length=64, description="the company's address; also where receipts go when the payer gave none"
    )
    address: str = Field(max_length=256, description="place of payments (tag 1187), such as https://lk.example.org")
    tax_system: Literal["osn", "usn_income", "usn_income_outcome", "esn", "patent"] = Field(
        "osn", description="tax system (tag 1055)"
    )
    vat: Vat = Field("none", description='rate of lines that name none: "22", "22/122", "none"')
    subject: int = Field(4, ge=1, le=33, description="what is sold (tag 1212): 4 is a service")
    mode: str = Field("full_payment", description="how it is paid (tag 1214)")
    timeout: float = Field(15.0, gt=0, le=60, description="seconds a call may take")
    callback_secret: SecretStr | None = Field(
        None, description="16 or more letters: the register then tells of receipts at /payments/fiscal/<secret>"
    )

    @property
    def version(self) -> int:
        """4 or 5: the format of receipts."""
        return 4 if self.base_url.endswith("/v4") else 5

    @field_validator("base_url")
    @classmethod
    def _safe(cls, value: str) -> str:
        parts = urlsplit(value)
        local = parts.hostname in {"127.0.0.1", "::1", "localhost"}
        if not (parts.scheme == "https" or (parts.scheme == "http" and local)):
            raise ValueError(f"{value} must be an https address (plain http only on this machine)")
        return value.rstrip("/")
