"""What a demo fills the module with: policies for the accounts of its customers, brought by the same import as in life."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from lkportal.accounts.contract import AccountRef
from lkportal.core.jobs import enqueue
from lkportal.core.ports import port
from lkportal.core.unit import now
from lkportal_insurance.models import Insured, Policy, Premium
from lkportal_insurance.settings import Insurer

_FIRE = "Пожар и взрыв; Залив, в том числе по вине соседей; Кража со взломом"
_ROAD = "Угон; Авария по любой вине; Стихия и падение предметов"
_TRIP = "Лечение за границей; Задержка рейса"
# Kind, what its number begins with, days since its first and until its last, sums in minor units, premium with the days until it is due, what it insures.
_EXAMPLES = (
    ("home", "ИМ", -346, 18, _FIRE, 300_000_000, 1_000_000, (640_000, 11), (("Квартира", "54 м²", 250_000_000), ("Отделка и мебель", "", 50_000_000))),
    ("car", "КА", -120, 244, _ROAD, 185_000_000, 2_000_000, (1_450_000, 62), (("Автомобиль", "гос. номер А 123 ВС", 185_000_000),)),
    ("travel", "ПЗ", -400, -30, _TRIP, 50_000_000, 0, None, (("Поездка", "двое взрослых", 50_000_000),)),
)  # fmt: skip


def seed(db: Session, accounts: Sequence[AccountRef]) -> None:
    """Put policies onto the accounts of a demo: three on the first, the first one on the others; what follows from them is a job."""
    today = port(db, Insurer).today(now(db))
    for place, account in enumerate(accounts):
        for each in _EXAMPLES if place == 0 else _EXAMPLES[:1]:
            _put(db, account, today, each)
    enqueue(db, "insurance.follow", {}, dedup="insurance.follow/seed")


def _put(db: Session, account: AccountRef, today: date, example: tuple[Any, ...]) -> None:
    kind, letters, since, until, risks, insured_sum, deductible, premium, objects = example
    number = f"{letters}-{account.number}"
    policy = Policy(
        account_id=account.id, number=number, kind=kind, risks=risks, insured_sum=insured_sum, deductible=deductible,
        starts_on=today + timedelta(days=since), ends_on=today + timedelta(days=until), state="active", document="",
        source="insurer", source_key=number, seen_at=now(db),
    )  # fmt: skip
    db.add(policy)
    db.flush()
    for name, detail, amount in objects:
        db.add(Insured(policy_id=policy.id, name=name, detail=detail, insured_sum=amount))
    if premium:
        amount, days = premium
        db.add(
            Premium(
                policy_id=policy.id,
                account_id=account.id,
                amount=amount,
                unpaid=amount,
                due_on=today + timedelta(days=days),
                state="planned",
                bill="",
            )
        )
