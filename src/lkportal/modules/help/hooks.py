"""What help brings to the portal, a line or two each."""

from __future__ import annotations

from lkportal.core.contributions import MenuItem, PortBinding, RouteSpec
from lkportal.core.hookspecs import hookimpl
from lkportal.core.i18n import text
from lkportal.core.request_types import Answers
from lkportal.core.search import SearchPage, SearchProvider
from lkportal.modules.help import search as found
from lkportal.modules.help.answering import Suggested
from lkportal.modules.help.desk.routes import STAFF_PAGES
from lkportal.modules.help.routes import ROUTES


@hookimpl
def routes() -> list[RouteSpec]:
    return ROUTES


@hookimpl
def staff_pages() -> list[RouteSpec]:
    return STAFF_PAGES


@hookimpl
def staff_menu() -> list[MenuItem]:
    return [MenuItem("help:desk", text("help.title", "Help"), "circle-help", 46, "help.staff_view", group="texts")]


@hookimpl
def ports() -> list[PortBinding]:
    return [PortBinding(Answers, Suggested), PortBinding(Suggested, Suggested)]


@hookimpl
def search_providers() -> list[SearchProvider]:
    return found.PROVIDERS


@hookimpl
def search_pages() -> list[SearchPage]:
    return found.PAGES
