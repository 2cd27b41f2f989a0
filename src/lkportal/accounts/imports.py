"""The import kind `accounts`: who is served where, from a file of the company. Set-based SQL that both databases read;
what comes again is brought up to date, what a file does not say stays as it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from lkportal.accounts.brands import remember_brands
from lkportal.accounts.contract import AccountsImported
from lkportal.accounts.models import Brand
from lkportal.core.errors import PortalError
from lkportal.core.i18n import text
from lkportal.core.importing.kind import Unfit
from lkportal.core.imports import (
    Applied,
    Cell,
    Column,
    ImportKind,
    Parser,
    Setwise,
    Staged,
    account_number,
    inn,
    words,
)
from lkportal.core.ports import port
from lkportal.core.settings import PortalSettings
from lkportal.core.unit import now
from lkportal.theming import BrandBook, Theme
from lkportal.web import Site

LAST_LINE_COUNTS = "DELETE FROM {staging} WHERE line NOT IN (SELECT max(line) FROM {staging} GROUP BY account)"
KNOWN = """
SELECT count(*) FROM {staging} s JOIN accounts_accounts a ON a.number = s.account AND a.brand_id = :brand
"""
ORGANISATIONS = """
INSERT INTO accounts_organisations (public_id, name, tax_number, source, source_key, source_version, seen_at)
SELECT {public_id}, max(COALESCE(s.organisation, s.holder, s.tax_number)), s.tax_number, :source, s.tax_number, :import, :now
FROM {staging} s
WHERE s.tax_number IS NOT NULL AND NOT EXISTS (SELECT 1 FROM accounts_organisations o WHERE o.tax_number = s.tax_number)
GROUP BY s.tax_number
"""
ORGANISATIONS_NAMED = """
UPDATE accounts_organisations SET name = s.name, source_version = :import, seen_at = :now
FROM (SELECT tax_number, max(organisation) AS name FROM {staging} WHERE organisation IS NOT NULL GROUP BY tax_number) s
WHERE accounts_organisations.tax_number = s.tax_number
"""
PREMISES = """
INSERT INTO accounts_premises (public_id, address, source, source_key, source_version, seen_at)
SELECT {public_id}, max(s.address), :source, :prefix || COALESCE(s.premise, s.account), :import, :now
FROM {staging} s WHERE true GROUP BY COALESCE(s.premise, s.account)
ON CONFLICT (source, source_key) DO UPDATE SET address = excluded.address, source_version = excluded.source_version,
    seen_at = excluded.seen_at
"""
ACCOUNTS = """
INSERT INTO accounts_accounts (public_id, brand_id, organisation_id, premise_id, number, title, holder, time_zone, currency,
                               opened_at, source, source_key, source_version, seen_at)
SELECT {public_id}, :brand, (SELECT min(o.id) FROM accounts_organisations o WHERE o.tax_number = s.tax_number),
       (SELECT p.id FROM accounts_premises p
        WHERE p.source = :source AND p.source_key = :prefix || COALESCE(s.premise, s.account)),
       s.account, substr(s.address, 1, 200), COALESCE(s.holder, ''), COALESCE(s.time_zone, :zone), :currency,
       :now, :source, :prefix || s.account, :import, :now
FROM {staging} s WHERE true
ON CONFLICT (brand_id, number) DO UPDATE SET title = excluded.title, premise_id = excluded.premise_id,
    organisation_id = COALESCE(excluded.organisation_id, accounts_accounts.organisation_id),
    holder = CASE WHEN excluded.holder = '' THEN accounts_accounts.holder ELSE excluded.holder END,
    source = excluded.source, source_key = excluded.source_key, source_version = excluded.source_version,
    seen_at = excluded.seen_at
