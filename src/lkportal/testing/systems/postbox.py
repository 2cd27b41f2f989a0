"""The smallest other system. The connector to it stands in docs/extend/connector.md, and the conformance suite is tried on the two."""

from __future__ import annotations

from lkportal.testing.systems.fake import Answer, Call, FakeSystem


class Postbox(FakeSystem):
    """A system that keeps notes by key: GET /notes/KEY, POST /notes, GET /news?after=N."""

    def __init__(self) -> None:
        super().__init__()
        self.notes: list[dict[str, str]] = []
        self.news: list[str] = []

    def answer(self, call: Call) -> Answer:
        if call.method == "POST":
            self.notes.append(call.body)
            return Answer({"id": str(len(self.notes))})
        if call.path == "/news":
            return Answer(self.news[int(call.query["after"]) :])
        key = call.path.rpartition("/")[2]
        found = [str(n) for n, note in enumerate(self.notes, 1) if note["key"] == key]
        return Answer({"id": found[0]}) if found else Answer({}, 404)

    def changes(self, call: Call) -> bool:
        return call.method == "POST"

    def told(self) -> int:
        return len(self.notes)

    def limited(self) -> Answer:
        return Answer({}, 429, {"Retry-After": "7"})

    def refusal(self) -> Answer:
        return Answer({}, 422)
