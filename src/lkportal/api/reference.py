"""Pages of the API for those who write programs: made from its own description (describing), in the reader's language, without a script."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from lkportal.api.describing import describe
from lkportal.api.own import is_on as customers_may
from lkportal.api.rest.binding import MOUNT, PREFIX
from lkportal.api.settings import ApiSettings
from lkportal.core.errors import NotFound
from lkportal.core.i18n import Text, text
from lkportal.core.policy import anyone
from lkportal.web import Request, page, route

_DEEPEST = 5
_FEED = text("api.reference.feed", "Rows in bulk")
_PLACES = {
    "path": text("api.reference.in_path", "in the path"),
    "query": text("api.reference.in_query", "in the query"),
    "header": text("api.reference.in_header", "header"),
    "body": text("api.reference.in_body", "in the body"),
}


@dataclass(frozen=True, slots=True)
class Value:
    """Something that goes in or comes out: its name ("amount.minor", "lines[].note"), its kind as JSON Schema calls it, what fits."""

    name: str
    kind: str
    fits: str
    place: Text | str = ""
    required: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """A call of the description. `sent` and `told` are examples as they travel, "" for none."""

    id: str
    method: str
    path: str
    title: str
    note: str
    takes: tuple[Value, ...]
    gives: tuple[Value, ...]
    sent: str
    told: str


def show(request: Request) -> Response:
    """Show what holds for all calls, and which there are."""
    found = _described(request)
    parts = [(name, _title(request, name), _calls(found, name)) for name in _names(found)]
    settings = request.settings_of("api", ApiSettings)
    return page(
        request,
        "api/docs.html",
        parts=parts,
        address=request.site.public_url.rstrip("/") + request.visit.root + MOUNT + PREFIX,
        limit=settings.calls_a_minute,
        customers=customers_may(settings),
        open=settings.open,
        feed=settings.feed,
    )


def show_part(request: Request) -> Response:
    """Show the calls of one module. Raises NotFound."""
    found, name = _described(request), str(request.path_params["part"])
    if name not in _names(found):
        raise NotFound
    return page(request, "api/docs_part.html", title=_title(request, name), calls=_calls(found, name))


def is_on(settings: ApiSettings, _brought: Any = None) -> bool:
    """Whether there is anything to tell of."""
    return settings.open or settings.feed


def _described(request: Request) -> Mapping[str, Any]:
    portal: Any = request.portal
    return describe(portal, request.site.public_url, request.locale)


def _names(found: Mapping[str, Any]) -> list[str]:
    return [each["name"] for each in found["tags"]]


def _title(request: Request, name: str) -> Text | str:
    if name == "feed":
        return _FEED
    portal: Any = request.portal
    return next((each.title for each in portal.registry.modules if each.name == name), name)


def _calls(found: Mapping[str, Any], part: str) -> list[Call]:
    """Return the calls of a part, in the order of the description."""
    return [
        _call(found, method, path, operation)
        for path, operations in found["paths"].items()
        for method, operation in operations.items()
        if part in operation["tags"]
    ]


def _call(found: Mapping[str, Any], method: str, path: str, operation: Mapping[str, Any]) -> Call:
    asked = [_parameter(_resolved(found, each)) for each in operation.get("parameters", ())]
    sent = operation.get("requestBody", {}).get("content", {})
    told = next(answer for status, answer in operation["responses"].items() if status.startswith("2"))
    return Call(
        id=operation["operationId"],
        method=method.upper(),
        path=path,
        title=operation["summary"],
        note=operation.get("description", ""),
        takes=(*asked, *_values(found, sent, "body")),
        gives=tuple(_values(found, told.get("content", {}), "")),
        sent=_example(sent),
        told=_example(told.get("content", {})),
    )


def _parameter(each: Mapping[str, Any]) -> Value:
    schema, place = each.get("schema", {}), _PLACES[each["in"]]
    needed = bool(each.get("required"))
    return Value(each["name"], _kind(schema), _fits(schema), place, needed, each.get("description", ""))


def _values(found: Mapping[str, Any], content: Mapping[str, Any], place: str) -> list[Value]:
    """Return the values of a body: of JSON, or of one row where it is rows."""
    said = next(iter(content.values()), {})
    schema = said.get("schema", {})
    schema = schema.get("x-itemSchema", schema)
    return list(_flat(found, _resolved(found, schema), "", _PLACES.get(place, ""), 0))


def _flat(
    found: Mapping[str, Any], schema: Mapping[str, Any], root: str, place: Text | str, depth: int
) -> Iterator[Value]:
    """Yield the values of an object by their paths, those inside of others behind them."""
    needed = schema.get("required", ())
    for name, field in schema.get("properties", {}).items():
        inner, more = _inner(found, field)
        yield Value(root + name, _kind(field, inner), _fits(inner), place, name in needed, _note(field, inner))
        if inner.get("properties") and depth < _DEEPEST:
            yield from _flat(found, inner, f"{root}{name}{more}.", place, depth + 1)


def _inner(found: Mapping[str, Any], field: Mapping[str, Any]) -> tuple[Mapping[str, Any], str]:
    """Return what a value is made of, null left aside, and the mark of a list."""
    plain = _resolved(found, _said(field))
    if plain.get("type") == "array":
        return _inner(found, plain.get("items", {}))[0], "[]"
    return plain, ""


def _said(field: Mapping[str, Any]) -> Mapping[str, Any]:
    return next((each for each in field.get("anyOf", ()) if each.get("type") != "null"), field)


def _resolved(found: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a reference of the description leads to."""
    while "$ref" in schema:
        at: Any = found
        for step in schema["$ref"].removeprefix("#/").split("/"):
            at = at[step]
        schema = at
    return schema


