"""Checks an evidence package: every byte of it, the chain of its history, documents and signatures. Needs Python 3.8 or later, nothing
else, no network. Run it over a package: `python verify.py PACKAGE.zip [--head HASH]`.

`--head` is the hash of the history as the portal shows it beside the document and wrote it in the letter about the signature: with it a
package that somebody made anew is found too.
This file is the whole of it: the portal packs by `pack`, so that what is checked is what was packed, to the byte.
"""

from __future__ import annotations

import binascii
import hashlib
import json
import struct
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

START = "0" * 64
FORMAT = "lkportal-evidence/1"
MANIFEST, LISTED, HISTORY = "manifest.json", "manifest.sha256", "history.json"
_LOCAL, _ENTRY, _END = "<4s5H3L2H", "<4s6H3L5H2L", "<4s4H2LH"
_DATE = 0x21  # 1 January 1980: a package tells its moments in its history, not in its frame


def canonical(value: Any) -> str:
    """Return a value as the one JSON text it is hashed by."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def linked(before: str, facts: Mapping[str, Any]) -> str:
    """Return the hash of an event: of the hash before it and of its facts."""
    return _sha256((before + "\n" + canonical(facts)).encode())


def pack(files: Iterable[tuple[str, bytes]]) -> bytes:
    """Return a ZIP of (name, bytes), uncompressed, without dates: the same files make the same bytes."""
    parts: list[bytes] = []
    entries: list[bytes] = []
    place = 0
    for name, content in files:
        path, check, size = name.encode(), binascii.crc32(content), len(content)
        head = struct.pack(_LOCAL, b"PK\x03\x04", 20, 0x800, 0, 0, _DATE, check, size, size, len(path), 0) + path
        known = (b"PK\x01\x02", 20, 20, 0x800, 0, 0, _DATE, check, size, size, len(path), 0, 0, 0, 0, 0, place)
        entries.append(struct.pack(_ENTRY, *known) + path)
        parts += [head, content]
        place += len(head) + size
    directory = b"".join(entries)
    end = struct.pack(_END, b"PK\x05\x06", 0, 0, len(entries), len(entries), len(directory), place, 0)
    return b"".join(parts) + directory + end


def unpack(package: bytes) -> list[tuple[str, bytes]]:
    """Return the files of a package as (name, bytes). Raises ValueError for anything that `pack` would not have written."""
    files: list[tuple[str, bytes]] = []
    place, size = 0, struct.calcsize(_LOCAL)
    try:
        while package[place : place + 4] == b"PK\x03\x04":
            head = struct.unpack(_LOCAL, package[place : place + size])
            start, length = place + size + head[9], head[7]
            files.append((package[place + size : start].decode(), package[start : start + length]))
            place = start + length
    except (struct.error, UnicodeDecodeError):
        raise ValueError("it is not a package") from None
    if len({name for name, _ in files}) != len(files) or pack(files) != package:
        raise ValueError("bytes of its frame are not as they were")
    return files


def problems(package: bytes, head: str = "") -> list[str]:
    """Return what is wrong with a package, a sentence each; nothing when it is whole. `head` is what its history must end with."""
    try:
        files = dict(unpack(package))
        manifest = json.loads(files[MANIFEST].decode())
        return _frame(files, manifest) or _history(files, manifest, head.strip().lower())
    except ValueError as error:
        return [f"The package was changed: {error}."]
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        return [f"The package was changed: what it must hold is not there ({error})."]


def _frame(files: Mapping[str, bytes], manifest: Mapping[str, Any]) -> list[str]:
    """The files and their list agree, and the list with the root hash."""
    found = []
    real = _sha256(files[MANIFEST])
    if files[LISTED] != (real + "\n").encode():
        found.append(f"The list of files was changed: its hash is {real}.")
    if manifest["format"] != FORMAT or files[MANIFEST] != canonical(manifest).encode():
        found.append("The list of files is not written as it should be.")
    listed = manifest["files"]
    if set(listed) != set(files) - {MANIFEST, LISTED}:
        found.append("Files were added or taken away.")
    for name, told in sorted(listed.items()):
        content = files.get(name, b"")
        if told != entry(content):
            found.append(f"{name} was changed.")
    return found


def _history(files: Mapping[str, bytes], manifest: Mapping[str, Any], head: str) -> list[str]:
    """The chain holds, and tells of the very bytes that are here."""
    found: list[str] = []
    before = START
    versions = {each["number"]: each for each in manifest["versions"]}
    for place, event in enumerate(json.loads(files[HISTORY].decode()), 1):
        facts, private = event["facts"], event["private"]
        before = linked(before, facts)
        if event["hash"] != before or facts["seq"] != place or facts["document"] != manifest["document"]:
            found.append(f"Event {place} of the history was changed, or the one before it.")
            before = event["hash"]
        if private and _sha256(canonical(private).encode()) != facts["private"]:
            found.append(f"Who took part in event {place} was changed.")
        if versions.get(facts["version"], {}).get("sha256") != facts["sha256"]:
            found.append(f"Event {place} tells of other bytes.")
        if any(_sha256(files.get(f"texts/{each}.txt", b"")) != each for each in texts_of(facts)):
            found.append(f"A text that was signed under in event {place} is missing.")
        if facts["act"] in ("attach", "certify") and f"signatures/{facts['file']}.p7s" not in files:
            found.append(f"The signature file of event {place} is missing.")
    if before != manifest["head"]:
        found.append("The history ends too early.")
    if head and head != before:
        found.append(f"This is another history, or it went on since: it ends with {before}.")
    changed = [each for each in manifest["versions"] if each["path"] and _sha256(files[each["path"]]) != each["sha256"]]
    return found + [f"Version {each['number']} is not what was put there." for each in changed]


def texts_of(facts: Mapping[str, Any]) -> list[str]:
    """Return the hashes of the texts that a simple signature was made under."""
    return [facts["agreement"]["sha256"], facts["shown"]] if facts["act"] == "sign" else []


def entry(content: bytes) -> dict[str, Any]:
    """Return how the list of files tells of a file."""
    return {"sha256": _sha256(content), "size": len(content)}


def head_of(package: bytes) -> str:
    """Return the hash that the history of a package ends with, as it says itself."""
    return str(json.loads(dict(unpack(package))[MANIFEST])["head"])


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _told(package: bytes) -> list[str]:
    """Return what a whole package holds, in lines."""
    files = dict(unpack(package))
    manifest = json.loads(files[MANIFEST].decode())
    history = json.loads(files[HISTORY].decode())
    lines = [f"Document: {history[0]['facts'].get('title', '')} ({manifest['document']})"]
    for event in history:
        facts, who = event["facts"], (event["private"] or {}).get("name", "")
        act = f"{facts['side']:8} {facts['act']:8} version {facts['version']}"
        lines.append(f"{facts['seq']:3}  {facts['at']}  {act}  {who}")
    lines += [f"Version {each['number']}: SHA-256 {each['sha256']}" for each in manifest["versions"]]
    lines.append(f"Hash of the history: {manifest['head']}")
    return [*lines, "Compare it with the one that the portal shows, or give it as --head."]


def main(words: list[str]) -> int:
    """Check the package that is named and return 0 when it is whole, 1 when not, 2 when there is none."""
    head = ""
    if "--head" in words:
        place = words.index("--head")
        head = (words[place + 1 : place + 2] or ["none"])[0]
        words = words[:place] + words[place + 2 :]
    if len(words) != 1:
        sys.stderr.write("Say which package: python verify.py PACKAGE.zip [--head HASH]\n")
        return 2
    try:
        package = Path(words[0]).read_bytes()
    except OSError as error:
        sys.stderr.write(f"It cannot be read: {error}\n")
        return 2
    found = problems(package, head)
    sys.stdout.write("\n".join(found or [*_told(package), "WHOLE: nothing was changed."]) + "\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
