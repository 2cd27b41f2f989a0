"""Papers as PDF: a template in the brand's look, printed by WeasyPrint as tagged PDF/UA with its fonts inside. It comes with the
extra `pdf`; nothing is imported before the first paper, and nothing but the portal's own files is ever fetched."""

from __future__ import annotations

import logging
import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from jinja2 import Environment
from markupsafe import Markup

from lkportal.core.errors import PortalError
from lkportal.core.i18n import text
from lkportal.core.language.formats import Locale
from lkportal.theming.files.assets import ROOT
from lkportal.theming.papers.letters import font_list
from lkportal.theming.theme import Theme

if TYPE_CHECKING:
    from lkportal.theming.papers.fonts import PaperFont

CURE = (
    'Install the extra: pip install "lkportal[pdf]", and on Debian '
    "apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
)
VARIANT = "pdf/ua-1"
_BASE = "https://paper.invalid"
"""Where relative addresses of a paper lead: a name that no resolver knows (RFC 2606), answered from memory alone."""
_ADDRESS = re.compile(r"""((?:href|src)="|url\()(/(?:static|drawn)/[^")]+)("|\))""")
_log = logging.getLogger(__name__)


class File(Protocol):
    """A static file of the portal."""

    @property
    def body(self) -> bytes: ...
    @property
    def media_type(self) -> str: ...


class Files(Protocol):
    """The static files of a portal: theming's AssetIndex."""

    def url(self, name: str, brand: str = "") -> str: ...
    def has(self, name: str, brand: str = "") -> bool: ...
    def lookup(self, path: str) -> File | None: ...


@dataclass(frozen=True, slots=True)
class Drawing:
    """A drawing made for one paper, fetched as if it were a file."""

    body: bytes
    media_type: str = "image/svg+xml"


class NoPress(PortalError):
    """This portal cannot print papers: WeasyPrint or a library of the system is missing."""

    def __init__(self, why: str) -> None:
        message = text(
            "theming.pdf.missing",
            "The paper cannot be made here yet. Print the page from your browser; whoever runs the portal reads in its log what to install.",
        )
        super().__init__("pdf_missing", message, 503)
        self.why = why


@dataclass(frozen=True, slots=True)
class Press:
    """What papers of one brand in one language are printed with. `environment` is the one for pages."""

    theme: Theme
    environment: Environment
    files: Files
    locale: Locale

    def pdf(self, template: str, values: Mapping[str, Any]) -> bytes:
        """Return the paper `template` as PDF: the same values give the same bytes. Raises NoPress.

        Takes 50 ms to a second of one core: never inside a unit of work, and with no connection held.
        """
        drawn: dict[str, File] = {}
        look = {**self._look(), **self._fonts(drawn), "drawn": partial(_keep, drawn)}
        html = self.environment.get_template(template).render({**look, **values})
        return printed(html, lambda path: drawn.get(path) or self._file(path))

    def html(self, template: str, values: Mapping[str, Any]) -> str:
        """Return the paper `template` as one HTML file with all it needs inside: where no PDF can be made."""
        drawn: dict[str, File] = {}
        look = {**self._look(), "faces": "", "fonts": "system-ui, sans-serif", "drawn": partial(_keep, drawn)}
        written = self.environment.get_template(template).render({**look, **values})
        return _ADDRESS.sub(lambda found: self._inside(found, drawn), written)

    def _inside(self, found: re.Match[str], drawn: Mapping[str, File]) -> str:
        """The file at an address as a data: address; an address of no file stays."""
        path = found[2]
        file = drawn.get(path) or self._file(path)
        if file is None:
            return found[0]
        return f"{found[1]}data:{file.media_type.partition(';')[0]};base64,{b64encode(file.body).decode()}{found[3]}"

    def _look(self) -> dict[str, Any]:
        theme, key = self.theme, self.theme.book.key
        logos = theme.logos
        use, picture = ("light", logos.light) if logos.light else ("mark", logos.mark)
        return {
            "brand": theme.book.sheet,
            "roles": theme.roles("light"),
            "rosette_opacity": f"{theme.palette.rosette:g}",
            "head": theme.letterhead.view(""),
            "logo_url": self._asset(f"brand/{key}-{use}{picture.suffix}"),
            "locale_code": self.locale.code,
            "asset": self._asset,
        }

    def _fonts(self, drawn: dict[str, File]) -> dict[str, str]:
        """The rules that bring the brand's own fonts, and the families in their order."""
        rules = []
        for font in self._joined():
            path = f"/drawn/{len(drawn)}.ttf"
            drawn[path] = font
            style = f"font-weight:{font.weight};font-style:{font.style}"
            rules.append(f'@font-face{{font-family:"{font.family}";src:url("{path}");{style}}}')
        families = self.theme.book.sections.type.body
        return {"faces": Markup("\n".join(rules)), "fonts": font_list(families, "Onest")}  # noqa: S704 - checked by the book

    def _joined(self) -> tuple[PaperFont, ...]:
        if not self.theme.fonts.faces:
            return ()
        from lkportal.theming.papers.fonts import paper_fonts  # noqa: PLC0415 - of use with the extra alone, and slow to load

        return paper_fonts(self.theme.fonts.faces)

    def _asset(self, name: str) -> str:
        """The path of a file; whatever host other readers take it from."""
        return ROOT + self.files.url(name, self.theme.book.key).partition(ROOT)[2]

    def _file(self, path: str) -> File | None:
        return self.files.lookup(path.removeprefix(ROOT)) if path.startswith(ROOT) else None


def _keep(drawn: dict[str, File], svg: str, colour: str) -> str:
    """Keep a drawing in `colour` for the length of one printing; return its address. As a ground it is decoration, which a
    picture in the text could not be: those must be described."""
    path = f"/drawn/{len(drawn)}.svg"
    whole = str(svg).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1).replace("currentColor", colour)
    drawn[path] = Drawing(whole.encode())
    return path


def printed(html: str, fetch: Callable[[str], File | None]) -> bytes:
    """Return HTML as tagged PDF. What `fetch` does not know is not fetched: the paper is printed without it, the log says so."""
    try:
        from weasyprint import HTML  # noqa: PLC0415 - an optional extra
        from weasyprint.urls import URLFetcher, URLFetcherResponse  # noqa: PLC0415 - as above
    except (ImportError, OSError) as missing:
        raise no_press(missing) from missing

    class Own(URLFetcher):  # type: ignore[misc]
        """The portal's files, and never the network or the disk."""

        def fetch(self, url: str, headers: Any = None) -> Any:
            found = fetch(url.removeprefix(_BASE)) if url.startswith(f"{_BASE}/") else None
            if found is None:
                _log.warning("A paper asks for %.200s, which is no file of this portal: it is printed without it", url)
                raise ValueError("only files of this portal go into a paper")
            return URLFetcherResponse(url, found.body, {"Content-Type": found.media_type})

    document = HTML(string=html, base_url=f"{_BASE}/", url_fetcher=Own())
    return bytes(document.write_pdf(pdf_variant=VARIANT))


def why_no_press() -> str:
    """Return why papers cannot be printed here, "" when they can."""
    try:
        import weasyprint  # noqa: F401, PLC0415 - an optional extra
    except (ImportError, OSError) as missing:
        return str(missing)
    return ""


def no_press(missing: Exception) -> NoPress:
    """Return the error for a missing engine; the log says what to install."""
    _log.error("Papers cannot be printed (%s). %s", missing, CURE)
    return NoPress(str(missing))
