"""The one service worker of a portal: its parts in order, asked for anew at each visit, gone when nobody needs it."""

from __future__ import annotations

from lkportal.core.contributions import WorkerScript
from lkportal.core.db import Database
from lkportal.core.policy import anyone
from lkportal.web import page, route
from tests.web.house import build, client, demo


def test_its_parts_stand_in_one_script_behind_the_frame(database: Database) -> None:
    edge = build(
        database, worker_scripts=(WorkerScript("more.js", 10), WorkerScript("passkeys.js", 20)), root_path="/lk"
    )
    said = client(edge).get("/lk/sw.js")

    assert said.headers["content-type"].startswith("text/javascript")
    assert said.headers["cache-control"] == "no-cache"
    assert said.text.startswith('const PORTAL = Object.freeze({"root": "/lk"});\n// worker.js\n')
    assert said.text.index("// worker.js") < said.text.index("// more.js") < said.text.index("// passkeys.js")


def test_the_same_worker_is_not_sent_twice(database: Database) -> None:
    edge = build(database, worker_scripts=(WorkerScript("more.js"),))
    mark = client(edge).get("/sw.js").headers["etag"]

    assert client(edge).get("/sw.js", headers={"if-none-match": mark}).status_code == 304


def test_a_portal_without_parts_takes_its_worker_away(database: Database) -> None:
    said = client(build(database)).get("/sw.js").text

    assert "registration.unregister()" in said
    assert "fetch" not in said


def test_only_a_page_that_asks_for_it_registers_it(database: Database) -> None:
    routes = [
        route("/kept", lambda r: page(r, "demo/page.html", said="x", worker=True), name="kept", policy=anyone()),
        route("/page", lambda r: page(r, "demo/page.html", said="x"), name="page", policy=anyone()),
    ]
    visitor = client(build(database, demo(*routes)))

    assert 'data-worker="/sw.js"' in visitor.get("/demo/kept").text
    assert "data-worker" not in visitor.get("/demo/page").text
