"""Staff change a brand: a draft that nobody sees but by its link, refused when it cannot be built, published to every process,
taken back; and the words of a brand beside it."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from httpx2 import Response

from lkportal.staff.tests.office import Browser, Office

EDITOR = "/staff/brands/main"
FIELDS = {
    "name": "Акватория",
    "primary": "#FFCC00",
    "surface": "tinted",
    "density": "comfortable",
    "formality": "вы",
    "contrast": "AA",
}


@pytest.fixture
def desk(office: Office) -> Browser:
    office.person("admin", "Пётр", "administrator")
    return office.browser("admin")


def seen(page: str, name: str = "seen") -> str:
    found = re.search(rf'name="{name}" value="(\d+)"', page)
    assert found is not None
    return found[1]


def change(desk: Browser, **fields: str) -> Response:
    return desk.send(EDITOR, seen=seen(desk.get(EDITOR).text), **{**FIELDS, **fields})


def publish(desk: Browser) -> Response:
    page = desk.get(EDITOR).text
    answer = desk.send(f"{EDITOR}/publish", EDITOR, seen=seen(page), published=seen(page, "published"))
    desk.get(EDITOR)
    return answer


def links(desk: Browser) -> dict[str, str]:
    found = re.findall(r'<iframe class="mail" src="(/staff/brand-preview/(\w+)\?[^"]+)"', desk.get(EDITOR).text)
    return {what: url.replace("&amp;", "&") for url, what in found}


def test_a_draft_is_saved_as_differences_and_customers_see_nothing(office: Office, desk: Browser) -> None:
    assert change(desk).status_code == 303
    draft = office.rows("SELECT changes FROM staff_brand_drafts")[0][0]
    assert draft == '{"values":{"brand.name":"Акватория","color.primary":"#FFCC00"}}'
    assert "Акватория" not in Browser(office.portal).get("/login").text
    assert "Акватория" in desk.get(EDITOR).text
    assert office.audit("staff.brand_edited") == [("staff", "done", None, "main")]


def test_the_report_says_in_words_what_had_to_move(desk: Browser) -> None:
    change(desk)
    page = desk.get(EDITOR).text
    assert "Links on light pages: #FFCC00 is shown as" in page
    assert "pairs of colours were checked; all can be read" in page


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("primary", "жёлтый", "Write a colour as six hex digits"),
        ("radius", "99", "Write whole pixels from 0 to 28"),
        ("support_phone", "позвоните", "Write digits and spaces"),
        ("theme", "nothing", "There is no theme called nothing"),
    ],
)
def test_what_cannot_be_built_is_refused_beside_its_field(
    office: Office, desk: Browser, field: str, typed: str, sentence: str
) -> None:
    answer = change(desk, **{field: typed})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert typed in answer.text
    assert office.rows("SELECT count(*) FROM staff_brand_drafts") == [(0,)]


def test_a_page_a_letter_and_a_paper_wear_the_draft_for_whoever_has_the_link(office: Office, desk: Browser) -> None:
    change(desk)
    stranger = Browser(office.portal)
    previews = links(desk)
    page = stranger.get(previews["page"])
    assert page.status_code == 200
    assert "Акватория" in page.text
    assert page.headers["x-frame-options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in page.headers["content-security-policy"]
    sheet = re.search(r'href="(/staff/brand-files/[^"]+\.css)"', page.text)
    assert sheet is not None
    assert "#fc0" in stranger.get(sheet[1]).text.lower()
    letter = stranger.get(previews["letter"])
    assert "Акватория" in letter.text
    assert "style=" not in letter.text
    assert stranger.get(previews["paper"]).headers["content-type"] == "application/pdf"


def test_the_link_works_on_pages_open_to_the_reader_and_nowhere_else(office: Office, desk: Browser) -> None:
    change(desk)
    token = links(desk)["page"].partition("?")[2]
    stranger = Browser(office.portal)
    assert "Акватория" in stranger.get(f"/login?{token}").text
    assert "Акватория" not in stranger.get("/login").text
    assert stranger.get("/login").headers["x-frame-options"] == "DENY"
    assert stranger.get(f"/staff/brands?{token}").status_code == 303


def test_a_brand_of_another_host_is_previewed_from_the_host_of_the_desk(database_url: str, tmp_path: Path) -> None:
    for key, host in (("main", "lk.example.org"), ("town", "town.example.org")):
        (tmp_path / key).mkdir()
        book = f'[brand]\nname = "{key}"\nhosts = ["{host}"]\n[color]\nprimary = "#0B3F86"\n'
        (tmp_path / key / "brand.toml").write_text(book, "utf-8")
    office = Office(database_url, tmp_path, brands={key: str(tmp_path / key) for key in ("main", "town")})
    office.person("admin", "Пётр", "administrator")
    desk, editor = office.browser("admin"), "/staff/brands/town"
    desk.send(editor, seen=seen(desk.get(editor).text), **FIELDS)
    previews = re.findall(r'<iframe class="mail" src="([^"]+)"', desk.get(editor).text)
    for url in previews:
        shown = desk.get(url.replace("&amp;", "&"))
        assert shown.status_code == 200
        assert "frame-ancestors 'self'" in shown.headers["content-security-policy"]
    assert len(previews) == 3
    token = previews[0].partition("?")[2]
    assert "Акватория" not in desk.get(f"/login?{token}").text
    office.close()


def test_a_forged_or_old_link_shows_nothing(office: Office, desk: Browser) -> None:
    change(desk)
    url = links(desk)["page"]
    stranger = Browser(office.portal)
    assert stranger.get(url + "x").status_code == 404
    assert "Акватория" not in stranger.get("/login?brand-draft=forged").text
    page = desk.get(EDITOR).text
    desk.send(f"{EDITOR}/discard", EDITOR, seen=seen(page))
    assert stranger.get(url).status_code == 404


def test_the_editor_may_frame_and_other_pages_may_not(desk: Browser) -> None:
    assert "frame-src 'self'" in desk.get(EDITOR).headers["content-security-policy"]
    assert "frame-src" not in desk.get("/staff/modules").headers["content-security-policy"]


def test_publishing_reaches_every_process_without_a_restart(office: Office, desk: Browser) -> None:
    other = office.another()
    customer = office.browser("admin", other)
    change(desk)
    assert publish(desk).status_code == 303
    assert "Акватория" in Browser(office.portal).get("/login").text
    customer.get("/staff/modules")
    assert "Акватория" in Browser(other).get("/login").text
    assert other.theme("main").book.sections.color.primary == "#FFCC00"
    assert office.audit("staff.brand_published") == [("staff", "done", None, "main")]


def test_a_process_that_starts_later_wears_what_was_published(office: Office, desk: Browser) -> None:
    change(desk)
    publish(desk)
    assert "Акватория" in Browser(office.another()).get("/login").text


def test_staff_go_back_to_an_earlier_publication_and_to_the_files(office: Office, desk: Browser) -> None:
    change(desk, name="Первая")
    publish(desk)
    change(desk, name="Вторая")
    publish(desk)
    assert "Вторая" in Browser(office.portal).get("/login").text
    desk.send(f"{EDITOR}/back", EDITOR, number="1", published="2")
    desk.get(EDITOR)
    assert "Первая" in Browser(office.portal).get("/login").text
    desk.send(f"{EDITOR}/back", EDITOR, number="0", published="3")
    desk.get(EDITOR)
    assert office.portal.theme("main").book.name == "Portal"


def test_a_publication_that_cannot_be_built_any_more_leaves_the_one_before_it(office: Office, desk: Browser) -> None:
    change(desk, name="Хорошая")
    publish(desk)
    now = office.clock.now()
    with office.portal.database.unit() as db:
        db.connection().exec_driver_sql(
            "INSERT INTO staff_brand_versions (brand, number, changes, published_at, published_by) "
            f"VALUES ('main', 2, '{{\"values\":{{\"color.primary\":\"жёлтый\"}}}}', '{now:%Y-%m-%d %H:%M:%S}', '')"
        )
    assert "Хорошая" in Browser(office.another()).get("/login").text


def test_two_people_do_not_overwrite_each_other(office: Office, desk: Browser) -> None:
    before = seen(desk.get(EDITOR).text)
    change(desk, name="Первая")
    answer = desk.send(EDITOR, seen=before, **{**FIELDS, "name": "Вторая"})
    assert "Somebody changed this brand" in desk.get(answer.headers["location"]).text
    assert "Первая" in office.rows("SELECT changes FROM staff_brand_drafts")[0][0]


def test_publishing_asks_for_the_password_again(office: Office, desk: Browser) -> None:
    change(desk)
    office.clock.advance(timedelta(minutes=20))
    page = desk.get(EDITOR).text
    answer = desk.send(f"{EDITOR}/publish", EDITOR, seen=seen(page), published="0")
    assert "step" in answer.headers["location"]
    assert office.rows("SELECT count(*) FROM staff_brand_versions") == [(0,)]


def test_others_of_the_company_may_not(office: Office) -> None:
    office.person("olga", "Ольга", "operator")
    operator = office.browser("olga")
    assert operator.get("/staff/brands").status_code == 403
    assert operator.get(EDITOR).status_code == 403
    assert operator.send(EDITOR, "/staff/", **FIELDS).status_code == 403


def test_a_logo_is_cleaned_before_it_is_kept(office: Office, desk: Browser) -> None:
    token = re.search(r'name="csrf_token" value="([^"]+)"', desk.get(EDITOR).text)
    assert token is not None
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" onload="x()"><script>x()</script><rect width="9" height="9"/></svg>'
    answer = desk.client.post(
        EDITOR,
        data={"csrf_token": token[1], "seen": "0", **FIELDS},
        files={"light": ("logo.svg", svg, "image/svg+xml")},
    )
    assert answer.status_code == 303, answer.text
    kept = bytes(office.rows("SELECT body FROM staff_brand_files")[0][0])
    assert b"script" not in kept
    assert b"onload" not in kept
    assert "/staff/brand-files/" in Browser(office.portal).get(links(desk)["page"]).text


SHAPES = "".join(f'<g id="g{n}">' + f'<use href="#g{n - 1}"/>' * 10 + "</g>" for n in range(1, 6))
HEAVY = f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><defs><path id="g0" d="M0 0h9v9z"/>{SHAPES}</defs>
<use href="#g5"/></svg>"""
"""A hundred thousand shapes in a kilobyte."""


