"""Calls to the REST of Bitrix24 by an incoming webhook, and what its answers mean.

Source: apidocs.bitrix24.ru, limits: 503 QUERY_LIMIT_EXCEEDED (a leaking bucket of the portal), 429 OPERATION_TIME_LIMIT.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import httpx2

from lkportal.core import foreign
from lkportal.core.connecting.exchange import Refused, Unavailable, calling

DEAL = 2
"""entityTypeId of deals."""
ORIGINATOR = "lkportal"
_DENIED = frozenset(
    ("NO_AUTH_FOUND", "INVALID_CREDENTIALS", "INSUFFICIENT_SCOPE", "ACCESS_DENIED", "EXPIRED_TOKEN", "INVALID_TOKEN")
)
_LIMITS = frozenset(("QUERY_LIMIT_EXCEEDED", "OPERATION_TIME_LIMIT"))
_BUCKET_SECONDS, _TIME_SECONDS = 2, 60
_CODE = re.compile(r"[A-Z0-9_]{1,60}")
Row = Mapping[str, Any]


class Bitrix24:
    """One portal of Bitrix24. Everything raises Unavailable or Refused."""

    def __init__(self, webhook: str, timeout: float) -> None:
        self._base, self._timeout = webhook.rstrip("/") + "/", timeout

    def deal_of(self, ticket: str) -> Row | None:
        """Return the deal that was made for a ticket, by its origin id."""
        wanted = {"=originatorId": ORIGINATOR, "=originId": ticket}
        found = self._result("crm.item.list", {"entityTypeId": DEAL, "filter": wanted, "select": ["id", "stageId"]})
        items = _rows(found, "items")
        return items[0] if items else None

    def add_deal(self, fields: Mapping[str, Any]) -> Row:
        """Add a deal and return it."""
        found = self._result("crm.item.add", {"entityTypeId": DEAL, "fields": dict(fields)})
        item = found.get("item") if isinstance(found, dict) else None
        if not isinstance(item, dict) or "id" not in item:
            raise Unavailable("garbage")
        return item

    def stages(self, deals: Sequence[int]) -> dict[int, str]:
        """Return the stages of at most fifty deals; deals that were deleted are left out."""
        asked = {"entityTypeId": DEAL, "filter": {"@id": list(deals)}, "select": ["id", "stageId"]}
        return {int(row["id"]): str(row["stageId"]) for row in _rows(self._result("crm.item.list", asked), "items")}

    def comments(self, after: Mapping[int, int]) -> dict[int, list[Row]]:
        """Return the comments of at most fifty deals that come after one of each, the oldest first, in one call."""
        commands = {
            f"d{deal}": "crm.timeline.comment.list?"
            + urlencode(
                {
                    "filter[ENTITY_ID]": deal,
                    "filter[ENTITY_TYPE]": "deal",
                    "filter[>ID]": last,
                    "order[ID]": "ASC",
                    "select[0]": "ID",
                    "select[1]": "COMMENT",
                }
            )
            for deal, last in after.items()
        }
        found = self._result("batch", {"halt": 0, "cmd": commands})
        errors = found.get("result_error") or {} if isinstance(found, dict) else {}
        for each in errors.values() if isinstance(errors, dict) else ():
            if str(each.get("error", "")).upper() in _LIMITS:
                raise Unavailable("limited", _BUCKET_SECONDS)
        answers = found.get("result") or {} if isinstance(found, dict) else {}
        if not isinstance(answers, dict):  # PHP writes an empty mapping as a list
            return {}
        return {int(name[1:]): _rows({"items": rows}, "items") for name, rows in answers.items()}

    def has_comment(self, deal: int, words: str) -> bool:
        """Whether one of the newest comments of a deal holds these words."""
        asked = {
            "filter": {"ENTITY_ID": deal, "ENTITY_TYPE": "deal"},
            "order": {"ID": "DESC"},
            "select": ["ID", "COMMENT"],
        }
        found = self._result("crm.timeline.comment.list", asked)
        return any(words in str(row.get("COMMENT", "")) for row in _rows({"items": found}, "items"))

    def add_comment(self, deal: int, comment: str) -> str:
        """Write a comment to a deal; return its id."""
        fields = {"ENTITY_ID": deal, "ENTITY_TYPE": "deal", "COMMENT": comment}
        return str(self._result("crm.timeline.comment.add", {"fields": fields}))

    def _result(self, method: str, body: Mapping[str, Any]) -> Any:
        with foreign.client(timeout=self._timeout) as client, calling():
            answer = client.post(f"{self._base}{method}.json", json=dict(body))
        try:
            said = answer.json()
        except ValueError:
            said = None
        code = str(said.get("error", "")).upper() if isinstance(said, dict) else ""
        _judge(answer, code)
        if not isinstance(said, dict) or "result" not in said:
            raise Unavailable("garbage")
        return said["result"]


def _judge(answer: httpx2.Response, code: str) -> None:
    if code in _LIMITS:
        raise Unavailable("limited", _BUCKET_SECONDS if answer.status_code == 503 else _TIME_SECONDS)
    if answer.status_code in (401, 403) or code in _DENIED:
        raise Unavailable("denied")
    if answer.status_code >= 500 or answer.status_code == 429:
        raise Unavailable(f"http_{answer.status_code}")
    if code or answer.status_code >= 400:
        raise Refused(f"bitrix24: {code}" if _CODE.fullmatch(code) else f"http_{answer.status_code}")


def _rows(found: Any, name: str) -> list[Row]:
    rows = found.get(name) if isinstance(found, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Unavailable("garbage")
    return rows
