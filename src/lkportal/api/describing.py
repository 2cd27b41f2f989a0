"""The description of the API (OpenAPI 3.1), made from the calls, import kinds and routes of the running portal: what a row may hold
is said once, by the kind that takes it, and what a call takes and gives by its models."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from lkportal.api.rest import described
from lkportal.api.schemas import COMPONENTS, PARAMETERS, row_example, row_schema
from lkportal.core.i18n import Text, text
from lkportal.core.imports import ImportKind
from lkportal.core.language.formats import Locale
from lkportal.core.registry.building import Registry
from lkportal.core.version import __version__

Say = Callable[[Text | str], str]
_TITLE = text("api.description.title", "API of the account area")
_ABOUT = text(
    "api.description.about",
    "Calls are made with a token: Authorization: Bearer TOKEN. What is refused is told as problem details (RFC 9457). A POST carries"
    " an Idempotency-Key: sent again it is answered again and done once. Lists come by parts: `next` of an answer is `after` of"
    " the next call.\n\nThe feed takes rows of any kind below, one JSON object a line (application/x-ndjson), plain or gzip. They are checked as files of the same"
    " kind are: a bad row is told by its line and never stops the others. A small push is done before the answer (200), a large"
    " one by the worker (202): ask for it at Location. The same Idempotency-Key is answered again and done once. After a cut"
    " connection ask for Upload-Offset by the key and send the rest with it.",
)
_FEED = text("api.description.feed", "Rows in bulk")
_STATE = text("api.description.state", "A push by its Idempotency-Key: how far it came, what became of it")
_RUN = text("api.description.run", "A push by its id")
_REJECTS = text("api.description.rejects", "All rows of a push that were not taken, one JSON object a line")
_DONE = text("api.description.done", "Done: the sums and the first rejected rows")
_ACCEPTED = text("api.description.accepted", "Taken in or waiting: ask at Location")


class Routes(Protocol):
    """What is read of the table of routes."""

    def path(self, name: str, params: Mapping[str, Any]) -> str: ...


class Edge(Protocol):
    """What is read of the edge."""

    @property
    def routes(self) -> Routes: ...


class Portal(Protocol):
    """What is described."""

    @property
    def registry(self) -> Registry: ...
    @property
    def edge(self) -> Edge: ...
    def settings_of(self, module: str) -> Any: ...


class Descriptions:
    """The descriptions of one portal, kept while its registry stands: making one costs as much as many pages, and anybody may ask."""

    def __init__(self, portal: Portal) -> None:
        self._portal, self._registry = portal, portal.registry
        self._made: dict[tuple[str, str], dict[str, Any]] = {}

    def of(self, address: str, locale: Locale) -> dict[str, Any]:
        """Return the description in a language; see `describe`. It is shared: nobody changes it."""
        if self._registry is not self._portal.registry:
            self._registry, self._made = self._portal.registry, {}
        made = self._made
        if (address, locale.code) not in made:
            made[address, locale.code] = describe(self._portal, address, locale)
        return made[address, locale.code]


def describe(portal: Portal, address: str, locale: Locale) -> dict[str, Any]:
    """Return the description as plain JSON: calls and the feed of import kinds below `address`, in the words of a language."""
    registry, settings = portal.registry, portal.settings_of("api")
    calls = registry.api_routes if settings.open else {}
    kinds = registry.import_kinds if settings.feed else {}
    say: Say = locale.render
    schemas = {f"{name}.row": row_schema(kind, say) for name, kind in kinds.items()}
    return {
        "openapi": "3.1.0",
        "info": {"title": say(_TITLE), "version": __version__, "description": say(_ABOUT)},
        "servers": [{"url": address.rstrip("/") or "/"}],
        "security": [{"token": []}],
        "tags": _tags(portal, calls, say),
        "paths": {**described.paths(calls, say), **(_feed(kinds, portal.edge.routes, say) if settings.feed else {})},
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "parameters": {name: _worded(each, say) for name, each in PARAMETERS.items()},
            "responses": {"Problem": {"description": "RFC 9457", "content": _problem()}},
            "schemas": {**COMPONENTS, **described.schemas(calls), **schemas},
        },
    }


def _tags(portal: Portal, calls: Mapping[str, Any], say: Say) -> list[dict[str, str]]:
    """Return the tags: one for each module that has calls, and that of the feed."""
    titles = {each.name: say(each.title) for each in portal.registry.modules}
    own = [{"name": name, "description": titles[name]} for name in calls]
    return [*own, {"name": "feed", "description": say(_FEED)}] if portal.settings_of("api").feed else own


def _feed(kinds: Mapping[str, ImportKind], routes: Routes, say: Say) -> dict[str, Any]:
    return {
        **{routes.path("api:feed", {"kind": name}): _kind_paths(kind, say) for name, kind in sorted(kinds.items())},
        _template(routes, "api:feed_run"): {"get": _reading(say(_RUN), "run", _json("Run"))},
        _template(routes, "api:feed_rejects"): {"get": _reading(say(_REJECTS), "rejects", _lines("Reject"))},
    }


def _template(routes: Routes, name: str) -> str:
    return routes.path(name, {"run": "RUN"}).replace("RUN", "{run}")


def _kind_paths(kind: ImportKind, say: Say) -> dict[str, Any]:
    title = say(kind.title)
    return {
        "post": {
            "tags": ["feed"],
            "operationId": f"push_{kind.name}",
            "summary": say(text("api.description.push", "Push rows: %(kind)s", kind=title)),
            "parameters": [
                *({"$ref": f"#/components/parameters/{name}"} for name in ("Key", "Offset", "Complete", "Encoding")),
                *_own_parameters(kind, say),
            ],
            "requestBody": {"required": True, "content": _rows(kind, say)},
            "responses": {
                "200": {"description": say(_DONE), "headers": _OFFSET, "content": _json("Run")},
                "202": {"description": say(_ACCEPTED), "headers": _OFFSET, "content": _json("Run")},
                **described.REFUSED,
            },
        },
        "get": {
            **_reading(say(_STATE), f"state_{kind.name}", _json("Run")),
            "parameters": [{"$ref": "#/components/parameters/Key"}],
        },
    }


def _reading(summary: str, name: str, content: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "tags": ["feed"],
        "operationId": name,
        "summary": summary,
        "responses": {
            "200": {"description": summary, "content": content},
            **described.REFUSED,
        },
    }
    if not name.startswith("state_"):
        found["parameters"] = [{"$ref": "#/components/parameters/Run"}]
    return found


def _own_parameters(kind: ImportKind, say: Say) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "query", "required": False, "description": say(title), "schema": {"type": "string"}}
        for name, title in kind.parameters.items()
    ]


def _rows(kind: ImportKind, say: Say) -> dict[str, Any]:
    where = f"#/components/schemas/{kind.name}.row"
    body = {
        "type": "string",
        "minLength": 1,
        "description": say(text("api.description.body", "Rows: each line is an object as in %(schema)s", schema=where)),
        "x-itemSchema": {"$ref": where},
    }
    return {"application/x-ndjson": {"schema": body, "examples": {"one": {"value": row_example(kind, say) + "\n"}}}}


def _json(name: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}


def _lines(name: str) -> dict[str, Any]:
    body = {"type": "string", "x-itemSchema": {"$ref": f"#/components/schemas/{name}"}}
    return {"application/x-ndjson": {"schema": body}}


def _problem() -> dict[str, Any]:
    return {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}


def _worded(parameter: Mapping[str, Any], say: Say) -> dict[str, Any]:
    return {**parameter, "description": say(parameter["description"])}


_OFFSET = {"Upload-Offset": {"schema": {"type": "integer"}}, "Location": {"schema": {"type": "string"}}}
