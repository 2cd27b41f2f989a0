"""A person's settings: one page that leads to all of them, and their name and language. What else there is to set is brought by other
rooms as entries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from lkportal.accounts import queries, service
from lkportal.accounts.forms import SettingsForm
from lkportal.core.contributions import SettingsEntry
from lkportal.core.i18n import Text, text
from lkportal.core.policy import known_person
from lkportal.web import Form, Request, empty_form, page, read_form, redirect, route, unit_of_work
from lkportal.web.cookies import LOCALE, Cookie

_YEAR = 365 * 24 * 3600
_GROUPS: tuple[tuple[str, Text], ...] = (
    ("you", text("accounts.settings.you", "About you")),
    ("access", text("accounts.settings.access", "Signing in")),
    ("data", text("accounts.settings.data", "Your data and access to it")),
)


@dataclass(frozen=True, slots=True)
class Entries:
    """The entries of all rooms that are on, in their order. A port, since pages do not see the registry."""

    all: tuple[SettingsEntry, ...]


def settings(request: Request) -> Response:
    """Show everything a person may set, by subject, each with what stands there now."""
    entries = shown_entries(request)
    groups = [(title, [row for entry, row in entries if entry.group == key]) for key, title in _GROUPS]
    shown = [(title, items) for title, items in groups if items]
    return page(request, "accounts/settings.html", groups=shown)


def profile(request: Request) -> Response:
    """Show a person's name and language."""
    known = queries.person(request.db, request.actor.id or 0)
    locale = known.locale if known.locale in request.portal.locales else request.locale.code
    return _profile_page(request, empty_form(SettingsForm, {"name": known.name, "locale": locale}))


def change_settings(request: Request) -> Response:
    """Keep name and language. The language is also put into the cookie, which else would outweigh it."""
    form = read_form(request, SettingsForm)
    if form.valid and form.data.locale not in ("", *request.portal.locales.codes):
        form.add_error("locale", text("accounts.settings.no_language", "Choose one of the languages."))
    if not form.valid:
        return _profile_page(request, form, 422)
    actor, locale = request.actor, form.data.locale or request.locale.code
    with unit_of_work(request) as db:
        service.change_settings(db, actor.id or 0, actor.public_id, name=form.data.name, locale=locale)
    request.set_cookie(Cookie(LOCALE, locale, _YEAR))
    return redirect(request, "accounts:settings", text("accounts.settings.kept", "Your settings are saved."))


def shown_entries(request: Request) -> list[tuple[SettingsEntry, dict[str, Any]]]:
    """Return the entries this person sees, each as a row of the kit."""
    entries = [entry for entry in request.portal.ports.get(Entries).all if _is_shown(request, entry)]
    return [(entry, row) for entry in entries if (row := _row(request, entry)) is not None]


def _is_shown(request: Request, entry: SettingsEntry) -> bool:
    if entry.who not in ("person", request.actor.kind):
        return False
    module = entry.route.partition(":")[0]
    return module not in request.closed and entry.on(request.portal.settings_of(module))


def _row(request: Request, entry: SettingsEntry) -> dict[str, Any] | None:
    now = entry.now(request) if entry.now is not None else ""
    if now is None:
        return None
    return {"name": entry.title, "text": now or entry.hint, "symbol": entry.icon, "href": request.url(entry.route)}


def _profile_page(request: Request, form: Form[SettingsForm], status: int = 200) -> Response:
    return page(request, "accounts/profile.html", status, form=form)


_PERSON = known_person()
SETTINGS_ROUTES = [
    route("/settings", settings, name="settings", policy=_PERSON),
    route("/settings/profile", profile, name="profile", policy=_PERSON),
    route(
        "/settings/profile",
        change_settings,
        name="change_settings",
        policy=_PERSON,
        methods=("POST",),
        body=8 * 1024,
    ),
]
