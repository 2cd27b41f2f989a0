"""Seeded demos of the examples for tests that look at every page: filled once for a run, then worn in any outfit."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.browser.atlas import Atlas, pay, routes, survey
from tests.browser.stage import Demo, running_demo
from tests.browser.wardrobe import Outfit

ACCOUNTS = 20


@dataclass
class Examples:
    """Demos by outfit, each started when it is first asked for and kept until `running` closes.

    The data of an example is made by its first demo, in which something is paid, and copied for the others.
    """

    folder: Path
    running: ExitStack
    _seeded: dict[str, Path] = field(default_factory=dict)
    _routes: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    _demos: dict[Outfit, Demo] = field(default_factory=dict)
    _atlases: dict[tuple[Outfit, str], Atlas] = field(default_factory=dict)

    def demo(self, outfit: Outfit) -> Demo:
        """Return the running demo of an example in an outfit."""
        if outfit not in self._demos:
            seeded = self._seed(outfit.example)
            place = self.folder / f"{outfit}-{len(self._demos)}"
            place.mkdir()
            book = outfit.cut(self.folder / "books")
            started = running_demo(place, ACCOUNTS, outfit.example, brand=book, seeded=seeded)
            self._demos[outfit] = self.running.enter_context(started)
        return self._demos[outfit]

    def atlas(self, outfit: Outfit, language: str = "ru") -> Atlas:
        """Return every page of an outfit's demo."""
        if outfit.example not in self._routes:
            self._routes[outfit.example] = routes(outfit.example)
        if (outfit, language) not in self._atlases:
            found = survey(self.demo(outfit), self._routes[outfit.example], language)
            self._atlases[outfit, language] = found
        return self._atlases[outfit, language]

    def _seed(self, example: str) -> Path:
        if example not in self._seeded:
            place = self.folder / f"seed-{example}"
            place.mkdir()
            with running_demo(place, ACCOUNTS, example) as demo:
                pay(demo)
            self._seeded[example] = place
        return self._seeded[example]
