"""The gallery of the kit stands at /_kit where somebody builds pages, and nowhere else."""

from __future__ import annotations

import re

import pytest

from lkportal.core.db import Database
from lkportal.web.own.gallery import FRAMES
from tests.web.house import build, client


def test_a_portal_at_work_has_no_gallery(database: Database) -> None:
    visitor = client(build(database))

    assert [visitor.get(path).status_code for path in ("/_kit/", "/_kit/slip", "/_kit/frame/bare")] == [404, 404, 404]


def test_the_gallery_shows_every_component_with_its_source_and_parameters(database: Database) -> None:
    answer = client(build(database, gallery=True)).get("/_kit/")

    assert answer.status_code == 200
    assert len(re.findall(r'<section class="kit-piece"', answer.text)) >= 40
    assert "forms.combobox(name, label, options" in answer.text
    assert "{{ cards.slip(" in answer.text, "the source is shown as text"


def test_one_component_can_be_looked_at_alone_and_an_unknown_one_cannot(database: Database) -> None:
    visitor = client(build(database, gallery=True))
    one = visitor.get("/_kit/combobox")

    assert one.text.count('<section class="kit-piece"') == 1
    assert "List with a search" in one.text
    assert visitor.get("/_kit/nothing").status_code == 404
    assert visitor.get("/_kit/frame/nothing").status_code == 404


@pytest.mark.parametrize("name", FRAMES)
def test_a_layout_can_be_looked_at_as_a_whole_page(database: Database, name: str) -> None:
    answer = client(build(database, gallery=True)).get(f"/_kit/frame/{name}")

    assert answer.status_code == 200
    assert "<main" in answer.text


def test_samples_speak_the_readers_language(database: Database) -> None:
    visitor = client(build(database, gallery=True))

    english = visitor.get("/_kit/slip", headers={"accept-language": "en"}).text
    russian = visitor.get("/_kit/slip", headers={"accept-language": "ru"}).text

    assert "Due for October" in english
    assert "К оплате за октябрь" in russian
