"""Pages of help for everybody, signed in or not: sections and search, one article, whether it was clear."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from lkportal.auth.origins import network_of
from lkportal.core.errors import NotFound
from lkportal.core.i18n import text
from lkportal.core.ids import public_id
from lkportal.core.limits.rates import allow_in
from lkportal.core.policy import anyone
from lkportal.modules.help import finding, queries, service, views
from lkportal.modules.help.forms import FindForm, VoteForm
from lkportal.modules.help.wording import titled, worded
from lkportal.web import Form, Request, empty_form, page, read_form, read_query, redirect, route, unit_of_work

MOST_FOUND, VOTES, HOUR = 20, 20, 3600
"""Articles on a page of results; votes of strangers from one network in an hour."""


def show_home(request: Request) -> Response:
    """Show sections with their articles, or what fits the words."""
    form = read_query(request, FindForm)
    typed, language = (form.data.q if form.valid else ""), request.locale.code
    rows = queries.published(request.db, request.brand)
    found = finding.ranked(rows, typed, language)[:MOST_FOUND] if typed else []
    return page(
        request,
        "help/home.html",
        200 if form.valid else 422,
        typed=typed,
        found=[(row.public_id, words) for row, words in found],
        shelves=views.shelves(rows, language),
    )


def show_article(request: Request) -> Response:
    """Show an article, others of its section, and the question whether it was clear."""
    return _article(request)


def vote(request: Request) -> Response:
    """Note whether an article was clear; who found it unclear is asked what was not."""
    row, form = _row(request), read_form(request, VoteForm)
    if not form.valid:
        return _article(request, form, 422)
    clear, remark, who = form.data.clear == "yes", form.data.remark, request.actor.id or None
    with unit_of_work(request) as db:
        if who or allow_in(db, f"help.vote:{network_of(request)}", VOTES, HOUR, request.portal.clock.now()):
            service.vote(db, row.id, who, form.data.token, clear=clear, remark="" if clear else remark)
    if clear or remark:
        return redirect(
            request, "help:article", text("help.flash.thanks", "Thank you: we read this."), article=row.public_id
        )
    values = {"clear": "no", "token": form.data.token}
    return _article(request, empty_form(VoteForm, values), unclear=True)


def _article(request: Request, form: Form[Any] | None = None, status: int = 200, *, unclear: bool = False) -> Response:
    row, language = _row(request), request.locale.code
    others = [
        (each.public_id, worded(each.texts, language))
        for each in queries.published(request.db, request.brand)
        if each.section_id == row.section_id and each.id != row.id
    ]
    who = request.actor.id or 0
    return page(
        request,
        "help/article.html",
        status,
        article=row.public_id,
        words=worded(row.texts, language),
        section=titled(row.titles, language),
        changed_at=row.changed_at,
        others=others[:6],
        form=form or empty_form(VoteForm, {"token": public_id()}),
        unclear=unclear or bool(form and form.errors),
        said=queries.said(request.db, row.id, who) if who else None,
    )


def _row(request: Request) -> Any:
    found = queries.one(request.db, request.brand, request.path_params["article"])
    if found is None:
        raise NotFound
    return found


ROUTES = [
    route("/", show_home, name="home", policy=anyone()),
    route("/{article}/", show_article, name="article", policy=anyone()),
    route("/{article}/clear", vote, name="vote", policy=anyone(), methods=("POST",), kind="action"),
]
