"""Small drawings as SVG: the account's rosette and seal, QR codes, icons, meter windows, large sums. Charts live in charts.

Nothing here knows a colour: shapes take `currentColor` or a class of the style sheet; only a QR code is black on white.
"""

import math
import re
from collections.abc import Callable, Collection, Mapping
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

import segno
from markupsafe import Markup, escape

from lkportal.theming.errors import BrandError

_DARK = re.compile(b"\x01+")
_MASK = 2
_OPEN = '<svg viewBox="-50 -50 100 100" fill="none" stroke="currentColor" aria-hidden="true" focusable="false"'


def rosette(account_number: str, stroke: float = 0.5) -> Markup:
    """Return the guilloche of an account: two rings of turned ellipses whose counts and ratios come from its number.

    Decorative, the same on page, PDF and receipt; people notice by it whom they pay for. There are 630 of them, kept
    once drawn.
    """
    return _rosette(sum(int(digit) * (place + 3) for place, digit in enumerate(_digits(account_number))) % 630, stroke)


@lru_cache(maxsize=1024)
def _rosette(seed: int, stroke: float) -> Markup:
    rings = ((22 + seed % 6, 48, 15 + seed % 9), (18 + seed % 5, 27, 12 + seed % 7))
    drawn = "".join(_ring(count, wide, high) for count, wide, high in rings)
    return Markup(f'{_OPEN} class="rosette" stroke-width="{stroke}">{drawn}</svg>')  # noqa: S704 - digits only


def _ring(count: int, wide: int, high: int) -> str:
    return "".join(
        f'<ellipse rx="{wide}" ry="{high}" transform="rotate({_short(turn * 180 / count)})"/>' for turn in range(count)
    )


def seal(account_number: str, family: int | None = None) -> Markup:
    """Return the seal of an account: one of eight plain families, legible at 30 px, turned by its number.

    `family` (0-7) is given where several accounts of one person stand together, so that no two look alike.
    """
    number = int(_digits(account_number) or "0") * 2654435761 >> 18
    return _seal(number % 8 if family is None else family % 8, number % 45)


@lru_cache(maxsize=512)
def _seal(family: int, turn: int) -> Markup:
    shape = _FAMILIES[family](turn)
    return Markup(f'<span class="seal">{_OPEN} stroke-width="3.4">{shape}</svg></span>')  # noqa: S704 - digits only


def _petals(turn: int, count: int, wide: float, high: float, away: int = 0) -> str:
    return "".join(
        f'<ellipse cx="{away}" rx="{wide}" ry="{high}" transform="rotate({_short(i * 360 / count + turn)})"/>'
        for i in range(count)
    )


def _solid(shape: str) -> str:
    return f'<g fill="currentColor" stroke="none">{shape}</g>'


_FAMILIES: tuple[Callable[[int], str], ...] = (
    lambda turn: _petals(turn, 6, 17, 17, 17),
    lambda turn: _solid(_petals(turn, 4, 16, 10, 17)),
    lambda turn: _petals(turn, 3, 19, 19, 15),
    lambda turn: _solid(_petals(turn, 5, 15, 8, 20)),
    lambda turn: "".join(f'<circle r="{radius}"/>' for radius in (34, 23, 12)),
    lambda turn: _petals(turn, 12, 17, 4, 18),
    lambda turn: _petals(turn, 3, 35, 12),
    lambda turn: _solid(_petals(turn, 8, 15, 4.5, 20)),
)


def qr(data: str, label: str, size: int = 196, titled: bool = False) -> Markup:
    """Return `data` as a QR code (level M), black on white with a margin of four modules, never themed. `label` names it;
    `titled` says so in a <title> too, where the engine of papers looks for it."""
    box, drawn = _qr(data)
    return Markup(  # noqa: S704 - the label is escaped, the rest are numbers
        f'<svg class="qr" {box} width="{size}" height="{size}" role="img" aria-label="{escape(label)}">'
        f"{f'<title>{escape(label)}</title>' if titled else ''}{drawn}</svg>"
    )


def qr_file(data: str, size: int = 196) -> str:
    """Return the same code as a file of SVG, for a page that links it by `qr_image`."""
    box, drawn = _qr(data)
    return f'<svg xmlns="http://www.w3.org/2000/svg" {box} width="{size}" height="{size}">{drawn}</svg>'


def qr_image(href: str, label: str, size: int = 196) -> Markup:
    """Return the picture of a QR code that has an address of its own: it is asked for when somebody comes to see it."""
    return Markup('<img class="qr" src="{}" width="{}" height="{}" alt="{}" loading="lazy" decoding="async">').format(
        href, size, size, label
    )


