"""An infobase of 1C that speaks its OData on a port of this machine: sets with Russian names, $filter, $orderby, $top and $skip, error
bodies, documents that are posted."""

from __future__ import annotations

import base64
import re
from typing import Any
from uuid import uuid4

from lkportal.testing.systems.fake import Answer, Call, FakeSystem

LOGIN, PASSWORD = "Портал", "пароль"
ROOT = "/base/odata/standard.odata/"
_POST = re.compile(r"(\w+)\(guid'([0-9a-f-]{36})'\)/Post\(\)")
_TERM = re.compile(r"(\w+) (eq|ne|ge|le|gt|lt) (guid'[^']*'|datetime'[^']*'|'(?:[^']|'')*'|true|false|-?[\d.]+)")
Json = dict[str, Any]


class FakeOneC(FakeSystem):
    """One infobase. `sets` are published: name -> rows; a set that is not there is told as 1C does. `documents` names the set that the
    portal writes to, `keyed` its field for our key; `closed` is a business error it answers to posting."""

    def __init__(self, documents: str = "Document_ОплатаЧерезПортал", keyed: str = "КлючПортала") -> None:
        super().__init__()
        self.documents, self.keyed, self.closed = documents, keyed, False
        self.sets: dict[str, list[Json]] = {documents: []}

    @property
    def root(self) -> str:
        """The root of its OData."""
        return self.address + ROOT

    def told(self) -> int:
        return len(self.sets[self.documents])

    def changes(self, call: Call) -> bool:
        return call.method == "POST" and not call.path.endswith("/Post()")

    def limited(self) -> Answer:
        return Answer("", 429, {"Retry-After": "5"})

    def refusal(self) -> Answer:
        return _error(400, "21", "Неверный формат значения поля")

    def answer(self, call: Call) -> Answer:
        known = base64.b64encode(f"{LOGIN}:{PASSWORD}".encode()).decode()
        if call.headers.get("authorization") != f"Basic {known}":
            return Answer("", 401)
        if call.query.get("$format") != "json":
            return Answer('<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"/>')
        name = call.path.removeprefix(ROOT)
        posted = _POST.fullmatch(name)
        if posted:
            return self._post(posted[1], posted[2])
        if name not in self.sets:
            return _error(404, "8", f"Сущность {name} не найдена")
        return self._add(name, call.body) if call.method == "POST" else self._rows(name, call.query)

    def _post(self, name: str, key: str) -> Answer:
        found = [row for row in self.sets.get(name, []) if row["Ref_Key"] == key]
        if not found:
            return _error(404, "9", "Экземпляр сущности не найден")
        if self.closed:
            return _error(500, "15", "Период закрыт для изменений")
        found[0]["Posted"] = True
        return Answer("", 200)

    def _add(self, name: str, body: Json) -> Answer:
        row = {"Ref_Key": str(uuid4()), "DataVersion": "AAAAAQAAAAA=", "DeletionMark": False, "Posted": False, **body}
        self.sets[name].append(row)
        return Answer({"odata.metadata": f"{self.root}$metadata#{name}/@Element", **row}, 201)

    def _rows(self, name: str, query: dict[str, str]) -> Answer:
        try:
            rows = [row for row in self.sets[name] if _fits(row, query.get("$filter", ""))]
            order = query.get("$orderby", "")
            if order:
                rows = sorted(rows, key=lambda row: str(row[order.split()[0]]))
            skip, top = int(query.get("$skip", 0)), int(query.get("$top", 1000))
            chosen = query.get("$select", "").split(",") if "$select" in query else None
            page = [{k: row[k] for k in chosen} if chosen else row for row in rows[skip : skip + top]]
        except KeyError as error:
            return _error(400, "6", f"Поле {error} не найдено")
        return Answer({"odata.metadata": f"{self.root}$metadata#{name}", "value": page})


def _fits(row: Json, condition: str) -> bool:
    """Whether a row fits a $filter of terms joined by `and`."""
    for part in re.split(r" and ", condition) if condition else ():
        found = _TERM.fullmatch(part.strip())
        if found is None:
            raise KeyError(part)
        value, wanted = row[found[1]], _literal(found[3])
        kept = {
            "eq": value == wanted,
            "ne": value != wanted,
            "ge": value >= wanted,
            "le": value <= wanted,
            "gt": value > wanted,
            "lt": value < wanted,
        }
        if not kept[found[2]]:
            return False
    return True


def _literal(written: str) -> Any:
    if written in ("true", "false"):
        return written == "true"
    for kind in ("guid", "datetime"):
        if written.startswith(f"{kind}'"):
            return written[len(kind) + 1 : -1]
    if written.startswith("'"):
        return written[1:-1].replace("''", "'")
    return float(written)


def _error(status: int, code: str, words: str) -> Answer:
    return Answer({"odata.error": {"code": code, "message": {"lang": "ru", "value": words}}}, status)
