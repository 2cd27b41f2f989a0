"""Under a brand of nonsense nothing of ours is to be seen: no name, phone, colour or picture but the brand's own, in any page, letter,
paper, style, icon, manifest or header that any kind of reader is sent."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Response
from pypdf import PdfReader

from lkportal.app import Portal
from lkportal.core.clock import MovableClock
from lkportal.testing import Mailbox, SandboxDriver, utility
from lkportal.testing.leaks import Prover
from lkportal.testing.town import Town, build
from lkportal.testing.verdicts import expected

pytestmark = pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)

NAME, LEGAL, PHONE, COLOUR = "Zvyqua", "Plorx Zvyqua Ltd", "+1 555 010 4477", "#7B3F61"
BOOK = f"""
[brand]
name = "{NAME}"
legal_name = "{LEGAL}"

[color]
primary = "{COLOUR}"

[voice]
support_phone = "{PHONE}"
emergency_phone = "{PHONE}"

[email]
footer = "{NAME} sends this by itself."
"""
OURS = re.compile(
    r"lkportal|Северводоканал|Severvodokanal|Заречье|Zarechye|Тукан|Toucan|100-41-27|100-72-30|example\.com",
    re.IGNORECASE,
)
"""Our name and those of the brands that come with the examples."""
HEX = re.compile(r"(?<![&\w/#-])#([0-9a-fA-F]{6}|[0-9a-fA-F]{3})\b(?![\w-])")
NEUTRAL = frozenset({"#000000", "#ffffff"})
READERS = {"owner", "accountant of the company", "anonymous"}


@pytest.fixture
def portal_overrides(tmp_path: Path) -> Mapping[str, Any]:
    book = tmp_path / "nonsense"
    book.mkdir()
    (book / "brand.toml").write_text(BOOK, encoding="utf-8")
    return {"portal": {"brand_dir": str(book)}}


@pytest.fixture
def town(gateway: SandboxDriver, portal: Portal, clock: MovableClock, mailbox: Mailbox) -> Town:
    made = build(portal, clock, utility.PLANTS, utility.CODES)
    utility.speak(made)
    return made


@dataclass
class Sent:
    """Everything a portal sent out: text by where it stood."""

    texts: dict[str, str] = field(default_factory=dict)
    kinds: set[str] = field(default_factory=set)

    def take(self, where: str, answer: Response) -> None:
        """Keep an answer's headers and body as text; a paper as what is written on it and who is said to have made it."""
        kind = answer.headers.get("content-type", "").partition(";")[0]
        self.kinds.add(kind)
        head = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
        body = paper(answer.content) if kind == "application/pdf" else answer.text
        self.texts[where] = f"{head}\n{body}"


def test_nothing_of_ours_is_to_be_seen(town: Town, mailbox: Mailbox) -> None:
    sent = Sent()
    for where, answer in everything(town):
        sent.take(where, answer)
    for letter in mailbox.letters:
        assert NAME in letter.raw.decode("utf-8", "replace").partition("\nTo:")[0], "the sender is not the brand"
        sent.texts[f"the letter {letter.subject!r}"] = letter.whole

    leaks = [f"{where}: {found[0]}" for where, text in sent.texts.items() if (found := OURS.search(text))]
    assert not leaks, "\n".join(leaks)
    strange = strange_colours(town.portal, sent.texts)
    assert not strange, "\n".join(strange)
    assert len(mailbox.letters) > 5
    assert {
        "text/html",
        "text/css",
        "image/svg+xml",
        "image/png",
        "application/manifest+json",
        "application/pdf",
    } <= sent.kinds
    pages = {where: text for where, text in sent.texts.items() if "<title>" in text and where[:4] == "GET "}
    assert len(pages) > 60
    nameless = [
        where for where, text in pages.items() if NAME not in text.partition("<title>")[2].partition("</title>")[0]
    ]
    assert not nameless, "\n".join(nameless)


def everything(town: Town) -> Iterator[tuple[str, Response]]:
    """Yield each page and file of each route as its readers see it, then each file these name."""
    prover, files = Prover(town, samples=utility.SAMPLES), set[str]()
    with prover.at_work():
        for bound in town.portal.edge.routes.by_name.values():
            if "GET" not in bound.spec.methods:
                continue
            for visit in prover.visits(bound):
                person = visit.person
                may = expected(town, person, bound, visit.values) in ("pass", "open")
                if may and (person.title in READERS or "administrator" in person.roles):
                    answer = prover.get(visit)
                    files.update(named(answer.text) if "pdf" not in answer.headers.get("content-type", "") else ())
                    yield visit.title(town, "GET"), answer
        someone = next(prover.visits(town.portal.edge.routes.by_name["web:live"]))
        while files:
            path = files.pop()
            answer = prover.fetch(someone.person, path)
            assert answer.status_code == 200, path
            yield path, answer


def named(text: str) -> set[str]:
    """Return the files of the portal that a page or a manifest names."""
    found = re.findall(r'["\'(](/static/[^"\')#\s]+|/manifest\.webmanifest)', unescape(text))
    return set(found)


def paper(content: bytes) -> str:
    """Return the words of a PDF and what it says of itself."""
    read = PdfReader(io.BytesIO(content))
    said = [f"{key}: {value}" for key, value in (read.metadata or {}).items()]
    return "\n".join([*said, *(page.extract_text() for page in read.pages)])


def strange_colours(portal: Portal, texts: Mapping[str, str]) -> list[str]:
    """Return the colours that are neither a role of the brand in some mode, nor its primary, nor black or white."""
    theme = portal.theme(portal.sites[0].key)
    modes = ("light", "dark", "light-more", "dark-more")
    own = {colour.lower() for mode in modes for colour in theme.roles(mode).values()} | NEUTRAL | {COLOUR.lower()}
    strange: dict[str, str] = {}
    for where, text in texts.items():
        for found in HEX.findall(text):
            colour = "#" + (found if len(found) == 6 else "".join(2 * each for each in found)).lower()
            if colour not in own:
                strange.setdefault(colour, where)
    return [f"{colour} is not the brand's: {where}" for colour, where in strange.items()]
