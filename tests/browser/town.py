"""Seeded demos of the examples for tests that look at every page: filled and walked once for a run, then worn in any outfit."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from tests.browser.atlas import Atlas, pay, routes, survey
from tests.browser.stage import Demo, running_demo
from tests.browser.wardrobe import Outfit, outfits

ACCOUNTS = 20
_LANGUAGE = "ru"
_AT_ONCE = 2
"""Demos that run at the same time: each asks its database for work all the while."""


@dataclass
class Examples:
    """Demos by outfit, each started when it is first asked for and stopped when others take its place.

    The data of an example is made by its first demo, in which something is paid and every reader walks. It is copied for the others,
    so all show the same pages, and who signed in at the first is signed in at each.
    """

    folder: Path
    running: ExitStack
    _atlases: dict[str, Atlas] = field(default_factory=dict)
    _demos: dict[Outfit, tuple[Demo, ExitStack]] = field(default_factory=dict)
    _started: int = 0

    def atlas(self, example: str) -> Atlas:
        """Return every page of an example."""
        if example not in self._atlases:
            place = self._seeded(example)
            place.mkdir()
            with running_demo(place, ACCOUNTS, example) as demo:
                pay(demo)
                self._atlases[example] = survey(demo, routes(example), _LANGUAGE)
        return self._atlases[example]

    def demo(self, outfit: Outfit) -> Demo:
        """Return the running demo of an example in an outfit."""
        if outfit not in self._demos:
            self.atlas(outfit.example)
            while len(self._demos) >= _AT_ONCE:
                self._demos.pop(next(iter(self._demos)))[1].close()
            self._started += 1
            place = self.folder / f"{outfit}-{self._started}"
            place.mkdir()
            own = self.running.enter_context(ExitStack())
            book, seeded = outfit.cut(self.folder / "books"), self._seeded(outfit.example)
            started = running_demo(place, ACCOUNTS, outfit.example, brand=book, seeded=seeded)
            self._demos[outfit] = own.enter_context(started), own
        return self._demos[outfit][0]

    def worn(self, outfit: Outfit, language: str) -> Atlas:
        """Return every page of an example as an outfit shows it in a language."""
        if (outfit, language) == (outfits(outfit.example)[0], _LANGUAGE):
            return self.atlas(outfit.example)
        return survey(self.demo(outfit), routes(outfit.example), language)

    def _seeded(self, example: str) -> Path:
        return self.folder / f"seed-{example}"
