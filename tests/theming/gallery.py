"""The kit drawn as pages with likely data: look at it (`python tests/theming/gallery.py DIR`), and test_kit checks what it draws.

The environment stands in for the portal's: the same globals, Russian wording, one brand. Pages live in gallery/.
"""

import datetime as dt
import functools
import itertools
import re
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jinja2
from markupsafe import Markup

from lkportal.core.i18n import Catalogue
from lkportal.core.language.formats import Locale
from lkportal.theming.drawing.charts import CHARTS
from lkportal.theming.drawing.drawings import DRAWINGS, icon_set
from lkportal.theming.drawing.lines import LINES
from lkportal.theming.templates import pieces
from lkportal.web.own.gallery import samples

ROOT = Path(__file__).parents[2] / "src" / "lkportal"
THEME = ROOT / "themes" / "default"
PAGES = Path(__file__).parent / "gallery"
NUMBER = "0412778215"

MARK = Markup(
    '<svg viewBox="0 0 34 34" aria-hidden="true"><rect width="34" height="34" rx="10" class="mark-fill"/>'
    '<path class="mark-line" d="M6 15c3.7 0 3.7-3 7.3-3s3.7 3 7.4 3 3.7-3 7.3-3M6 22c3.7 0 3.7-3 7.3-3s3.7 3 7.4 3 3.7-3 7.3-3"/></svg>'
)


@functools.cache
def environment(language: str = "ru") -> jinja2.Environment:
    """Return a Jinja environment with the globals the portal gives to templates; one for all pages, which share what is compiled."""
    locale = Locale(Catalogue.load(language, [ROOT / "theming" / "locale"]))
    loader = jinja2.FileSystemLoader([PAGES, THEME / "templates"])
    env = jinja2.Environment(
        loader=loader, autoescape=jinja2.select_autoescape(("html",)), trim_blocks=True, lstrip_blocks=True
    )
    env.globals |= {**DRAWINGS, **CHARTS, **LINES}
    env.globals |= {
        "locale": locale,
        "icon": icon_set("static/icons.svg"),
        "asset": lambda path: f"static/{path}",
        "url": lambda name, **params: f"#{name}",
        "pgettext": locale.pgettext,
        "npgettext": locale.npgettext,
        "money": locale.money,
        "date": locale.date,
        "datetime": locale.datetime,
        "volume": locale.volume,
    }
    return env


def context(language: str = "ru", mode: str = "light") -> dict[str, Any]:
    """Return what a page is rendered with: request, brand, menu, account, preferences."""
    return {
        "request": SimpleNamespace(csrf_token="gallery-token", nonce="gallery", locale=SimpleNamespace(code=language)),
        "brand": brand(),
        "head": head(),
        "home_url": "#home",
        **menus(),
        "account": account(),
        "links": {"search": "#search", "notices": "#notices", "settings": "#settings", "sign_out": "#out"},
        "person": "Анна Викторовна",
        "unread": 2,
        "flash": [],
        "prefs": {
            "mode": mode,
            "mode_url": "#mode",
            "languages": [("ru", "Русский"), ("en", "English")],
            "locale_url": "#locale",
        },
        "today": dt.date(2026, 11, 22),
        **consumption(),
    }


def menus() -> dict[str, Any]:
    """Return the customer's menu and the desk's."""
    words = ("Главная", "Счета", "Показания", "Заявки", "Документы", "Тарифы", "Новости")
    icons = ("house", "receipt-text", "gauge", "message-square", "file-text", "credit-card", "megaphone")
    menu = [
        {"label": word, "icon": symbol, "url": f"#{symbol}", "active": place == 0}
        for place, (word, symbol) in enumerate(zip(words, icons, strict=True))
    ]
    desk = [("Очередь", "inbox"), ("Клиенты", "users"), ("Деньги", "receipt-text"), ("Журнал", "shield-check")]
    desk_menu = [
        {"label": word, "icon": symbol, "url": f"#{symbol}", "active": place == 1}
        for place, (word, symbol) in enumerate(desk)
    ]
    return {"menu": menu, "desk_menu": desk_menu}


