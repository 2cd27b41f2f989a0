"""The contract of a cash register behind a service: what a receipt says, what the register answers. Rates are data: see Vat."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from lkportal.modules.payments.contract import ReceiptContact, ReceiptLine

ReceiptKind = Literal["sell", "sell_refund", "sell_correction"]
PaidBy = Literal["cash", "card"]


@dataclass(frozen=True, slots=True)
class Agent:
    """For whom the company only collects (tags 1222, 1171, 1225, 1226): its role, and the supplier's name, tax number, phone."""

    role: str
    supplier: str = ""
    inn: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Correction:
    """Why a receipt corrects earlier ones: by oneself or by an order of the tax office, of which day, under which number."""

    by: Literal["self", "instruction"]
    day: str
    number: str = ""


@dataclass(frozen=True, slots=True)
class FiscalReceipt:
    """One receipt. Lines are positive minor units and sum to what was paid; `external_id` makes it one receipt however often sent."""

    kind: ReceiptKind
    external_id: str
    lines: tuple[ReceiptLine, ...]
    contact: ReceiptContact
    made_at: datetime
    paid_by: PaidBy = "card"
    agent: Agent | None = None
    correction: Correction | None = None

    @property
    def total(self) -> int:
        """What was paid, minor units."""
        return sum(line.amount for line in self.lines)


@dataclass(frozen=True, slots=True)
class Report:
    """How a receipt stands at the register. `facts` are its fiscal data by name: fn, document, sign, shift, at, link."""

    state: Literal["wait", "done", "fail"]
    facts: Mapping[str, str] = field(default_factory=dict)
    error: str = ""


class RegisterUnavailable(Exception):
    """Nobody knows whether the register has it: the same receipt is sent again under the same external id."""


class RegisterRefused(Exception):
    """The register did not take the receipt as it stands: a person must look. The text is the register's own."""


class FiscalRegister(Protocol):
    """A cash register behind a service. Both methods call out: outside a unit of work, within a time limit."""

    @property
    def name(self) -> str:
        """The stable word in rows: "atol"."""
        ...

    def send(self, receipt: FiscalReceipt) -> str:
        """Hand a receipt over and return the register's id of it; the same external id gives the same receipt."""
        ...

    def report(self, identifier: str) -> Report:
        """Tell how a receipt stands."""
        ...
