"""The brand book: what a company says about its look and voice in `brand.toml`, as checked plain data.

Reading files and the chain of brands live in brandfile.py; what is computed from a book, in theme.py.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

_HOST = re.compile(r"^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$")
_FAMILY = re.compile(r"^[\w][\w .-]{0,60}$")
_SHORT = 12
"""Signs that fit under an icon on the first screen of a phone."""


def _full_hex(value: str) -> str:
    digits = value[1:]
    return "#" + ("".join(digit * 2 for digit in digits) if len(digits) == 3 else digits).upper()


def _host(value: str) -> str:
    name = value.lower().rstrip(".").encode("idna").decode()
    if not _HOST.match(name):
        raise ValueError("not a host name")
    return name


def _family(value: str) -> str:
    if not _FAMILY.match(value):
        raise ValueError("not a font family")
    return value


def _families(value: object) -> object:
    return [value] if isinstance(value, str) else value


Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\r\n]*$")]
Phone = Annotated[str, StringConstraints(strip_whitespace=True, max_length=40, pattern=r"^([+\d][\d\s()*#-]*)?$")]
Colour = Annotated[str, StringConstraints(pattern=r"^#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$"), AfterValidator(_full_hex)]
Host = Annotated[str, AfterValidator(_host)]
Url = Annotated[str, StringConstraints(pattern=r"^https?://[^\s/?#]+(/[^\s?#]*)?$")]
Family = Annotated[str, AfterValidator(_family)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Identity(_Part):
    """[brand]: who the company is. Only `name` is needed; `hosts` and `public_url` are not taken from a parent."""

    name: Annotated[Line, StringConstraints(max_length=60)]
    short_name: Annotated[Line, StringConstraints(max_length=_SHORT)] | None = None
    legal_name: Line | None = None
    extends: Annotated[Line, StringConstraints(max_length=1000)] | None = None
    theme: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]*$")] | None = None
    hosts: list[Host] = []
    public_url: Url | None = None


class Colours(_Part):
    """[color]: the exact fill, a second fill, and whether neutrals take a trace of the hue. Only `primary` is needed."""

    primary: Colour
    accent: Colour | None = None
    surface: Literal["tinted", "neutral"] = "tinted"


class Shape(_Part):
    """[shape]: the radius of a control (others follow in proportion) and the density of customers' pages."""

    radius: Annotated[str, StringConstraints(pattern=r"^([0-9]|1[0-9]|2[0-8])px$")] | None = None
    density: Literal["comfortable", "compact"] = "comfortable"


class FontFile(_Part):
    """[[type.fonts]]: one file of a family. `weight` is one weight or the two ends of a variable font's range."""

    family: Family
    file: Line
    weight: Annotated[str, StringConstraints(pattern=r"^[1-9]\d{0,2}( [1-9]\d{0,2})?$")] = "400"
    style: Literal["normal", "italic"] = "normal"


Families = Annotated[list[Family], BeforeValidator(_families), Field(max_length=6)]


class Type(_Part):
    """[type]: font families, best first, of all text and of headings; none means the theme's own font."""

    body: Families = []
    heading: Families = []
    fonts: Annotated[list[FontFile], Field(max_length=12)] = []


class Logo(_Part):
    """[logo]: files inside the brand's folder, each with a computed stand-in; `clear_space` in parts of the logo's height."""

    light: Line | None = None
    dark: Line | None = None
    mark: Line | None = None
    clear_space: Annotated[float, Field(ge=0, le=1)] = 0.25


class Cases(_Part):
    """A word of the glossary as it is declined; a case that is not given is `nom`."""

    nom: Line
    gen: Line | None = None
    dat: Line | None = None
    acc: Line | None = None
    ins: Line | None = None
    pre: Line | None = None


Term = Annotated[Cases, BeforeValidator(lambda value: {"nom": value} if isinstance(value, str) else value)]


