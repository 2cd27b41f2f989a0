"""The words of a letter: a pair of templates, rendered in a brand and a language. How it travels stands in smtp and posting."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from jinja2 import Template

from lkportal.core.i18n import Text, text
from lkportal.core.language.formats import Locale
from lkportal.core.module import Topic
from lkportal.core.policy import AccountRef
from lkportal.notify.audience import Audience
from lkportal.notify.packing import shown
from lkportal.notify.portal import Portal, link
from lkportal.theming.papers.letters import letter_html, letter_look

_log = logging.getLogger(__name__)
_EMPTY_LINES = re.compile(r"\n{3,}")
_WHITE = re.compile(r"[ \t\r\n]+")
"""What ends words in a template. The no-break spaces of a sum are not among it: they hold it on one line."""


@dataclass(frozen=True, slots=True)
class Leads:
    """Where a letter leads besides what it tells of: to the reader's choices, and to the end of letters of its kind."""

    choose: str = ""
    stop: str = ""


NO_LEADS = Leads()


@dataclass(frozen=True, slots=True)
class Worded:
    """A letter in words. `subject` is one line, whatever was put into it; `head` is the PNG that the HTML shows as cid:head, `stop` the
    address that ends letters of its kind."""

    subject: str
    plain: str
    html: str
    sender_name: str
    head: bytes = b""
    stop: str = ""


def worded(
    portal: Portal,
    template: str,
    packed: Mapping[str, Any],
    *,
    locale: str,
    brand: str,
    link_to: str,
    why: Text | str = "",
    zone: str = "",
    leads: Leads = NO_LEADS,
) -> Worded:
    """Render both halves of the letter `template` with `packed` facts. Raises what Jinja raises: the template is wrong."""
    language = portal.locales_of(brand).get(locale)
    theme = portal.theme(brand)
    book, look = theme.book, letter_look(theme)
    values = {
        "link": link_to,
        **shown(dict(packed), language, zone or portal.settings.portal.time_zone),
        **look,
        "why": language.render(why),
        "choose_url": leads.choose,
        "stop_url": leads.stop,
        "home_url": link(portal, "", brand),
        "brand": book.sheet,
        "locale_code": language.code,
    }
    texts = portal.environment(brand, language, html=False)
    plain = texts.get_template(f"{template}.txt")
    values["subject"] = " ".join(subject_of(plain, values).split())  # a header has plain spaces
    rendered = portal.environment(brand, language).get_template(f"{template}.html").render(values)
    text_half = _EMPTY_LINES.sub("\n\n", plain.render(values).strip()) + "\n"
    html = letter_html(rendered, texts, look)
    return Worded(values["subject"], text_half, html, book.sender, theme.letterhead.png, leads.stop)


def title(portal: Portal, template: str, packed: Mapping[str, Any], *, locale: Locale, brand: str, zone: str) -> str:
    """Return the subject of a letter alone: what an entry of the list is called. One whose template is gone or broken has a plain name:
    it must not take the list, or the letter that gathers others too, away."""
    try:
        plain = portal.environment(brand, locale, html=False).get_template(f"{template}.txt")
        language = portal.locales_of(brand).get(locale.code)
        return subject_of(plain, {**shown(dict(packed), language, zone), "locale_code": language.code})
    except Exception:  # noqa: BLE001 - whatever a template of anybody raises
        _log.exception("An entry cannot be worded by the template %s", template)
        return locale.render(text("notify.entry.plain", "News of your account area"))


def subject_of(template: Template, values: Mapping[str, Any]) -> str:
    """Return the block `subject` of a plain template as one line. Raises LookupError when it has none."""
    if "subject" not in template.blocks:
        raise LookupError(f"{template.name} has no block `subject`: a letter needs a subject line")
    written = "".join(template.blocks["subject"](template.new_context(dict(values))))
    return _WHITE.sub(" ", written).strip(" ")


def reason(account: AccountRef | None, audience: Audience | str, topic: Topic | None = None) -> Text | str:
    """Return the sentence that tells why the letter came: the topic's own, else that of its audience."""
    number = account.number if account else ""
    if topic is not None and isinstance(topic.why, Text) and (account or "%(number)s" not in topic.why.english):
        return replace(topic.why, params=(("number", number),)) if "%(number)s" in topic.why.english else topic.why
    if audience == "actor":
        return text("notify.why.actor", "This letter answers what you did in your account area.")
    if account is None:
        return ""
    return text(
        "notify.why.member",
        "You get this letter because {account} %(number)s is in your account area.",
        number=number,
    )
