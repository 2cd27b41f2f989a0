"""A small billing world for the import engine: accounts, bills, charge lines, a kind of file with eight columns that fills two
tables, files of any size, and a program that imports one and can be killed (`python -m tests.core.imports.world URL FILE`)."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    func,
    insert,
    select,
    text,
)
from sqlalchemy.orm import Session

from lkportal.core import imports as engine
from lkportal.core.clock import SystemClock
from lkportal.core.db import Base, Database
from lkportal.core.events import Event
from lkportal.core.i18n import text as words
from lkportal.core.importing.tables import imports, rejects
from lkportal.core.policy import SYSTEM
from lkportal.core.ports import Ports
from lkportal.core.tables import outbox
from lkportal.core.unit import UnitContext

_KEY = BigInteger().with_variant(Integer(), "sqlite")
TABLES = MetaData()
accounts = Table(
    "proof_accounts", TABLES, Column("id", _KEY, primary_key=True), Column("number", String(32), unique=True)
)
bills = Table(
    "proof_bills",
    TABLES,
    Column("id", _KEY, primary_key=True),
    Column("account_id", BigInteger, ForeignKey("proof_accounts.id"), nullable=False),
    Column("period", Date, nullable=False),
    UniqueConstraint("account_id", "period"),
)
lines = Table(
    "proof_lines",
    TABLES,
    Column("id", _KEY, primary_key=True),
    Column("bill_id", BigInteger, ForeignKey("proof_bills.id"), nullable=False),
    Column("account_id", BigInteger, nullable=False),
    Column("service", String(80), nullable=False),
    Column("volume", BigInteger),
    Column("rate", BigInteger),
    Column("amount", BigInteger, nullable=False),
    Column("charged_on", Date),
    UniqueConstraint("bill_id", "service"),
)
Index("ix_proof_lines_account_id", lines.c.account_id)

SERVICES = (
    "холодная вода",
    "горячая вода",
    "водоотведение",
    "отопление",
    "вывоз ТКО",
    "содержание жилья",
    "капитальный ремонт",
    "электроэнергия",
)
HEADER = "Лицевой счёт;ФИО;Услуга;Период;Объём;Тариф;Дата начисления;Сумма"


@dataclass(frozen=True)
class ChargesImported(Event):
    """A batch of charge lines is in the books."""

    name: ClassVar[str] = "proof.charges_imported"
    import_id: str
    batch: int
    lines: int


APPLY = (
    "INSERT INTO proof_bills (account_id, period) SELECT DISTINCT a.id, s.period FROM {staging} s "
    "JOIN proof_accounts a ON a.number = s.account WHERE s.reject IS NULL ON CONFLICT DO NOTHING",
    "INSERT INTO proof_lines (bill_id, account_id, service, volume, rate, amount, charged_on) "
    "SELECT b.id, a.id, s.service, s.volume, s.rate, s.amount, s.charged_on FROM {staging} s "
    "JOIN proof_accounts a ON a.number = s.account JOIN proof_bills b ON b.account_id = a.id AND b.period = s.period "
    "WHERE s.reject IS NULL ON CONFLICT DO NOTHING",
)
MARK = (
    "UPDATE {staging} SET reject = 'unknown_account' "
    "WHERE NOT EXISTS (SELECT 1 FROM proof_accounts a WHERE a.number = {staging}.account)"
)


def apply(db: Session, staged: engine.Staged) -> engine.Applied:
    """Write a batch: unknown accounts are marked, bills come before their lines."""
    name = staged.table.name
    db.execute(text(MARK.format(staging=name)))
    for statement in APPLY:
        db.execute(text(statement.format(staging=name)))
    return engine.Applied(ChargesImported(staged.import_public, staged.batch, staged.rows), {"batches": 1})


def _column(name: str, parse: engine.Parser, *aliases: str, required: bool = True) -> engine.Column:
    return engine.Column(name, words(f"proof.column.{name}", name), parse, aliases, required)


KIND = engine.ImportKind(
    name="proof",
    title=words("proof.kind", "Charge lines"),
    columns=(
        _column("account", engine.account_number(), "лицевой счет", "account number"),
        _column("name", engine.words(), "ФИО", required=False),
        _column("service", engine.words(80), "услуга"),
        _column("period", engine.period(), "период"),
        _column("volume", engine.volume(), "объем", required=False),
        _column("rate", engine.money(), "тариф", required=False),
        _column("charged_on", engine.day(), "дата начисления", required=False),
        _column("amount", engine.money(), "сумма", "сумма начислено"),
    ),
    apply=apply,
    rejections={
        "unknown_account": engine.Rejection(
            "account", words("proof.unknown_account", "There is no account with this number. Add it first.")
        )
    },
)
DEBTS = engine.ImportKind(
    name="debts",
    title=words("proof.debts", "Debt registry"),
    columns=(
        _column("account", engine.account_number(), "лицевой счет"),
        _column("name", engine.words(), "ФИО", required=False),
        _column("amount", engine.money(), "сумма"),
    ),
    apply=lambda db, staged: engine.Applied(),
    file_name=r"(?P<inn>\d{10}|\d{12})_(?P<bank_account>\d{20})_(?P<number>\d+)_(?P<month>\d\d)(?P<year>\d\d)\.txt",
    answers_to=("proof",),
    positional=True,
)


def circumstances() -> UnitContext:
    """Return the circumstances of an import from the shell."""
    return UnitContext(SystemClock(), SYSTEM, "import", Ports())


def create(database: Database, count: int) -> None:
    """Create all tables and `count` accounts, numbered 0000000000 and up."""
    with database.engine.begin() as connection:
        Base.metadata.create_all(connection, tables=[imports, rejects, outbox])
        TABLES.create_all(connection)
        if count:
            connection.execute(insert(accounts), [{"number": f"{number:010}"} for number in range(count)])


def rows(count: int, bad_every: int = 0, seed: int = 1) -> Iterator[str]:
    """Yield `count` rows of a file: eight services an account; every `bad_every`th is bad, in one of three ways."""
    dice = random.Random(seed)
    for index in range(count):
        account, service = f"{index // 8:010}", SERVICES[index % 8]
        amount = f"{dice.randrange(9999)},{dice.randrange(100):02}"
        if bad_every and index % bad_every == bad_every - 1:
            kind = index // bad_every % 3
            account = "9" * 12 if kind == 0 else account
            amount = "много" if kind == 1 else amount
            service = "" if kind == 2 else service
        volume, rate = (
            f"{dice.randrange(99)},{dice.randrange(1000):03}",
            f"{dice.randrange(900)},{dice.randrange(100):02}",
        )
        yield f"{account};Щербакова Ольга Ильинична;{service};10.2026;{volume};{rate};25.10.2026;{amount}"


def write_file(path: Path, count: int, bad_every: int = 0, encoding: str = "cp1251") -> Path:
    """Write a file of `count` rows with a header."""
    with path.open("w", encoding=encoding, newline="") as file:
        file.write(HEADER + "\r\n")
        for row in rows(count, bad_every):
            file.write(row + "\r\n")
    return path


def totals(database: Database) -> tuple[int, int]:
    """Return (charge lines, sum of their amounts) that are in the books."""
    with database.reading() as connection:
        found = connection.execute(select(func.count(), func.coalesce(func.sum(lines.c.amount), 0))).one()
    return int(found[0]), int(found[1])


def main(url: str, file: str, batch_rows: str = "0") -> None:
    """Import a file and print what became of it: the program that is killed."""
    database = Database.connect(url, pool_size=2)

    def tell(progress: engine.Progress) -> None:
        print(progress.accepted + progress.rejected, flush=True)

    report = engine.run_import(database, circumstances(), KIND, Path(file), batch_rows=int(batch_rows), progress=tell)
    status = Path("/proc/self/status")
    if status.is_file():
        peak = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        print(f"peak_kib={peak.split()[1]}")
    print(f"accepted={report.accepted} rejected={report.rejected} resumed={report.resumed}")
    database.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