@pytest.mark.parametrize(
    ("name", "body", "sentence"),
    [
        ("logo.gif", b"GIF89a", "is not a picture the portal can show"),
        ("logo.png", b"not a png", "does not hold a PNG picture"),
        ("logo.svg", b"<svg", "is not well-formed SVG"),
        ("logo.svg", b" " * 300_000, "bytes: a logo may have"),
        ("logo.svg", HEAVY.encode(), "cannot be drawn, or only slowly"),
    ],
)
def test_a_bad_logo_is_a_sentence_and_the_draft_stays(
    office: Office, desk: Browser, name: str, body: bytes, sentence: str
) -> None:
    token = re.search(r'name="csrf_token" value="([^"]+)"', desk.get(EDITOR).text)
    assert token is not None
    sent = {"csrf_token": token[1], "seen": "0", **FIELDS}
    answer = desk.client.post(EDITOR, data=sent, files={"light": (name, body, "image/svg+xml")})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert office.rows("SELECT count(*) FROM staff_brand_drafts") == [(0,)]


def test_words_are_found_reworded_and_published(office: Office, desk: Browser) -> None:
    page = desk.get(f"{EDITOR}/words?q=sign+in+to+your&language=en").text
    assert "auth.login.heading" in page
    answer = desk.send(
        f"{EDITOR}/words", f"{EDITOR}/words?q=auth.login.heading&language=en",
        seen="0", key="auth.login.heading", language="en", text="Come in <b>",
    )  # fmt: skip
    assert answer.status_code == 303, answer.text
    publish(desk)
    assert "Come in &lt;b&gt;" in Browser(office.portal).get("/login").text


def test_a_wording_without_its_value_is_refused_beside_the_field(office: Office, desk: Browser) -> None:
    key = "staff.switch.title"
    answer = desk.send(
        f"{EDITOR}/words", f"{EDITOR}/words?q={key}&language=en", seen="0", key=key, language="en", text="Gone"
    )
    assert answer.status_code == 422
    assert "%(module)s is missing" in answer.text
    assert office.rows("SELECT count(*) FROM staff_brand_drafts") == [(0,)]


def test_with_script_the_form_is_saved_while_one_types(office: Office, desk: Browser) -> None:
    token = re.search(r'name="csrf_token" value="([^"]+)"', desk.get(EDITOR).text)
    assert token is not None
    data = {"csrf_token": token[1], "seen": "0", **FIELDS}
    answer = desk.client.post(EDITOR, data=data, headers={"hx-request": "true", "hx-request-type": "partial"})
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert seen(answer.text) == "1"
    assert 'id="brand-state"' in answer.text
    wrong = desk.client.post(EDITOR, data={**data, "seen": "1", "primary": "жёлтый"}, headers={"hx-request": "true"})
    assert "Write a colour as six hex digits" in wrong.text
