"""Templates of a brand or a theme that stand above others: each records the original it was made from, so that an upgrade can name the stale ones.

The record is the first line: `{# overrides default@3f2a9c01b7d4 #}`, the layer's name and a hash of the original's text.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from hashlib import sha256
from pathlib import Path

from lkportal.theming.errors import BrandError
from lkportal.theming.templates.layers import Layer
from lkportal.theming.templates.loaders import ChainLoader

_RECORD = re.compile(r"\{#-?\s*overrides\s+([\w.-]+)@([0-9a-f]{12})\s*-?#\}\n?")
_BLOCK = re.compile(r"\{%[-+]?\s*(block\s+(\w+)|endblock)[^%]*%\}")
_EXTENDS = re.compile(r"""\{%[-+]?\s*extends\s+["']([^"']+)["']""")
_IMPORT = re.compile(r"^\{%[-+]?\s*(?:import|from)\s[^%]*%\}\n?", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Original:
    """The template that an override stands above: the layer it belongs to, its name and its text."""

    layer: Layer
    name: str
    text: str

    @property
    def record(self) -> str:
        """The first line of an override of this text."""
        return f"{{# overrides {self.layer.name}@{fingerprint(self.text)} #}}\n"

    @property
    def address(self) -> str:
        """What an override extends to keep the rest of this template; empty when it has no address of its own."""
        if self.layer.kind in ("theme", "core"):
            return f"@{self.layer.kind}/{self.name}"
        own, _, rest = self.name.partition("/")
        return f"@{own}/{rest}" if own == self.layer.name else ""


def fingerprint(text: str) -> str:
    """Twelve hex digits of a template's text; the kind of line ends does not count."""
    return sha256(text.replace("\r\n", "\n").encode()).hexdigest()[:12]


def original(name: str, lower: Sequence[Layer]) -> Original | None:
    """The first template of that name in a chain of layers, strongest first."""
    for layer in lower:
        path = layer.templates / name if layer.templates else None
        if path is not None and path.is_file():
            return Original(layer, name, path.read_text("utf-8"))
    return None


def stale(layer: Layer, lower: Sequence[Layer]) -> Iterator[str]:
    """A sentence for each template of a layer whose original, somewhere in `lower`, has changed or gone since."""
    if layer.templates is None:
        return
    for path in sorted(layer.templates.rglob("*")):
        if path.is_file():
            name = path.relative_to(layer.templates).as_posix()
            yield from _judged(path, name, lower)


def _judged(path: Path, name: str, lower: Sequence[Layer]) -> Iterator[str]:
    text = path.read_text("utf-8")
    record, under = _RECORD.match(text), original(name, lower)
    if under is None:
        if record:
            yield f"{path} was made from {name} of {record[1]}, which is no longer there: the page has another name now, or none."
        elif near := get_close_matches(name, ChainLoader(lower).list_templates(), n=1, cutoff=0.85):
            yield f"{path} stands above no template: did you mean {near[0]}?"
        return
    now = under.record.strip()
    if record is None:
        yield f"{path} does not tell which text it was made from: compare it with {under.layer.name}'s, then let it begin with {now}"
    elif record[0].strip() != now:
        yield (
            f"{path} is stale: {name} of {under.layer.name} has changed since. Compare the two, "
            f"then let it begin with {now} (`lkportal theme override --compared`)."
        )
    yield from _lost_blocks(path, text, lower)


def _lost_blocks(path: Path, text: str, lower: Sequence[Layer]) -> Iterator[str]:
    """Blocks it fills that its parent no longer has: they would silently not be shown."""
    extended = _EXTENDS.search(text)
    if extended is None:
        return
    known = _blocks_of(extended[1], ChainLoader(lower), 0)
    for name in _blocks(text, outer=True):
        if known is not None and name not in known:
            near = get_close_matches(name, known, n=1)
            cure = f"did you mean {near[0]}?" if near else f"it has {', '.join(sorted(known)) or 'none'}."
            yield f"{path} fills the block {name}, which {extended[1]} does not have: {cure}"


def _blocks_of(address: str, loader: ChainLoader, depth: int) -> set[str] | None:
    found = loader.find(address)
    if found is None or depth > 8:
        return None
    text = found.read_text("utf-8")
    extended = _EXTENDS.search(text)
    above = _blocks_of(extended[1], loader, depth + 1) if extended else set()
    return None if above is None else above | {match[2] for match in _BLOCK.finditer(text) if match[2]}


def _blocks(text: str, *, outer: bool = False) -> dict[str, str]:
    """The blocks of a template by name, each with its whole source; with `outer` those that stand in no other."""
    found: dict[str, str] = {}
    open_since: list[tuple[str, int]] = []
    for match in _BLOCK.finditer(text):
        if match[2]:
            open_since.append((match[2], match.start()))
        elif open_since:
            name, start = open_since.pop()
            if not (outer and open_since):
                found[name] = text[start : match.end()]
    return found


def start_override(folder: Path, name: str, lower: Sequence[Layer], block: str = "") -> Path:
    """Write `folder/templates/name`: a copy of the original, or one block of it with the rest inherited. Returns its path.

    Raises BrandError when there is no such template or block, and rather than overwrite one.
    """
    under, path = _asked(name, lower), folder / "templates" / name
    if path.exists():
        raise BrandError(f"{path} is there already: edit it, or move it away to begin anew.")
    body = under.text
    if block:
        blocks = _blocks(under.text)
        if block not in blocks:
            near = get_close_matches(block, blocks, n=1)
            known = f"Did you mean {near[0]}?" if near else f"It has {', '.join(blocks) or 'none: leave --block out'}."
            raise BrandError(f"{name} of {under.layer.name} has no block {block}. {known}")
        if not under.address:
            raise BrandError(f"{name} of {under.layer.name} cannot be extended block by block: leave --block out.")
        imports = "".join(f"{line.strip()}\n" for line in _IMPORT.findall(under.text))
        body = f'{{% extends "{under.address}" %}}\n{imports}{blocks[block]}\n'
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(under.record + body, "utf-8")
    return path


def record_compared(folder: Path, name: str, lower: Sequence[Layer]) -> Path:
    """Let an override that was compared with its original record it as it is now. Raises BrandError when either is missing."""
    under, path = _asked(name, lower), folder / "templates" / name
    if not path.is_file():
        raise BrandError(f"{path} does not exist: start it without --compared.")
    text = path.read_text("utf-8")
    known = _RECORD.match(text)
    path.write_text(under.record + (text[known.end() :] if known else text), "utf-8")
    return path


def _asked(name: str, lower: Sequence[Layer]) -> Original:
    under = original(name, lower)
    if under is None:
        near = get_close_matches(name, ChainLoader(lower).list_templates(), n=1)
        raise BrandError(
            f"There is no template {name}. " + (f"Did you mean {near[0]}?" if near else "Name it as doctor does.")
        )
    return under
