"""Changes to a brand made at the desk: differences only, put as a brand of its own over the files of the company, so that every
law of brand books holds for them and later changes of the files still arrive. Who may change what is staff's to say."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from lkportal.theming.brand.book import BrandBook
from lkportal.theming.brand.file import FILE, load_book
from lkportal.theming.brand.wording import FOLDER

ASSETS = "assets"
PLAIN = {"brand.name": "Portal", "color.primary": "#0B3F86"}
"""What a portal without a brand folder is called and looks like."""


@dataclass(frozen=True)
class Changes:
    """Differences from the files of a brand: `values` by dotted key ("color.primary"), `wording` by language and key,
    `files` by dotted key ("logo.light"): the name under which their bytes are kept."""

    values: Mapping[str, Any] = field(default_factory=dict)
    wording: Mapping[str, Mapping[str, str | list[str]]] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, packed: Mapping[str, Any]) -> Changes:
        """Return changes from what `packed` returned."""
        return cls(packed.get("values", {}), packed.get("wording", {}), packed.get("files", {}))

    def packed(self) -> dict[str, Any]:
        """Return the changes as JSON, empty parts left out."""
        wording = {language: dict(said) for language, said in self.wording.items() if said}
        parts = {"values": dict(self.values), "wording": wording, "files": dict(self.files)}
        return {name: part for name, part in parts.items() if part}

    @property
    def digest(self) -> str:
        """A short name of these very changes."""
        return sha256(json.dumps(self.packed(), sort_keys=True).encode()).hexdigest()[:24]


def staged(base: Path | None, key: str, changes: Changes, read: Callable[[str], bytes], room: Path) -> Path:
    """Return the folder of a brand made of `base` and `changes`, written below `room` unless it stands there already.

    `read` returns the bytes of a kept file by its name. What the folder says is judged when it is read, not here.
    """
    book = load_book(base, key) if base is not None else None
    text = _toml(base, book, changes)
    mark = sha256(f"{text}\n{changes.digest}".encode()).hexdigest()[:16]
    folder = room / f"{key}-{mark}"
    if folder.is_dir():
        return folder
    room.mkdir(parents=True, exist_ok=True)
    written = Path(tempfile.mkdtemp(dir=room))
    try:
        _write(written, text, changes, read)
        written.replace(folder)
    except OSError:
        if not folder.is_dir():  # another process may have been quicker; then its folder is as good
            raise
    finally:
        shutil.rmtree(written, ignore_errors=True)
    return folder


def _write(folder: Path, text: str, changes: Changes, read: Callable[[str], bytes]) -> None:
    (folder / FILE).write_text(text, "utf-8")
    for name in changes.files.values():
        (folder / ASSETS).mkdir(exist_ok=True)
        (folder / ASSETS / name).write_bytes(read(name))
    for language, said in changes.wording.items():
        (folder / FOLDER).mkdir(exist_ok=True)
        lines = [f"{_quoted(key)} = {_quoted(value)}" for key, value in sorted(said.items())]
        (folder / FOLDER / f"{language}.toml").write_text("\n".join(lines) + "\n", "utf-8")


def _toml(base: Path | None, book: BrandBook | None, changes: Changes) -> str:
    own: dict[str, Any] = {} if book else dict(PLAIN)
    if book and base:
        own = {
            "brand.extends": str(base.resolve()),
            "brand.hosts": list(book.hosts),
            "brand.public_url": book.public_url,
        }
    own |= {**changes.values, **{key: f"{ASSETS}/{name}" for key, name in changes.files.items()}}
    sections: dict[str, list[str]] = {}
    for dotted, value in own.items():
        section, _, name = dotted.partition(".")
        if value is not None and (dotted != "brand.public_url" or value):
            sections.setdefault(section, []).append(f"{name} = {_quoted(value)}")
    return "\n".join(f"[{section}]\n" + "\n".join(lines) + "\n" for section, lines in sections.items())


def _quoted(value: Any) -> str:
    """A value as TOML: a JSON string or list of strings is one, but for the one control character JSON leaves alone."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "")
