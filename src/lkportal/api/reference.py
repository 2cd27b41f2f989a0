"""Pages of the API for those who write programs: made from its own description (describing), in the reader's language, without a script."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from lkportal.api.describing import Descriptions
from lkportal.api.own import is_on as customers_may
from lkportal.api.rest.binding import MOUNT, PREFIX
from lkportal.api.settings import ApiSettings
from lkportal.core.errors import NotFound
from lkportal.core.i18n import Text, text
from lkportal.core.policy import anyone
from lkportal.core.rest import PUBLIC_ID, ApiModel
from lkportal.web import Request, page, route

_DEEPEST = 5
_WHOLES = {"ApiMoney": "money"}
"""Values of several parts that are told once for all calls, and their names."""
_LONGEST = ApiModel.model_config["str_max_length"]
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
    """A call of the description. `sent` and `told` are examples as they travel, "" for none; `about` is what the models of body and
    answer say of themselves, in English."""

    id: str
    method: str
    path: str
    title: str
    note: str
    takes: tuple[Value, ...]
    gives: tuple[Value, ...]
    sent: str
    told: str
    about: tuple[str, str]


def show(request: Request) -> Response:
    """Show what holds for all calls, and which there are."""
    found = _described(request)
    parts = [(name, title, _calls(found, name)) for name, title in _parts(found).items()]
    settings = request.settings_of("api", ApiSettings)
    return page(
        request,
        "api/docs.html",
        parts=parts,
        address=request.site.public_url.rstrip("/") + request.visit.root + MOUNT + PREFIX,
        limit=settings.calls_a_minute,
        customers=customers_may(settings),
        may_make=customers_may(settings) and request.actor.kind != "staff",
        open=settings.open,
        feed=settings.feed,
    )


def show_part(request: Request) -> Response:
    """Show the calls of one module. Raises NotFound."""
    found, name = _described(request), str(request.path_params["part"])
    title = _parts(found).get(name)
    if title is None:
        raise NotFound
    return page(request, "api/docs_part.html", title=title, calls=_calls(found, name))


def is_on(settings: ApiSettings, _brought: Any = None) -> bool:
    """Whether there is anything to tell of."""
    return settings.open or settings.feed


def _described(request: Request) -> Mapping[str, Any]:
    return request.portal.ports.get(Descriptions).of(request.site.public_url, request.locale)


def _parts(found: Mapping[str, Any]) -> dict[str, str]:
    """Return the titles of the parts by their names."""
    return {each["name"]: each["description"] for each in found["tags"]}


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
        about=(_about(found, sent), _about(found, told.get("content", {}))),
    )


def _about(found: Mapping[str, Any], content: Mapping[str, Any]) -> str:
    """Return what the model of a body says of itself; of a list, that of its items."""
    said: Mapping[str, Any] = next(iter(content.values()), {})
    schema = _resolved(found, said.get("schema", {}))
    items = schema.get("properties", {}).get("items", {}).get("items", {})
    words = str(schema.get("description") or _resolved(found, items).get("description", ""))
    return " ".join(words.replace("`", "").split())


def _parameter(each: Mapping[str, Any]) -> Value:
    schema, place = each.get("schema", {}), _PLACES[each["in"]]
    needed = bool(each.get("required"))
    return Value(each["name"], _kind(schema), _fits(schema), place, needed, each.get("description", ""))


def _values(found: Mapping[str, Any], content: Mapping[str, Any], place: str) -> list[Value]:
    """Return the values of a body: of JSON, or of one row where it is rows."""
    said: Mapping[str, Any] = next(iter(content.values()), {})
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
        yield Value(root + name, _kind(field, inner), _fits(inner), place, name in needed, _note(field))
        if inner.get("properties") and inner.get("title") not in _WHOLES and depth < _DEEPEST:
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
    name = _WHOLES.get((inner or {}).get("title", "")) or ("id" if said.get("pattern") == PUBLIC_ID else "")
    kinds: Any = name or said.get(
        "type", (inner or {}).get("type", "string" if "enum" in said else "object" if inner else "any")
    )
    words = " or ".join(kinds) if isinstance(kinds, list) else str(kinds)
    if words == "array":
        words = f"array of {(inner or {}).get('type', 'any')}"
    nulls = any(each.get("type") == "null" for each in field.get("anyOf", ()))
    return f"{words} or null" if nulls else words


def _fits(schema: Mapping[str, Any]) -> str:
    """Return what fits of a type: the words there are, the form, limits."""
    said: list[str] = (
        [" | ".join(json.dumps(each, ensure_ascii=False) for each in schema["enum"])] if "enum" in schema else []
    )
    said += [str(schema["format"])] if "format" in schema else []
    said += [str(schema["pattern"])] if schema.get("pattern", PUBLIC_ID) != PUBLIC_ID else []
    least, most = schema.get("minimum"), schema.get("maximum")
    said += (
        [f"{'' if least is None else least}…{'' if most is None else most}"] if (least, most) != (None, None) else []
    )
    said += (
        [f"≤ {schema['maxLength']}"]
        if schema.get("maxLength", _LONGEST) != _LONGEST and "pattern" not in schema
        else []
    )
    return ", ".join(said)


def _note(field: Mapping[str, Any]) -> str:
    """Return what a value is, where more is said than its name: titles of columns are words, those of models the name again."""
    title = str(field.get("title", "")) if "examples" in field else ""
    return str(field.get("description", "") or title)


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