def _kind(field: Mapping[str, Any], inner: Mapping[str, Any] | None = None) -> str:
    """Return the type as JSON Schema says it: "string", "array of object", "integer or null"."""
    said = _said(field)
    kinds = said.get("type", (inner or {}).get("type", "string" if "enum" in said else "object" if inner else "any"))
    words = " or ".join(kinds) if isinstance(kinds, list) else str(kinds)
    if words == "array":
        words = f"array of {(inner or {}).get('type', 'any')}"
    nulls = any(each.get("type") == "null" for each in field.get("anyOf", ()))
    return f"{words} or null" if nulls else words


def _fits(schema: Mapping[str, Any]) -> str:
    """Return what fits of a type: the words there are, the form, limits."""
    said = [" | ".join(json.dumps(each, ensure_ascii=False) for each in schema["enum"])] if "enum" in schema else []
    said += [str(schema["format"])] if "format" in schema else []
    said += [str(schema["pattern"])] if "pattern" in schema else []
    least, most = schema.get("minimum"), schema.get("maximum")
    said += (
        [f"{'' if least is None else least}…{'' if most is None else most}"] if (least, most) != (None, None) else []
    )
    said += [f"≤ {schema['maxLength']}"] if "maxLength" in schema and "pattern" not in schema else []
    return ", ".join(said)


def _note(field: Mapping[str, Any], inner: Mapping[str, Any]) -> str:
    """Return what a value is, where more is said than its name: titles of columns are words, those of models are the name again."""
    return str(field.get("description", "") or inner.get("description", "") or _title_of(field))


def _title_of(field: Mapping[str, Any]) -> str:
    title = str(field.get("title", ""))
    return "" if title.isascii() and "examples" not in field else title


def _example(content: Mapping[str, Any]) -> str:
    for media, said in content.items():
        for each in said.get("examples", {}).values():
            value = each["value"]
            return str(value).strip() if "ndjson" in media else json.dumps(value, ensure_ascii=False, indent=2)
    return ""


DOCS = [
    route("/access/docs", show, name="docs", policy=anyone(), on=is_on),
    route("/access/docs/{part}", show_part, name="docs_part", policy=anyone(), on=is_on),
]
