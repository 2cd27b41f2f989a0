"""Money of the last weeks that the desk had to do with: a refund whole and one in part, a saved card with autopay, the cash desk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from seeding.files import following
from seeding.moments import account_of, as_of, person
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lkportal.core.ids import public_id
from lkportal.core.policy import AccountRef, Actor
from lkportal.core.unit import now
from lkportal.modules.payments.cashdesk import service as cash
from lkportal.modules.payments.cashdesk.models import GATEWAY, CashDay
from lkportal.modules.payments.contract import GatewayPayment, GatewayRefund, SavedMethod
from lkportal.modules.payments.contract.told import PaymentStatus
from lkportal.modules.payments.desk import desk_of
from lkportal.modules.payments.methods import agreeing, charging, reads
from lkportal.modules.payments.methods.models import Method
from lkportal.modules.payments.models import Attempt, Payment
from lkportal.modules.payments.paying import cases, recording
from lkportal.modules.payments.paying import deciding as pay
from lkportal.modules.payments.refunds import cases as refund_cases
from lkportal.modules.payments.refunds import service as refunds
from lkportal.modules.payments.refunds.models import Refund
from utility.billing import bill_total
from utility.households import Household

CARD = SavedMethod("demo-card", "МИР *4242", "card", "4242", "2031-08")
CAP, TOO_MUCH = 300_000, 1_000_000
"""The most autopay may take in a month; what a company paid beyond its bill. Minor units."""
MOTHER, COMPANY = 2, 4
"""Places of the accounts whose bill of the month before last was paid here and not at a bank."""


@dataclass(frozen=True)
class People:
    """Who acts."""

    owner: Actor
    company: Actor
    cashier: Actor
    accountant: Actor


def paid_here(homes: Sequence[Household], months: Sequence[date]) -> frozenset[tuple[str, int]]:
    """Return the bills (account number, amount) that are paid through the provider of the portal."""
    month = len(months) - 2
    return frozenset((homes[place].number, bill_total(homes[place], month)) for place in (MOTHER, COMPANY))


def paid_at(months: Sequence[date]) -> datetime:
    """Return when they are paid."""
    return datetime.combine(following(months[-2]) + timedelta(days=7), time(9, 40), UTC)


def settle_tills(
    db: Session, homes: Sequence[Household], months: Sequence[date], day: date, logins: Sequence[str]
) -> None:
    """Write what payers and the desk did. `logins`: the owner, the accountant of the company, the cashier, the desk's accountant."""
    people = People(*(person(db, login) for login in logins))
    if desk_of(db).gateways:
        _online(db, homes, months, people)
        _autopay(db, account_of(db, homes[MOTHER].number), people.owner, day)
    _cash(db, [home for home in homes[9:20] if home.arrears], len(months) - 1, people, day)


def _online(db: Session, homes: Sequence[Household], months: Sequence[date], people: People) -> None:
    """Pay the bill of the month before last: one twice, so that one of the two is given back, one with too much."""
    last, moment = len(months) - 2, paid_at(months)
    back = moment + timedelta(days=1, hours=2)
    mine = account_of(db, homes[0].number)
    twice = _paid(db, mine, people.owner, bill_total(homes[0], last), moment)
    _refunded(db, twice, None, "Оплачено дважды: через банк и на сайте", people.accountant, back)
    mother = account_of(db, homes[MOTHER].number)
    _paid(db, mother, people.owner, bill_total(homes[MOTHER], last), moment, CARD)
    works = account_of(db, homes[COMPANY].number)
    much = _paid(db, works, people.company, bill_total(homes[COMPANY], last) + TOO_MUCH, moment)
    _refunded(db, much, TOO_MUCH, "Переплата по письму бухгалтерии", people.accountant, back)


def _paid(
    db: Session, account: AccountRef, payer: Actor, amount: int, moment: datetime, saved: SavedMethod | None = None
) -> str:
    """Pay as through the provider's page; return the payment. Billing has known of it for long."""
    with as_of(db, moment, payer):
        order = pay.Order(
            amount,
            public_id(),
            f"Оплата услуг, лицевой счёт {account.number}",
            lambda _: "",
            payer.login,
            save=bool(saved),
        )
        payment = pay.start(db, account, order)
    with as_of(db, moment + timedelta(minutes=2)):
        case = _case(db, account, payment)
        recording.record(db, case, recording.Seen(_seen(case, saved)))
    db.execute(update(Payment).where(Payment.public_id == payment).values(acknowledged_at=moment + timedelta(hours=2)))
    return payment


