"""Text messages: a template in the reader's language, handed to the gateway once, with a record that keeps no words. Fills the
port TextMessages. How a gateway is spoken to stands in sms."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, select

from lkportal.core.errors import StartupError
from lkportal.core.unit import open_unit
from lkportal.notify.models import Letter
from lkportal.notify.packing import pack, shown
from lkportal.notify.portal import Portal, link, mail_domain
from lkportal.notify.post.mailbox import Mailbox
from lkportal.notify.post.sms import ConsoleGateway, Gateway, HttpGateway, TextMessage
from lkportal.notify.settings import NotifySettings
from lkportal.notify.telling import insert_sent

_SENT = select(Letter.id).where(
    Letter.message_id == bindparam("message_id"), Letter.state == "sent", Letter.sent_at > bindparam("since")
)
_SAME_MESSAGE = timedelta(days=3)


class Texts:
    """The text messages of one portal."""

    def __init__(self, portal: Portal, settings: NotifySettings) -> None:
        self._portal = portal
        self._gateway = _gateway(portal, settings)

    @property
    def on(self) -> bool:
        """Whether the company has a gateway."""
        return self._gateway is not None

    def deliver(
        self, *, to: str, template: str, values: Mapping[str, Any], locale: str, brand: str, message_id: str
    ) -> None:
        """Send a text message now, outside of any unit; one that was sent under this `message_id` is left out."""
        portal = self._portal
        if self._gateway is None:
            return
        message_id = message_id if "@" in message_id else f"{message_id}@{mail_domain(portal)}"
        since = portal.clock.now() - _SAME_MESSAGE
        with portal.database.reading() as connection:
            if connection.execute(_SENT, {"message_id": message_id, "since": since}).first() is not None:
                return
        words = worded(portal, template, values, locale=locale, brand=brand)
        self._gateway.send(TextMessage(to, words, message_id))
        with open_unit(portal.database, portal.unit_context()) as db:
            insert_sent(db, to=to, template=template, locale=locale, brand=brand, message_id=message_id)


def worded(portal: Portal, template: str, values: Mapping[str, Any], *, locale: str, brand: str) -> str:
    """Render `template`.txt in the reader's language: short, no markup, spaces and lines as a phone shows them."""
    language = portal.locales_of(brand).get(locale)
    book = portal.theme(brand).book
    facts = shown(pack(dict(values), template), language, portal.settings.portal.time_zone)
    facts |= {"brand": book.sheet, "home_url": link(portal, "", brand), "locale_code": language.code}
    rendered = portal.environment(brand, language, html=False).get_template(f"{template}.txt").render(facts)
    return "\n".join(line.strip() for line in rendered.strip().splitlines())


def _gateway(portal: Portal, settings: NotifySettings) -> Gateway | None:
    if settings.sms.gateway == "http":
        return HttpGateway(settings.sms)
    if settings.sms.gateway != "console":
        return None
    if not portal.settings.portal.demo:
        raise StartupError(
            "sms_console_in_earnest",
            'notify.sms.gateway is "console", which shows text messages on a page and sends them to nobody: it is for'
            ' demos. Set it to "http" with the provider\'s url, or leave it empty.',
        )
    return ConsoleGateway(Mailbox(portal.data_dir / "mailbox"), portal.clock)
