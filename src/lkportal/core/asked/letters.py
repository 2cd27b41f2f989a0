"""Letters and text messages as rooms ask for them: ports that notify and auth fill. What a letter says stands in its room's templates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from sqlalchemy.orm import Session

__all__ = ["Letters", "Mailer", "PageLinks", "TextMessages"]


class Letters(Protocol):
    """Port filled by notify: queues a letter that holds no secret."""

    def send(
        self,
        db: Session,
        *,
        to: str,
        template: str,
        values: Mapping[str, Any],
        locale: str,
        brand: str,
        kind: str,
    ) -> None:
        """Queue a letter in the unit of `db`: no commit, no letter. `values` are JSON and wait in a table until it leaves:
        links that open something and codes go through Mailer, from a job that mints them.

        `template` names a pair of templates ("readings/notices/submitted" + .html and .txt); the block `subject` of the .txt
        is the subject line. A `to` that is a phone number (E.164) gets a text message: then the template is one .txt. `kind` is the topic or purpose, shown in the list of what was sent.
        """
        ...


class Mailer(Protocol):
    """Port filled by notify: hands a letter to the mail server now."""

    def deliver(
        self, *, to: str, template: str, values: Mapping[str, Any], locale: str, brand: str, message_id: str
    ) -> None:
        """Render `template` in `locale` ("" for the portal's first) and the look of `brand` ("" for the default one) and
        send it. Called by jobs, never inside a unit: it waits for the server and may raise, then the job comes back.

        `message_id` is the letter's own id: a second call with it is the same letter and may be left out.
        """
        ...


class TextMessages(Protocol):
    """Port filled by notify: hands a text message (SMS) to the company's gateway now."""

    @property
    def on(self) -> bool:
        """Whether the company has a gateway: without one nothing that needs a message is offered."""
        ...

    def deliver(
        self, *, to: str, template: str, values: Mapping[str, Any], locale: str, brand: str, message_id: str
    ) -> None:
        """Render `template` ("auth/texts/code", one .txt) and hand it over for the number `to` (E.164). Called by jobs, never
        inside a unit: it waits for the gateway and may raise, then the job comes back.

        `message_id` is the message's own id: a second call with it is the same message and is left out. `values` are rendered
        and forgotten. Raises GiveUp when the gateway refuses this message for good.
        """
        ...


class PageLinks(Protocol):
    """Port filled by auth: whole addresses of pages for letters and providers."""

    def page(self, route: str, brand: str = "", **params: str) -> str:
        """Return the address of `route` ("auth:recover_set") on the site of `brand`, by the settings, never by a Host header.

        Raises LookupError when no module has such a route.
        """
        ...
