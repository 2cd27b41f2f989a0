"""What staff notes for themselves is in nothing that a customer gets: every page they can reach, letters, their own data, search,
history, files. The word of the note is looked for in all of it."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable
from html import unescape
from io import BytesIO
from urllib.parse import urljoin, urlsplit
from zipfile import ZipFile, is_zipfile

import pytest
from httpx2 import Response

from lkportal.app import Portal
from lkportal.core.unit import open_unit
from lkportal.modules.tickets.tests.conftest import House, asked, at_desk, say, token_of
from lkportal.privacy import exports
from lkportal.privacy.settings import PrivacySettings
from lkportal.testing import Mailbox
from lkportal.testing.representations import told
from lkportal.testing.visitors import Visitor

WORD, FILE = "perejaslavl", "zagorsk"
"""Words that stand nowhere else: of the note, and of the name of its file."""
_LINK = re.compile(r'(?:href|src|hx-get)="([^"#]*)')
MOST = 400


@pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("portal_overrides", [{"modules": {"enabled": ["payments", "readings", "news", "tickets"]}}])
def test_a_note_is_in_nothing_that_a_customer_gets(
    house: House, portal: Portal, mailbox: Mailbox, work_off: Callable[[], int]
) -> None:
    page = asked(house.anna)
    _note(house.olga, at_desk(page))
    say(house.olga, at_desk(page), "Which tap?", after="waiting")
    _note(house.olga, at_desk(page))
    work_off()
    assert WORD in house.olga.get(at_desk(page)).text
    assert f"{FILE}.txt" in house.olga.get(at_desk(page)).text

    seen = _everything(house.anna, [page, house.anna.url("accounts:home"), f"/search?q={WORD[:-1]}", "/search?q=tap"])
    seen |= {f"letter {nth}": letter.whole for nth, letter in enumerate(mailbox.letters)}
    seen |= _own_data(portal, house, work_off)

    assert len(seen) > 30
    assert any("Which tap?" in text for text in seen.values()), "the answer is seen"
    leaky = [where for where, text in seen.items() if WORD in text or FILE in text]
    assert not leaky, leaky


def _note(olga: Visitor, desk: str) -> None:
    fields = {"body": f"He is from {WORD}", "token": token_of(olga.get(desk).text, f"{desk}answer"), "inner": "1"}
    sent = olga.post(f"{desk}answer", fields, page=desk, files={"files": (f"{FILE}.txt", WORD.encode(), "text/plain")})
    assert sent.status_code == 303


def _everything(anna: Visitor, starts: list[str]) -> dict[str, str]:
    """Return all that a customer reaches by links, by address: pages, files, the fragments that scripts ask for."""
    waiting, met = deque(starts), set(starts)
    found: dict[str, str] = {}
    while waiting and len(found) < MOST:
        path = waiting.popleft()
        answer = anna.get(path)
        found[path] = _said(answer)
        links = [answer.headers["location"]] if answer.is_redirect else _LINK.findall(found[path])
        for link in (unescape(each) for each in links):
            parts = urlsplit(urljoin(f"http://here{path}", link))
            onward = parts._replace(scheme="", netloc="").geturl()
            if parts.netloc == "here" and "/static/" not in onward and "_brand" not in onward and onward not in met:
                met.add(onward)
                waiting.append(onward)
    return found


def _own_data(portal: Portal, house: House, work_off: Callable[[], int]) -> dict[str, str]:
    """Return the copy of their data that a person may take, in each of its forms."""
    anna = house.anna.actor
    assert anna is not None
    with open_unit(portal.database, portal.unit_context("test")) as db:
        wish = exports.ask(db, anna, "en", "main", PrivacySettings())
    work_off()
    with portal.database.reading() as connection:
        body = exports.file(connection, anna.id or 0, wish, "json", portal.clock.now())
    assert body is not None
    return {"own data": body.decode()}


def _said(answer: Response) -> str:
    if is_zipfile(BytesIO(answer.content)):
        with ZipFile(BytesIO(answer.content)) as parts:
            return "\n".join(parts.read(name).decode("utf-8", "replace") for name in parts.namelist())
    return told(answer)