class Voice(_Part):
    """[voice]: how the portal speaks. `terms` are the glossary: they fill placeholders such as `{account.gen}`."""

    formality: Literal["вы", "ты"] = "вы"
    terms: dict[Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")], Term] = {}
    support_phone: Phone = ""
    emergency_phone: Phone = ""


class Email(_Part):
    """[email]: the sender's name (the brand's own by default) and the last line of every letter."""

    from_name: Line | None = None
    footer: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""


class Policy(_Part):
    """[policy]: how much contrast, and whether a colour that had to move is repaired, warned of, or refused."""

    contrast: Literal["AA", "AAA"] = "AA"
    on_fail: Literal["repair", "warn", "refuse"] = "repair"


class Sections(_Part):
    """The whole of a brand.toml, after its chain was merged."""

    brand: Identity
    color: Colours
    shape: Shape = Shape()
    type: Type = Type()
    logo: Logo = Logo()
    voice: Voice = Voice()
    email: Email = Email()
    policy: Policy = Policy()


@dataclass(frozen=True, slots=True)
class BrandFont:
    """One font file of a brand, found on disk. `weight` is `"400"` or `"400 800"`, `style` `normal` or `italic`."""

    family: str
    path: Path
    weight: str
    style: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """The brand as a letter or a paper names it: who writes, and what stands in the foot."""

    name: str
    legal_name: str
    footer: str
    support_phone: str


@dataclass(frozen=True)
class BrandBook:
    """A checked brand: its sections, the folders of its chain (own first) and the file each value came from.

    `logos` holds the files that exist (`light`, `dark`, `mark`), `fonts` those of `[[type.fonts]]`; `origins["color.primary"]` is the file that said it.
    `via["color.accent"]` tells the design token that filled a key, `faults` the tokens that cannot be used, a sentence each.
    `key` names the brand in URLs of its stylesheet and in the database.
    """

    key: str
    sections: Sections
    folders: tuple[Path, ...] = ()
    logos: Mapping[str, Path] = field(default_factory=lambda: MappingProxyType({}))
    origins: Mapping[str, Path] = field(default_factory=lambda: MappingProxyType({}))
    fonts: tuple[BrandFont, ...] = ()
    via: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    faults: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The brand's name as customers know it."""
        return self.sections.brand.name

    @property
    def short_name(self) -> str:
        """The name under an icon, at most 12 signs: as given, else as many whole words of the name as fit."""
        return self.sections.brand.short_name or _shortened(self.name)

    @property
    def legal_name(self) -> str:
        """The name for receipts and footers; the plain name when none was given."""
        return self.sections.brand.legal_name or self.name

    @property
    def theme(self) -> str | None:
        """The installed theme this brand dresses; None means the one of the portal's settings."""
        return self.sections.brand.theme

    @property
    def hosts(self) -> tuple[str, ...]:
        """Host names this brand answers on, lower case."""
        return tuple(self.sections.brand.hosts)

    @property
    def public_url(self) -> str:
        """Where links in letters lead, without a trailing slash; empty means the portal's own."""
        return (self.sections.brand.public_url or "").rstrip("/")

    @property
    def sender(self) -> str:
        """The name letters come from."""
        return self.sections.email.from_name or self.name

    @property
    def sheet(self) -> Sheet:
        """Names and foot for letters and papers."""
        return Sheet(self.name, self.legal_name, self.sections.email.footer, self.sections.voice.support_phone)

    @property
    def terms(self) -> Mapping[str, str]:
        """The glossary: placeholder -> word as it stands in a dictionary."""
        return {name: term.nom for name, term in self.sections.voice.terms.items()}

    @property
    def term_cases(self) -> Mapping[str, Mapping[str, str]]:
        """The glossary declined: placeholder -> case (`nom gen dat acc ins pre`) -> word, only the cases that were given."""
        return {name: term.model_dump(exclude_none=True) for name, term in self.sections.voice.terms.items()}


def _shortened(name: str) -> str:
    fits = name
    while len(fits) > _SHORT and " " in fits:
        fits = fits.rpartition(" ")[0]
    return fits[:_SHORT]


def plain_book(name: str, primary: str, key: str = "plain") -> BrandBook:
    """A book from two values, with no files: what a portal without a brand folder, and many tests, need."""
    return BrandBook(key=key, sections=Sections(brand=Identity(name=name), color=Colours(primary=primary)))
