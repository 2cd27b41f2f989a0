"""What pages and cards show of bills and payments: rows in, plain values for templates out. No database, no request."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from lkportal.core.i18n import Text, ntext, text
from lkportal.core.language.formats import MINUS, Month
from lkportal.core.money import Money
from lkportal.modules.payments.contract import PaymentGateway, Way
from lkportal.modules.payments.settings import PayeeTable
from lkportal.modules.payments.spending.changes import explain

BillState = Literal["paid", "due", "overdue", "withdrawn"]
Status = tuple[str, Text]


@dataclass(frozen=True, slots=True)
class BillView:
    """A bill as the page sees it. `unpaid` is what is left of it when money settles the oldest bills first; `is_asked`: another
    module asked for it, so it is told apart by its number and compared with no bill of a month."""

    id: int
    public_id: str
    period: date
    number: str
    total: int
    unpaid: int
    currency: str
    issued_on: date
    due_on: date
    seen_at: datetime | None
    state: BillState
    is_asked: bool = False

    @property
    def status(self) -> Status:
        """Kind and words of its state."""
        return _BILL_STATES[self.state]


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be paid now. `note` says until when; `late` that the term of some of it has passed."""

    amount: int
    currency: str
    title: Text
    note: Text | None
    late: bool
    bill: str


@dataclass(frozen=True, slots=True)
class Why:
    """Why a bill differs from the one before: the finding, and its parts (service, because of what or None, minor units)."""

    finding: Text
    before: Money
    month: Month
    rows: tuple[tuple[str, Text | None, int], ...]


ASKED = "module/"
"""How the source of a bill begins that another module asked for."""
_BILL_STATES: Mapping[BillState, Status] = {
    "paid": ("ok", text("payments.bill.paid", "Paid")),
    "due": ("warn", text("payments.bill.due", "To pay")),
    "overdue": ("bad", text("payments.bill.overdue", "Overdue")),
    "withdrawn": ("off", text("payments.bill.withdrawn", "Withdrawn")),
}
PAYMENT_STATES: Mapping[str, Status] = {
    "waiting": ("inf", text("payments.state.waiting", "Waiting for the bank")),
    "paid": ("ok", text("payments.state.paid", "Paid")),
    "declined": ("bad", text("payments.state.declined", "Declined")),
    "attention": ("warn", text("payments.state.attention", "Being checked")),
}
MOVEMENTS: Mapping[str, Text] = {
    "charge": text("payments.movement.charge", "Charged"),
    "payment": text("payments.movement.payment", "Paid here"),
    "refund": text("payments.movement.refund", "Given back"),
    "adjustment": text("payments.movement.adjustment", "Adjusted by billing"),
    "opening": text("payments.movement.opening", "Opening balance"),
}
DOUBTS: Mapping[str, Text] = {
    "another_amount": text("payments.doubt.amount", "The provider tells of another amount"),
    "another_currency": text("payments.doubt.currency", "The provider tells of another currency"),
    "another_payment": text("payments.doubt.payment", "The provider tells of another payment"),
    "": text("payments.doubt.unfinished", "Unfinished for more than a day"),
}
_ELSEWHERE: Mapping[str, Text] = {
    "desk:cash": text("payments.method.desk_cash", "cash at the desk"),
    "desk:card": text("payments.method.desk_card", "card at the desk"),
    "bank:transfer": text("payments.method.bank_transfer", "bank transfer"),
}
_CARD = re.compile(r"\*(\d{4})$")
_DECLINED = text("payments.reason.other", "The bank did not say why. Another card or another way usually helps.")
_NO_MONEY = text("payments.reason.money", "There is not enough money on the card.")
_CHECK_CARD = text("payments.reason.card", "The card's number, date or code did not fit.")
_TOO_LATE = text("payments.reason.expired", "The time to pay ran out.")
_CONFIRM = text("payments.reason.confirm", "The code of the bank was not confirmed.")
_ASK_BANK = text("payments.reason.bank", "The bank does not allow this payment. It can say why.")
_LIMIT = text("payments.reason.limit", "The limit of the card or wallet is used up.")
_NOT_SENT = text("payments.reason.not_sent", "The payment did not reach the bank.")
_REASONS: Mapping[str, Text] = {
    "insufficient_funds": _NO_MONEY,
    "card_expired": _CHECK_CARD,
    "invalid_card_number": _CHECK_CARD,
    "invalid_csc": _CHECK_CARD,
    "expired_on_confirmation": _TOO_LATE,
    "expired_on_capture": _TOO_LATE,
    "3d_secure_failed": _CONFIRM,
    "call_issuer": _ASK_BANK,
    "payment_method_restricted": _ASK_BANK,
    "issuer_unavailable": _ASK_BANK,
    "country_forbidden": _ASK_BANK,
    "payment_method_limit_exceeded": _LIMIT,
    "never_reached": _NOT_SENT,
}


