"""What goes wrong while a brand, a theme or an asset is read: one exception with whole sentences."""

from collections.abc import Sequence

from lkportal.core.errors import StartupError


class BrandError(StartupError):
    """A brand book, a theme or an asset cannot be used.

    `problems` holds one sentence each: the file, the key, the value and the cure. The message joins them by lines.
    """

    def __init__(self, problems: str | Sequence[str]) -> None:
        self.problems: list[str] = [problems] if isinstance(problems, str) else list(problems)
        super().__init__("brand", "\n".join(self.problems))
