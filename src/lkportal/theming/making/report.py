"""What became of a brand book: which colours gave way and by how much, what to mend, where each value came from."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lkportal.core.i18n import Text, text
from lkportal.theming.brand.book import BrandBook, FontFile, Sections
from lkportal.theming.colour.pairs import PAIRS, Failure, failures
from lkportal.theming.colour.palette import MODES, Move
from lkportal.theming.files.css import GENERIC
from lkportal.theming.marks.raster import seen_share
from lkportal.theming.theme import Theme

_HIDDEN = 0.3
"""The part of a logo that may stay under 3:1 before it is worth a word: a thin line or a pale accent is no fault."""
_TOLD = 5


@dataclass(frozen=True, slots=True)
class Report:
    """A checked brand. `failures` are pairs that miss their contrast (none, unless the palette has a fault);
    `moves` the brand colours that gave way; `notes` things a person should look at, a sentence each.
    """

    name: str
    pairs: int
    failures: tuple[Failure, ...]
    moves: tuple[Move, ...]
    notes: tuple[Text, ...]
    warn: bool

    @property
    def ok(self) -> bool:
        """Whether every pair has its contrast."""
        return not self.failures

    def lines(self) -> list[str]:
        """The report as plain text."""
        said = [f"{self.name}: {self.pairs} pairs of colours checked, {len(self.failures)} below their contrast."]
        said += [f"  {failure}" for failure in self.failures]
        said += [f"  {'warning: ' if self.warn else ''}{_moved(move)}" for move in self.moves]
        said += [f"  note: {note}" for note in self.notes]
        return said


def report(theme: Theme) -> Report:
    """Check a theme against the pair table in all four modes and look over its logos."""
    policy = theme.book.sections.policy
    missed: list[Failure] = []
    for mode in MODES:
        more = mode.endswith("more")
        strong = more or policy.contrast == "AAA"
        missed += failures(mode, theme.roles(mode), strong=strong, exact_fill=not more)
    return Report(
        theme.book.name,
        len(PAIRS) * len(MODES),
        tuple(missed),
        theme.palette.moves,
        tuple(_notes(theme)),
        policy.on_fail == "warn",
    )


def _moved(move: Move) -> str:
    fate = f"{move.before} -> {move.after} (deltaE OK {move.distance:.3f})"
    return f"{move.role} in {move.mode}: {fate}; the fill is unchanged."


def _notes(theme: Theme) -> Iterator[Text]:
    light = theme.roles("light")
    if light["link"] == light["text"]:
        yield text(
            "theming.note.links",
            "Links are in the colour of text, underlined: the brand's colour is too light to read as text.",
        )
    logos = theme.logos
    for use, picture in (("light", logos.light), ("dark", logos.dark), ("mark", logos.mark)):
        if picture and picture.dropped and use in theme.book.logos:
            yield text(
                "theming.note.dropped",
                "[logo] %(use)s: left out of the picture for safety: %(parts)s.",
                use=use,
                parts=", ".join(picture.dropped),
            )
    yield from _unseen(theme)
    yield from _css_notes(theme)
    for fault in theme.book.faults[:_TOLD]:
        yield text(
            "theming.note.token", "A token cannot be used, and nothing here uses it: %(fault)s", fault=str(fault)
        )
    if len(theme.book.faults) > _TOLD:
        yield text("theming.note.tokens", "%(n)s more tokens cannot be used.", n=len(theme.book.faults) - _TOLD)


_CURES = {
    "light": text("theming.note.cure_light", "draw a darker one or put it on a plate of its own colour"),
    "dark": text("theming.note.cure_dark", "make it lighter or put it on a plate of its own colour"),
    "none": text(
        "theming.note.cure_none", 'draw a light one as [logo] dark = "..." or put it on a plate of its own colour'
    ),
}


def _unseen(theme: Theme) -> Iterator[Text]:
    """Logos measured as they are drawn, against the page that the header stands on."""
    logos, given = theme.logos, theme.book.logos
    for mode, picture in (("light", logos.light), ("dark", logos.dark)):
        hidden = 1 - seen_share(picture, theme.roles(mode)["page"]) if picture else 0.0
        if hidden < _HIDDEN:
            continue
        part, cure = f"{hidden:.0%}", _CURES[mode if mode in given or mode == "light" else "none"]
        if mode == "light":
            yield text(
                "theming.note.logo_light",
                "%(part)s of the logo is hard to see on a light page, under 3:1: %(cure)s.",
                part=part,
                cure=cure,
            )
        else:
            yield text(
                "theming.note.logo_dark",
                "%(part)s of the logo is hard to see on a dark page, under 3:1: %(cure)s.",
                part=part,
                cure=cure,
            )


def _css_notes(theme: Theme) -> Iterator[Text]:
    if re.search(r"url\(\s*['\"]?(https?:)?//", theme.css):
        yield text(
            "theming.note.foreign",
            "brand.css asks for a file of another host, which the content policy blocks: put the file into static/.",
        )
    sent = {font.family for font in theme.book.fonts}
    families = [named[0] for named in (theme.book.sections.type.body, theme.book.sections.type.heading) if named]
    for family in dict.fromkeys(families):
        if family not in (*GENERIC, *sent) and "@font-face" not in theme.css:
            yield text(
                "theming.note.font",
                "The font %(family)s shows only where it is installed: send its file along as [[type.fonts]].",
                family=family,
            )


@dataclass(frozen=True, slots=True)
class Explained:
    """One value of a brand and where it came from: a file, or None when it is a default or computed; `how` tells more."""

    key: str
    value: str
    source: Path | None
    how: str = ""


def explain(theme: Theme, key: str = "") -> list[Explained]:
    """Every key of the book with its source, then every role; only those that begin with, or are, `key`."""
    found = [*_keys(theme.book), *_roles(theme)]
    return [item for item in found if not key or item.key == key or item.key.startswith(f"{key}.")]


def _keys(book: BrandBook) -> Iterator[Explained]:
    for section in Sections.model_fields:
        for name, value in getattr(book.sections, section):
            dotted = f"{section}.{name}"
            if isinstance(value, dict):
                for word, term in value.items():
                    shown = " / ".join(term.model_dump(exclude_none=True).values())
                    yield Explained(f"{dotted}.{word}", shown, book.origins.get(f"{dotted}.{word}"))
            elif value is not None:
                shown = ", ".join(map(_listed, value)) if isinstance(value, list) else str(value)
                source = book.origins.get(dotted)
                yield Explained(dotted, shown, source, book.via.get(dotted, "") if source else "default")


def _listed(item: object) -> str:
    return f"{item.family} {item.weight} {item.style} {item.file}" if isinstance(item, FontFile) else str(item)


def _roles(theme: Theme) -> Iterator[Explained]:
    moved = {(move.mode, move.role): move for move in theme.palette.moves}
    for mode in MODES:
        for role, colour in theme.roles(mode).items():
            move = moved.get((mode, role))
            how = f"moved from {move.before} to be readable" if move else "computed from [color]"
            yield Explained(f"{role}.{mode}", colour, None, how)
