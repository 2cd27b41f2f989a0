"""Jinja environments over a chain of layers: which file a template name means, and words bound to one locale.

`page.html` is looked for along the whole chain; `@brand/`, `@theme/`, `@core/` search the layers of that kind, `@<name>/`
one theme or module (whose address begins inside its own folder: `@readings/list.html` is `templates/readings/list.html`).
"""

from __future__ import annotations

import os
import re
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Any

from jinja2 import BaseLoader, Environment, FileSystemBytecodeCache, TemplateNotFound
from jinja2.loaders import split_template_path
from markupsafe import Markup

from lkportal.core.i18n import Text
from lkportal.core.ids import grouped
from lkportal.core.language.formats import Locale
from lkportal.theming.errors import BrandError
from lkportal.theming.templates import compiling
from lkportal.theming.templates.compiling import PortalEnvironment, said_first
from lkportal.theming.templates.layers import Layer

_REFERENCE = re.compile(r"""{%-?\s*(?:extends|import|from|include)\s+["']([^"']+)["']""")
_ESCAPED = re.compile('[&<>"]')
_MUST_BE_ESCAPED = _ESCAPED.search
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&#34;"}
"""An apostrophe is left alone: attributes of the kit stand in double quotes."""
_KINDS = {"brand": "brand", "theme": "theme", "core": "core"}


class ChainLoader(BaseLoader):
    """Finds a template in the first layer of the chain that has it, or in the addressed layer."""

    def __init__(self, layers: Sequence[Layer]) -> None:
        self._roots = [(layer, layer.templates) for layer in layers if layer.templates is not None]
        _refuse_twins(layers)

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        """The text, path and freshness test of a template (Jinja's contract)."""
        path = self.find(template)
        if path is None:
            raise TemplateNotFound(template)
        changed = path.stat().st_mtime_ns
        return path.read_text("utf-8"), str(path), lambda: path.is_file() and path.stat().st_mtime_ns == changed

    def find(self, template: str) -> Path | None:
        """The file a template name means, or None."""
        address, name = "", template
        if template.startswith("@"):
            address, _, name = template[1:].partition("/")
        pieces = split_template_path(name)
        for root in self._folders(address):
            path = root.joinpath(*pieces)
            if path.is_file():
                return path
        return None

    def made_of(self, templates: Iterable[str]) -> frozenset[str]:
        """The templates and all they extend, import and include by name, however deep."""
        known: set[str] = set()
        waiting = list(templates)
        while waiting:
            name = waiting.pop()
            path = None if name in known else self.find(name)
            known.add(name)
            if path is not None:
                waiting += _REFERENCE.findall(path.read_text("utf-8"))
        return frozenset(known)

    def _folders(self, address: str) -> Iterator[Path]:
        for layer, root in self._roots:
            if not address or _KINDS.get(address) == layer.kind:
                yield root
            elif address == layer.name and layer.kind != "brand":
                yield root / layer.name if layer.kind == "module" else root

    def list_templates(self) -> list[str]:
        """Every plain template name of the chain, sorted: what the parts gallery and the checks walk."""
        names = {
            path.relative_to(root).as_posix() for _, root in self._roots for path in root.rglob("*") if path.is_file()
        }
        return sorted(names)


def _refuse_twins(layers: Sequence[Layer]) -> None:
    owners: dict[str, Layer] = {}
    for layer in layers:
        if layer.kind == "brand":  # never addressed by name, so the brand "default" may wear the theme "default"
            continue
        twin = owners.setdefault(layer.name, layer)
        if layer.kind in ("theme", "module") and (twin is not layer or layer.name in _KINDS):
            raise BrandError(
                f"The name {layer.name} is taken twice in a chain of templates, so @{layer.name}/ would be unclear. "
                "Rename the theme or the module."
            )


_COMPILER = sha256(Path(compiling.__file__).read_bytes()).hexdigest()[:16]
"""What compiled these templates: code kept by another version is not ours to run."""
_OF_STRINGS = ("capitalize", "format", "join", "lower", "replace", "string", "title", "trim", "upper")
"""Filters that make a string of what they get."""


class _KeyedBytecode(FileSystemBytecodeCache):
    """Compiled templates of one chain, locale and catalogue. Jinja folds constants through filters, so the words of one
    language end up in the bytecode: two environments must never read each other's."""

    def __init__(self, folder: Path, salt: str) -> None:
        _demand_own(folder)
        super().__init__(str(folder))
        self._salt = salt

    def get_cache_key(self, name: str, filename: str | None = None) -> str:
        return sha256(f"{self._salt}|{name}|{filename}".encode()).hexdigest()