def _qr(data: str) -> tuple[str, str]:
    # Trying all eight masks for the evenest picture is four fifths of the work, and a reader takes any of them.
    matrix = segno.make(data, error="m", micro=False, mask=_MASK).matrix
    side = len(matrix)
    dark = "".join(_runs(y, row) for y, row in enumerate(matrix))
    return (
        f'viewBox="-4 -4 {side + 8} {side + 8}" shape-rendering="crispEdges"',
        f'<path fill="#fff" d="M-4-4h{side + 8}v{side + 8}h-{side + 8}z"/><path fill="#000" d="{dark}"/>',
    )


def _runs(y: int, row: bytearray) -> str:
    """Draw the dark modules of a row, each of which is a 1."""
    spans = [run.span() for run in _DARK.finditer(row)]
    return "".join([f"M{start} {y}h{end - start}v1h-{end - start}z" for start, end in spans])


def icon_set(sprite_url: str, known: Collection[str] = ()) -> Callable[..., Markup]:
    """Return `icon(name, size="")` that draws from the sprite; sizes: "s" 16, "" 20, "l" 24.

    A sprite must come from the page's own origin: browsers do not draw `<use>` from another host. With `known`, a name that is
    not among them raises BrandError, naming the nearest; without, nothing is drawn for it.
    """

    @lru_cache(maxsize=512)
    def icon(name: str, size: str = "") -> Markup:
        if known and name and name not in known:
            close = get_close_matches(name, known, n=1)
            raise BrandError(
                f"There is no icon {name}. "
                + (f"Did you mean {close[0]}?" if close else "Add icons/NAME.svg to the brand.")
            )
        classes = f"i {size}" if size else "i"
        return Markup('<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>').format(classes, sprite_url, name)

    return icon


def small_change(amount: str) -> Markup:
    """Return a formatted sum with its kopecks and sign in a smaller size: 1 482<span class="kop">,60 ₽</span>."""
    found = re.search(r"[.,]\d\d(?!\d)\D*$", amount)
    cut = found.start() if found else len(amount)
    return Markup('<span class="sum-figures">{}<span class="kop">{}</span></span>').format(amount[:cut], amount[cut:])


@lru_cache(maxsize=4096)
def drum(reading: int | None, whole: int = 5, fraction: int = 0, label: str = "", size: str = "") -> Markup:
    """Return the window of a meter with a reading in thousandths of its unit (None: empty).

    `whole` and `fraction` are the counts of its digits; `label` is what a screen reader says; size "s" is for rows.
    """
    if reading is None:
        figures, decimals = "·" * whole, "·" * fraction
    else:
        units, rest = divmod(reading, 1000)
        figures, decimals = str(units).rjust(whole, "0"), f"{rest:03d}".ljust(fraction, "0")[:fraction]
    idle = len(figures) if reading is None else len(figures) - len(figures.lstrip("0"))
    cells = "".join(f"<b{' class=z' if place < idle else ''}>{figure}</b>" for place, figure in enumerate(figures))
    cells += "".join(f"<b class=red>{figure}</b>" for figure in decimals)
    classes = f"drum {size}" if size else "drum"
    return Markup('<span class="{}" role="img" aria-label="{}">{}</span>').format(classes, label, Markup(cells))  # noqa: S704


@lru_cache(maxsize=64)
def day_line(first: int, last: int, today: int, label: str) -> Markup:
    """Return the days `first` to `last` of one month as a line of leaves with `today` among them; `label` names it."""
    kinds = (
        "past" if day < today else "now" if day == today else "last" if day == last else ""
        for day in range(first, last + 1)
    )
    said = {"now": ' aria-current="date"'}
    days = "".join(f'<li class="{kind}"{said.get(kind, "")}><b>{day}</b></li>' for day, kind in enumerate(kinds, first))
    return Markup('<ol class="days" aria-label="{}">{}</ol>').format(label, Markup(days))  # noqa: S704 - digits only


def initials(name: str) -> str:
    """Return up to two initials of a person's name as people say it: first name, then family name or patronymic."""
    return "".join(word[0] for word in name.split()[:2]).upper()


def _digits(account_number: str) -> str:
    """The digits of a number; letters count by their code, so that every account has a pattern."""
    if account_number.isascii() and account_number.isdigit():
        return account_number
    return "".join(
        char if char.isdigit() and char.isascii() else str(ord(char)) for char in account_number if char.isalnum()
    )


def _short(number: float) -> str:
    rounded = round(number, 1)
    return str(math.floor(rounded)) if rounded == math.floor(rounded) else str(rounded)


DRAWINGS: Mapping[str, Callable[..., Any]] = {
    "rosette": rosette,
    "seal": seal,
    "qr": qr,
    "qr_image": qr_image,
    "small_change": small_change,
    "drum": drum,
    "day_line": day_line,
    "initials": initials,
}
"""What templates know by name. `icon` is made by `icon_set` once the address of the sprite is known."""
