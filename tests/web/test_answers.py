"""From an endpoint to an answer: methods, errors, reading and writing, words for the next page."""

from __future__ import annotations

from datetime import date

import pytest
from jinja2 import TemplateNotFound
from sqlalchemy import text as sql
from sqlalchemy.exc import OperationalError
from starlette.responses import PlainTextResponse, Response

from lkportal.core.db import Database, in_unit
from lkportal.core.errors import Forbidden, PortalError
from lkportal.core.i18n import ntext, text
from lkportal.core.ids import public_id
from lkportal.core.money import Money, Volume
from lkportal.core.policy import anyone
from lkportal.core.unit import context
from lkportal.web import Cookie, Edge, Request, page, redirect, route, unit_of_work
from tests.web.house import build, client, demo, house_of


def show(request: Request) -> Response:
    return page(request, "demo/page.html", said="hello")


def edge_of(database: Database, **endpoints: object) -> Edge:
    """An edge with one route per endpoint, at /demo/<name>; a name that ends in _post is a POST."""
    routes = [
        route(
            f"/{name}",
            endpoint,  # type: ignore[arg-type]
            name=name,
            policy=anyone(),
            methods=("POST",) if name.endswith("_post") else ("GET",),
            csrf=False,
        )
        for name, endpoint in endpoints.items()
    ]
    return build(database, demo(route("/", show, name="list", policy=anyone()), *routes))


def test_methods(database: Database) -> None:
    visitor = client(edge_of(database, save_post=show))

    assert visitor.get("/demo/").status_code == 200
    head = visitor.head("/demo/")
    assert (head.status_code, head.content) == (200, b"")
    assert int(head.headers["content-length"]) > 500
    options = visitor.options("/demo/")
    assert (options.status_code, options.headers["allow"]) == (204, "GET, HEAD, OPTIONS")
    wrong = visitor.delete("/demo/")
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
    assert visitor.get("/demo/save_post").status_code == 405
    assert visitor.head("/nowhere").content == b""


def test_one_path_may_be_shared_by_a_page_and_its_form(database: Database) -> None:
    twin = route("/", lambda _r: PlainTextResponse("sent"), name="send", policy=anyone(), methods=("POST",), csrf=False)
    edge = build(database, demo(route("/", show, name="list", policy=anyone()), twin))

    assert client(edge).post("/demo/").text == "sent"
    assert client(edge).options("/demo/").headers["allow"] == "GET, HEAD, OPTIONS, POST"


def test_a_missing_last_slash_is_mended_without_a_host(database: Database) -> None:
    answer = client(edge_of(database)).get("/demo?page=2")

    assert (answer.status_code, answer.headers["location"]) == (308, "/demo/?page=2")


def refuse(_request: Request) -> Response:
    raise Forbidden


def explode(request: Request) -> Response:
    request.set_cookie(Cookie("lk_promise", "kept"))
    request.after_answer(lambda: (_ for _ in ()).throw(AssertionError("work of a failed endpoint ran")))
    raise RuntimeError("the secret of anna@example.org")


def wrong_template(request: Request) -> Response:
    return page(request, "demo/no_such.html")


def teapot(_request: Request) -> Response:
    raise PortalError("teapot", text("demo.teapot", "I am <b>a teapot</b>."), 418)


def test_an_error_of_ours_becomes_its_page(database: Database) -> None:
    visitor = client(edge_of(database, refuse=refuse, teapot=teapot))

    assert visitor.get("/demo/refuse").status_code == 403
    answer = visitor.get("/demo/teapot")
    assert answer.status_code == 418
    assert "I am &lt;b&gt;a teapot&lt;/b&gt;." in answer.text


def test_an_unforeseen_error_shows_a_number_and_nothing_else(database: Database) -> None:
    edge = edge_of(database, explode=explode)
    answer = client(edge).get("/demo/explode", headers={"x-request-id": "number-77"})

    assert answer.status_code == 500
    assert "number-77" in answer.text
    assert "anna" not in answer.text
    assert "RuntimeError" not in answer.text
    assert "lk_promise" not in answer.headers.get("set-cookie", "")
    (line,) = house_of(edge).lines("request_failed")
    assert line["request_id"] == "number-77"
    assert "RuntimeError" in line["exception"]


