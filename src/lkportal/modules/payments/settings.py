"""Settings of payments, the table [payments] of portal.toml. Those of the built-in gateway stand in gateways/settings."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from lkportal.core.settings import ModuleSettings, Table
from lkportal.modules.payments.exports.settings import ExportsTable, VatTable
from lkportal.modules.payments.fiscal.settings import AtolSettings
from lkportal.modules.payments.gateways.settings import StripeSettings, TBankSettings, YooKassaSettings
from lkportal.modules.payments.reconciling.settings import ReconciliationTable
from lkportal.modules.payments.reminders.settings import RemindersTable

MAIN_BRAND = "main"
"""The key of the brand of portal.brand_dir."""


class PayeeTable(Table):
    """[payments.payee]: who is paid, for slips and QR codes (GOST R 56042). Empty: no QR code is drawn."""

    name: str = Field("", max_length=160, description="payee as the bank knows it")
    account: str = Field("", pattern=r"^(\d{20})?$", description="payee's bank account, 20 digits")
    bank: str = Field("", max_length=45, description="payee's bank")
    bic: str = Field("", pattern=r"^(\d{9})?$", description="BIC of that bank, 9 digits")
    correspondent: str = Field("", pattern=r"^(\d{20})?$", description="correspondent account of that bank, 20 digits")
    inn: str = Field("", pattern=r"^(\d{10}|\d{12})?$", description="payee's tax number (INN)")
    kpp: str = Field("", pattern=r"^(\d{9})?$", description="payee's registration reason code (KPP)")


class AutopayTable(Table):
    """[payments.autopay]: paying by a saved method without asking each time."""

    on: bool = Field(True, description="whether autopay is offered, where a gateway can keep methods")
    notice_days: int = Field(3, ge=1, le=14, description="days before a charge on which it is told")
    tries: tuple[Annotated[int, Field(ge=0, le=20)], ...] = Field(
        (0, 2, 5), min_length=1, max_length=5, description="days after the charge's day on which it is tried"
    )
    hour: int = Field(10, ge=0, le=22, description="hour where the account is from which charges are made")


class PaymentsSettings(ModuleSettings):
    """Through whom people pay, what may be paid, when bills fall due."""

    gateway: str = Field(
        "yookassa", description="name of the gateway that takes payments; empty: paying is not offered"
    )
    gateways: tuple[str, ...] = Field(
        (), description="names of further gateways; a payer chooses only where it makes a difference to him"
    )
    yookassa: YooKassaSettings | None = Field(None, description="the shop at YooKassa; without it that gateway is off")
    stripe: StripeSettings | None = Field(None, description="the account at Stripe; without it that gateway is off")
    tbank: TBankSettings | None = Field(None, description="the terminal at T-Bank; without it that gateway is off")
    atol: AtolSettings | None = Field(
        None, description="own cash registers at ATOL Online, for receipts that no gateway makes"
    )
    vat: VatTable = Field(VatTable(), description="rates of VAT in exports")
    exports: ExportsTable = Field(ExportsTable(), description="exports that are made by themselves")
    reconciliation: ReconciliationTable = Field(
        ReconciliationTable(), description="comparing each day with the provider's own records"
    )
    payee: PayeeTable = Field(PayeeTable(), description="bank details for slips and QR codes")
    payees: dict[str, PayeeTable] = Field(
        default_factory=dict,
        description="bank details of further brands, by their key in portal.brands; a brand without its own has none",
    )
    due_day: int = Field(
        15, ge=1, le=28, description="day of the next month by which a bill without its own term is due"
    )
    least: int = Field(100, ge=1, description="smallest payment, minor units")
    most: int = Field(30_000_000, ge=1, description="greatest payment, minor units")
    same_within: int = Field(
        30, ge=0, description="minutes in which an unfinished payment of the same amount is gone on with"
    )
    refund_alone: int = Field(
        500_000, ge=0, description="largest refund one person may give, minor units; above it a second one agrees"
    )
    reminders: RemindersTable = Field(RemindersTable(), description="when those are reminded who have not paid")
    autopay: AutopayTable = Field(AutopayTable(), description="paying by a saved method without asking each time")
    posting_days: int = Field(3, ge=0, description="days after which billing is taken to know a payment")

    @property
    def names(self) -> tuple[str, ...]:
        """The gateways that are named, the preferred one first, each once."""
        return tuple(dict.fromkeys(name for name in (self.gateway, *self.gateways) if name))

    def payee_of(self, brand: str) -> PayeeTable:
        """Return the bank details of a brand. Where some brands have their own, another but the main one has none: money of one
        company must not be led to the account of another."""
        alone = not self.payees or brand == MAIN_BRAND
        return self.payees.get(brand) or (self.payee if alone else PayeeTable())

    @property
    def takes_payments(self) -> bool:
        """Whether paying is offered: a gateway is named, and a built-in one has its shop."""
        shops = {"yookassa": self.yookassa, "stripe": self.stripe, "tbank": self.tbank}
        return any(name not in shops or shops[name] is not None for name in self.names)

    @property
    def sends_receipts(self) -> bool:
        """Whether fiscal receipts are made, by a gateway or by our own register: they need the payer's e-mail or phone."""
        return self.atol is not None or any(map(self.receipts_by, self.names))

    def receipts_by(self, gateway: str) -> bool:
        """Whether a gateway makes the receipts of its payments itself."""
        shop = {"yookassa": self.yookassa, "tbank": self.tbank}.get(gateway)
        return shop is not None and shop.receipt is not None


def origins(settings: PaymentsSettings) -> tuple[str, ...]:
    """Return the origins that forms may lead to because of `settings`: where the built-in gateways send payers."""
    shops = (settings.yookassa, settings.stripe, settings.tbank)
    return tuple(dict.fromkeys(origin for shop in shops if shop for origin in shop.payment_page_origins))
