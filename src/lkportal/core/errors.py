"""One family of errors. Every message tells the reader what happened and what to do next, in their language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lkportal.core.i18n import Text, text


class PortalError(Exception):
    """An error with a stable `code`, a `message` for the reader and an HTTP `status`."""

    def __init__(self, code: str, message: Text | str, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


class NotFound(PortalError):
    """Nothing here for this person: the same answer for what is absent and for what belongs to others."""

    def __init__(self, code: str = "not_found", message: Text | str | None = None) -> None:
        fallback = text(
            "core.error.not_found", "There is no such page. Check the address or go back to the start page."
        )
        super().__init__(code, message or fallback, 404)


class Forbidden(PortalError):
    """The person is known, but this is not theirs to do."""

    def __init__(self, code: str = "forbidden", message: Text | str | None = None) -> None:
        fallback = text("core.error.forbidden", "You do not have the right to do this. Ask the owner of the account.")
        super().__init__(code, message or fallback, 403)


class Problem(PortalError):
    """An error of the API that says more than its words: `members` of the problem details, `headers` of the answer."""

    def __init__(
        self,
        code: str,
        message: Text | str,
        status: int = 400,
        *,
        members: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(code, message, status)
        self.members = dict(members or {})
        self.headers = dict(headers or {})


class StartupError(PortalError):
    """The portal cannot start: the sentence names the file or module, the key and the cure. Shown to the developer."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message, 500)
