"""An article from the desk to its readers: written, published, found, suggested, judged; and what nobody may."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from lkportal.core.policy import AccountRef
from lkportal.modules.help import module
from lkportal.modules.help.finding import ranked
from lkportal.testing import personal_gaps
from lkportal.testing.visitors import Visitor
from lkportal.testing.world import World

Visit = Callable[..., Visitor]
LEAK = {
    "title[en]": "A tap leaks",
    "body[en]": "Close the valve.\n\n1. Turn it right\n2. Call us\n\n- day\n- night",
    "title[ru]": "Капает кран",
    "body[ru]": "Перекройте вентиль.",
    "words[ru]": "течёт, протечка",
    "types": ["tickets.repair"],
    "position": "10",
    "version": "0",
}


@pytest.fixture
def portal_overrides() -> Mapping[str, Any]:
    return {"modules": {"enabled": ["tickets", "help"]}}


@pytest.fixture
def vera(world: World, visit: Visit) -> Visitor:
    """Somebody of the company who writes articles."""
    return visit(world.staff("vera@example.org", "specialist"))


def section(vera: Visitor, title: str = "Repairs") -> str:
    vera.post("/staff/help/sections/new", {"title[en]": title, "position": "1"}, page="/staff/help/sections/new")
    return str(re.findall(r"/staff/help/sections/(\w{16})/", vera.get("/staff/help/sections").text)[-1])


def written(vera: Visitor, **typed: Any) -> str:
    """Write an article; return its address at the desk."""
    fields = {**LEAK, "section": section(vera), **typed}
    answer = vera.post("/staff/help/new", fields, page="/staff/help/new")
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def published(vera: Visitor, **typed: Any) -> str:
    """Publish an article; return its address for readers."""
    desk = written(vera, **typed)
    assert vera.post(f"{desk}publish", page=desk).status_code == 303
    return desk.replace("/staff", "")


def test_an_article_from_the_desk_to_its_readers(vera: Visitor, anonymous: Visitor, customer: Visitor) -> None:
    desk = written(vera)
    readers = desk.replace("/staff", "")
    assert anonymous.get(readers).status_code == 404, "nobody sees a draft"
    assert "A tap leaks" not in anonymous.get("/help/").text

    vera.post(f"{desk}publish", page=desk)
    shown = anonymous.get(readers).text
    assert "Close the valve." in shown
    assert "<li>2. Call us</li>" in shown
    assert "Перекройте вентиль." in anonymous.get(readers, accept_language="ru").text
    assert "A tap leaks" in anonymous.get("/help/?q=leaking+tap").text
    assert "Нашёлся 1 ответ" in anonymous.get("/help/?q=протечку", accept_language="ru").text
    assert "Nothing fits these words" in anonymous.get("/help/?q=tariffs").text
    assert "A tap leaks" in customer.get("/search?q=leaks").text

    vera.post(f"{desk}withdraw", page=desk)
    assert anonymous.get(readers).status_code == 404


def test_answers_are_offered_before_a_request_is_sent(vera: Visitor, customer: Visitor) -> None:
    article = published(vera)
    published(vera, **{"title[en]": "Pay by card", "body[en]": "Open Bills, press Pay.", "types": []})

    form = customer.url("tickets:form", type="tickets.repair")
    assert article in customer.get(form).text, "three of the type, without a script"
    assert "Pay by card" not in customer.get(form).text
    while_typing = customer.post(f"{form}/fitting", {"body": "How do I pay by my card"}, page=form, hx_request="true")
    assert "Pay by card" in while_typing.text
    assert "<html" not in while_typing.text
    other = customer.url("tickets:form", type="tickets.other")
    assert "The answer may stand here" not in customer.get(other).text
    assert customer.get(customer.url("tickets:choose")).text.count("/help/") == 1


def test_whether_it_was_clear_is_counted_once(vera: Visitor, anonymous: Visitor, customer: Visitor) -> None:
    article = published(vera)
    for visitor in (anonymous, customer):
        token = token_of(visitor.get(article).text)
        for _ in range(2):
            visitor.post(f"{article}clear", {"clear": "yes", "token": token}, page=article)
    assert "2 of 2" in vera.get("/staff/help/").text

    asked = customer.post(
        f"{article}clear", {"clear": "no", "token": token_of(customer.get(article).text)}, page=article
    )
    assert "What was not clear?" in asked.text
    told = {"clear": "no", "token": token_of(asked.text), "remark": "Which valve?"}
    assert customer.post(f"{article}clear", told, page=article).status_code == 303
    assert "1 of 2" in vera.get("/staff/help/").text
    assert "Which valve?" in vera.get(f"/staff{article}").text
    assert "Which valve?" not in anonymous.get(article).text


def test_a_stranger_cannot_fill_the_votes(vera: Visitor, anonymous: Visitor) -> None:
    article = published(vera)
    for number in range(30):
        anonymous.post(f"{article}clear", {"clear": "no", "token": f"{number:016}", "remark": "x"}, page=article)
    assert "0 of 20" in vera.get("/staff/help/").text


def test_two_who_write_at_once_lose_nothing(vera: Visitor) -> None:
    desk = written(vera)
    edit = f"{desk}edit"
    form = {**LEAK, "section": re.findall(r'value="(\w{16})" selected', vera.get(edit).text)[0], "version": "1"}
    assert vera.post(edit, {**form, "body[en]": "First"}, page=edit).status_code == 303
    late = vera.post(edit, {**form, "body[en]": "Second"}, page=edit)
    assert late.status_code == 303
    shown = vera.get(desk).text
    assert "Somebody changed this article meanwhile" in shown
    assert "First" in shown
    assert "Second" not in shown


def test_what_is_typed_never_becomes_markup(vera: Visitor, anonymous: Visitor) -> None:
    article = published(vera, **{"body[en]": "# <b>Bold</b>\n\n<script>alert(1)</script>\n- <i>item</i>"})
    shown = anonymous.get(article).text
    assert "<script>alert" not in shown
    assert "&lt;b&gt;Bold&lt;/b&gt;</h2>" in shown


def test_a_form_that_misses_something_says_what(vera: Visitor) -> None:
    fields = {**LEAK, "section": section(vera), "title[en]": "", "title[ru]": "", "body[ru]": ""}
    assert "Write a title in one language at least" in vera.post("/staff/help/new", fields, page="/staff/help/new").text
    fields = {**LEAK, "section": "a" * 16}
    assert "Choose a section" in vera.post("/staff/help/new", fields, page="/staff/help/new").text
    assert "Articles stand in this section" not in vera.get("/staff/help/sections").text


def test_a_section_with_articles_stays(vera: Visitor) -> None:
    desk = written(vera)
    own = re.findall(r"/staff/help/sections/\w{16}/", vera.get("/staff/help/sections").text)[0]
    vera.post(f"{own}drop", page="/staff/help/sections/new")
    assert "Articles stand in this section" in vera.get(own).text
    vera.post(f"{desk}drop", page=desk)
    vera.post(f"{own}drop", page=own)
    assert vera.get(own).status_code == 404


def test_an_operator_reads_and_does_not_write(staff: Visitor, vera: Visitor, account: AccountRef) -> None:
    desk = written(vera)
    assert staff.get(desk).status_code == 200
    assert staff.get(f"{desk}edit").status_code == 403
    assert staff.post(f"{desk}publish", page=desk).status_code == 403


class Row:
    """An article as it is read."""

    def __init__(self, title: str, body: str = "", words: str = "", types: tuple[str, ...] = ()) -> None:
        self.texts = {"ru": {"title": title, "body": body, "words": words}}
        self.types = types


def test_the_best_answer_comes_first() -> None:
    rows = [
        Row("Оплата", "Счётчик тут ни при чём, но слово есть"),
        Row("Замена счётчика", "Мастер придёт"),
        Row("Поверка", words="счётчик, замена"),
    ]
    found = [words.title for _, words in ranked(rows, "заменить счётчики", "ru")]
    assert found[:2] == ["Замена счётчика", "Поверка"]
    assert ranked(rows, "", "ru") == []
    assert ranked(rows, "   ---  ", "ru", "tickets.repair") == []
    assert [words.title for _, words in ranked([Row("A", types=("t",)), Row("B")], "", "ru", "t")] == ["A"]


def test_nothing_personal_is_undeclared() -> None:
    assert personal_gaps([module]) == []


def token_of(page: str) -> str:
    """Return the token of the form that asks whether it was clear."""
    return str(re.findall(r'name="token" value="(\w{16})"', page)[0])
