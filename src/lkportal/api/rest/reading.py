"""What callers send, read into the models of a call: JSON bodies, queries, the part of a list. What does not fit is told with a
pointer to each place (RFC 6901), in the caller's language."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, TypeVar

from pydantic import ValidationError
from starlette.datastructures import QueryParams

from lkportal.core.errors import Problem
from lkportal.core.i18n import Text, text
from lkportal.core.rest import MOST_ITEMS, PUBLIC_ID, USUAL_ITEMS, ApiModel, ListPage
from lkportal.web import Request
from lkportal.web.forms.reading import misfit_words

M = TypeVar("M", bound=ApiModel)
_TYPE = re.compile(r"application/json(\s*;\s*charset=\"?utf-8\"?)?\s*", re.IGNORECASE)
_PAGE = frozenset({"limit", "after"})
_NO_FIELD = text("api.rest.no_field", "There is no such field.")
_MISFIT = text("api.rest.misfit", "Some values do not fit: `errors` says which.")


def body(request: Request, model: type[M]) -> M:
    """Return the JSON body as `model`. Raises Problem: 415 for another type, 400 for what is no JSON, 422 for what does not fit."""
    if _TYPE.fullmatch(request.headers.get("content-type", "")) is None:
        words = text("api.rest.type", "Send the body as application/json.")
        raise Problem("api.type", words, 415, headers={"accept-post": "application/json"})
    try:
        return model.model_validate_json(request.body_bytes, strict=True)
    except ValidationError as error:
        if error.errors(include_url=False)[0]["type"] == "json_invalid":
            raise Problem("api.json", text("api.rest.json", "The body is no JSON. Send one object."), 400) from None
        raise _unread(error, "") from None


def query(request: Request, model: type[M]) -> M:
    """Return the query as `model`; what the model does not know is left aside. Raises Problem 422."""
    known = {name: value for name, value in _single(request.query_params).items() if name in model.model_fields}
    try:
        return model.model_validate_strings(known)
    except ValidationError as error:
        raise _unread(error, "?") from None


def list_page(request: Request) -> ListPage:
    """Return the part of the list that the query asks for. Raises Problem 422."""
    asked = {name: value for name, value in _single(request.query_params).items() if name in _PAGE}
    typed, after = asked.get("limit", str(USUAL_ITEMS)), asked.get("after", "")
    if not (typed.isascii() and typed.isdigit() and len(typed) < 6 and 1 <= int(typed) <= MOST_ITEMS):
        words = text("api.rest.limit", "Ask for 1 to %(most)s items.", most=MOST_ITEMS)
        raise misfits([("?limit", words)])
    if "after" in asked and re.fullmatch(PUBLIC_ID, after) is None:
        words = text("api.rest.after", "Take `next` of the last answer, as it is.")
        raise misfits([("?after", words)])
    return ListPage(int(typed), after)


def _single(params: QueryParams) -> dict[str, str]:
    return {name: params.getlist(name)[-1] for name in params}


def misfits(found: Sequence[tuple[str, Text]]) -> Problem:
    """Return the refusal of values: (where each stands, "#/boxes" in a body, "?day" in a query; what is wrong with it). A hundred
    of them are told at most."""
    errors = [{"pointer": pointer, "detail": words} for pointer, words in found[:100]]
    return Problem("api.misfit", _MISFIT, 422, members={"errors": errors})


def _unread(error: ValidationError, root: str) -> Problem:
    return misfits([(_pointer(each["loc"], root), _words(each)) for each in error.errors(include_url=False)])


def _words(each: Any) -> Text:
    return _NO_FIELD if each["type"] == "extra_forbidden" else misfit_words(each["type"], each.get("ctx", {}))


def _pointer(location: tuple[int | str, ...], root: str) -> str:
    if root:
        return root + ".".join(map(str, location))
    return "#" + "".join("/" + str(each).replace("~", "~0").replace("/", "~1") for each in location)
