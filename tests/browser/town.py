"""Seeded demos of the examples for tests that look at every page: filled once for a run, then worn in any outfit."""

from __future__ import annotations

import re
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tests.browser.atlas import Atlas, Place, cookies, pay, routes, survey
from tests.browser.stage import Demo, running_demo
from tests.browser.wardrobe import Outfit, outfits

ACCOUNTS = 20
_LETTER = re.compile(r"/mailbox/([0-9]{16}-[0-9a-f]{8})")

_AT_ONCE = 2
"""Demos that run at the same time: each asks its database for work all the while."""


@dataclass
class Examples:
    """Demos by outfit, each started when it is first asked for and stopped when others take its place.

    The data of an example is made by its first demo, in which something is paid, and copied for the others.
    """

    folder: Path
    running: ExitStack
    _seeded: dict[str, Path] = field(default_factory=dict)
    _routes: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    _demos: dict[Outfit, tuple[Demo, ExitStack]] = field(default_factory=dict)
    _atlases: dict[tuple[Outfit, str], Atlas] = field(default_factory=dict)
    _shown: dict[str, list[Place]] = field(default_factory=dict)
    _started: int = 0

    def demo(self, outfit: Outfit) -> Demo:
        """Return the running demo of an example in an outfit."""
        if outfit not in self._demos:
            while len(self._demos) >= _AT_ONCE:
                self._stop(next(iter(self._demos)))
            seeded = self._seed(outfit.example)
            self._started += 1
            place = self.folder / f"{outfit}-{self._started}"
            place.mkdir()
            book = outfit.cut(self.folder / "books")
            own = self.running.enter_context(ExitStack())
            started = running_demo(place, ACCOUNTS, outfit.example, brand=book, seeded=seeded)
            self._demos[outfit] = own.enter_context(started), own
        return self._demos[outfit][0]

    def atlas(self, outfit: Outfit, language: str = "ru") -> Atlas:
        """Return every page of an outfit's demo."""
        if outfit.example not in self._routes:
            self._routes[outfit.example] = routes(outfit.example)
        demo = self.demo(outfit)
        if (outfit, language) not in self._atlases:
            self._atlases[outfit, language] = survey(demo, self._routes[outfit.example], language)
        return self._atlases[outfit, language]

    def shown(self, example: str) -> list[Place]:
        """Return the pages of an example in its own brand book. They stay known when its demo has stopped."""
        if example not in self._shown:
            self._shown[example] = self.atlas(outfits(example)[0]).places
        return self._shown[example]

    def worn(self, outfit: Outfit) -> Atlas:
        """Return the pages of an outfit. Another theme shows those of the own book, for its data are a copy: all sign in anew."""
        if not outfit.theme:
            return self.atlas(outfit)
        demo = self.demo(outfit)
        places = [with_letter_of(demo, place) for place in self.shown(outfit.example)]
        return Atlas(list(dict.fromkeys(places)), cookies=cookies(demo))

    def _stop(self, outfit: Outfit) -> None:
        """End a demo; who was signed in there is not in its next copy."""
        self._demos.pop(outfit)[1].close()
        for known in [known for known in self._atlases if known[0] == outfit]:
            del self._atlases[known]

    def _seed(self, example: str) -> Path:
        if example not in self._seeded:
            place = self.folder / f"seed-{example}"
            place.mkdir()
            with running_demo(place, ACCOUNTS, example) as demo:
                pay(demo)
            self._seeded[example] = place
        return self._seeded[example]


def with_letter_of(demo: Demo, place: Place) -> Place:
    """Return a page of a letter as the page of one that this demo holds too; any other page as it is.

    Letters that wait their turn when data are copied are sent by each copy for itself, under another name.
    """
    shown = _LETTER.match(place.path)
    if shown is None or shown[1] in (held := demo.letters()):
        return place
    return replace(place, path=_LETTER.sub(f"/mailbox/{held[0]}", place.path))
