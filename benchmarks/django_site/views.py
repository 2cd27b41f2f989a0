"""The dashboard, drawn by Django's own templates or, with BENCH_RENDERER=frag, by the portal's."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import reverse

from benchmarks.django_site.dashboard import facts
from benchmarks.django_site.portal import PORTAL
from benchmarks.drawing import Drawing, Facts
from lkportal.core.contributions import Shown
from lkportal.core.money import Volume
from lkportal.modules.payments import cards as payments
from lkportal.modules.readings import cards as readings
from lkportal.modules.readings.windows import window
from lkportal.privacy import cards as privacy
from lkportal.privacy.texts import Documents

_DRAWING = Drawing(PORTAL) if settings.RENDERER == "frag" else None
_LOCALE = PORTAL.locales.get(None)


@login_required
def home(request: HttpRequest, account: str) -> HttpResponse:
    """Show the dashboard."""
    shown = facts(request, account, datetime.now(UTC).date())
    if _DRAWING is not None:
        get_token(request)
        return HttpResponse(_DRAWING.page(shown))
    return render(request, "home.html", _context(shown))


def _context(shown: Facts) -> dict[str, Any]:
    account, today = shown.account, datetime.now(UTC).date()
    made: dict[str, Any] = {
        name: card(
            shown.rows,
            Shown(account, today, _LOCALE, _url_of(account.public_id), PORTAL.settings_of(owner), account.rights),
        )
        for name, owner, card in (
            ("slip", "payments", payments.slip_card),
            ("meters", "readings", readings.meters_card),
            ("consumption", "readings", readings.consumption_card),
            ("asking", "privacy", privacy.asking),
        )
    }
    last = window(today, PORTAL.settings_of("readings"))
    asking = made.pop("asking")
    document = PORTAL.ports.get(Documents).find(asking["document"]) if asking else None
    made["asking"] = document.in_language("ru") if document else None
    return {**made, "account": account, "here": shown.here, "unread": shown.unread, "days": range(last.first.day, last.last.day + 1),
            "window": last, "label": Volume}  # fmt: skip


def _url_of(account: str) -> Any:
    def url(name: str, /, **params: Any) -> str:
        return str(reverse(name.replace(":", "_"), kwargs={"account": account, **params}))

    return url
