"""Calls to the standard OData (version 3) of 1C:Enterprise, and what its answers mean.

Source: ITS, "Стандартный интерфейс OData": $format=json from 8.3.6, $skip from 8.3.8; errors as {"odata.error": {"code", "message"}};
texts in single quotes, doubled inside; dates datetime'2026-11-22T00:00:00' in the zone of the infobase.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any
from urllib.parse import quote

import httpx2

from lkportal.core import foreign
from lkportal.core.connecting.exchange import Refused, Unavailable, calling

_REF = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_CODE = re.compile(r"-?\d{1,6}")
MOST_PAGES = 20_000
Row = Mapping[str, Any]


def quoted(value: str) -> str:
    """Return a text as a literal."""
    return "'" + value.replace("'", "''") + "'"


def moment(day: date) -> str:
    """Return a day as 1C writes it in JSON: the beginning of the day, without a zone."""
    return f"{day.isoformat()}T00:00:00"


class OData:
    """One infobase of 1C. Everything raises Unavailable or Refused."""

    def __init__(self, address: str, login: str, password: str, timeout: float) -> None:
        self._root, self._timeout = address.rstrip("/") + "/", timeout
        self._auth = httpx2.BasicAuth(login.encode(), password.encode())

    def rows(self, entity: str, select: list[str], where: str, order: str, page: int) -> Iterator[list[Row]]:
        """Yield the rows of a set, page by page."""
        options = {"$select": ",".join(select), "$orderby": order, "$top": str(page)}
        if where:
            options["$filter"] = where
        for number in range(MOST_PAGES):
            found = self._rows(entity, {**options, "$skip": str(number * page)})
            if found:
                yield found
            if len(found) < page:
                return

    def first(self, entity: str, select: str, where: str) -> Row | None:
        """Return one row of a set, or None."""
        found = self._rows(entity, {"$select": select, "$filter": where, "$top": "1"})
        return found[0] if found else None

    def add(self, entity: str, fields: Mapping[str, Any]) -> str:
        """Write a new object; return its key."""
        said = self._call("POST", self._url(entity, {}), dict(fields))
        return key_of(said)

    def post(self, entity: str, key: str) -> None:
        """Post a document. Posting one that is posted changes nothing."""
        address = f"{self._root}{quote(entity)}(guid'{key}')/Post()?PostingModeOperational=false&$format=json"
        self._call("POST", address, {}, empty=True)

    def _rows(self, entity: str, options: Mapping[str, str]) -> list[Row]:
        said = self._call("GET", self._url(entity, options), None)
        rows = said.get("value") if isinstance(said, dict) else None
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise Unavailable("garbage")
        return rows

    def _url(self, entity: str, options: Mapping[str, str]) -> str:
        # A plus is no space for 1C: everything is percent-encoded.
        query = "&".join(f"{name}={quote(value, safe='')}" for name, value in {**options, "$format": "json"}.items())
        return f"{self._root}{quote(entity)}?{query}"

    def _call(self, method: str, address: str, body: Any, *, empty: bool = False) -> Any:
        with foreign.client(timeout=self._timeout, auth=self._auth) as client, calling():
            answer = client.request(method, address, json=body)
        try:
            said = answer.json()
        except ValueError:
            said = None
        _judge(answer, said)
        if said is None and not empty:
            raise Unavailable("garbage")
        return said


def key_of(row: Any) -> str:
    """Return the Ref_Key of a row. Raises Unavailable when there is none."""
    key = str(row.get("Ref_Key", "")) if isinstance(row, dict) else ""
    if not _REF.fullmatch(key):
        raise Unavailable("garbage")
    return key


def _judge(answer: httpx2.Response, said: Any) -> None:
    if answer.status_code < 400:
        return
    if answer.status_code in (401, 403):
        raise Unavailable("denied")
    error = said.get("odata.error") if isinstance(said, dict) else None
    code = str(error.get("code", "")) if isinstance(error, dict) else ""
    if answer.status_code == 429 or (answer.status_code == 503 and not code):
        raise Unavailable("limited" if answer.status_code == 429 else "http_503", _seconds(answer))
    if _CODE.fullmatch(code):
        # A business error of 1C (a period that is closed, a field that is not filled) comes as 500 with its body.
        raise Refused(f"odata: {code}")
    raise (
        Unavailable(f"http_{answer.status_code}")
        if answer.status_code >= 500
        else Refused(f"http_{answer.status_code}")
    )


def _seconds(answer: httpx2.Response) -> float:
    told = answer.headers.get("Retry-After", "")
    return float(told) if told.isdigit() else 0.0
