"""What a screen reader needs of a page and can be told without a browser: a language, one main heading, labelled fields, names of links
and buttons, texts for pictures, ids that stand once (WCAG 2.2: 1.1.1, 1.3.1, 2.4.2, 3.1.1, 3.3.2, 4.1.2)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from html.parser import HTMLParser

_SILENT = {"hidden", "submit", "button", "image", "reset"}
_FIELDS = {"input", "select", "textarea"}
_NAMED = {"a", "button"}
_VOID = {"input", "img", "br", "hr", "meta", "link", "use", "path", "source", "wbr"}


def outline_problems(page: str) -> list[str]:
    """Return what is missing on a page, a sentence each; none: nothing that can be seen without a browser."""
    seen = _Outline()
    seen.feed(page)
    found = [f"The id {name} stands {times} times" for name, times in Counter(seen.ids).items() if times > 1]
    found += [] if seen.language else ["The page does not say its language: html has no lang"]
    found += [] if seen.title.strip() else ["The page has no title"]
    found += [] if seen.headings == 1 else [f"The page has {seen.headings} main headings (h1), not one"]
    found += [
        f"The field {name or identity} has no label" for identity, name in seen.fields if identity not in seen.labels
    ]
    return found + seen.nameless


@dataclass
class _Open:
    tag: str
    line: int
    named: bool


class _Outline(HTMLParser):
    """Collects what is judged while the page is read."""

    def __init__(self) -> None:
        super().__init__()
        self.language = self.title = ""
        self.headings = 0
        self.ids: list[str] = []
        self.labels: set[str] = set()
        self.fields: list[tuple[str, str]] = []
        self.nameless: list[str] = []
        self._open: list[_Open] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if "id" in told:
            self.ids.append(told["id"])
        if tag == "html":
            self.language = told.get("lang", "")
        self.headings += tag == "h1"
        if tag == "label" and "for" in told:
            self.labels.add(told["for"])
        named = bool(told.get("aria-label") or told.get("aria-labelledby") or told.get("title"))
        if tag in _FIELDS and told.get("type") not in _SILENT and not named and not self._inside("label"):
            self.fields.append((told.get("id", ""), told.get("name", "")))
        if tag == "img":
            if "alt" not in told:
                self.nameless.append(f"Line {self.getpos()[0]}: a picture without alt")
            elif told["alt"]:
                self._name()
        if tag not in _VOID:
            self._open.append(_Open(tag, self.getpos()[0], named))

    def handle_data(self, data: str) -> None:
        if data.strip():
            self._name()
        if self._inside("title"):
            self.title += data

    def handle_endtag(self, tag: str) -> None:
        while self._inside(tag):
            closed = self._open.pop()
            if closed.tag in _NAMED and not closed.named:
                self.nameless.append(f"Line {closed.line}: <{closed.tag}> without words or a label")
            if closed.tag == tag:
                break

    def _inside(self, tag: str) -> bool:
        return any(each.tag == tag for each in self._open)

    def _name(self) -> None:
        for each in self._open:
            each.named = True
