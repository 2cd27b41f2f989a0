"""Settings of the built-in gateways. Receipt codes are data here because rates and reporting rules change by law."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

Network = IPv4Network | IPv6Network

PUBLISHED_NETWORKS: tuple[Network, ...] = tuple(
    ip_network(network)
    for network in (
        "185.71.76.0/27",
        "185.71.77.0/27",
        "77.75.153.0/25",
        "77.75.156.11/32",
        "77.75.156.35/32",
        "77.75.154.128/25",
        "2a02:5180:0:1509::/64",
        "2a02:5180:0:2655::/64",
        "2a02:5180:0:1533::/64",
        "2a02:5180:0:2669::/64",
    )
)
"""Where YooKassa says its notifications come from (its documentation, "Incoming notifications"; the official client 3.13.0)."""


def _origins(values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        parts = urlsplit(_http_address(value))
        if value != f"{parts.scheme}://{parts.netloc}":
            raise ValueError(f"{value} is not an origin: write scheme and host only, such as https://yoomoney.ru")
    return values


def _http_address(value: str) -> str:
    """Plain http would show the secret key to the network; it is allowed on the machine itself, for the sandbox."""
    parts = urlsplit(value)
    if parts.scheme == "https" and parts.hostname:
        return value
    if parts.scheme == "http" and parts.hostname in {"127.0.0.1", "::1", "localhost"}:
        return value
    raise ValueError(f"{value} must be an https address (plain http only on this machine)")


class ReceiptSettings(BaseModel):
    """How the provider makes fiscal receipts (54-FZ). Codes are the provider's; the company's accountant chooses them.

    `vat_code`: 1 no VAT, 2 0 %, 3 10 %, 7 5 %, 8 7 %, 11 22 %, 12 22/122 and so on. `tax_system_code` (1-6) is sent when
    the cash register needs it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    vat_code: int = Field(ge=1, le=12)
    tax_system_code: int | None = Field(default=None, ge=1, le=6)
    subject: str = Field(default="service", description="what is sold (tag 1212), the provider's code")
    mode: Literal[
        "full_prepayment",
        "partial_prepayment",
        "advance",
        "full_payment",
        "partial_payment",
        "credit",
        "credit_payment",
    ] = Field(default="full_payment", description="how it is paid (tag 1214), the provider's code")
    measure: str = Field(default="piece", description="measure of quantity (tag 2108), the provider's code")
    max_lines: int = Field(default=80, ge=1, le=100, description="most lines in a receipt; more are put together")


class YooKassaSettings(BaseModel):
    """One shop at YooKassa, or at the sandbox that speaks the same protocol.

    `payment_page_origins` are where the payer is sent; they join the pages' `form-action`. `timeout` bounds a whole call in
    seconds, `connect_timeout` its beginning. Without `receipt` no fiscal receipt is asked for.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    shop_id: str = Field(min_length=1, max_length=64, description="number of the shop at the provider")
    secret_key: SecretStr = Field(min_length=1, description="its key; give it by the environment")
    title: str = Field(default="ЮKassa", description="what payers are told they pay through")
    base_url: str = Field(
        default="https://api.yookassa.ru/v3", description="address of the API; https outside this machine"
    )
    payment_page_origins: tuple[str, ...] = ("https://yoomoney.ru",)
    notification_networks: tuple[Network, ...] = Field(
        default=PUBLISHED_NETWORKS, description="networks that notifications are taken from"
    )
    timeout: float = Field(default=15.0, gt=0, le=60)
    connect_timeout: float = Field(default=3.0, gt=0, le=30)
    receipt: ReceiptSettings | None = None

    @field_validator("base_url")
    @classmethod
    def _is_safe_address(cls, value: str) -> str:
        return _http_address(value).rstrip("/")

    @field_validator("payment_page_origins")
    @classmethod
    def _are_origins(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        return _origins(values)


class StripeSettings(BaseModel):
    """One account at Stripe, or at a server that speaks the same protocol. `webhook_secret` signs its notifications."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    secret_key: SecretStr = Field(min_length=1, description="secret key of the account; give it by the environment")
    webhook_secret: SecretStr = Field(min_length=1, description="secret of the webhook endpoint (whsec_...)")
    title: str = Field(default="Stripe", description="what payers are told they pay through")
    base_url: str = Field(default="https://api.stripe.com", description="address of the API")
    api_version: str = Field(default="2026-10-28.endive", description="version of the API that answers are asked in")
    payment_page_origins: tuple[str, ...] = Field(
        default=("https://checkout.stripe.com",), description="where payers are sent: origins alone"
    )
    currencies: tuple[str, ...] = Field(
        default=("EUR", "USD", "GBP"), description="currencies taken (ISO 4217, two decimal places)"
    )
    timeout: float = Field(default=15.0, gt=0, le=60, description="seconds that a whole call may take")
    connect_timeout: float = Field(default=3.0, gt=0, le=30, description="seconds that its beginning may take")

    _address = field_validator("base_url")(lambda value: _http_address(value).rstrip("/"))
    _places = field_validator("payment_page_origins")(_origins)


class TBankReceipt(BaseModel):
    """How T-Bank makes fiscal receipts (54-FZ). Words are T-Bank's; the company's accountant chooses them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    taxation: Literal["osn", "usn_income", "usn_income_outcome", "esn", "patent"] = Field(
        default="osn", description="tax system of the company (tag 1055)"
    )
    tax: str = Field(default="none", pattern="^(none|vat[0-9]{1,3})$", description="VAT of a line without its own")
    subject: str = Field(default="service", description="what is sold (tag 1212)")
    mode: str = Field(default="full_payment", description="how it is paid (tag 1214)")


class TBankSettings(BaseModel):
    """One terminal at T-Bank (T-Kassa). Its password signs calls and notifications. Without `receipt` none is asked for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    terminal_key: str = Field(min_length=1, max_length=20, description="name of the terminal")
    password: SecretStr = Field(min_length=1, description="its password; give it by the environment")
    title: str = Field(default="Т-Банк", description="what payers are told they pay through")
    base_url: str = Field(default="https://securepay.tinkoff.ru/v2", description="address of the API")
    payment_page_origins: tuple[str, ...] = Field(
        default=("https://securepay.tinkoff.ru", "https://pay.tbank.ru"),
        description="where payers are sent: origins alone",
    )
    order_unknown_codes: tuple[str, ...] = Field(
        default=("255", "335"), description="answers of CheckOrder that say there is no such order"
    )
    timeout: float = Field(default=15.0, gt=0, le=60, description="seconds that a whole call may take")
    connect_timeout: float = Field(default=3.0, gt=0, le=30, description="seconds that its beginning may take")
    receipt: TBankReceipt | None = Field(default=None, description="how fiscal receipts are made; without it none is")

    _address = field_validator("base_url")(lambda value: _http_address(value).rstrip("/"))
    _places = field_validator("payment_page_origins")(_origins)