def _demand_own(folder: Path) -> None:
    """Make the folder of compiled templates. Raises BrandError when another user could put code there."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if hasattr(os, "getuid") and folder.stat().st_uid != os.getuid():
        raise BrandError(f"{folder} belongs to another user, and compiled templates are code: choose another folder.")


def chain_key(layers: Sequence[Layer]) -> str:
    """A short key of a chain: the same folders in the same order have the same key."""
    described = "\n".join(f"{layer.kind}|{layer.name}|{layer.templates}" for layer in layers)
    return sha256(described.encode()).hexdigest()[:16]


def environment(
    chain: Sequence[Layer],
    locale: Locale,
    globals: Mapping[str, Any] | None = None,  # noqa: A002  Jinja's own word
    filters: Mapping[str, Callable[..., Any]] | None = None,
    bytecode_cache_dir: Path | None = None,
    *,
    reload: bool = False,
) -> Environment:
    """An environment for pages: every value is escaped, whatever the template is called.

    A lazy Text is rendered in `locale` wherever it is put out; `pgettext` and `npgettext` take named params.
    """
    return _made(chain, locale, globals, filters, bytecode_cache_dir, reload=reload, html=True)


def text_environment(
    chain: Sequence[Layer],
    locale: Locale,
    globals: Mapping[str, Any] | None = None,  # noqa: A002  Jinja's own word
    filters: Mapping[str, Callable[..., Any]] | None = None,
    bytecode_cache_dir: Path | None = None,
    *,
    reload: bool = False,
) -> Environment:
    """An environment for plain text (the twin of a letter, subjects, SMS): nothing is escaped, so never serve it as HTML."""
    return _made(chain, locale, globals, filters, bytecode_cache_dir, reload=reload, html=False)


def _made(
    chain: Sequence[Layer],
    locale: Locale,
    names: Mapping[str, Any] | None,
    filters: Mapping[str, Callable[..., Any]] | None,
    bytecode: Path | None,
    *,
    reload: bool,
    html: bool,
) -> Environment:
    salt = f"{_COMPILER}|{chain_key(chain)}|{locale.code}|{locale.country}|{locale.catalogue.digest}|{html}"
    made = PortalEnvironment(
        loader=ChainLoader(chain),
        autoescape=html,  # plain text has no markup to protect
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=not html,
        auto_reload=reload,
        cache_size=-1,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
        finalize=_finalizer(locale),
        bytecode_cache=_KeyedBytecode(bytecode, salt) if bytecode else None,
    )
    made.extend(newstyle_gettext=True)
    words = _words(locale, Markup if html else str)
    made.words = words["pgettext"]
    made.globals.update(words)
    made.globals.update(names or {}, locale=locale)
    made.filters.update({name: said_first(made.filters[name], made.finalize or str) for name in _OF_STRINGS})
    made.filters.update({"text": locale.render, "grouped": grouped, **(filters or {})})
    return made


def _finalizer(locale: Locale) -> Callable[[Any], Any]:
    render = locale.render

    def finalize(value: Any) -> Any:
        return render(value) if type(value) is Text else value

    return finalize


def _words(locale: Locale, kind: type[str]) -> dict[str, Callable[..., str]]:
    """The gettext calls of templates. Wordings are plain text: on a page both they and their params are escaped."""
    one, many = locale.pgettext, locale.npgettext

    def filled(wording: str, params: dict[str, Any]) -> str:
        if kind is Markup and _MUST_BE_ESCAPED(wording):
            wording = _ESCAPED.sub(lambda found: _ENTITIES[found[0]], wording)
        if not params:
            return kind(wording.replace("%%", "%") if "%" in wording else wording)
        shown = {name: locale.render(value) if type(value) is Text else value for name, value in params.items()}
        return kind(wording) % shown

    def pgettext(key: str, english: str, **params: Any) -> str:
        return filled(one(key, english), params)

    def npgettext(key: str, singular: str, plural: str, n: int, **params: Any) -> str:
        return filled(many(key, singular, plural, n), {"n": n, "num": n, **params})

    return {"pgettext": pgettext, "npgettext": npgettext}


class Environments:
    """The environments of one portal: made when first asked for, the least used given up beyond `limit`."""

    def __init__(
        self,
        globals: Mapping[str, Any] | None = None,  # noqa: A002  Jinja's own word
        filters: Callable[[Locale], Mapping[str, Callable[..., Any]]] | None = None,
        *,
        bytecode_cache_dir: Path | None = None,
        limit: int = 32,
        reload: bool = False,
    ) -> None:
        if bytecode_cache_dir is not None:
            _demand_own(bytecode_cache_dir)
        self._globals, self._filters = dict(globals or {}), filters
        self._bytecode, self._limit, self._reload = bytecode_cache_dir, limit, reload
        self._kept: OrderedDict[tuple[object, ...], Environment] = OrderedDict()
        self._lock = Lock()

    def alike(self) -> Environments:
        """Return environments made the same way that share nothing with these: for a draft, given up as a whole."""
        return Environments(
            self._globals, self._filters, bytecode_cache_dir=self._bytecode, limit=4, reload=self._reload
        )

    def get(self, chain: Sequence[Layer], locale: Locale, *, html: bool = True, name: str = "") -> Environment:
        """The environment of a chain and a locale; `html=False` for plain text.

        `name` stands for the chain where it has one of its own: looking a chain up by its layers takes 30 µs, by name two.
        """
        key = (name or tuple(chain), locale.code, locale.catalogue.digest, html)
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                make = environment if html else text_environment
                filters = self._filters(locale) if self._filters else {}
                found = make(chain, locale, self._globals, filters, self._bytecode, reload=self._reload)
                self._kept[key] = found
                while len(self._kept) > self._limit:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(key)
            return found