def reason_words(code: str) -> Text:
    """Return why a payment was declined, in words with what to do next."""
    return _REASONS.get(code, _DECLINED)


def method_words(title: str) -> Text | str:
    """Return what was paid with in the reader's language: the provider's "Bank card *4444" as a card, others as they are."""
    if title in _ELSEWHERE:
        return _ELSEWHERE[title]
    card = _CARD.search(title)
    return text("payments.method.card", "card •• %(last)s", last=card[1]) if card else title


def settled(rows: Sequence[Any], balance: int, today: date) -> list[BillView]:
    """Return bills (given newest first) with what is left to pay of each: money goes to the oldest debt first."""
    rest, found = max(balance, 0), []
    for row in rows:
        unpaid = min(rest, max(row.total, 0))
        rest -= unpaid
        is_asked = (row.source or "").startswith(ASKED)
        found.append(
            BillView(
                row.id,
                row.public_id,
                row.period,
                row.number,
                row.total,
                unpaid,
                row.currency,
                row.issued_on,
                row.due_on,
                row.seen_at,
                _state(unpaid, is_late=row.due_on < today, is_withdrawn=is_asked and not row.total),
                is_asked,
            )
        )
    return found


def _state(unpaid: int, *, is_late: bool, is_withdrawn: bool) -> BillState:
    if unpaid:
        return "overdue" if is_late else "due"
    return "withdrawn" if is_withdrawn else "paid"


def told_at(standing: Any, bills: Sequence[BillView]) -> datetime | None:
    """Return when billing last told of the account: of its balance, or of any of `bills`. None when it never did."""
    moments = [standing.told_at if standing else None, *(bill.seen_at for bill in bills)]
    return max((moment for moment in moments if moment), default=None)


def was_on(moment: datetime | None, zone: str, day: date) -> bool:
    """Whether a moment lies on `day` by the clocks of a zone."""
    return moment is not None and moment.astimezone(ZoneInfo(zone)).date() == day


def due(bills: Sequence[BillView], balance: int, currency: str, today: date) -> Due | None:
    """Return what is to be paid now, or None when nothing is."""
    if balance <= 0:
        return None
    open_bills = [bill for bill in bills if bill.unpaid]
    late = [bill for bill in open_bills if bill.state == "overdue"]
    next_due = next((bill.due_on for bill in reversed(open_bills) if bill.state == "due"), None)
    title = text("payments.due.title", "To pay")
    single = ""
    if len(open_bills) == 1 and open_bills[0].unpaid == balance:
        single = open_bills[0].public_id
        title = text("payments.due.month", "To pay for %(month)s", month=Month(open_bills[0].period))
    if late:
        days = (today - late[-1].due_on).days
        note = ntext(
            "payments.due.late",
            "%(sum)s was due yesterday.",
            "%(sum)s was due %(n)s days ago.",
            days,
            sum=_sum_of(late, currency),
        )
        return Due(balance, currency, title, note, late=True, bill=single)
    return Due(balance, currency, title, _until(next_due, today), late=False, bill=single)


