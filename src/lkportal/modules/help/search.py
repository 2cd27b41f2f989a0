"""What help brings to the search: articles by their words, and the page of them."""

from __future__ import annotations

from collections.abc import Iterable

from lkportal.core.i18n import text
from lkportal.core.search import Hit, SearchAsked, SearchPage, SearchProvider
from lkportal.modules.help import finding, queries


def _articles(asked: SearchAsked) -> Iterable[Hit]:
    rows = queries.published(asked.connection, asked.brand)
    for row, words in finding.ranked(rows, " ".join(asked.typed.words), asked.locale.code)[: asked.limit]:
        yield Hit(words.title, asked.url("help:article", article=row.public_id), words.lead)


PROVIDERS = [SearchProvider("help.articles", text("help.search.articles", "Answers"), _articles, order=90)]
PAGES = [
    SearchPage(
        "help:home",
        text("help.title", "Help"),
        text("help.search.words", "question, answer, how to, instruction, FAQ"),
    )
]
