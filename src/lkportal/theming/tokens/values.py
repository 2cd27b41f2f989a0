"""What a value of each DTCG 2025.10 type may be, read into plain data; older notations that published files still use are read too.

References are resolved before (tokens.py). Every reader raises ValueError with the end of a sentence: "... must be a colour object".
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from lkportal.theming.colour.spaces import SPACES, Colour, colour_in, css_colour


@dataclass(frozen=True, slots=True)
class Measure:
    """A length (`px`, `rem`) or a time (`ms`, `s`)."""

    value: float
    unit: str

    def __str__(self) -> str:
        return f"{self.value:g}{self.unit}"


_COLOUR = 'a colour: {"colorSpace": "srgb", "components": [0, 0.47, 0.76]} or "#0079C2"'
_RANGES: Mapping[str, tuple[tuple[float, float], ...]] = {
    **dict.fromkeys(("srgb", "srgb-linear", "display-p3", "a98-rgb", "prophoto-rgb", "rec2020"), ((0, 1),) * 3),
    **dict.fromkeys(("hsl", "hwb"), ((0, 360), (0, 100), (0, 100))),
    **dict.fromkeys(("lab", "xyz-d65", "xyz-d50"), ((-1e9, 1e9),) * 3),
    "lch": ((0, 100), (0, 1e9), (0, 360)),
    "oklab": ((0, 1), (-1e9, 1e9), (-1e9, 1e9)),
    "oklch": ((0, 1), (0, 1e9), (0, 360)),
}


def _colour(value: object) -> Colour:
    if isinstance(value, str):
        try:
            return css_colour(value)
        except ValueError:
            raise ValueError(f"must be {_COLOUR}") from None
    parts = _object(value, {"colorSpace", "components"}, {"alpha", "hex"}, _COLOUR)
    space, alpha, fallback = parts["colorSpace"], parts.get("alpha", 1), parts.get("hex", "")
    if space not in SPACES:
        raise ValueError(f"has an unknown colorSpace; known are {', '.join(SPACES)}")
    components = parts["components"]
    if not isinstance(components, list) or len(components) != 3:
        raise ValueError("must have three components")
    numbers = [0.0 if part == "none" else _number(part) for part in components]
    for number, (low, high) in zip(numbers, _RANGES[space], strict=True):
        if not low <= number <= high:
            raise ValueError(f"has the component {number:g}, which {space} does not have: from {low:g} to {high:g}")
    if fallback and not (isinstance(fallback, str) and re.fullmatch(r"#([0-9a-fA-F]{3}){1,2}", fallback)):
        raise ValueError('must have six hex digits as its hex, as "#0079C2"')
    if not 0 <= _number(alpha) <= 1:
        raise ValueError("must have an alpha from 0 to 1")
    return colour_in(space, numbers, _number(alpha), css_colour(fallback).hex if fallback else "")


def _measure(units: tuple[str, ...], example: str) -> Callable[[object], Measure]:
    said = f'a number with {" or ".join(units)}: {{"value": {example[0]}, "unit": "{units[0]}"}} or "{example}"'
    written = re.compile(rf"(-?(?:\d+\.?\d*|\.\d+))({'|'.join(units)})")

    def read(value: object) -> Measure:
        if isinstance(value, str):
            found = written.fullmatch(value.strip())
            if value.strip() == "0":
                return Measure(0.0, units[0])
            if found is None:
                raise ValueError(f"must be {said}")
            return Measure(float(found[1]), found[2])
        parts = _object(value, {"value", "unit"}, set(), said)
        if parts["unit"] not in units:
            raise ValueError(f"must be {said}")
        return Measure(_number(parts["value"]), parts["unit"])

    return read


_dimension = _measure(("px", "rem"), "8px")
_duration = _measure(("ms", "s"), "9ms")


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("must be a number")
    return float(value)


def _written_number(value: object) -> float:
    if isinstance(value, str) and re.fullmatch(r"-?\d+(\.\d+)?%?", value.strip()):
        text = value.strip()
        return float(text[:-1]) / 100 if text.endswith("%") else float(text)
    return _number(value)


def _families(value: object) -> tuple[str, ...]:
    """A name or a list of names; older files have one string with commas and quotes."""
    names = value.split(",") if isinstance(value, str) else value
    if not isinstance(names, list) or not names or not all(isinstance(name, str) and name.strip() for name in names):
        raise ValueError('must be a font family or a list of them, as ["PT Sans", "sans-serif"]')
    return tuple(str(name).strip().strip("\"'") for name in names)


_WEIGHTS = {
    "thin": 100, "hairline": 100, "extra-light": 200, "ultra-light": 200, "light": 300, "normal": 400, "regular": 400,
    "book": 400, "medium": 500, "semi-bold": 600, "demi-bold": 600, "bold": 700, "extra-bold": 800, "ultra-bold": 800,
    "black": 900, "heavy": 900, "extra-black": 950, "ultra-black": 950,
}  # fmt: skip


def _weight(value: object) -> float:
    if isinstance(value, str) and value.lower() in _WEIGHTS:
        return _WEIGHTS[value.lower()]
    number = _written_number(value) if isinstance(value, str | int | float) else 0.0
    if not 1 <= number <= 1000:
        raise ValueError("must be a font weight from 1 to 1000 or its name, as semi-bold")
    return number


def _bezier(value: object) -> tuple[float, ...]:
    if not isinstance(value, list) or len(value) != 4:
        raise ValueError("must be four numbers, as [0.5, 0, 1, 1]")
    numbers = tuple(_number(part) for part in value)
    if not (0 <= numbers[0] <= 1 and 0 <= numbers[2] <= 1):
        raise ValueError("must have its first and third number from 0 to 1")
    return numbers


_LINES = ("solid", "dashed", "dotted", "double", "groove", "ridge", "outset", "inset")


def _stroke(value: object) -> object:
    if isinstance(value, str) and value in _LINES:
        return value
    parts = _object(value, {"dashArray", "lineCap"}, set(), f"one of {', '.join(_LINES)}, or dashArray and lineCap")
    if parts["lineCap"] not in ("round", "butt", "square"):
        raise ValueError("must have a lineCap of round, butt or square")
    return MappingProxyType({"dashArray": _each(parts["dashArray"], _dimension), "lineCap": parts["lineCap"]})


def _spacing(value: object) -> object:
    """Line height: a number; older files write a length."""
    try:
        return _written_number(value)
    except ValueError:
        return _dimension(value)


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")
    return value


Reader = Callable[[object], object]


def _composite(needed: Mapping[str, Reader], optional: Mapping[str, Reader] = MappingProxyType({})) -> Reader:
    readers = {**needed, **optional}
    said = f"an object with {', '.join(needed)}"

    def read(value: object) -> object:
        parts = _object(value, set(needed), set(optional), said)
        made = {}
        for name, part in parts.items():
            try:
                made[name] = readers[name](part)
            except ValueError as wrong:
                raise ValueError(f"has a {name} that {wrong}") from None
        return MappingProxyType(made)

    return read


def _one_or_list(read: Reader) -> Reader:
    return lambda value: _each(value if isinstance(value, list) else [value], read)


def _each(value: object, read: Reader) -> tuple[object, ...]:
    if not isinstance(value, list) or not value:
        raise ValueError("must be a list that is not empty")
    return tuple(read(part) for part in value)


def _object(value: object, needed: set[str], optional: set[str], said: str) -> Mapping[str, Any]:
    if not isinstance(value, dict) or needed - set(value) or set(value) - needed - optional:
        raise ValueError(f"must be {said}")
    return value


_shadow = _composite(
    {"color": _colour, "offsetX": _dimension, "offsetY": _dimension, "blur": _dimension, "spread": _dimension},
    {"inset": _flag},
)
_READERS: Mapping[str, Reader] = {
    "color": _colour,
    "dimension": _dimension,
    "fontFamily": _families,
    "fontWeight": _weight,
    "duration": _duration,
    "cubicBezier": _bezier,
    "number": _written_number,
    "strokeStyle": _stroke,
    "border": _composite({"color": _colour, "width": _dimension, "style": _stroke}),
    "transition": _composite({"duration": _duration, "delay": _duration, "timingFunction": _bezier}),
    "shadow": _one_or_list(_shadow),
    "gradient": lambda value: _each(value, _composite({"color": _colour, "position": _number})),
    "typography": _composite(
        {
            "fontFamily": _families,
            "fontSize": _dimension,
            "fontWeight": _weight,
            "letterSpacing": _dimension,
            "lineHeight": _spacing,
        }
    ),
}
_OLDER = {
    "fontFamilies": "fontFamily", "fontWeights": "fontWeight", "fontSizes": "dimension", "spacing": "dimension",
    "sizing": "dimension", "borderRadius": "dimension", "borderWidth": "dimension", "opacity": "number",
}  # fmt: skip
"""Types of design tools from before the standard, by their standard name."""

TYPES = tuple(_READERS)
"""The types of DTCG 2025.10."""


def known_type(name: str) -> str:
    """The standard name of a type, or "" for a type of somebody's own, whose values are kept as they are."""
    return name if name in _READERS else _OLDER.get(name, "")


def read_value(type_name: str, value: object) -> object:
    """The value as plain data: Colour, Measure, numbers, tuples, mappings. Raises ValueError with the end of a sentence."""
    reader = _READERS.get(known_type(type_name))
    return reader(value) if reader else value
