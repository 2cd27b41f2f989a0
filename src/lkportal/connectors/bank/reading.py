"""Reads a bank statement in the exchange format of 1C (1CClientBankExchange: lines KEY=VALUE, windows-1251, UTF-8 or CP866) into rows of
JSON. Runs in a process of its own (core.strangers) and imports nothing of ours; what the rows mean is in operations.

The first line of the answer tells of the file: {"accounts": [...], "receipts": 2, "others": 1}, or {"fault": "cut", "line": 7}.
Source of the format: "Стандарт обмена с системами «Клиент банка»", 1C, versions 1.01 to 1.03.
"""

from __future__ import annotations

import codecs
import json
import re
from collections import Counter
from typing import IO, Any

for encoding in ("utf-8-sig", "cp1251", "cp866"):
    codecs.lookup(encoding)  # now: with the file in hand nothing more can be opened, not even a table of letters

START = "1CClientBankExchange"
MOST = 50_000
"""Documents of one statement."""
_LONGEST = 4_000
_DAY = re.compile(r"(\d{2})\.(\d{2})\.(\d{4})")
_SUM = re.compile(r"\d{1,15}(?:[.,]\d{1,2})?")


class Unfit(Exception):
    """The file is no whole statement: a word for what is wrong, and the line."""

    def __init__(self, fault: str, line: int) -> None:
        super().__init__(fault)
        self.fault, self.line = fault, line


def answer(sent: IO[bytes]) -> bytes:
    """Return the statement as rows."""
    try:
        own, documents = documents_of(text_of(sent.read()))
        rows, others = receipts(own, documents)
    except Unfit as unfit:
        return json.dumps({"fault": unfit.fault, "line": unfit.line}).encode()
    head = {"accounts": sorted(own), "receipts": len(rows), "others": others}
    return "\n".join(json.dumps(each, ensure_ascii=False) for each in [head, *rows]).encode()


def text_of(body: bytes) -> str:
    """Return the text of a statement: UTF-8 where it is that, else what its head names, else windows-1251."""
    if b"\x00" in body:
        raise Unfit("binary", 1)
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        is_dos = "Кодировка=DOS".encode("cp866") in body[:2000]
        return body.decode("cp866" if is_dos else "cp1251", "replace")


def documents_of(content: str) -> tuple[set[str], list[dict[str, str]]]:
    """Return the statement's own bank accounts and its documents, each with the line it begins at. Raises Unfit."""
    lines = ((number, each.strip()) for number, each in enumerate(content.splitlines(), 1) if each.strip())
    number, first = next(lines, (1, ""))
    if first != START:
        raise Unfit("other" if first else "empty", number)
    own: set[str] = set()
    documents: list[dict[str, str]] = []
    current: dict[str, str] | None = None
    for number, written in lines:
        name, _, value = (part.strip() for part in written.partition("="))
        if len(value) > _LONGEST:
            raise Unfit("long", number)
        if name == ("СекцияДокумент" if current is not None else "КонецДокумента"):
            raise Unfit("cut", number)
        if name == "КонецФайла":
            break
        if name == "РасчСчет" and value and current is None:
            own.add(value)
        current = _step(documents, current, number, name, value)
    else:
        raise Unfit("cut", number)
    if current is not None:
        raise Unfit("cut", number)
    return own, documents


def _step(
    documents: list[dict[str, str]], current: dict[str, str] | None, number: int, name: str, value: str
) -> dict[str, str] | None:
    """Take a line into the document under way; return the document under way after it."""
    if name == "СекцияДокумент":
        return {"": str(number)}
    if name == "КонецДокумента" and current is not None:
        if len(documents) >= MOST:
            raise Unfit("many", number)
        documents.append(current)
        return None
    if current is not None:
        current.setdefault(name, value)
    return current


def receipts(own: set[str], documents: list[dict[str, str]]) -> tuple[list[dict[str, Any]], int]:
    """Return what came to the own accounts, as rows of the import kind, and how many documents are something else."""
    rows, met, others = [], Counter[tuple[str, ...]](), 0
    for document in documents:
        payee = document.get("ПолучательРасчСчет") or document.get("ПолучательСчет", "")
        payer = document.get("ПлательщикРасчСчет") or document.get("ПлательщикСчет", "")
        came = payee in own if own else bool(document.get("ДатаПоступило"))
        if not came or payer in own:
            others += 1
            continue
        row = _row(document, payee, payer)
        same = tuple(row[name] for name in ("account", "bank", "payer_account", "number", "day", "amount"))
        met[same] += 1
        rows.append({**row, "occurrence": str(met[same])})
    return rows, others


def _row(document: dict[str, str], payee: str, payer: str) -> dict[str, str]:
    line = int(document[""])
    amount = document.get("Сумма", "").replace(" ", "").replace("\xa0", "")
    if not _SUM.fullmatch(amount):
        raise Unfit("sum", line)
    return {
        "account": payee,
        "number": document.get("Номер", "")[:20],
        "day": _day(document.get("Дата") or document.get("ДатаПоступило", ""), line),
        "amount": amount.replace(",", "."),
        "payer": _payer(document)[:300],
        "inn": document.get("ПлательщикИНН", "")[:12],
        "payer_account": payer[:34],
        "bank": document.get("ПлательщикБИК", "")[:9],
        "purpose": _purpose(document)[:1000],
    }


def _day(written: str, line: int) -> str:
    found = _DAY.fullmatch(written)
    if found is None:
        raise Unfit("day", line)
    return f"{found[3]}-{found[2]}-{found[1]}"


def _payer(document: dict[str, str]) -> str:
    name = document.get("Плательщик1") or document.get("Плательщик", "")
    return re.sub(r"^ИНН\s*\d{10,12}\s*", "", name).strip()


def _purpose(document: dict[str, str]) -> str:
    whole = document.get("НазначениеПлатежа", "")
    parts = [document.get(f"НазначениеПлатежа{number}", "") for number in range(1, 7)]
    return whole or " ".join(part for part in parts if part)