def _refunded(db: Session, payment: str, part: int | None, why: str, by: Actor, moment: datetime) -> None:
    """Give a payment back, whole or in part, as the desk does; the provider agreed a minute later."""
    account_id, whole = db.execute(select(Payment.account_id, Payment.amount).where(Payment.public_id == payment)).one()
    amount = part or whole
    with as_of(db, moment, by):
        name = refunds.start(db, payment, refunds.Wish(amount, why, public_id()))
    with as_of(db, moment + timedelta(minutes=1)):
        key = db.scalars(select(Refund.id).where(Refund.public_id == name)).one()
        refund = refund_cases.by_id(db.connection(), key)
        case = cases.last_of(db.connection(), payment, account_id)
        assert refund is not None
        assert case is not None
        assert case.provider_id is not None
        given = GatewayRefund(public_id(), case.provider_id, "succeeded", amount, case.currency)
        refunds.record(db, refund, refunds.Told(given, _seen(case, None, amount)))


def _seen(case: cases.Case, saved: SavedMethod | None, back: int = 0) -> GatewayPayment:
    """Return a payment as the provider tells it."""
    status: PaymentStatus = "succeeded" if not back else "refunded" if back == case.amount else "refunded_part"
    names = {"attempt": case.key, "payment_id": case.payment}
    return GatewayPayment(
        case.provider_id or public_id(), status, case.amount, case.currency, back, True, "card", CARD.title,
        metadata=names, saved=saved,
    )  # fmt: skip


def _case(db: Session, account: AccountRef, payment: str) -> cases.Case:
    found = cases.last_of(db.connection(), payment, account.id)
    assert found is not None
    return found


def _autopay(db: Session, account: AccountRef, owner: Actor, day: date) -> None:
    """Let a person's card pay for an account, and tell of the next charge when its day is near enough."""
    method = db.scalars(select(Method.public_id).where(Method.account_id == account.id)).first()
    if method is None or not desk_of(db).saves:
        return
    ahead = range(desk_of(db).settings.autopay.notice_days, 0, -1)
    days = [near.day for past in ahead if (near := day + timedelta(days=past)).day <= 28]
    words = (
        f"Соглашаюсь, что не больше {CAP // 100} ₽ в месяц списывают с карты {CARD.title} за лицевой счёт {account.number}, "
        "не спрашивая меня каждый раз. Вы сообщаете мне до каждого списания, и я могу отключить это в любой момент."
    )
    about = f"Автоплатёж, лицевой счёт {account.number}"
    wish = agreeing.Agreement(method, "bill", (days or [28])[0], CAP, words, about, owner.login)
    with as_of(db, now(db) - timedelta(days=20), owner):
        agreeing.switch_on(db, account, wish)
    agreed = [each for each in reads.switched_on(db.connection(), 0) if each.account.id == account.id]
    for each in agreed:
        charging.plan(db, each, day)


def _cash(db: Session, payers: Sequence[Household], month: int, people: People, day: date) -> None:
    """Fill the cash desk: yesterday with a slip taken back and a count that fits, closed; today with the first payer."""
    if len(payers) < 4:
        return
    began = datetime.combine(day - timedelta(days=1), time(10, 20), desk_of(db).zone).astimezone(UTC)
    kinds: tuple[cash.Kind, ...] = ("cash", "card", "cash")
    slips = [
        _slip(db, home, month, kind, people.cashier, began + timedelta(minutes=40 * nth))
        for nth, (home, kind) in enumerate(zip(payers, kinds, strict=False))
    ]
    with as_of(db, began + timedelta(hours=2), people.accountant):
        cash.reverse(db, slips[-1], "Принято не на тот лицевой счёт")
    with as_of(db, began + timedelta(hours=7), people.cashier):
        one = db.scalars(select(CashDay)).one()
        db.refresh(one)
        cash.close(db, one.public_id, one.cash - one.returned_cash)
    # The desk of the portal knows today alone: what was closed becomes yesterday's.
    db.execute(update(CashDay).values(day=day - timedelta(days=1)))
    _slip(db, payers[3], month, "cash", people.cashier, now(db) - timedelta(minutes=25))
    _acknowledge(db)


def _slip(db: Session, home: Household, month: int, kind: cash.Kind, cashier: Actor, moment: datetime) -> str:
    amount = bill_total(home, month)
    given = amount if kind == "card" else -(-amount // 50_000) * 50_000
    with as_of(db, moment, cashier):
        account = account_of(db, home.number)
        return cash.take(db, cash.Taking(kind, [(account, amount)], given, public_id(), f"Лицевой счёт {home.number}"))


def _acknowledge(db: Session) -> None:
    """Billing learned of yesterday's money over night; today's is still being posted."""
    of_desk = select(Attempt.payment_id).where(Attempt.gateway == GATEWAY)
    late = now(db) - timedelta(minutes=40)
    db.execute(update(Payment).where(Payment.id.in_(of_desk), Payment.paid_at < late).values(acknowledged_at=late))
