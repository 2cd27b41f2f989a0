"""The port through which facts of behaviour are noticed: what became of a request, once its answer is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from lkportal.web.request import Request


class Witness(Protocol):
    """Port filled by staff. It notes in memory alone: no statement is added to the request."""

    @property
    def is_on(self) -> bool:
        """Whether anything is noticed at all; where it is not, it is never asked again."""
        ...

    def saw(self, request: Request, status: int, code: str) -> None:
        """Notice the answer to a request: its status, and the code of the error it tells of ("" for none)."""
        ...

    def close(self) -> None:
        """Put away what was noticed: the process ends."""
        ...
