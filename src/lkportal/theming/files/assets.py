"""Static files under names that hold their own hash, so that browsers may keep them for good.

The index only answers which bytes an address means; the HTTP route belongs to web/.
"""

import mimetypes
import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from gzip import compress
from hashlib import sha256
from pathlib import Path

from lkportal.theming.errors import BrandError
from lkportal.theming.files.app_icons import Later, app_icons
from lkportal.theming.files.smaller import smaller
from lkportal.theming.marks.sprite import SPRITE, sprite_of
from lkportal.theming.templates.layers import Layer
from lkportal.theming.theme import Theme

ROOT = "/static/"
_URL = re.compile(r"""url\(\s*(['"]?)([^'")]+)\1\s*\)""")
_FOREIGN = re.compile(r"^([a-z][a-z0-9+.-]*:|//|/|#)", re.IGNORECASE)
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml; charset=utf-8",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".txt": "text/plain; charset=utf-8",
    ".map": "application/json",
    ".woff2": "font/woff2",
    ".webp": "image/webp",
    ".ico": "image/x-icon",
}
_PACKED = frozenset({".css", ".js", ".mjs", ".svg", ".json", ".webmanifest", ".txt", ".map", ".ico"})


@dataclass(frozen=True, slots=True)
class Asset:
    """One file to serve: `path` below /static/ with the hash, its bytes, and the same bytes gzipped where that helps.

    `immutable` is False when it was asked for by its plain name, which may mean other bytes tomorrow.
    """

    path: str
    body: bytes
    media_type: str
    gzipped: bytes | None = None
    immutable: bool = True


class AssetIndex:
    """The static files of a portal: `url(name)` for templates, `lookup(path)` for the route. Never changed once made."""

    def __init__(
        self,
        layers: Sequence[Layer] = (),
        *,
        assets_url: str = "",
        prefix: str = "",
        before: "AssetIndex | None" = None,
    ) -> None:
        """`layers` is the chain without a brand. `assets_url` is another host, `prefix` the path the portal is mounted under.

        What `before`, the index served until now, knew stays known by its hashed address: pages already sent keep their look.
        """
        self._layers = tuple(layers)
        self._start = (assets_url or prefix).rstrip("/") + ROOT
        self._names: dict[str, dict[str, str]] = {"": {}}
        self._assets: dict[str, Asset] = dict(before._assets) if before else {}
        self._later: dict[str, Later] = dict(before._later) if before else {}
        self._add("", _files(self._layers))

    def with_brand(self, theme: Theme, layers: Sequence[Layer]) -> "AssetIndex":
        """A new index that also knows a brand: its own chain of files, stylesheet and logos.

        What the index knew before stays known, so that a page sent before a publication still finds its files.
        """
        grown = AssetIndex.__new__(AssetIndex)
        grown._layers, grown._start = self._layers, self._start
        grown._names, grown._assets, grown._later = dict(self._names), dict(self._assets), dict(self._later)
        grown._add(theme.book.key, {**_files(layers), **computed(theme)})
        return grown

    def with_kept(self, before: "AssetIndex", brand: str) -> "AssetIndex":
        """A new index in which a brand has the files it had in `before`, which this index was made after."""
        grown = AssetIndex.__new__(AssetIndex)
        grown._layers, grown._start, grown._assets, grown._later = self._layers, self._start, self._assets, self._later
        grown._names = {**self._names, brand: {**self._names[""], **before._names.get(brand, {})}}
        return grown

    def url(self, name: str, brand: str = "") -> str:
        """The address of `css/portal.css` for a brand. Raises BrandError, naming the nearest file, when there is none."""
        names = self._names.get(brand, self._names[""])
        path = names.get(name)
        if path is None:
            close = get_close_matches(name, names, n=1)
            raise BrandError(
                f"There is no static file {name}. "
                + (f"Did you mean {close[0]}?" if close else "See static/ of the theme.")
            )
        return self._start + path

    def has(self, name: str, brand: str = "") -> bool:
        """Whether `url` would find the file."""
        return name in self._names.get(brand, self._names[""])

    def names(self, brand: str = "") -> tuple[str, ...]:
        """Plain names of all files a brand's pages may use, sorted."""
        return tuple(sorted(self._names.get(brand, self._names[""])))

    def lookup(self, path: str) -> Asset | None:
        """What to serve for the part of the address after /static/: by hashed name, or by plain name and then not immutable."""
        found = self._assets.get(path) or self._made(path)
        if found is None and path in self._names[""]:
            found = replace(self._assets[self._names[""][path]], immutable=False)
        return found

    def is_slow(self, path: str) -> bool:
        """Whether `lookup` would have to make the file first, in milliseconds: an icon nobody has asked for yet."""
        return path in self._later and path not in self._assets

    def find(self, name: str, brand: str = "") -> Asset | None:
        """The file of a brand by its plain name, which may mean other bytes tomorrow."""
        path = self._names.get(brand, self._names[""]).get(name)
        found = self.lookup(path) if path is not None else None
        return replace(found, immutable=False) if found is not None else None

    def _made(self, path: str) -> Asset | None:
        """A file that is made when first asked for. Two who ask at once may both make it: they make the same."""
        later = self._later.get(path)
        if later is None:
            return None
        made = self._assets[path] = _asset(path, later.make())
        return made

    def _add(self, brand: str, files: Mapping[str, bytes | Later]) -> None:
        names: dict[str, str] = {}
        ordered = sorted(files, key=lambda name: (name.endswith(".css"), name))
        for name in ordered:
            body = files[name]
            if isinstance(body, Later):
                names[name] = path = hashed(name, body.seed)
                self._later[path] = body
                continue
            if name.endswith(".css"):
                body = smaller(_rewritten(name, body, names).decode()).encode()
            names[name] = path = hashed(name, body)
            if path not in self._assets:
                self._assets[path] = _asset(path, body)
        self._names[brand] = names


