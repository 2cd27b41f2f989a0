"""A CRM that speaks the REST of Bitrix24 on a port of this machine: deals, comments of their timeline, batches, limits."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from lkportal.testing.systems.fake import Answer, Call, FakeSystem

SECRET = "webhook-of-the-tests"
_PATH = re.compile(r"/rest/1/([^/]+)/([a-z0-9_.]+)\.json")
_BRACKETS = re.compile(r"([^\[\]]+)")
_KEPT = ("title", "comments", "originatorId", "originId", "categoryId", "assignedById", "sourceDescription", "stageId")
_PAGE = 50
Json = dict[str, Any]


class FakeBitrix24(FakeSystem):
    """One portal of Bitrix24. `deals` and `comments` are what it holds; `manager` writes a comment, `drag` moves a deal."""

    def __init__(self) -> None:
        super().__init__()
        self.deals: dict[int, Json] = {}
        self.comments: dict[int, Json] = {}

    @property
    def webhook(self) -> str:
        """The address of its incoming webhook."""
        return f"{self.address}/rest/1/{SECRET}/"

    def manager(self, deal: int, words: str) -> int:
        """Let a manager write a comment."""
        with self.lock:
            return self._comment({"ENTITY_ID": deal, "ENTITY_TYPE": "deal", "COMMENT": words})

    def drag(self, deal: int, stage: str) -> None:
        """Let a manager move a deal to a stage."""
        with self.lock:
            self.deals[deal]["stageId"] = stage

    def told(self) -> int:
        return len(self.deals)

    def changes(self, call: Call) -> bool:
        return call.path.endswith(".add.json")

    def limited(self) -> Answer:
        return _error(503, "QUERY_LIMIT_EXCEEDED", "Too many requests")

    def refusal(self) -> Answer:
        return _error(400, "REQUIRED_FIELD_MISSING", "Поле «Название» обязательно для заполнения")

    def answer(self, call: Call) -> Answer:
        found = _PATH.fullmatch(call.path)
        if found is None or found[1] != SECRET:
            return _error(401, "INVALID_CREDENTIALS", "Invalid request credentials")
        return self._do(found[2], call.body if isinstance(call.body, dict) else {})

    def _do(self, method: str, asked: Json) -> Answer:
        if method == "batch":
            return self._batch(asked)
        known = {
            "crm.item.add": self._add,
            "crm.item.list": self._list,
            "crm.timeline.comment.add": lambda asked: self._comment(asked["fields"]),
            "crm.timeline.comment.list": self._comments,
        }
        if method not in known:
            return _error(404, "ERROR_METHOD_NOT_FOUND", "Method not found!")
        return Answer({"result": known[method](asked), "time": {"duration": 0.01, "operating": 0}})

    def _batch(self, asked: Json) -> Answer:
        results, errors = {}, {}
        for name, command in asked["cmd"].items():
            method, _, query = command.partition("?")
            done = self._do(method, _nested(query))
            if "result" in done.body:
                results[name] = done.body["result"]
            else:
                errors[name] = done.body
        # PHP writes an empty mapping as a list.
        return Answer({"result": {"result": results or [], "result_error": errors or []}})

    def _add(self, asked: Json) -> Json:
        number = len(self.deals) + 101
        fields = {
            name: value for name, value in asked["fields"].items() if name in _KEPT
        }  # others are ignored in silence
        self.deals[number] = {"id": number, "stageId": "NEW", **fields}
        return {"item": self.deals[number]}

    def _list(self, asked: Json) -> Json:
        found = [deal for deal in self.deals.values() if _fits(deal, asked.get("filter", {}))]
        return {"items": found[:_PAGE]}

    def _comment(self, fields: Json) -> int:
        number = len(self.comments) + 9001
        self.comments[number] = {**fields, "ENTITY_ID": int(fields["ENTITY_ID"]), "ID": str(number)}
        return number

    def _comments(self, asked: Json) -> list[Json]:
        wanted = asked.get("filter", {})
        after, deal = int(wanted.get(">ID", 0)), int(wanted["ENTITY_ID"])
        found = [each for number, each in self.comments.items() if number > after and each["ENTITY_ID"] == deal]
        return (found[::-1] if asked.get("order", {}).get("ID") == "DESC" else found)[:_PAGE]


def _fits(deal: Json, wanted: Mapping[str, Any]) -> bool:
    for name, value in wanted.items():
        known = deal.get(name.lstrip("=@"))
        if (name.startswith("@") and known not in value) or (not name.startswith("@") and known != value):
            return False
    return True


def _nested(query: str) -> Json:
    """Return what PHP makes of a query with brackets."""
    found: Json = {}
    for name, value in parse_qsl(query):
        *path, last = _BRACKETS.findall(name)
        place = found
        for part in path:
            place = place.setdefault(part, {})
        place[last] = value
    return found


def _error(status: int, code: str, words: str) -> Answer:
    return Answer({"error": code, "error_description": words}, status)
