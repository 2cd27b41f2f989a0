"""Schemas of the API's description: those of answers stand here, those of rows come from the columns of an import kind."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from lkportal.core.i18n import Text, text
from lkportal.core.imports import Column, ImportKind

Say = Callable[[Text | str], str]
_MOMENT = {"type": ["string", "null"], "format": "date-time"}
_COUNT = {"type": "integer", "minimum": 0}

KEY = r"^[\x21-\x7e]{1,200}$"
"""What an Idempotency-Key looks like."""

COMPONENTS: Mapping[str, Any] = {
    "Reject": {
        "type": "object",
        "required": ["line", "column", "value", "reason", "row"],
        "properties": {
            "line": {"type": "integer", "minimum": 1},
            "column": {"type": "string"},
            "value": {"type": "string"},
            "reason": {"type": "string"},
            "row": {"type": "string"},
        },
    },
    "Run": {
        "type": "object",
        "required": ["id", "url", "kind", "state", "received", "accepted", "rejected", "counts", "rejects"],
        "properties": {
            "id": {"type": "string"},
            "url": {"type": "string"},
            "kind": {"type": "string"},
            "state": {"enum": ["receiving", "waiting", "running", "done", "failed"]},
            "received": _COUNT,
            "accepted": _COUNT,
            "rejected": _COUNT,
            "counts": {"type": "object", "additionalProperties": {"type": "integer"}},
            "rejects": {"type": "array", "maxItems": 100, "items": {"$ref": "#/components/schemas/Reject"}},
            "rejects_url": {"type": "string"},
            "problem": {
                "type": ["object", "null"],
                "properties": {"code": {"type": "string"}, "detail": {"type": "string"}},
            },
            "created_at": _MOMENT,
            "finished_at": _MOMENT,
        },
    },
    "Problem": {
        "type": "object",
        "required": ["type", "title", "status", "detail", "code", "request_id"],
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "code": {"type": "string"},
            "request_id": {"type": "string"},
            "line": {"type": "integer"},
            "offset": {"type": "integer"},
            "run": {"$ref": "#/components/schemas/Run"},
            "errors": {"type": "array", "maxItems": 100, "items": {"$ref": "#/components/schemas/Misfit"}},
        },
    },
    "Misfit": {
        "type": "object",
        "required": ["pointer", "detail"],
        "properties": {"pointer": {"type": "string"}, "detail": {"type": "string"}},
    },
}

PARAMETERS: Mapping[str, Mapping[str, Any]] = {
    "Key": {
        "name": "Idempotency-Key",
        "in": "header",
        "required": True,
        "description": text("api.description.key", "Your own name of this push: sent again it is answered again"),
        "schema": {"type": "string", "pattern": KEY},
        "example": "2026-11-22-0001",
    },
    "Offset": {
        "name": "Upload-Offset",
        "in": "header",
        "description": text("api.description.offset", "The byte from which the body goes on after a cut connection"),
        "schema": {"type": "integer", "minimum": 0, "maximum": 10**15 - 1, "default": 0},
    },
    "Complete": {
        "name": "Upload-Complete",
        "in": "header",
        "description": text("api.description.complete", "?0 when this is a part and more of the push comes later"),
        "schema": {"enum": ["?0", "?1"], "default": "?1"},
    },
    "Encoding": {
        "name": "Content-Encoding",
        "in": "header",
        "description": text("api.description.encoding", "gzip for a packed body"),
        "schema": {"enum": ["gzip", "identity"], "default": "identity"},
    },
    "Run": {
        "name": "run",
        "in": "path",
        "required": True,
        "description": text("api.description.run_id", "The id of a push"),
        "schema": {"type": "string"},
    },
}


def row_schema(kind: ImportKind, say: Say) -> dict[str, Any]:
    """Return what a row of `kind` holds, from its columns and their parsers."""
    return {
        "type": "object",
        "title": say(kind.title),
        "required": [column.name for column in kind.columns if column.required],
        "properties": {column.name: _column_schema(column, say) for column in kind.columns},
        "additionalProperties": False,
    }


def row_example(kind: ImportKind, say: Say) -> str:
    """Return a row of `kind` as it travels, with every column filled."""
    return json.dumps({column.name: _example(column, say) for column in kind.columns}, ensure_ascii=False)


def _column_schema(column: Column, say: Say) -> dict[str, Any]:
    schema = {"type": "string", **column.parse.schema}
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if not column.required:
        schema["type"] = [*kinds, "null"]
        if "enum" in schema:
            schema["enum"] = [*schema["enum"], None]
    return {"title": say(column.title), **schema, "examples": [_example(column, say)]}


def _example(column: Column, say: Say) -> Any:
    schema = column.parse.schema
    found = schema.get("examples") or schema.get("enum") or [say(column.title)[: schema.get("maxLength", 60)]]
    return found[0]
