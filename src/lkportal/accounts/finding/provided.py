"""What accounts bring to the search: the person's own accounts, the pages about an account."""

from __future__ import annotations

from collections.abc import Iterable

from lkportal.core.i18n import text
from lkportal.core.search import Hit, SearchAsked, SearchPage, SearchProvider


def _accounts(asked: SearchAsked) -> Iterable[Hit]:
    for each in asked.accounts:
        if asked.typed.fits(each.number, each.title):
            number = text("accounts.list.number", "Account %(number)s", number=each.number)
            yield Hit(each.title, asked.url("accounts:home", account=each.public_id), number)


FOUND = [SearchProvider("accounts.own", text("accounts.search.accounts", "Your {accounts}"), _accounts, order=90)]
FOUND_PAGES = [
    SearchPage(
        "accounts:history",
        text("accounts.history.heading", "What was done here"),
        text("accounts.search.history", "history, journal, log, who did, actions"),
    ),
    SearchPage(
        "accounts:cards",
        text("accounts.cards.heading", "What is on the home page"),
        text("accounts.search.cards", "home page, cards, order, hide, arrange"),
    ),
    SearchPage(
        "accounts:people",
        text("accounts.people.link", "Who has access"),
        text("accounts.search.people", "family, people, invite, tenant, access, owner"),
        "accounts.manage",
    ),
]
