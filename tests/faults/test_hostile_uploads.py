"""Every door that takes a file from outside, over HTTP: photos, tables of companies, pictures of a brand, pushes of the feed, and
multipart itself. What is hostile is refused with a sentence in the reader's language, nothing is kept of it, and the process that
serves the web does not grow. A few of each here, all of them against a real process in the proof."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count, islice
from pathlib import Path
from typing import Any

import httpx2
import pytest
from httpx2 import Client, Response

from lkportal.api import tokens
from lkportal.app import Portal
from lkportal.core.clock import MovableClock
from lkportal.modules.readings.models import Meter, Register
from lkportal.modules.readings.tests import hostile as photos
from lkportal.modules.readings.tests import test_hostile_tables as tables
from lkportal.testing import Recipe, Visitor, World
from lkportal.testing.world import rows
from tests.faults import hostile_files
from tests.faults.processes import serve

ON_SQLITE = pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
MOST_KIB = 10 * 1024
_TOKEN = re.compile(r'name="csrf_token"\s+value="([^"]+)"')
_SEEN = re.compile(r'name="seen" value="(\d+)"')
_RUSSIAN = re.compile("[а-яё]{3}", re.IGNORECASE)
_KEPT = (
    "SELECT count(*) FROM readings_photos", "SELECT count(*) FROM readings_file_sendings",
    "SELECT count(*) FROM readings_readings", "SELECT count(*) FROM staff_brand_drafts",
    "SELECT count(*) FROM payments_assertions",
)  # fmt: skip


@pytest.fixture
def clock() -> MovableClock:
    """The real time: a process of its own serves what is prepared here."""
    return MovableClock(datetime.now(UTC))


@dataclass
class Doors:
    """All doors of one portal and who may use them, by one client each. `told` is what was wrong; `sent` counts."""

    world: World
    anna: Client
    buh: Client
    admin: Client
    billing: Client
    paths: dict[str, str]
    register: str
    told: list[str] = field(default_factory=list)
    sent: int = 0
    numbers: Iterator[int] = field(default_factory=count)

    def every(self, most: int | None = None, megabytes: int = 100) -> None:
        """Send what is hostile to each door: all, or so many of each collection."""

        def some(files: Iterable[Any]) -> list[Any]:
            found = list(files)
            return found if most is None else found[:: max(1, len(found) // most)][:most]

        for name, body in some(photos.hostile()):
            self.photo(name, body)
        for name, body in some(tables.hostile()):
            self.table(name, body)
        for name, file, body in some(hostile_files.logos()):
            self.logo(name, file, body)
        for name, body, headers in some(hostile_files.pushes(megabytes)):
            self.push(name, body, headers)
        for name, headers, content in some(shapes()):
            self.shape(name, headers, content)
        for name in some(hostile_files.NAMES):
            self.photo(f"a file called {name[:20]!r}", b"<svg/>", name)
            self.table(f"a file called {name[:20]!r}", b"<table/>", name)

    def photo(self, name: str, body: bytes, file: str = "m.jpg") -> None:
        """Send a photo of a meter with a reading."""
        fields = {f"readings[{self.register}]": "416,306"}
        sent = {f"photo[{self.register}]": (file, body, "image/jpeg")}
        answer = self._form(self.anna, self.paths["photo"], fields, sent)
        self.judge(f"photo: {name}", answer, "416,306")

    def table(self, name: str, body: bytes, file: str = "readings.csv") -> None:
        """Send a table of readings."""
        self.judge(f"table: {name}", self._form(self.buh, self.paths["table"], {}, {"table": (file, body, "text/csv")}))

    def logo(self, name: str, file: str, body: bytes) -> None:
        """Send a mark of the brand."""
        page = self.admin.get(self.paths["logo"]).text
        seen = _SEEN.search(page)
        assert seen is not None
        fields = {"name": "Акватория", "primary": "#FFCC00", "seen": seen[1]}
        answer = self._form(self.admin, self.paths["logo"], fields, {"mark": (file, body, "image/png")})
        self.judge(f"logo: {name}", answer, "Акватория")

    def push(self, name: str, body: bytes, headers: dict[str, str]) -> None:
        """Push rows to the feed."""
        known = {"content-type": "application/x-ndjson", "idempotency-key": f"hostile-{next(self.numbers)}"}
        answer = self.billing.post("/api/v1/feed/registry", content=body, headers=known | headers)
        if answer.status_code in (200, 202):  # what waits for the worker is refused there: see `nothing_taken`
            self._count(f"push: {name}", "is taken" if answer.json()["accepted"] else "")
        else:
            self.judge(f"push: {name}", answer)

    def shape(self, name: str, headers: dict[str, str], content: Any) -> None:
        """Send a body that is no form at all to a door of forms."""
        for door, client in (("photo", self.anna), ("table", self.buh), ("logo", self.admin)):
            body = content() if callable(content) else content
            try:
                answer = client.post(self.paths[door], content=body, headers=headers)
            except httpx2.TransportError:  # the server has said no and hung up before all was sent
                self._count(f"{door}: {name}", "")
                continue
            self.judge(f"{door}: {name}", answer)

    def judge(self, name: str, answer: Response, typed: str = "") -> None:
        """Note what is wrong with an answer to something hostile."""
        said = html.unescape(answer.text)
        wrong = ""
        if not 400 <= answer.status_code < 500:
            wrong = f"answers {answer.status_code}"
        elif not _RUSSIAN.search(said) or ("<html" in said and 'lang="ru"' not in said):
            wrong = "is not answered in Russian"
        elif typed and answer.status_code == 422 and typed not in said:
            wrong = "what was typed beside it is lost"
        self._count(name, wrong)

    def _count(self, name: str, wrong: str) -> None:
        self.sent += 1
        if wrong:
            self.told.append(f"{name} {wrong}")

    def _form(self, client: Client, path: str, fields: dict[str, str], files: dict[str, Any]) -> Response:
        found = _TOKEN.search(client.get(path).text)
        assert found is not None
        return client.post(path, data={"csrf_token": html.unescape(found[1]), **fields}, files=files)


def shapes() -> Iterator[tuple[str, dict[str, str], Any]]:
    """Yield bodies that are no forms: (what, headers, bytes or what yields them)."""
    multipart = {"content-type": "multipart/form-data; boundary=x"}
    part = b'--x\r\nContent-Disposition: form-data; name="table"; filename="a"\r\n'
    yield "cut", multipart, part + b"\r\nabc"
    yield "no boundary", {"content-type": "multipart/form-data"}, part
    yield "a long boundary", {"content-type": f"multipart/form-data; boundary={'x' * 7_000}"}, part
    yield "many files", multipart, (part + b"\r\na\r\n") * 60 + b"--x--\r\n"
    yield (
        "many parts",
        multipart,
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n' * 9_000 + b"--x--\r\n",
    )
    yield "endless headers", multipart, part + b"X-A: 1\r\n" * 20_000 + b"\r\na\r\n--x--\r\n"
    yield "a strange coding", multipart, part + b"Content-Transfer-Encoding: base64\r\n\r\n!!!\r\n--x--\r\n"
    yield "nul in a name", multipart, part.replace(b'"table"', b'"ta\x00ble"') + b"\r\na\r\n--x--\r\n"
    yield "no utf-8 in a name", multipart, part.replace(b'"a"', b'"\xd0"') + b"\r\na\r\n--x--\r\n"
    yield (
        "a field of megabytes",
        multipart,
        part.replace(b'; filename="a"', b"") + b"\r\n" + b"a" * 3_000_000 + b"\r\n--x--",
    )
    # What stands for a byte by three takes sixty times its size once it is taken apart.
    yield "percents", {"content-type": "application/x-www-form-urlencoded"}, b"a=" + b"%41" * 1_000_000
    yield "gzip", {**multipart, "content-encoding": "gzip"}, b"\x1f\x8b\x08" + bytes(500)
    yield "endless", multipart, lambda: islice(iter(lambda: b"x" * 65_536, b""), 400)


@pytest.fixture
def open_doors(
    portal: Portal, world: World, visit: Callable[..., Visitor]
) -> Callable[[Callable[[Visitor], Client]], Doors]:
    """Settle who may use the doors; then make them of what turns a visitor into a client."""
    flat = world.account("0412778215")
    works = world.organisation("Works")
    shop = world.account("0100", organisation_id=works)
    with world.unit() as db:
        meter = Meter(account_id=flat.id, resource="cold_water", unit="m3", serial="18", place="bath")
        db.add(meter)
        db.flush()
        register = Register(meter_id=meter.id, last_milli=412_000, usual_milli=4_000)
        db.add(register)
        db.flush()
        public = register.public_id
        made, _ = tokens.add(db, "Billing", ["registry"], days=30)
    anna = visit(world.customer("anna@example.org", flat), flat, language="ru")
    buh = visit(world.customer("buh@example.org", organisation=works, role="owner"), shop, language="ru")
    admin = visit(world.staff("admin@example.org", "administrator"), language="ru")
    paths = {"photo": anna.url("readings:list"), "table": buh.url("readings:file"), "logo": "/staff/brands/main"}

    def opened(client_of: Callable[[Visitor], Client]) -> Doors:
        billing = client_of(visit(language="ru"))
        billing.headers["authorization"] = f"Bearer {made}"
        return Doors(world, client_of(anna), client_of(buh), client_of(admin), billing, paths, public)

    return opened


def nothing_taken(portal: Portal) -> None:
    """Let the worker do what waits of the feed; then no push has a row that was taken."""
    for _ in range(5):
        portal.worker().run_once()
    assert rows(portal.database, "SELECT coalesce(sum(accepted), 0) FROM core_imports") == [(0,)]


@ON_SQLITE
def test_no_door_takes_what_is_hostile(open_doors: Callable[..., Doors], portal: Portal, world: World) -> None:
    doors = open_doors(lambda visitor: visitor.client)
    before = [rows(world.database, each) for each in _KEPT]
    doors.every(most=4, megabytes=3)
    assert doors.told == []
    nothing_taken(portal)
    assert doors.sent >= 30
    assert [rows(world.database, each) for each in _KEPT] == before


@pytest.mark.proof
@ON_SQLITE
def test_no_door_takes_any_of_it_and_the_web_does_not_grow(
    open_doors: Callable[..., Doors], portal: Portal, portal_recipe: Recipe, world: World, tmp_path: Path
) -> None:
    served = serve(portal_recipe.overrides, 0, tmp_path)
    with ExitStack() as ending:
        ending.callback(served.stop)
        doors = open_doors(lambda visitor: ending.enter_context(over_http(visitor, served.own)))
        doors.every(most=6, megabytes=3)
        for shape in shapes():  # each door has had its largest body once
            doors.shape(*shape)
        process = Path(f"/proc/{served.process.pid}")
        process.joinpath("clear_refs").write_text("5", "ascii")
        held = memory(process, "VmRSS")
        before = [rows(world.database, each) for each in _KEPT]
        doors.every()
        kept, most = memory(process, "VmRSS") - held, memory(process, "VmHWM") - held
        print(f"{doors.sent} hostile files: {kept} KiB more are held, {most} KiB more at most, of {held}")
    assert doors.told == []
    assert doors.sent >= 400
    nothing_taken(portal)
    assert [rows(world.database, each) for each in _KEPT] == before
    assert most <= MOST_KIB


def memory(process: Path, line: str) -> int:
    """Return a figure of a process's memory, in KiB."""
    found = re.search(rf"{line}:\s+(\d+) kB", process.joinpath("status").read_text("ascii"))
    assert found is not None
    return int(found[1])


def over_http(visitor: Visitor, address: str) -> Client:
    """Return a client of a served process with the cookies of a visitor."""
    headers = {name: visitor.client.headers[name] for name in ("user-agent", "accept-language")}
    client = Client(base_url=address, headers={**headers, "host": "lk.test"}, trust_env=False, timeout=120.0)
    for cookie in visitor.client.cookies.jar:
        client.cookies.set(cookie.name, cookie.value or "", domain="127.0.0.1", path="/")
    return client
