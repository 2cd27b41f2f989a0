"""A thread that shows new messages by itself: on a real server, with real streams. What a stream tells is that something changed;
what it is, is asked for under the reader's own rights."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx2
import pytest
import uvicorn

from lkportal.app import Portal
from lkportal.modules.tickets.live import Threads
from lkportal.modules.tickets.tests.conftest import House, asked, at_desk, say
from lkportal.testing import Statements
from lkportal.testing.visitors import Visitor
from lkportal.web import streams

pytestmark = pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
SOON = 8.0


@pytest.fixture
def server(portal: Portal) -> Iterator[str]:
    """The portal's edge on a real socket."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(portal.edge, log_config=None, lifespan="off", timeout_graceful_shutdown=3)
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not running.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        portal.edge.streams.close()
        running.should_exit = True
        thread.join(10)
        listener.close()


class Heard:
    """What a browser hears on a stream, line by line, in a thread of its own."""

    def __init__(self, answer: httpx2.Response) -> None:
        self.lines: list[str] = []
        self.over = threading.Event()
        threading.Thread(target=self._listen, args=(answer,), daemon=True).start()

    def events(self) -> list[str]:
        return [line.removeprefix("event: ") for line in self.lines if line.startswith("event: ")]

    def waits_for(self, what: Callable[[], bool]) -> bool:
        deadline = time.monotonic() + SOON
        while not what() and time.monotonic() < deadline:
            time.sleep(0.02)
        return what()

    def _listen(self, answer: httpx2.Response) -> None:
        try:
            for line in answer.iter_lines():
                self.lines.append(line)
        except httpx2.TransportError:
            pass
        self.over.set()


@contextmanager
def listening(server: str, visitor: Visitor, path: str) -> Iterator[Heard]:
    """Open the stream that a page of a visitor names."""
    headers = {"accept": "text/event-stream", "host": "testserver", "cookie": cookies(visitor)}
    headers["host"] = visitor.site.public_url.partition("//")[2].rstrip("/")
    with (
        httpx2.Client(base_url=server, trust_env=False, timeout=30) as client,
        client.stream("GET", path, headers=headers) as answer,
    ):
        assert answer.status_code == 200, answer.read()
        assert answer.headers["content-type"].startswith("text/event-stream")
        heard = Heard(answer)
        assert heard.waits_for(lambda: bool(heard.lines))
        yield heard


def cookies(visitor: Visitor) -> str:
    return "; ".join(f"{name}={value}" for name, value in visitor.client.cookies.items())


def stream_of(visitor: Visitor, page: str) -> str:
    """Return the address of the stream that a page listens to."""
    shown = visitor.get(page).text
    return shown[shown.index('data-live="') + 11 :].partition('"')[0].replace("&amp;", "&")


def test_an_answer_is_heard_at_once_and_a_note_by_staff_alone(house: House, server: str, portal: Portal) -> None:
    page = asked(house.anna)
    with (
        listening(server, house.anna, stream_of(house.anna, page)) as anna,
        listening(server, house.olga, stream_of(house.olga, at_desk(page))) as olga,
    ):
        time.sleep(1)  # the first look of the poller tells everybody to look
        before = len(anna.events()), len(olga.events())

        say(house.olga, at_desk(page), "For us: he lies", inner="1")
        assert olga.waits_for(lambda: len(olga.events()) > before[1])
        assert len(anna.events()) == before[0], "a note does not even knock"

        say(house.olga, at_desk(page), "The pipe is washed.")
        assert anna.waits_for(lambda: len(anna.events()) > before[0])
        assert "The pipe is washed" not in "".join(anna.lines), "a stream says that, not what"
        now = house.anna.get(f"{page}now?was=new").text
        assert "The pipe is washed." in now
        assert "he lies" not in now
        assert "show the whole page anew" in now
        assert "<html" not in now
    assert len(portal.edge.streams) <= 2


def test_what_came_before_the_stream_is_heard_too(house: House, server: str) -> None:
    page = asked(house.anna)
    path = stream_of(house.anna, page)
    say(house.olga, at_desk(page), "Between the page and its stream.")
    with listening(server, house.anna, path) as anna:
        assert anna.waits_for(lambda: anna.events()[:1] == ["changed"])


def test_a_browser_has_one_stream(house: House, server: str, portal: Portal) -> None:
    page = asked(house.anna)
    path = stream_of(house.anna, page)
    with listening(server, house.anna, path) as first, listening(server, house.anna, path):
        assert first.waits_for(lambda: first.events()[-1:] == ["replaced"])
        assert first.over.wait(SOON)
        assert len(portal.edge.streams) == 1


def test_streams_end_and_nothing_is_left_of_them(
    house: House, server: str, portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "LONGEST", 0.5)
    monkeypatch.setattr(streams, "BEAT", 0.1)
    page = asked(house.anna)
    with listening(server, house.anna, stream_of(house.anna, page)) as anna:
        assert anna.over.wait(SOON), "five minutes are over"
        assert ":" in "".join(anna.lines)
    assert anna.waits_for(lambda: len(portal.edge.streams) == 0)


def test_a_neighbour_hears_nothing(house: House, visit: Any) -> None:
    page = asked(house.anna)
    theirs = page.replace(house.home.public_id, house.boris.url("accounts:home").split("/")[-2])
    for path in (f"{page}live", f"{page}now", f"{theirs}live", f"{theirs}now"):
        assert house.boris.get(path, accept="text/event-stream").status_code == 404
        assert visit().get(path, accept="text/event-stream").status_code == 303
    assert house.anna.get(f"{page}live").status_code == 204, "who asks for no stream gets none"


def test_a_message_that_is_committed_late_is_not_lost(house: House, portal: Portal) -> None:
    first, second = asked(house.anna), asked(house.anna, body="Another")
    watch = Threads(portal)
    with portal.database.reading() as connection:
        assert list(watch.changed(connection)) == []
    say(house.olga, at_desk(second), "The later key, committed first")
    with portal.database.reading() as connection:
        assert len(list(watch.changed(connection))) == 2
    watch._seen.pop(max(watch._seen))  # as if the one with the smaller key had not been there yet
    with portal.database.reading() as connection:
        assert len(list(watch.changed(connection))) == 2
        assert list(watch.changed(connection)) == []
    assert first != second


def test_an_idle_stream_asks_nothing_of_the_pool(
    house: House, server: str, portal: Portal, statements: Callable[[], Any]
) -> None:
    page = asked(house.anna)
    with listening(server, house.anna, stream_of(house.anna, page)):
        time.sleep(0.5)
        seen: Statements
        with statements() as seen:
            time.sleep(1.2)
        looks = [each for each in seen.texts if "tickets_messages" in each]
        assert len(looks) == len(seen.texts), str(seen)
        assert 2 <= len(looks) <= 6, "one look of one poller, however many listen"
