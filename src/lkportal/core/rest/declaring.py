"""Calls of the open API as data: what modules hang below /api/v1. How a call is answered stands in api.rest."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from lkportal.core.contributions import Limiter
from lkportal.core.i18n import Text, text

T = TypeVar("T")
PUBLIC_ID = "^[A-Za-z0-9]{16}$"
MOST_ITEMS = 200
USUAL_ITEMS = 50
_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NOT_DAY = text("core.rest.not_day", "Write a date that exists as 2026-11-25.")


class ApiModel(BaseModel):
    """What inputs and outputs of the API derive from: closed, so that a field nobody declared is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_max_length=4000)


def _day(given: Any) -> Any:
    """Read a day. Pydantic alone takes "0" for the first day of 1970, and a moment for its day."""
    if not isinstance(given, str):
        return given
    try:
        if _DAY.fullmatch(given) is not None:
            return date.fromisoformat(given)
    except ValueError:
        pass
    raise PydanticCustomError("misfit", "does not fit", {"text": _NOT_DAY})


ApiDay = Annotated[date, BeforeValidator(_day)]
"""A day of an input, as the description says it (RFC 3339, full-date): 2026-11-25, and nothing else."""


class ApiMoney(ApiModel):
    """Money: whole minor units (kopecks, cents) and the currency's code."""

    minor: int
    currency: str = Field(pattern="^[A-Z]{3}$")

    @classmethod
    def of(cls, minor: int, currency: str) -> ApiMoney:
        """Return an amount as the API tells it; `minor` may be what a driver gives for a sum."""
        return cls(minor=int(minor), currency=currency)


class Nothing(ApiModel):
    """No field at all: the body {} of a call that needs none."""


@dataclass(frozen=True, slots=True)
class ApiScope:
    """Something a token may be good for: "bills.read". Whoever makes a token chooses among the scopes of the modules that are on.

    `right` is what a customer needs besides, on the account, as on the pages. `customers` and `systems` say whose tokens have it.
    """

    name: str
    title: Text
    right: str = ""
    customers: bool = True
    systems: bool = True


@dataclass(frozen=True, slots=True)
class ListPage:
    """The part of a list that is asked for: up to `limit` items behind the one whose id is `after` ("" from the beginning).

    A reader asks its statement for `wanted` rows: one more tells that there is a next page.
    """

    limit: int = USUAL_ITEMS
    after: str = ""

    @property
    def wanted(self) -> int:
        """How many rows to read."""
        return self.limit + 1

    def cut(self, items: Sequence[T], id_of: Callable[[T], str]) -> Sequence[T]:
        """Return this part of a list that was read whole; nothing when `after` is not in it."""
        if not self.after:
            return items[: self.wanted]
        place = next((number for number, each in enumerate(items) if id_of(each) == self.after), len(items))
        return items[place + 1 : place + 1 + self.wanted]


@dataclass(frozen=True, slots=True)
class ApiFile:
    """Kept bytes that a call answers instead of JSON. `tag` names exactly these bytes, such as their SHA-256; `read()` brings them,
    and is not called for who has them already."""

    title: str
    media_type: str
    tag: str
    read: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class ApiRoute:
    """One call. `path` stands below /api/v1: "/accounts/{account}/bills"; `{account}` is an account its caller reaches.

    - GET: `run(request, asked)` returns `output`; `input` is the query. `listed`: `run(request, asked, page)` returns rows of `output`, up
      to `page.wanted`, each with an `id`: they are answered as {"items": [...], "next": id or null}.
    - POST: `run(request, db, data)` does it in the unit `db` and returns `output`. The unit keeps the answer too: sent again with the
      same Idempotency-Key, it is done once. Nobody outside is called here: that is for a job, or for `then(request, output)`, which
      is called when the unit is kept, and once more when the same key comes again.

    A GET whose `output` is ApiFile returns one: its bytes are answered, to keep. `limiter` is the pool a call waits for. `example` is an answer (of a list: an item), `example_input` what is sent; both are checked against their models when the
    description is made.
    """

    method: Literal["GET", "POST"]
    path: str
    name: str
    title: Text
    scope: ApiScope
    run: Callable[..., Any]
    output: type[ApiModel | ApiFile]
    example: Mapping[str, Any]
    input: type[ApiModel] | None = None
    example_input: Mapping[str, Any] = field(default_factory=dict)
    listed: bool = False
    status: int = 200
    limiter: Limiter = "web"
    then: Callable[[Any, Any], None] | None = None
