"""Statements as a bank's client writes them, for tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

OURS = "40702810900000000001"


@dataclass(frozen=True)
class Paid:
    """A transfer: to us, unless `payee` says otherwise."""

    number: str
    day: str
    amount: str
    purpose: str
    payer: str = "Петров Пётр Петрович"
    inn: str = ""
    payer_account: str = "40817810000000000077"
    payee: str = OURS

    def lines(self) -> list[str]:
        """The section of the statement."""
        return [
            "СекцияДокумент=Платежное поручение",
            f"Номер={self.number}",
            f"Дата={self.day}",
            f"Сумма={self.amount}",
            f"ПлательщикСчет={self.payer_account}",
            f"ДатаПоступило={self.day}" if self.payee == OURS else f"ДатаСписано={self.day}",
            f"Плательщик=ИНН {self.inn} {self.payer}" if self.inn else f"Плательщик={self.payer}",
            f"ПлательщикИНН={self.inn}",
            "ПлательщикБИК=044525225",
            f"ПолучательСчет={self.payee}",
            "Получатель=ООО Тепло",
            f"НазначениеПлатежа={self.purpose}",
            "КонецДокумента",
        ]


def written(paid: Sequence[Paid], encoding: str = "cp1251", head: str = "Windows") -> bytes:
    """Return a statement as bytes."""
    lines = ["1CClientBankExchange", "ВерсияФормата=1.03", f"Кодировка={head}", "Отправитель=Банк", f"РасчСчет={OURS}"]
    lines += ["СекцияРасчСчет", f"РасчСчет={OURS}", "НачальныйОстаток=0.00", "КонецРасчСчет"]
    for each in paid:
        lines += each.lines()
    return "\r\n".join([*lines, "КонецФайла", ""]).encode(encoding)