def hashed(name: str, body: bytes) -> str:
    """`css/portal.css` -> `css/portal.3f9a02c1b7d4.css`."""
    stem, dot, suffix = name.rpartition(".")
    mark = sha256(body).hexdigest()[:12]
    return f"{stem}.{mark}.{suffix}" if dot else f"{name}.{mark}"


def _asset(path: str, body: bytes) -> Asset:
    suffix = Path(path).suffix.lower()
    media = _TYPES.get(suffix) or mimetypes.guess_type(path)[0] or "application/octet-stream"
    packed = compress(body, 9, mtime=0) if suffix in _PACKED else None
    return Asset(path, body, media, packed if packed is not None and len(packed) < len(body) else None)


def _files(layers: Sequence[Layer]) -> dict[str, bytes]:
    """Name -> bytes, the strongest layer winning."""
    found: dict[str, bytes] = {}
    for layer in reversed(layers):
        if layer.static is None:
            continue
        for path in sorted(layer.static.rglob("*")):
            name = path.relative_to(layer.static).as_posix()
            if path.is_file() and not any(part.startswith(".") for part in name.split("/")):
                found[name] = path.read_bytes()
    if SPRITE in found:
        found[SPRITE] = sprite_of(found[SPRITE], layers)
    return found


def computed(theme: Theme) -> dict[str, bytes | Later]:
    """What a brand's files are besides those in folders, by plain name: stylesheet, fonts, mark, logos, icons."""
    key, logos = theme.book.key, theme.logos
    files: dict[str, bytes | Later] = {**app_icons(theme)}
    files |= {face.name: face.body for face in theme.fonts.faces}
    files |= {f"brand/{key}.css": theme.css.encode(), f"brand/{key}-mark{logos.mark.suffix}": logos.mark.body}
    for use, picture in (("light", logos.light), ("dark", logos.dark)):
        if picture:
            files[f"brand/{key}-{use}{picture.suffix}"] = picture.body
    return files


def _rewritten(name: str, body: bytes, names: Mapping[str, str]) -> bytes:
    folder = posixpath.dirname(name)

    def hashed_url(match: "re.Match[str]") -> str:
        target = match.group(2).strip()
        if _FOREIGN.match(target):
            return match.group(0)
        plain, mark, rest = _split(target)
        known = names.get(posixpath.normpath(posixpath.join(folder, plain)))
        if known is None:
            own = name.startswith("brand/")
            where = "brand.css" if own else f"static/{name}"
            cure = "Files of static/ are url(../NAME) there" if own else "Add it"
            raise BrandError(
                f"{where} points to url({target}), and there is no such file beside it. {cure}, or drop the rule."
            )
        return f'url("{posixpath.relpath(known, folder or ".")}{mark}{rest}")'

    return _URL.sub(hashed_url, body.decode("utf-8")).encode()


def _split(target: str) -> tuple[str, str, str]:
    for mark in ("?", "#"):
        plain, found, rest = target.partition(mark)
        if found:
            return plain, mark, rest
    return target, "", ""
