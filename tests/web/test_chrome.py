"""Cached chrome: one rendering for many people, and never a trace of one in the page of another."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.responses import Response

from lkportal.core.contributions import MenuItem
from lkportal.core.db import Database
from lkportal.core.i18n import text
from lkportal.core.policy import anyone, on_account, signed_in
from lkportal.web import Edge, Request, page, route
from tests.web.house import ACCOUNTS, PEOPLE, build, client, demo, house_of

ANNA, BORIS = ACCOUNTS["anna"].public_id, ACCOUNTS["boris"].public_id
MENU = (
    MenuItem("demo:list", text("demo.menu.list", "Everyone's"), "gauge", 10),
    MenuItem("demo:bill", text("demo.menu.bill", "Bills"), "gauge", 20),
    MenuItem("demo:see", text("demo.menu.see", "Seen"), "gauge", 30, "demo.see"),
    MenuItem("gone:list", text("demo.menu.gone", "Of a module that is off"), "gauge", 40),
)


def shown(request: Request) -> Response:
    return page(request, "demo/page.html", said="content")


@pytest.fixture
def edge(database: Database) -> Edge:
    routes = [
        route("/", shown, name="list", policy=signed_in()),
        route("/open", shown, name="open", policy=anyone()),
        route("/{account}/bill", shown, name="bill", policy=on_account("")),
        route("/{account}/see", shown, name="see", policy=on_account("demo.see")),
    ]
    return build(database, demo(*routes), menu=MENU)


def rendered(edge: Edge, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Count how often a piece of chrome is really rendered."""
    names: list[str] = []
    original = edge.chrome._render

    def counting(request: Request, name: str, items: Any) -> Any:
        names.append(name)
        return original(request, name, items)

    monkeypatch.setattr(edge.chrome, "_render", counting)
    return names


def test_a_piece_is_rendered_once_for_people_who_see_the_same(edge: Edge, monkeypatch: pytest.MonkeyPatch) -> None:
    names = rendered(edge, monkeypatch)
    for _ in range(5):
        client(edge, "anna").get("/demo/")
    assert sorted(names) == ["foot", "header", "tabs"]

    client(edge, "boris").get("/demo/")
    assert sorted(names) == ["foot", "foot", "header", "header", "tabs", "tabs"]


def test_nothing_of_one_person_is_in_the_page_of_another(edge: Edge) -> None:
    for _ in range(2):
        anna, boris = (
            client(edge, "anna").get(f"/demo/{ANNA}/bill").text,
            client(edge, "boris").get(f"/demo/{BORIS}/bill").text,
        )
        assert "Анна &lt;b&gt;" in anna
        assert "Борис" in boris
        for word in ("Анна", ANNA, "5128"):
            assert word not in boris
        for word in ("Борис", BORIS, "7777"):
            assert word not in anna
        assert f"/demo/{ANNA}/bill" in anna
        assert f"/demo/{BORIS}/bill" in boris


def test_two_people_with_the_same_rights_share_pieces_and_keep_their_names(
    edge: Edge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ACCOUNTS, "carl", ACCOUNTS["boris"])
    monkeypatch.setitem(PEOPLE, "carl", PEOPLE["anna"])
    names = rendered(edge, monkeypatch)
    boris, carl = client(edge, "boris").get("/demo/").text, client(edge, "carl").get("/demo/").text

    assert sorted(names) == ["foot", "header", "tabs"]
    assert "Борис" in boris
    assert "Борис" not in carl
    assert "Анна &lt;b&gt;" in carl


def test_no_mark_of_a_slot_is_left_in_a_page(edge: Edge) -> None:
    house_of(edge).guard.slots = {"unread": "3"}
    for who in ("", "anna", "boris", "operator"):
        assert edge.chrome._mark not in client(edge, who).get("/demo/open").text


def test_nonces_and_tokens_are_fresh_around_a_cached_piece(edge: Edge) -> None:
    visitor = client(edge, "anna")
    first, second = (set(visitor.get("/demo/").text.split('value="')) for _ in range(2))

    assert first != second


def test_the_menu_shows_what_the_rights_allow(edge: Edge) -> None:
    anna, boris, stranger = (client(edge, who).get("/demo/open").text for who in ("anna", "boris", ""))

    assert all(word in anna for word in ("Everyone", "Bills", "Seen"))
    assert "Bills" in boris
    assert "Seen" not in boris
    assert "Bills" not in stranger
    assert "Of a module that is off" not in anna


def test_a_published_brand_is_seen_at_once(edge: Edge, monkeypatch: pytest.MonkeyPatch) -> None:
    names = rendered(edge, monkeypatch)
    client(edge, "anna").get("/demo/")
    site = edge.default_site
    published = type(site)(site.key, site.public_url, site.hosts, "2")
    monkeypatch.setitem(edge.hosts, "lk.example.org", published)
    client(edge, "anna").get("/demo/")

    assert len(names) == 6