def test_a_broken_error_template_does_not_hide_the_error(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    edge = edge_of(database, refuse=refuse)

    def gone(*_args: object) -> None:
        raise TemplateNotFound("errors/error.html")

    monkeypatch.setattr(edge, "environment", gone)
    answer = client(edge).get("/demo/refuse")
    assert answer.status_code == 403
    assert "Этого сделать нельзя" in answer.text
    assert answer.headers["content-type"].startswith("text/html")


def test_an_endpoint_that_forgets_to_answer_is_named(database: Database) -> None:
    edge = edge_of(database, forgot=lambda _r: None)

    assert client(edge).get("/demo/forgot").status_code == 500
    assert "demo:forgot returned NoneType" in house_of(edge).lines("request_failed")[0]["exception"]


@pytest.mark.parametrize("path", ["/demo/%00", "/demo/?q=%00", "/%00", "/demo/" + "a" * 3000])
def test_paths_with_nul_or_without_end_are_not_found(database: Database, path: str) -> None:
    assert client(edge_of(database)).get(path).status_code == 404


def reading_then_writing(request: Request) -> Response:
    request.db.execute(sql("SELECT 1"))
    connection = request.db
    with unit_of_work(request) as db:
        assert connection.closed
        assert in_unit()
        unit = context(db)
        db.execute(sql("CREATE TABLE IF NOT EXISTS seen (number TEXT)"))
        db.execute(sql("INSERT INTO seen VALUES (:number)"), {"number": unit.request_id})
    found = request.db.execute(sql("SELECT count(*) FROM seen")).scalar()
    return PlainTextResponse(f"{found} {unit.brand} {unit.actor.kind}")


def test_the_reading_connection_is_given_back_before_a_unit_opens(database: Database) -> None:
    edge = edge_of(database, write_post=reading_then_writing)

    assert client(edge).post("/demo/write_post").text == "1 main anonymous"


def writes_while_reading(request: Request) -> Response:
    request.db.execute(sql("CREATE TABLE forbidden (a)"))
    return PlainTextResponse("written")


def test_get_never_writes(database: Database) -> None:
    edge = edge_of(database, sly=writes_while_reading, bold=reading_then_writing)
    visitor = client(edge)

    assert visitor.get("/demo/sly").status_code == 500
    assert visitor.get("/demo/bold").status_code == 500
    sly, bold = house_of(edge).lines("request_failed")
    assert OperationalError.__name__ in sly["exception"]
    assert "demo:bold answers GET and must not write" in bold["exception"]


def test_an_action_by_get_says_so(database: Database) -> None:
    act = route("/return", reading_then_writing, name="return", policy=anyone(), kind="action")

    assert client(build(database, demo(act))).get("/demo/return").status_code == 200


def test_a_unit_that_fails_keeps_nothing(database: Database) -> None:
    def fails(request: Request) -> Response:
        with unit_of_work(request) as db:
            db.execute(sql("CREATE TABLE IF NOT EXISTS half (a)"))
            raise Forbidden

    assert client(edge_of(database, fails_post=fails)).post("/demo/fails_post").status_code == 403
    with database.reading() as connection:
        assert connection.execute(sql("SELECT count(*) FROM sqlite_master WHERE name = 'half'")).scalar() == 0


def test_no_connection_is_kept_after_an_answer(database: Database) -> None:
    def reads_and_fails(request: Request) -> Response:
        request.db.execute(sql("SELECT 1"))
        raise ValueError

    small = Database.connect(str(database.engine.url), pool_size=1)
    visitor = client(edge_of(small, reads_and_fails=reads_and_fails))
    for _ in range(5):
        assert visitor.get("/demo/reads_and_fails").status_code == 500
    with small.reading() as connection:
        assert connection.execute(sql("SELECT 1")).scalar() == 1
    small.close()


def test_what_follows_runs_after_the_answer_and_may_fail_alone(database: Database) -> None:
    done: list[str] = []

    def later(request: Request) -> Response:
        request.after_answer(lambda: 1 / 0)  # type: ignore[arg-type]
        request.after_answer(lambda: done.append("noted"))
        assert not done
        return PlainTextResponse("answered")

    edge = edge_of(database, later=later)
    assert client(edge).get("/demo/later").text == "answered"
    assert done == ["noted"]
    assert len(house_of(edge).lines("after_answer_failed")) == 1


WORDS = text(
    "demo.flash",
    "Paid %(sum)s for %(volume)s on %(day)s, %(rest)s",
    sum=Money(148260, "RUB"),
    volume=Volume(11_100, "m3"),
    day=date(2026, 11, 25),
    rest=ntext("demo.flash.rest", "%(n)s bill left", "%(n)s bills left", 2),
)


def test_a_word_for_the_next_page_is_shown_once_in_its_readers_language(database: Database) -> None:
    visitor = client(edge_of(database, pay_post=lambda r: redirect(r, "demo:list", flash=WORDS)))
    answer = visitor.post("/demo/pay_post")

    assert (answer.status_code, answer.headers["location"]) == (303, "/demo/")
    russian = visitor.get("/demo/").text
    assert "Paid 1\u00a0482,60\u00a0₽ for 11,1\u00a0м³ on 25\u00a0ноября, 2 bills left" in russian
    assert "Paid" not in visitor.get("/demo/").text


@pytest.mark.parametrize("cookie", ["", "x", "eyJhIjoxfQ.x.y", "W10.aaaa.bbbb", "é"])
def test_a_forged_word_is_not_shown(database: Database, cookie: str) -> None:
    answer = client(edge_of(database)).get(
        "/demo/", headers=[(b"cookie", f"__Host-lk_flash={cookie}".encode("latin-1"))]
    )

    assert answer.status_code == 200
    assert 'class="flashes"' not in answer.text


def test_a_word_too_long_for_a_cookie_never_fails_the_act(database: Database) -> None:
    long = text("demo.long", "%(said)s", said="".join(public_id() for _ in range(300)))
    answer = client(edge_of(database, say_post=lambda r: redirect(r, "demo:list", flash=long))).post("/demo/say_post")

    assert answer.status_code == 303
    assert "lk_flash" not in answer.headers.get("set-cookie", "")


def test_htmx_is_told_to_move_after_an_act(database: Database) -> None:
    visitor = client(edge_of(database, pay_post=lambda r: redirect(r, "demo:list")), **{"hx-request": "true"})
    answer = visitor.post("/demo/pay_post")

    assert (answer.status_code, answer.headers["hx-redirect"]) == (204, "/demo/")