"""
ZONES = """
UPDATE accounts_accounts SET time_zone = s.time_zone FROM {staging} s
WHERE accounts_accounts.number = s.account AND accounts_accounts.brand_id = :brand AND s.time_zone IS NOT NULL
"""


class Portal(Protocol):
    """What is read of the portal."""

    @property
    def settings(self) -> PortalSettings: ...
    @property
    def sites(self) -> Sequence[Site]: ...
    def theme(self, brand: str) -> Theme: ...


@dataclass(frozen=True, slots=True)
class Feed:
    """What a file leaves unsaid: the brands of the portal, the default one first, its time zone and currency."""

    books: tuple[tuple[str, BrandBook], ...]
    time_zone: str
    currency: str

    @classmethod
    def of(cls, portal: Portal) -> Feed:
        """Return what `portal` says for its accounts."""
        books = tuple((site.key, portal.theme(site.key).book) for site in portal.sites)
        return cls(books, portal.settings.portal.time_zone, portal.settings.portal.currency)

    def brand(self, db: Session, key: str) -> int:
        """Return the row of a brand, written if the portal never started yet. Raises PortalError for an unknown one."""
        if key not in dict(self.books):
            known = ", ".join(each for each, _ in self.books)
            message = text(
                "accounts.import.brand", "There is no brand %(brand)s. There are: %(known)s.", brand=key, known=known
            )
            raise PortalError("imports.parameter", message)
        remember_brands(db, self.books)
        db.flush()
        return db.scalars(select(Brand.id).where(Brand.key == key)).one()


def apply(db: Session, staged: Staged) -> Applied:
    """Write a batch: organisations and premises first, then the accounts, new and known ones."""
    feed = port(db, Feed)
    key = staged.parameters.get("brand") or feed.books[0][0]
    values = {
        "brand": feed.brand(db, key),
        "prefix": f"{key}/",
        "source": staged.parameters.get("source") or "accounts",
        "import": staged.import_public,
        "zone": feed.time_zone,
        "currency": feed.currency,
        "now": now(db),
    }
    work = Setwise(db, staged, values)
    work.take_turn("accounts_import")
    work.settle(staged.table.name)
    work.run(LAST_LINE_COUNTS)
    known = work.run(KNOWN).scalar_one()
    for statement in (ORGANISATIONS, ORGANISATIONS_NAMED, PREMISES):
        work.run(statement)
    written = work.run(ACCOUNTS).rowcount
    work.run(ZONES)
    event = AccountsImported(staged.import_public, staged.batch, written)
    return Applied(event, {"new": written - known, "known": known})


def _zone(cell: str) -> Cell:
    try:
        return ZoneInfo(cell).key
    except (KeyError, ValueError, OSError):
        raise Unfit(text("accounts.import.not_zone", "Write a time zone such as Europe/Moscow.")) from None


KIND = ImportKind(
    name="accounts",
    title=text("accounts.import.title", "Accounts"),
    columns=(
        Column(
            "account",
            text("accounts.import.number", "Account"),
            account_number(),
            ("лицевой счёт", "номер лицевого счёта", "лс", "л/с", "номер", "number", "account number"),
        ),
        Column("address", text("accounts.import.address", "Address"), words(400), ("адрес", "адрес помещения")),
        Column(
            "holder",
            text("accounts.import.holder", "Holder"),
            words(300),
            ("фио", "плательщик", "владелец", "абонент", "name"),
            required=False,
        ),
        Column(
            "tax_number",
            text("accounts.import.tax_number", "Tax number of the organisation"),
            inn(),
            ("инн", "инн организации", "inn"),
            required=False,
        ),
        Column(
            "organisation",
            text("accounts.import.organisation", "Organisation"),
            words(300),
            ("организация", "наименование организации", "company"),
            required=False,
        ),
        Column(
            "premise",
            text("accounts.import.premise", "Code of the premise"),
            words(100),
            ("код помещения", "помещение", "объект"),
            required=False,
        ),
        Column(
            "time_zone",
            text("accounts.import.zone", "Time zone"),
            Parser(_zone, "text", schema={"examples": ["Europe/Moscow"]}),
            ("часовой пояс", "timezone"),
            required=False,
        ),
    ),
    apply=apply,
    parameters={
        "source": text("accounts.import.source", "Name of the system the file comes from"),
        "brand": text("accounts.import.brand_key", "Key of the brand"),
    },
    permission="accounts.import",
)
