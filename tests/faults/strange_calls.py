"""Calls nobody would think of, made by Schemathesis from the description alone: whatever is sent, the API answers as it says."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2
import uvicorn
from schemathesis import Config, SerializationContext, engine, openapi, serializer
from schemathesis.engine import events

from lkportal.app import Portal

NDJSON = "application/x-ndjson"
RULES = ["2xx", "3xx", "401", "403", "404", "409", "422", "429"]
"""What may be said to a call that fits the description: a rule of the house refuses what no schema can tell (422, 409)."""
REFUSED = ["400", "401", "403", "404", "405", "409", "413", "415", "422", "429"]
"""What may be said to a call that does not fit: what is not the caller's is not there (404) before anything else is read, and a body
larger than any call needs is not read at all (413)."""


@dataclass
class Judged:
    """What came of a run: answers by status, and each failure in words with the call that brings it about."""

    statuses: Counter[int] = field(default_factory=Counter)
    failures: dict[str, str] = field(default_factory=dict)

    @property
    def cases(self) -> int:
        """How many calls were answered."""
        return self.statuses.total()

    def __str__(self) -> str:
        told = "\n\n".join(f"{name}\n{how}" for name, how in self.failures.items())
        return f"{self.cases} calls, {dict(sorted(self.statuses.items()))}\n{told}"


@contextmanager
def served(portal: Portal) -> Iterator[str]:
    """Serve a portal on this machine; yield its address."""
    server = uvicorn.Server(uvicorn.Config(portal, port=0, log_level="error", lifespan="off"))
    socket = server.config.bind_socket()
    socket.listen()
    thread = threading.Thread(target=server.run, kwargs={"sockets": [socket]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{socket.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        socket.close()


def judge(address: str, token: str, examples: int, known: Mapping[str, str], *, seed: int, coverage: bool) -> Judged:
    """Call everything the description names, `examples` times and more each; `known` are values of params, by "path.account".

    `coverage` adds every boundary of every schema. All checks of Schemathesis are made.
    """
    phases: dict[str, Any] = {"coverage": {"enabled": coverage}, "stateful": {"enabled": coverage}}
    config = Config.from_dict(
        {
            "seed": seed,
            "base-url": address,
            "headers": {"Authorization": f"Bearer {token}"} if token else {},
            "parameters": dict(known),
            "continue-on-failure": True,
            "generation": {
                "max-examples": examples,
                "deterministic": True,
                "database": "none",
                "allow-extra-parameters": False,  # headers and queries nobody knows are left aside, as HTTP wants
            },
            "phases": phases,
            "checks": {
                "positive_data_acceptance": {"expected-statuses": RULES},
                "negative_data_rejection": {"expected-statuses": REFUSED},
                "missing_required_header": {"expected-statuses": REFUSED},
            },
        }
    )
    schema, found = openapi.from_dict(_described(address), config=config), Judged()
    for event in engine.from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            _note(found, event.recorder)
        elif isinstance(event, events.NonFatalError):
            found.failures[f"{event.label}: {type(event.value).__name__}"] = str(event.value)
        elif isinstance(event, events.FatalError):
            raise event.exception
    return found


def _described(address: str) -> dict[str, Any]:
    """Return the description, with the rows of a push as a list, never packed: so they are made from the schema of a row."""
    found: dict[str, Any] = httpx2.get(f"{address}/api/openapi.json", trust_env=False, timeout=60).json()
    # Rows go as they are, as gzip they would be broken; and whole: those of a part are kept, and judged when the last part came.
    for name, only in (("Encoding", "identity"), ("Complete", "?1")):
        found["components"]["parameters"].get(name, {"schema": {}})["schema"]["enum"] = [only]
    for operations in found["paths"].values():
        content = operations.get("post", {}).get("requestBody", {}).get("content", {}).get(NDJSON)
        if content is not None:
            content["schema"] = {"type": "array", "minItems": 1, "items": content["schema"]["x-itemSchema"]}
            content["examples"] = {"one": {"value": [json.loads(content["examples"]["one"]["value"])]}}
    return found


@serializer(NDJSON)
def _rows(_context: SerializationContext, value: Any) -> bytes:
    """Write rows one on each line; what is no list goes as it is."""
    rows = value if isinstance(value, list) else [value]
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def _note(found: Judged, recorder: Any) -> None:
    found.statuses.update(each.response.status_code for each in recorder.interactions.values() if each.response)
    for nodes in recorder.checks.values():
        for node in nodes:
            if node.failure_info is not None:
                failure = node.failure_info.failure
                name = f"{recorder.label}: {failure.title}"
                found.failures.setdefault(name, f"{failure.message}\n{node.failure_info.code_sample}")