def why(bill: BillView, lines: Sequence[Any], previous: BillView | None, past: Sequence[Any]) -> Why | None:
    """Return why `bill` differs from `previous`, by service, or None when there is nothing to compare."""
    if previous is None or not past or bill.total == previous.total:
        return None
    rows = tuple((part.service, part.because, part.change) for part in explain(lines, past))
    if not rows:
        return None
    difference = bill.total - previous.total
    main = next((row[0] for row in rows if (row[2] > 0) == (difference > 0)), rows[0][0])
    values = {
        "change": Money(abs(difference), bill.currency),
        "before": Month(previous.period),
        "service": _within(main),
    }
    if difference > 0:
        finding = text("payments.why.more", "%(change)s more than for %(before)s; mostly %(service)s", **values)
    else:
        finding = text("payments.why.less", "%(change)s less than for %(before)s; mostly %(service)s", **values)
    return Why(finding, Money(previous.total, bill.currency), Month(previous.period), rows)


def qr_text(payee: PayeeTable, bill: BillView, number: str) -> str:
    """Return what the QR code of a bill says (GOST R 56042-2014, UTF-8), or "" when the payee is not set or nothing is due."""
    if not (payee.name and payee.account and payee.bic) or bill.unpaid <= 0:
        return ""
    fields = {
        "Name": payee.name,
        "PersonalAcc": payee.account,
        "BankName": payee.bank,
        "BIC": payee.bic,
        "CorrespAcc": payee.correspondent or "0",
        "PayeeINN": payee.inn,
        "KPP": payee.kpp,
        "PersAcc": number,
        "PaymPeriod": f"{bill.period:%m.%Y}",
        "Sum": str(bill.unpaid),
    }
    return "ST00012|" + "|".join(f"{name}={value.replace('|', ' ')}" for name, value in fields.items() if value)


def amount(minor: int, number: Callable[[int], str], mark: str) -> str:
    """Return an amount without its currency, for columns that name it above: 1 482,60."""
    whole, part = divmod(abs(minor), 100)
    return f"{MINUS if minor < 0 else ''}{number(whole)}{mark}{part:02d}"


def tariff(rate_millionths: int, mark: str) -> str:
    """Return a rate as a bill shows it, at least two decimals after `mark`: 218,40 or 0,00412."""
    whole, part = divmod(abs(rate_millionths), 100_000_000)
    shown = f"{part:08d}".rstrip("0").ljust(2, "0")
    return f"{MINUS if rate_millionths < 0 else ''}{whole}{mark}{shown}"


def _until(last: date | None, today: date) -> Text | None:
    if last is None:
        return None
    days = (last - today).days
    if days == 0:
        return text("payments.due.today", "Today is the last day.")
    return ntext("payments.due.until", "By %(day)s, one day left.", "By %(day)s, %(n)s days left.", days, day=last)


def _sum_of(bills: Sequence[BillView], currency: str) -> Money:
    return Money(sum(bill.unpaid for bill in bills), currency)


def _within(name: str) -> str:
    """Return a service's name as it stands within a sentence: a capital that is not of an abbreviation becomes small."""
    return name[:1].lower() + name[1:] if name[1:2].islower() else name


WAYS: Mapping[Way, Text] = {
    "card": text("payments.way.card", "bank card"),
    "sbp": text("payments.way.sbp", "SBP"),
    "wallet": text("payments.way.wallet", "wallet"),
}


def gateway_options(gateways: Sequence[PaymentGateway]) -> list[tuple[str, str, list[Text]]]:
    """Return the gateways a payer chooses among: (name, title, ways); none when there is no choice to make."""
    if len(gateways) < 2:
        return []
    return [(each.name, each.title, [WAYS[way] for way in WAYS if way in each.ways]) for each in gateways]
