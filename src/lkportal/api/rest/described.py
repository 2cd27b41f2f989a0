"""The open API in the description (OpenAPI 3.1): paths, schemas and examples of the declared calls, from their own models."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from pydantic.json_schema import JsonSchemaMode, models_json_schema

from lkportal.api.rest.binding import MOUNT, PREFIX
from lkportal.api.schemas import KEY
from lkportal.core.i18n import Text, text
from lkportal.core.rest import MOST_ITEMS, PUBLIC_ID, USUAL_ITEMS, ApiFile, ApiModel, ApiRoute

Say = Callable[[Text | str], str]
Calls = Mapping[str, tuple[ApiRoute, ...]]
Refs = Mapping[Any, dict[str, Any]]
"""Where the schema of a model stands, by (model, "validation" or "serialization")."""
_WHERE = "#/components/schemas/{model}"
_PARAM = re.compile(r"{([a-z_]+)}")
_ID = {"type": "string", "pattern": PUBLIC_ID}
_SAMPLE = "Ac1qN2sP3tQ4uR5v"
_MORE = text("api.description.after", "`next` of the last answer: the list goes on behind it")
_MANY = text("api.description.limit", "How many items at most")
_ONCE = text("api.description.once", "Your own name of this act: sent again it is answered again and done once")
_KNOWN = text("api.description.if_none_match", "ETag of the answer you have: 304 when it is still so")
_SAME = text("api.description.not_modified", "The answer you have is still so")


def schemas(calls: Calls) -> dict[str, Any]:
    """Return the schemas of all inputs and outputs by name: that of their model, longer where two modules use the same."""
    return _schemas(calls)[1]


def paths(calls: Calls, say: Say) -> dict[str, Any]:
    """Return the paths of all calls, each with its examples. Raises ValidationError for an example that its model does not take."""
    found: dict[str, Any] = {}
    refs, _ = _schemas(calls)
    for module, own in calls.items():
        for call in own:
            place = found.setdefault(f"{MOUNT}{PREFIX}{call.path}", {})
            place[call.method.lower()] = _operation(module, call, say, refs)
    return found


def _schemas(calls: Calls) -> tuple[Refs, dict[str, Any]]:
    """Return where the schema of each model stands, going in and coming out, and the schemas."""
    wanted: dict[tuple[type[ApiModel], JsonSchemaMode], None] = {}
    for own in calls.values():
        for call in own:
            if issubclass(call.output, ApiModel):
                wanted[call.output, "serialization"] = None
            if call.input is not None and call.method == "POST":
                wanted[call.input, "validation"] = None
    refs, found = models_json_schema([*wanted], ref_template=_WHERE)
    return refs, dict(found.get("$defs", {}))


def _operation(module: str, call: ApiRoute, say: Say, refs: Refs) -> dict[str, Any]:
    found: dict[str, Any] = {
        "tags": [module],
        "operationId": f"{module}_{call.name}",
        "summary": say(call.title),
        "description": say(text("api.description.scope", "Scope of the token: %(scope)s", scope=call.scope.name)),
        "parameters": [*_named(call), *(_asked(call, say) if call.method == "GET" else [_key(say)])],
        "responses": {str(call.status): _answered(call, say, refs), **REFUSED},
    }
    if call.method == "GET":
        found["responses"]["304"] = {"description": say(_SAME), "headers": _HEADERS}
    elif call.input is not None:
        example = call.input.model_validate(call.example_input).model_dump(mode="json")
        content = {"schema": refs[call.input, "validation"], "examples": {"one": {"value": example}}}
        found["requestBody"] = {"required": True, "content": {"application/json": content}}
    return found


def _named(call: ApiRoute) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": _ID, "example": _example_id(call, name)}
        for name in _PARAM.findall(call.path)
    ]


def _example_id(call: ApiRoute, name: str) -> str:
    """The last id of a path names what the example shows."""
    is_last = call.path.endswith(f"{{{name}}}")
    return str(call.example.get("id", _SAMPLE)) if is_last else _SAMPLE


def _asked(call: ApiRoute, say: Say) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [] if call.input is None else _query(call.input, call.example_input)
    if call.listed:
        size = {"type": "integer", "minimum": 1, "maximum": MOST_ITEMS, "default": USUAL_ITEMS}
        found += [
            {"name": "limit", "in": "query", "description": say(_MANY), "schema": size},
            {"name": "after", "in": "query", "description": say(_MORE), "schema": _ID},
        ]
    known = {"name": "If-None-Match", "in": "header", "description": say(_KNOWN), "schema": {"type": "string"}}
    return [*found, known]


def _query(model: type[ApiModel], example: Mapping[str, Any]) -> list[dict[str, Any]]:
    shown = model.model_validate_strings(dict(example)).model_dump(mode="json")
    schema = model.model_json_schema()
    needed = schema.get("required", ())
    return [
        {
            "name": name,
            "in": "query",
            "required": name in needed,
            "schema": _plain(field),
            **({"example": shown[name]} if name in example else {}),
        }
        for name, field in schema["properties"].items()
    ]


def _plain(field: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of a value in a query, where nothing is said by leaving it out."""
    said = next((each for each in field.get("anyOf", ()) if each != {"type": "null"}), field)
    return {key: value for key, value in said.items() if key != "title" and value is not None}


def _key(say: Say) -> dict[str, Any]:
    schema = {"type": "string", "pattern": KEY}
    return {
        "name": "Idempotency-Key",
        "in": "header",
        "required": True,
        "description": say(_ONCE),
        "schema": schema,
        "example": "2026-11-22-0001",
    }


def _answered(call: ApiRoute, say: Say, refs: Refs) -> dict[str, Any]:
    if issubclass(call.output, ApiFile):
        return {"description": say(call.title), "headers": _HEADERS, "content": {"*/*": {}}}
    example = call.output.model_validate(call.example).model_dump(mode="json")
    schema: dict[str, Any] = refs[call.output, "serialization"]
    if call.listed:
        schema = {
            "type": "object",
            "required": ["items", "next"],
            "properties": {
                "items": {"type": "array", "maxItems": MOST_ITEMS, "items": schema},
                "next": {"type": ["string", "null"]},
            },
            "additionalProperties": False,
        }
        example = {"items": [example], "next": None}
    content = {"application/json": {"schema": schema, "examples": {"one": {"value": example}}}}
    return {"description": say(call.title), "headers": _HEADERS, "content": content}


REFUSED = {key: {"$ref": "#/components/responses/Problem"} for key in ("4XX", "default")}
"""How refusals are described, those of the caller and all others."""
_HEADERS = {
    "RateLimit": {"schema": {"type": "string"}, "example": '"token";r=599;t=60'},
    "RateLimit-Policy": {"schema": {"type": "string"}, "example": '"token";q=600;w=60'},
}
