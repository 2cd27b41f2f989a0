"""The documents people agree to, read from the company's files: a heading, paragraphs, lists. What was decided stands in consents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from lkportal.core.errors import StartupError
from lkportal.core.language.prose import Block, blocks
from lkportal.core.settings import Configuration
from lkportal.privacy.settings import DocumentSettings, PrivacySettings

_MOST_BYTES = 200_000


@dataclass(frozen=True, slots=True)
class Wording:
    """A document in one language. `hash` is the SHA-256 of `body`, the file as it is."""

    locale: str
    title: str
    body: str
    hash: str

    @property
    def blocks(self) -> list[Block]:
        """The text below the title, in pieces for a template."""
        return blocks(self.body.partition("\n")[2], wrapped=True)

    @property
    def summary(self) -> str:
        """The first paragraph: what a card says of the document."""
        return next((block.lines[0] for block in self.blocks if block.kind == "text"), "")


@dataclass(frozen=True, slots=True)
class Document:
    """A document with its settings and its words by language."""

    name: str
    settings: DocumentSettings
    wordings: Mapping[str, Wording]

    @property
    def purpose(self) -> str:
        """What modules ask by."""
        return self.settings.purpose or self.name

    @property
    def version(self) -> str:
        """The present version."""
        return self.settings.version

    @property
    def required(self) -> bool:
        """Whether the account area opens only to those who agree."""
        return self.settings.required

    @property
    def good(self) -> tuple[str, ...]:
        """Versions whose agreement counts."""
        return (self.settings.version, *self.settings.holds)

    def in_language(self, locale: str) -> Wording:
        """Return the words in a language, else in the first there is."""
        return self.wordings.get(locale) or next(iter(self.wordings.values()))


@dataclass(frozen=True, slots=True)
class Documents:
    """All documents of a portal, in order."""

    all: tuple[Document, ...]

    def find(self, name: str) -> Document | None:
        """Return a document by name, or None."""
        return next((each for each in self.all if each.name == name), None)

    def of_purpose(self, purpose: str) -> tuple[Document, ...]:
        """Return the documents that speak of a purpose."""
        return tuple(each for each in self.all if each.purpose == purpose)

    @property
    def required(self) -> tuple[Document, ...]:
        """The documents without which the account area stays closed."""
        return tuple(each for each in self.all if each.required)


def read_documents(configuration: Configuration, settings: PrivacySettings) -> Documents:
    """Return the documents of the settings with their texts. Raises StartupError that names the file and the cure."""
    made = [
        Document(name, each, {code: _read(configuration.path(file), name, code) for code, file in each.files.items()})
        for name, each in settings.documents.items()
    ]
    return Documents(in_order(made))


def in_order(documents: Iterable[Document]) -> tuple[Document, ...]:
    """Return documents as people see them: by their order, then by name."""
    return tuple(sorted(documents, key=lambda each: (each.settings.order, each.name)))


def worded(locale: str, body: str) -> Wording:
    """Return a text as a wording: its first line, "# Title", is the title."""
    clean = body.replace("\r\n", "\n").strip() + "\n"
    title = clean.partition("\n")[0].lstrip("# ").strip()
    return Wording(locale, title, clean, sha256(clean.encode()).hexdigest())


def _read(file: Path, name: str, locale: str) -> Wording:
    where = f"The text of privacy.documents.{name} ({locale}), {file},"
    try:
        body = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise StartupError(
            "privacy_text", f"{where} cannot be read ({type(error).__name__}): name a text file."
        ) from error
    wording = worded(locale, body)
    if not wording.title or not wording.blocks or len(body) > _MOST_BYTES:
        raise StartupError("privacy_text", f'{where} must hold a first line "# Title" and paragraphs below it.')
    return wording
