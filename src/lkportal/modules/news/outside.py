"""What the sign-in page says of outages: how many there are now, read once in half a minute by each process."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from lkportal.core.contributions import Said
from lkportal.core.i18n import ntext, text
from lkportal.modules.news import queries
from lkportal.modules.news.settings import NewsSettings
from lkportal.web import Request

REMEMBERED = timedelta(seconds=30)


class Outside:
    """Fills the port GoingOn. A module that is not open to everybody says nothing to strangers."""

    def __init__(self, portal: Any) -> None:
        settings: NewsSettings = portal.settings_of("news")
        self._open = settings.public_outages and not portal.registry.opening.may_be_closed("news")
        self._known: dict[str, tuple[datetime, int]] = {}

    def said(self, request: Request) -> Said | None:
        """Return how many outages there are now on this brand, with the way to them."""
        count = self._count(request) if self._open else 0
        if not count:
            return None
        return Said(
            ntext("news.outside.now", "%(n)s outage now.", "%(n)s outages now.", count),
            request.url("news:outages"),
            text("news.outside.where", "See where"),
        )

    def _count(self, request: Request) -> int:
        moment = request.portal.clock.now()
        read, count = self._known.get(request.brand, (None, 0))
        if read is None or not read <= moment < read + REMEMBERED:
            count = queries.going_on(request.db, request.brand, moment)
            self._known[request.brand] = (moment, count)
        return count
