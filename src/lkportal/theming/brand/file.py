"""Reading `brand.toml`: the chain of brands it extends, merged key by key, and every mistake as a sentence with its cure."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from lkportal.theming.brand.book import BrandBook, Cases, FontFile, Sections
from lkportal.theming.brand.named_files import named_files, read_text
from lkportal.theming.errors import BrandError
from lkportal.theming.tokens.files import FILE as TOKENS
from lkportal.theming.tokens.keys import claimed, put_tokens
from lkportal.theming.tokens.reading import Tokens, read_tokens

FILE = "brand.toml"
_PACKAGED = re.compile(r"^[A-Za-z_]\w+(\.\w+)*:[\w-]+(/[\w-]+)*$")
_OWN = (("brand", "hosts"), ("brand", "public_url"), ("brand", "extends"))
"""Keys that are never inherited: two brands must not answer on one host."""

_WHOLE = "voice.terms."
"""A word of the glossary is taken over whole: its cases would not fit another word's."""

_CURES = {
    "brand": 'write a section [brand] with name = "Your company"',
    "brand.name": 'write the name customers know, up to 60 characters, as name = "Aqua"',
    "brand.short_name": 'write up to 12 signs for the icon on a phone, as short_name = "Aqua"',
    "brand.legal_name": "write it on one line, up to 200 characters",
    "brand.extends": 'name the folder of another brand, as extends = "../group", or of an installed package, as extends = "acme_brands:group"',
    "brand.theme": 'name an installed theme in small Latin letters, as theme = "default"',
    "brand.hosts": 'write bare host names in a list, as hosts = ["lk.example.org"]',
    "brand.public_url": 'write the whole address without a query, as public_url = "https://lk.example.org"',
    "color": 'write a section [color] with primary = "#0B3F86"',
    "color.primary": 'write the brand\'s colour as six hex digits, as primary = "#0B3F86"',
    "color.accent": 'write a colour as six hex digits, as accent = "#FF7900", or leave the key out',
    "color.surface": 'choose surface = "tinted" or "neutral"',
    "shape.radius": 'write whole pixels from 0 to 28, as radius = "10px"',
    "shape.density": 'choose density = "comfortable" or "compact"',
    "type.body": 'name up to six font families, as body = ["PT Sans", "sans-serif"]',
    "type.heading": 'name up to six font families, as heading = ["PT Serif", "serif"]',
    "type.fonts": 'write each file as [[type.fonts]] with family = "PT Sans", file = "assets/fonts/pt.woff2", weight = "400" '
    'or "400 800", style = "normal" or "italic"',
    "logo.light": 'name a file of the brand\'s folder, as light = "assets/logo.svg"',
    "logo.dark": 'name a file of the brand\'s folder, as dark = "assets/logo-dark.svg"',
    "logo.mark": 'name a file of the brand\'s folder, as mark = "assets/mark.svg"',
    "logo.clear_space": "write a part of the logo's height from 0 to 1, as clear_space = 0.25",
    "voice.formality": 'choose formality = "вы" or "ты"',
    "voice.terms": 'write words by their Latin names, as terms = { account = "лицевой счёт" }, or with cases as '
    'account = { nom = "лицевой счёт", gen = "лицевого счёта" } (nom gen dat acc ins pre)',
    "voice.support_phone": 'write digits and spaces, as support_phone = "8 800 000-00-00"',
    "voice.emergency_phone": 'write digits and spaces, as emergency_phone = "112"',
    "email.from_name": "write it on one line, up to 200 characters",
    "email.footer": "write up to 500 characters of plain text",
    "policy.contrast": 'choose contrast = "AA" or "AAA"',
    "policy.on_fail": 'choose on_fail = "repair", "warn" or "refuse"',
}
_RENAMED = {"brand.domains": "hosts", "colour": "color", "color.secondary": "accent"}


def load_book(folder: Path | str, key: str | None = None) -> BrandBook:
    """Read the brand in `folder` with all brands it extends. Raises BrandError with every problem found."""
    files = _chain(Path(folder))
    tokens = _tokens([path.parent for path, _ in reversed(files)])
    merged: dict[str, Any] = {}
    origins: dict[str, Path] = {}
    for depth, (path, data) in reversed(list(enumerate(files))):
        exported = path.with_name(TOKENS)
        _merge(merged, claimed(tokens, exported), origins, exported)
        _merge(merged, _inherited(data) if depth else data, origins, path)
    via = put_tokens(merged, origins, tokens)
    try:
        sections = Sections.model_validate(merged)
    except ValidationError as wrong:
        raise BrandError([_sentence(error, origins, files[0][0]) for error in wrong.errors()]) from None
    logos, fonts = named_files(sections, origins)
    folders = tuple(path.parent for path, _ in files)
    faults = tuple(dict.fromkeys(tokens.faults.values()))
    return BrandBook(
        _key(folders[0], key), sections, folders, logos, MappingProxyType(origins), fonts, MappingProxyType(via), faults
    )


