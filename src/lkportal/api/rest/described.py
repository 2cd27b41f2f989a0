"""The open API in the description (OpenAPI 3.1): paths, schemas and examples of the declared calls, from their own models."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from pydantic.json_schema import JsonSchemaMode, models_json_schema

from lkportal.api.rest.binding import MOUNT, PREFIX
from lkportal.core.i18n import Text, text
from lkportal.core.rest import MOST_ITEMS, PUBLIC_ID, USUAL_ITEMS, ApiModel, ApiRoute

Say = Callable[[Text | str], str]
Calls = Mapping[str, tuple[ApiRoute, ...]]
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
    """Return the schemas of all inputs and outputs by the names of their models."""
    each = [call for own in calls.values() for call in own]
    wanted: dict[type[ApiModel], JsonSchemaMode] = {call.output: "serialization" for call in each}
    wanted |= {call.input: "validation" for call in each if call.input is not None and call.method == "POST"}
    _, found = models_json_schema(list(wanted.items()), ref_template=_WHERE)
    return dict(found.get("$defs", {}))


def paths(calls: Calls, say: Say) -> dict[str, Any]:
    """Return the paths of all calls, each with its examples. Raises ValidationError for an example that its model does not take."""
    found: dict[str, Any] = {}
    for module, own in calls.items():
        for call in own:
            place = found.setdefault(f"{MOUNT}{PREFIX}{call.path}", {})
            place[call.method.lower()] = _operation(module, call, say)
    return found


def tags(calls: Calls) -> list[dict[str, str]]:
    """Return the tags of the calls: one for each module."""
    return [{"name": module} for module in calls]


def _operation(module: str, call: ApiRoute, say: Say) -> dict[str, Any]:
    found: dict[str, Any] = {
        "tags": [module],
        "operationId": f"{module}_{call.name}",
        "summary": say(call.title),
        "description": say(text("api.description.scope", "Scope of the token: %(scope)s", scope=call.scope.name)),
        "parameters": [*_named(call), *(_asked(call, say) if call.method == "GET" else [_key(say)])],
        "responses": {str(call.status): _answered(call, say), "default": {"$ref": "#/components/responses/Problem"}},
    }
    if call.method == "GET":
        found["responses"]["304"] = {"description": say(_SAME), "headers": _HEADERS}
    elif call.input is not None:
        example = call.input.model_validate(call.example_input).model_dump(mode="json")
        content = {"schema": _ref(call.input), "examples": {"one": {"value": example}}}
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
    model.model_validate_strings(dict(example))
    schema = model.model_json_schema()
    needed = schema.get("required", ())
    return [
        {
            "name": name,
            "in": "query",
            "required": name in needed,
            "schema": {key: value for key, value in field.items() if key != "title"},
            **({"example": example[name]} if name in example else {}),
        }
        for name, field in schema["properties"].items()
    ]


def _key(say: Say) -> dict[str, Any]:
    schema = {"type": "string", "pattern": "^[\\x21-\\x7e]{1,200}$"}
    return {
        "name": "Idempotency-Key",
        "in": "header",
        "required": True,
        "description": say(_ONCE),
        "schema": schema,
        "example": "2026-11-22-0001",
    }


def _answered(call: ApiRoute, say: Say) -> dict[str, Any]:
    example = call.output.model_validate(call.example).model_dump(mode="json")
    schema: dict[str, Any] = _ref(call.output)
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


def _ref(model: type[ApiModel]) -> dict[str, Any]:
    return {"$ref": _WHERE.format(model=model.__name__)}


_HEADERS = {
    "RateLimit": {"schema": {"type": "string"}, "example": '"token";r=599;t=60'},
    "RateLimit-Policy": {"schema": {"type": "string"}, "example": '"token";q=600;w=60'},
}
