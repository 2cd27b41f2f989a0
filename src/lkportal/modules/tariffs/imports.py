"""Files and feeds of services: the catalogue with dated prices, what is connected, who belongs to which segment. SQL is in imports_sql."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from lkportal.accounts.contract import ACCOUNT_REJECTIONS, MARK_ACCOUNT
from lkportal.core.i18n import text
from lkportal.core.imports import (
    Applied,
    ImportKind,
    Rejection,
    Setwise,
    Staged,
    account_number,
    column,
    day,
    integer,
    money,
    one_of,
    staged_day,
    words,
)
from lkportal.core.ports import port
from lkportal.core.unit import now
from lkportal.modules.tariffs import imports_sql as sql
from lkportal.modules.tariffs.office import Office

PERMISSION = "tariffs.import"
_KIND = one_of(
    {"plan": "plan", "тариф": "plan", "addon": "addon", "услуга": "addon"},
    text("tariffs.import.not_kind", "Write plan or addon."),
)
_STATE = one_of(
    {"active": "active", "подключена": "active", "frozen": "frozen", "заморожена": "frozen",
     "suspended": "suspended", "приостановлена": "suspended", "ended": "ended", "отключена": "ended"},
    text("tariffs.import.not_state", "Write active, frozen, suspended or ended."),
)  # fmt: skip
_YES = one_of(
    {"1": "1", "yes": "1", "да": "1", "0": "0", "no": "0", "нет": "0"},
    text("tariffs.import.not_yes", "Write yes or no."),
)
_ACCOUNT = column(
    "account",
    text("tariffs.import.account", "Account"),
    account_number(),
    "лицевой счёт",
    "лс",
    "договор",
    "account number",
)
_CODE = column("code", text("tariffs.import.code", "Code of the service"), words(60), "код", "код услуги")


def apply_offerings(db: Session, staged: Staged) -> Applied:
    """Write a batch of the catalogue: what is offered, and what it costs from a day on."""
    _run(db, staged, (sql.MARK_MONTHS, sql.OFFERINGS, sql.PRICES))
    return Applied()


def apply_services(db: Session, staged: Staged) -> Applied:
    """Write a batch of connected services; what is known by its key is brought up to date."""
    _run(db, staged, (MARK_ACCOUNT, sql.MARK_OFFERING, sql.SERVICES))
    return Applied()


def apply_segments(db: Session, staged: Staged) -> Applied:
    """Write a batch of segments: an account that is named belongs to what the file names, and to nothing else."""
    _run(db, staged, (MARK_ACCOUNT, sql.FORGET_SEGMENTS, sql.SEGMENTS))
    return Applied()


def _run(db: Session, staged: Staged, statements: Sequence[str]) -> None:
    today = port(db, Office).today(now(db))
    days = {
        name: staged_day(db, f"s.{name}") for name in ("since", "until", "charge_on", "price_since", "frozen_until")
    }
    values = {"now": now(db), "today": today, "first_day": sql.FIRST_DAY, "import": staged.import_public}
    work = Setwise(db, staged, values, **{f"{name}_day": cast for name, cast in days.items()})
    work.take_turn("tariffs_import")
    for statement in statements:
        work.run(statement)


OFFERINGS = ImportKind(
    name="offerings",
    title=text("tariffs.import.offerings", "Catalogue of services"),
    columns=(
        _CODE,
        column("kind", text("tariffs.import.kind", "Plan or addon"), _KIND, "вид"),
        column("family", text("tariffs.import.family", "Group"), words(60), "группа"),
        column("title", text("tariffs.import.title", "Name"), words(120), "название", "наименование", "услуга"),
        column("price", text("tariffs.import.price", "Price"), money(), "цена", "абонентская плата"),
        column("price_since", text("tariffs.import.price_since", "Price from"), day(), "цена с", required=False),
        column("months", text("tariffs.import.months", "Months it pays for"), integer(), "месяцев", required=False),
        column("connect_price", text("tariffs.import.connect", "Connecting"), money(), "подключение", required=False),
        column("prepaid", text("tariffs.import.prepaid", "In advance"), _YES, "предоплата", required=False),
        column("at_address", text("tariffs.import.at_address", "At an address"), _YES, "по адресу", required=False),
        column("segment", text("tariffs.import.segment", "Segment"), words(40), "сегмент", required=False),
        column("brand", text("tariffs.import.brand", "Brand"), words(40), "бренд", required=False),
        column("since", text("tariffs.import.since", "Offered from"), day(), "действует с", required=False),
        column("until", text("tariffs.import.until", "Offered until"), day(), "действует по", required=False),
        column("icon", text("tariffs.import.icon", "Picture"), words(20), "значок", required=False),
        column("place", text("tariffs.import.place", "Place in the list"), integer(), "порядок", required=False),
        column("note", text("tariffs.import.note", "Description"), words(300), "описание", required=False),
    ),
    apply=apply_offerings,
    rejections={
        "months": Rejection("months", text("tariffs.import.months_size", "Write a number of months from 0 to 60.")),
        "price": Rejection("price", text("tariffs.import.price_size", "A price is not below zero.")),
    },
    permission=PERMISSION,
)
SERVICES = ImportKind(
    name="services",
    title=text("tariffs.import.services", "Connected services"),
    columns=(
        _ACCOUNT,
        _CODE,
        column(
            "key", text("tariffs.import.key", "Own key of the service"), words(60), "ключ", "id услуги", required=False
        ),
        column("state", text("tariffs.import.state", "State"), _STATE, "состояние", required=False),
        column("since", text("tariffs.import.connected", "Connected on"), day(), "подключена с", "дата подключения"),
        column(
            "charge_on", text("tariffs.import.charge_on", "Next charge"), day(), "следующее списание", required=False
        ),
        column("frozen_until", text("tariffs.import.frozen", "Frozen until"), day(), "заморожена до", required=False),
        column("price", text("tariffs.import.own_price", "Own price"), money(), "своя цена", required=False),
        column(
            "where", text("tariffs.import.where", "Address or number"), words(200), "адрес", "номер", required=False
        ),
    ),
    apply=apply_services,
    rejections={
        **ACCOUNT_REJECTIONS,
        "no_offering": Rejection(
            "code", text("tariffs.import.no_offering", "The catalogue has no such code. Import the catalogue first.")
        ),
    },
    permission=PERMISSION,
)
SEGMENTS = ImportKind(
    name="segments",
    title=text("tariffs.import.segments", "Segments of accounts"),
    columns=(
        _ACCOUNT,
        column("segment", text("tariffs.import.segment", "Segment"), words(40), "сегмент", required=False),
    ),
    apply=apply_segments,
    rejections=ACCOUNT_REJECTIONS,
    permission=PERMISSION,
)
KINDS = [OFFERINGS, SERVICES, SEGMENTS]