def _tokens(folders: Sequence[Path]) -> Tokens:
    exported = [folder / TOKENS for folder in folders if (folder / TOKENS).is_file()]
    return read_tokens(exported) if exported else Tokens()


def _chain(folder: Path) -> list[tuple[Path, dict[str, Any]]]:
    files: list[tuple[Path, dict[str, Any]]] = []
    while True:
        path = (folder / FILE).resolve()
        seen = [known for known, _ in files]
        if path in seen:
            ring = " -> ".join(known.parent.name for known in [*seen[seen.index(path) :], path])
            raise BrandError(f"{files[-1][0]}: [brand] extends goes round in a circle: {ring}. Take one `extends` out.")
        data = _read(path, files[-1][0] if files else None)
        files.append((path, data))
        section = data.get("brand")
        parent = section.get("extends") if isinstance(section, dict) else None
        if not isinstance(parent, str):
            return files
        folder = _parent(path, parent)


def _parent(path: Path, parent: str) -> Path:
    """The folder of another brand: beside this one, or inside an installed package (`package:folder`)."""
    if not _PACKAGED.match(parent):
        return path.parent / parent
    package, _, inside = parent.partition(":")
    try:
        spec = find_spec(package)
    except ImportError:
        spec = None
    places = list(spec.submodule_search_locations or ()) if spec else []
    if not places:
        raise BrandError(
            f'{path}: [brand] extends = "{parent}": the package {package} is not installed here. '
            "Install it, or name a folder."
        )
    return next(
        (place for place in (Path(each) / inside for each in places) if place.is_dir()), Path(places[0]) / inside
    )


def _read(path: Path, child: Path | None) -> dict[str, Any]:
    try:
        return tomllib.loads(read_text(path))
    except (FileNotFoundError, NotADirectoryError):
        if child:
            raise BrandError(
                f"{child}: [brand] extends leads to {path}, which does not exist: {_CURES['brand.extends']}."
            ) from None
        raise BrandError(
            f'{path} does not exist. Four lines are enough: [brand], name = "Aqua", [color], primary = "#0B3F86".'
        ) from None
    except tomllib.TOMLDecodeError as wrong:
        raise BrandError(
            f"{path} is not TOML: {wrong}. Text stands in quotes, sections in [square brackets]."
        ) from None


def _inherited(data: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: dict(value) if isinstance(value, dict) else value for name, value in data.items()}
    for section, name in _OWN:
        if isinstance(kept.get(section), dict):
            kept[section].pop(name, None)
    return kept


def _merge(
    into: dict[str, Any], data: Mapping[str, Any], origins: dict[str, Path], path: Path, prefix: str = ""
) -> None:
    for name, value in data.items():
        dotted = f"{prefix}{name}"
        if isinstance(value, dict) and prefix != _WHOLE:
            target = into.get(name)
            if not isinstance(target, dict):
                target = into[name] = {}
            origins.setdefault(dotted, path)
            _merge(target, value, origins, path, f"{dotted}.")
        else:
            into[name] = value
            origins[dotted] = path


def _sentence(error: ErrorDetails, origins: Mapping[str, Path], own: Path) -> str:
    parts = [str(part) for part in error["loc"]]
    dotted = ".".join(parts[:2])
    path = origins.get(".".join(parts)) or origins.get(dotted) or origins.get(parts[0]) or own
    place = f"{path}: [{parts[0]}] {'.'.join(parts[1:])}".rstrip()
    if error["type"] == "extra_forbidden":
        return f"{place} is not a key of a brand book. {_nearest(dotted, parts)}"
    cure = _CURES.get(dotted, _CURES.get(parts[0], "write a [section] with key = value under it"))
    if error["type"] == "missing":
        return f"{place} is missing: {cure}."
    return f"{place} = {_shown(error['input'])} cannot be used: {cure}."


def _shown(value: object) -> str:
    shown = f'"{value}"' if isinstance(value, str) else repr(value)
    return shown if len(shown) <= 80 else f"{shown[:77]}..."


def _nearest(dotted: str, parts: list[str]) -> str:
    if dotted in _RENAMED:
        return f"Write `{_RENAMED[dotted]}` instead."
    known = list(_PARTS.get(dotted) or Sections.model_fields)
    if len(parts) == 2:
        section = Sections.model_fields[parts[0]].annotation
        assert isinstance(section, type)
        assert issubclass(section, BaseModel)
        known = list(section.model_fields)
    close = get_close_matches(parts[-1], known, n=1)
    return f"Did you mean `{close[0]}`?" if close else f"Known here: {', '.join(known)}."


_PARTS = {"type.fonts": FontFile.model_fields, "voice.terms": Cases.model_fields}


def _key(folder: Path, key: str | None) -> str:
    plain = re.sub(r"[^a-z0-9]+", "-", (key or folder.name).lower()).strip("-")
    return plain or "brand"