def brand() -> SimpleNamespace:
    """Return a brand without a drawn logo: a mark and its name."""
    return SimpleNamespace(
        name="Северводоканал",
        legal_name="АО «Северводоканал»",
        address="Портовая, 1",
        logo_svg=None,
        mark=MARK,
        support_phone="8 800 100-41-27",
        support_note="аварийная служба, круглосуточно",
        roles=roles("light"),
    )


def head() -> SimpleNamespace:
    """Return what every page of the gallery links."""
    lean = ("static/portal.css", "brand.css")
    styles = ("static/portal.css", "static/more.css", "brand.css")
    return SimpleNamespace(styles=styles, lean=lean, scripts=("static/portal.js",), fonts=())


def account() -> dict[str, Any]:
    """Return the account in view and two others of the same person."""
    others = [
        {"title": "Дача, Озёрная, 6", "number": "0530118846", "url": "#dacha", "text": "Всё оплачено", "family": 1},
        {
            "title": "Мама, Советская, 52",
            "number": "0412770931",
            "url": "#m",
            "text": "640,00 ₽ до 30 ноября",
            "family": 2,
        },
    ]
    return {"title": "Ломоносова, 14, кв.\u00a037", "number": NUMBER, "url": "#", "family": 3, "others": others}


def consumption() -> dict[str, Any]:
    """Return a year of water in litres, and the same home beside similar ones."""
    months = ["ноя", "дек", "янв", "фев", "мар", "апр", "май", "июн", "июл", "авг", "сен", "окт"]
    cold = [6900, 7600, 7300, 7000, 6600, 6500, 6200, 4700, 4400, 5700, 6600, 7200]
    hot = [3500, 4200, 3900, 3600, 3500, 3300, 3000, 1400, 1000, 2200, 3000, 3900]
    similar = [10100, 10900, 10800, 10500, 10300, 9900, 9400, 8300, 7600, 8800, 9900, 10700]
    return {"months": months, "cold": cold, "hot": hot, "similar": similar}


def roles(mode: str) -> dict[str, str]:
    """Return the roles of the gallery's brand as hex."""
    sheet = (Path(__file__).parent / "gallery.css").read_text("utf-8")
    light, dark = sheet.split('[data-mode="dark"]')
    return dict(re.findall(r"--([\w-]+): (#\w+);", light if mode == "light" else dark))


KIT = "kit.html"
"""The page of all components, as the portal shows it at /_kit."""


def names() -> list[str]:
    """Return the pages of the gallery."""
    return sorted([*(path.name for path in PAGES.glob("*.html")), KIT])


@functools.cache
def render(name: str, mode: str = "light", language: str = "ru") -> str:
    """Return one page of the gallery as HTML."""
    env, values = environment(language), context(language, mode)
    if name != KIT:
        return env.get_template(name).render(**values)
    values |= samples(env.globals["locale"]) | {"request": values["request"]}  # type: ignore[arg-type]
    parameters = pieces.macros(env)
    groups = [
        (
            group,
            [
                {
                    "piece": piece,
                    "states": [(state, pieces.draw(env, state, values)) for state in piece.states],
                    "macros": [parameters[macro] for macro in piece.macros],
                }
                for piece in members
            ],
        )
        for group, members in itertools.groupby(pieces.pieces(env), key=lambda piece: piece.group)
    ]
    return env.get_template("kit/gallery.html").render(**values, groups=groups, frames=(), alone=False)


def build(folder: Path) -> None:
    """Write every page in both modes to `folder`, with the static files beside them."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copytree(THEME / "static", folder / "static", dirs_exist_ok=True)
    shutil.copy(Path(__file__).parent / "gallery.css", folder / "brand.css")
    for name in names():
        for mode in ("light", "dark"):
            (folder / f"{Path(name).stem}-{mode}.html").write_text(render(name, mode), "utf-8")


if __name__ == "__main__":
    build(Path(sys.argv[1]))
