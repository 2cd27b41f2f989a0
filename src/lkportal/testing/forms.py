"""The forms of a page, as a browser would send them: for tests that fill in what they find."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser

_NOT_TYPED = frozenset({"hidden", "submit", "button", "image", "reset", "file", "checkbox", "radio"})


@dataclass(slots=True)
class PageForm:
    """One form: where it goes, how, and its fields in order. `typed` names those a person types into."""

    action: str
    method: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    typed: dict[str, str] = field(default_factory=dict)

    def filled(self, text: str, secret: str) -> dict[str, str | list[str]]:
        """Return the values to send: `text` in what is typed (an address for e-mails, `secret` for passwords), the rest as is."""
        values: dict[str, str | list[str]] = {}
        words = {"email": f"a{text}@example.org", "password": secret}
        for name, value in self.fields:
            kind = self.typed.get(name, "")
            given = words.get(kind, text) if kind else value
            before = values.get(name)
            if before is None:
                values[name] = given
            else:
                values[name] = [*(before if isinstance(before, list) else [before]), given]
        return values


def forms_of(html: str) -> Sequence[PageForm]:
    """Return the forms of a page, in order."""
    reader = _Reader()
    reader.feed(html)
    return reader.forms


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[PageForm] = []
        self._open: PageForm | None = None
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = PageForm(given.get("action", ""), given.get("method", "get").lower())
            self.forms.append(self._open)
        elif self._open is None or "disabled" in given:
            return
        elif tag == "select":
            self._select = given.get("name", "")
        elif tag == "option" and self._select:
            self._choose(given)
        elif tag in ("input", "textarea", "button") and given.get("name"):
            self._take(tag, given)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "select":
            self._select = ""

    def _take(self, tag: str, given: dict[str, str]) -> None:
        assert self._open is not None
        kind = "textarea" if tag == "textarea" else given.get("type", "text" if tag == "input" else "submit")
        if kind == "file":
            return
        if kind == "radio" and any(name == given["name"] for name, _ in self._open.fields):
            return
        self._open.fields.append((given["name"], given.get("value", "on" if kind == "checkbox" else "")))
        if kind not in _NOT_TYPED:
            self._open.typed[given["name"]] = kind

    def _choose(self, given: dict[str, str]) -> None:
        """Take the selected option, else the first."""
        assert self._open is not None
        known = [place for place, (name, _) in enumerate(self._open.fields) if name == self._select]
        choice = (self._select, given.get("value", ""))
        if not known:
            self._open.fields.append(choice)
        elif "selected" in given:
            self._open.fields[known[0]] = choice
