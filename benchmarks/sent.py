"""What a brand sends, by the processor's time: a letter compiled and inlined, a bill printed, first and again. The dashboard stands in
__main__."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import process_time

from lkportal.theming.faces import assemble, load_locales
from lkportal.theming.papers.samples import sample_letter, sample_paper

LETTER_MS = 5.0
_BRAND = Path(__file__).parents[1] / "examples" / "utility" / "brand"


def sent() -> list[tuple[str, bool]]:
    """Return a line for each thing that is sent, and whether it keeps within its goal (papers have none)."""
    faces = assemble({"main": _BRAND}, "default", [], {})
    locale = load_locales(["ru"], [], faces.faces[0].layers).get("ru")
    first_letter, letter, letter_bytes = _timed(lambda: sample_letter(faces, "main", locale).encode(), 50)
    first_paper, paper, paper_bytes = _timed(lambda: sample_paper(faces, "main", locale), 9)
    return [
        (
            f"letter: {letter:.1f} ms ({first_letter:.0f} the first), {letter_bytes / 1024:.0f} KB, goal {LETTER_MS:g} ms",
            letter <= LETTER_MS,
        ),
        (f"paper: {paper:.0f} ms ({first_paper:.0f} the first), {paper_bytes / 1024:.0f} KB", True),
    ]


def _timed(make: Callable[[], bytes], rounds: int) -> tuple[float, float, int]:
    """Milliseconds of the first call and the median of the others, and the bytes it makes."""
    taken = []
    made = b""
    for _ in range(rounds + 1):
        begun = process_time()
        made = make()
        taken.append((process_time() - begun) * 1000)
    return taken[0], median(taken[1:]), len(made)
