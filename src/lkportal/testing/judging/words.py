"""The catalogue of a module, renewed: `python -m lkportal.testing.judging.words MODULE` adds what its code and templates say and the catalogue does
not have yet, with room for the words, and marks what says something else in English now. The checklist refuses what is left open."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import normalize, read_po

from lkportal.core.registry.discovery import installed_modules
from lkportal.testing.judging.wording import Wording, module_sources, said

_KEY = re.compile(r'^msgctxt "(.*)"$', re.MULTILINE)


def renew(package: Path, name: str, language: str = "ru") -> list[str]:
    """Write the catalogue of the module `name` that lives in the folder `package`; return the keys whose words are to be written.

    A new key stands before the first one that follows it in the alphabet; all else stays as it is. A translation of another English
    wording is marked fuzzy: look at it, mend it, take the mark away.
    """
    file = package / "locale" / language / "LC_MESSAGES" / "messages.po"
    before = file.read_text("utf-8") if file.is_file() else _head(language)
    blocks, known = before.strip().split("\n\n"), _entries(before, language)
    used = said(module_sources(package, language), [])
    for key in sorted(key for key in used if key.startswith(f"{name}.")):
        entry = known.get(key)
        if entry is None or _english(entry) != used[key].english:
            _put(blocks, _block(used[key], entry, _plurals(language)), key)
    after = "\n\n".join(blocks) + "\n"
    if after != before:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(after, encoding="utf-8")
    return sorted(key for key, entry in _entries(after, language).items() if entry.fuzzy or not all(_words(entry)))


def _entries(text: str, language: str) -> dict[str, Message]:
    found = read_po(text.splitlines(keepends=True), locale=language)
    return {message.context or "": message for message in found if message.id}


def _english(entry: Message) -> tuple[str, ...]:
    return (entry.id,) if isinstance(entry.id, str) else tuple(entry.id)


def _words(entry: Message) -> tuple[str, ...]:
    said_so = entry.string or ""
    return (said_so,) if isinstance(said_so, str) else tuple(said_so)


def _block(wording: Wording, before: Message | None, plurals: int) -> str:
    """Return an entry as it stands in the file: with the words of `before`, marked fuzzy, where it has as many forms."""
    forms = plurals if len(wording.english) > 1 else 1
    kept = _words(before) if before is not None and len(_words(before)) == forms else ("",) * forms
    lines = ["#, fuzzy"] if any(kept) else []
    lines += [f'msgctxt "{wording.key}"', f"msgid {normalize(wording.english[0], width=0)}"]
    lines += [f"msgid_plural {normalize(english, width=0)}" for english in wording.english[1:]]
    numbers = [f"[{number}]" for number in range(forms)] if len(wording.english) > 1 else [""]
    lines += [f"msgstr{number} {normalize(words, width=0)}" for number, words in zip(numbers, kept, strict=True)]
    return "\n".join(lines)


def _put(blocks: list[str], block: str, key: str) -> None:
    keys = [found[1] if (found := _KEY.search(each)) else "" for each in blocks]
    if key in keys:
        blocks[keys.index(key)] = block
        return
    blocks.insert(next((place for place, other in enumerate(keys) if other > key), len(blocks)), block)


def _plurals(language: str) -> int:
    return Catalog(locale=language).num_plurals


def _head(language: str) -> str:
    """Return what gettext needs to know of a catalogue that begins."""
    told = {
        "Language": language,
        "Content-Type": "text/plain; charset=UTF-8",
        "Plural-Forms": Catalog(locale=language).plural_forms,
    }
    lines = "\n".join(f'"{name}: {value}\\n"' for name, value in told.items())
    return f'msgid ""\nmsgstr ""\n{lines}\n'


def main(arguments: Sequence[str] | None = None) -> int:
    """Renew the catalogue of an installed module; tell what is to be written."""
    parser = argparse.ArgumentParser(prog="python -m lkportal.testing.judging.words", description=__doc__)
    parser.add_argument("module", help="the name of an installed module, such as shipments")
    parser.add_argument("--language", default="ru", help="of the catalogue; ru unless given")
    asked = parser.parse_args(arguments)
    modules = {module.name: module for module in installed_modules()}
    if asked.module not in modules:
        parser.error(f"there is no module {asked.module}. Installed: {', '.join(sorted(modules))}")
    package = Path(sys.modules[modules[asked.module].package].__file__ or "").parent
    for key in renew(package, asked.module, asked.language):
        print(f"{key}: write its words")
    return 0


if __name__ == "__main__":
    sys.exit(main())
