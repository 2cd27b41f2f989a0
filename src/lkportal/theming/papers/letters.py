"""A letter's HTML: MJML becomes the tables that mail programs agree on, rules become style attributes. What a letter says stands
in the rooms' templates, how it looks in email/ of the theme; its picture is made in letterhead."""

from __future__ import annotations

from collections.abc import Iterable

import mjml
from css_inline import CSSInliner
from jinja2 import Environment
from markupsafe import Markup

from lkportal.theming.theme import Theme

LAYOUT_RULES = "email/letter.css"
_FALLBACK = ("Arial", "sans-serif")
_GENERIC = frozenset({"serif", "sans-serif", "monospace", "system-ui"})


def letter_look(theme: Theme, picture: str = "cid:head") -> dict[str, object]:
    """Return what every letter's template knows of a brand's look. `picture` is the address its head picture will have."""
    return {
        "roles": theme.roles("light"),
        "dark": theme.roles("dark"),
        # Letters load no fonts: a family shows where the reader has it.
        "fonts": font_list(theme.book.sections.type.body),
        "head": theme.letterhead.view(picture),
    }


def font_list(families: Iterable[str], *between: str) -> Markup:
    """Return font families as CSS for a letter or paper: the brand's `families`, those `between`, then Arial."""
    own = [family for family in families if family not in _GENERIC]
    named = dict.fromkeys((*own, *between, *_FALLBACK))
    return Markup(", ".join(f"'{family}'" if " " in family else family for family in named))  # noqa: S704 - checked by the book


def letter_html(rendered: str, plain: Environment, look: dict[str, object]) -> str:
    """Return the HTML of a rendered letter: MJML is compiled, then the rules of email/letter.css are put into it.

    A letter that is HTML already (a company may write one so) only gets the rules. `plain` is the environment for text: a
    stylesheet has nothing to escape. Raises ValueError when the MJML is not well-formed.
    """
    html = mjml.mjml2html(rendered, fonts={}) if rendered.lstrip().startswith("<mjml") else rendered
    rules = plain.get_template(LAYOUT_RULES).render(look)
    # Style elements stay as they are: they hold what has no place in an attribute (dark mode, narrow screens).
    return CSSInliner(
        inline_style_tags=False, keep_style_tags=True, load_remote_stylesheets=False, extra_css=rules
    ).inline(html)
