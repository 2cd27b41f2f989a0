"""Pages of the desk about help: the list, one article as readers see it, writing, publishing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.responses import Response

from lkportal.core.errors import NotFound
from lkportal.core.i18n import Text, text
from lkportal.core.policy import staff
from lkportal.modules.help import service
from lkportal.modules.help.answering import Suggested
from lkportal.modules.help.desk import queries
from lkportal.modules.help.desk.sections import SECTION_PAGES
from lkportal.modules.help.forms import ArticleForm
from lkportal.modules.help.wording import titled, worded
from lkportal.web import Form, Request, empty_form, page, read_form, redirect, route, unit_of_work

PAGE_ROWS = 50
_POST = ("POST",)


def show_desk(request: Request) -> Response:
    """Show all articles with what readers said of them."""
    number, language = request.page_number, request.locale.code
    rows = queries.articles(request.db, PAGE_ROWS + 1, (number - 1) * PAGE_ROWS)
    shown = [(row, worded(row.texts, language), titled(row.titles, language)) for row in rows[:PAGE_ROWS]]
    return page(
        request,
        "help/desk/list.html",
        rows=shown,
        number=number,
        more=len(rows) > PAGE_ROWS,
        sections=len(queries.sections(request.db)),
        zone=_zone(request),
    )


def new_article(request: Request) -> Response:
    """Show the form of a new article."""
    return _form(request, empty_form(ArticleForm, {"position": "100", "version": "0"}))


def write_article(request: Request) -> Response:
    """Write a draft and show it."""
    form = _typed(request)
    draft = _draft(request, form)
    if draft is None:
        return _form(request, form, status=422)
    with unit_of_work(request) as db:
        public = service.write(db, draft)
    said = text("help.desk.saved", "Saved. Nobody sees it yet: look at it and publish.")
    return redirect(request, "help:staff_article", said, article=public)


def show_article(request: Request) -> Response:
    """Show an article as readers see it, what they said, and what may be done."""
    row, language = _row(request), request.locale.code
    kinds = _types(request)
    return page(
        request,
        "help/desk/article.html",
        row=row,
        words=[
            (name, worded({code: row.texts[code]}, code)) for code, name in _languages(request) if code in row.texts
        ],
        title=worded(row.texts, language).title,
        section=titled(row.titles, language),
        types=[title for name, title in kinds if name in row.types],
        remarks=queries.remarks(request.db, row.id),
        may="help.write" in request.actor.permissions,
        zone=_zone(request),
    )


def edit_article(request: Request) -> Response:
    """Show the form of an article."""
    row = _row(request)
    values: dict[str, Any] = {"section": row.section, "types": row.types, "position": str(row.position)}
    values |= {"brand": str(row.brand_id or ""), "version": str(row.version)}
    for code, words in row.texts.items():
        values |= {f"{name}[{code}]": said for name, said in words.items()}
    return _form(request, empty_form(ArticleForm, values), row.public_id)


def rewrite_article(request: Request) -> Response:
    """Keep an article as it was written anew."""
    row, form = _row(request), _typed(request)
    draft = _draft(request, form)
    if draft is None:
        return _form(request, form, row.public_id, 422)
    said = text("help.desk.kept", "Saved.")
    return _act(request, row, said, lambda db: service.rewrite(db, row.public_id, form.data.version, draft))


def publish(request: Request) -> Response:
    """Let everybody read a draft."""
    row = _row(request)
    said = text("help.desk.published", "Published: everybody may read it.")
    return _act(request, row, said, lambda db: service.publish(db, row.public_id))


def withdraw(request: Request) -> Response:
    """Take an article back."""
    row = _row(request)
    said = text("help.desk.withdrawn", "Taken back: it is a draft again.")
    return _act(request, row, said, lambda db: service.withdraw(db, row.public_id))


def drop(request: Request) -> Response:
    """Throw a draft away."""
    row = _row(request)
    try:
        with unit_of_work(request) as db:
            service.drop(db, row.public_id)
    except service.MovedOn as error:
        return redirect(request, "help:staff_article", error.words, "warn", article=row.public_id)
    return redirect(request, "help:desk", text("help.desk.dropped", "The draft is thrown away."))


def _act(request: Request, row: Any, said: Text, act: Callable[[Any], object]) -> Response:
    try:
        with unit_of_work(request) as db:
            act(db)
    except service.MovedOn as error:
        return redirect(request, "help:staff_article", error.words, "warn", article=row.public_id)
    return redirect(request, "help:staff_article", said, article=row.public_id)


def _typed(request: Request) -> Form[ArticleForm]:
    form = read_form(request, ArticleForm)
    if form.valid:
        languages = list(request.portal.locales.codes)
        if not any(form.data.title.values()):
            form.add_error(f"title[{languages[0]}]", text("help.desk.title", "Write a title in one language at least."))
        for code, title in form.data.title.items():
            if title and not form.data.body.get(code):
                form.add_error(f"body[{code}]", text("help.desk.body", "Write the answer, or take the title away."))
    return form


def _draft(request: Request, form: Form[ArticleForm]) -> service.Draft | None:
    if not form.valid:
        return None
    data = form.data
    section = next((each.id for each in queries.sections(request.db) if each.public_id == data.section), None)
    if section is None:
        form.add_error("section", text("help.desk.choose", "Choose a section."))
    if data.brand is not None and data.brand not in {each.id for each in queries.brands(request.db)}:
        form.add_error("brand", text("help.desk.brand", "Choose a brand."))
    if section is None or not form.valid:
        return None
    known = request.portal.locales.codes
    texts = {
        code: {"title": title, "body": data.body.get(code, ""), "words": data.words.get(code, "")}
        for code, title in data.title.items()
        if title and code in known
    }
    names = {name for name, _ in _types(request)}
    return service.Draft(section, texts, [each for each in data.types if each in names], data.brand, data.position)


def _form(request: Request, form: Form[ArticleForm], article: str = "", status: int = 200) -> Response:
    brands = queries.brands(request.db)
    return page(
        request,
        "help/desk/form.html",
        status,
        form=form,
        article=article,
        languages=_languages(request),
        sections=[(each.public_id, titled(each.titles, request.locale.code)) for each in queries.sections(request.db)],
        types=_types(request),
        chosen=form.value("types") or [],
        brands=[(str(each.id), each.name) for each in brands] if len(brands) > 1 else [],
    )


def _types(request: Request) -> list[tuple[str, Any]]:
    """Return the request types of the portal, none where requests are off."""
    return [(each.name, each.title) for each in request.portal.ports.get(Suggested).types]


def _languages(request: Request) -> list[tuple[str, str]]:
    return [(locale.code, locale.own_name) for locale in request.portal.locales]


def _row(request: Request) -> Any:
    found = queries.one(request.db, request.path_params["article"])
    if found is None:
        raise NotFound
    return found


def _zone(request: Request) -> str:
    return str(request.portal.settings.portal.time_zone)


_SEE, _DO = staff("help.staff_view"), staff("help.write")
STAFF_PAGES = [
    route("/", show_desk, name="desk", policy=_SEE),
    route("/new", new_article, name="new_article", policy=_DO),
    route("/new", write_article, name="write_article", policy=_DO, methods=_POST, kind="action", body=256 * 1024),
    *SECTION_PAGES,
    route("/{article}/", show_article, name="staff_article", policy=_SEE),
    route("/{article}/edit", edit_article, name="edit_article", policy=_DO),
    route(
        "/{article}/edit",
        rewrite_article,
        name="rewrite_article",
        policy=_DO,
        methods=_POST,
        kind="action",
        body=256 * 1024,
    ),
    route("/{article}/publish", publish, name="publish", policy=_DO, methods=_POST, kind="action"),
    route("/{article}/withdraw", withdraw, name="withdraw", policy=_DO, methods=_POST, kind="action"),
    route("/{article}/drop", drop, name="drop", policy=_DO, methods=_POST, kind="action"),
]
