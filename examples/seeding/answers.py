"""Help of the examples: sections with articles, published. What a company explains is its own; how it is put in is the same."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from lkportal.modules.help import service
from lkportal.modules.help.models import Section


@dataclass(frozen=True)
class Page:
    """An article: (title, body, other words) in Russian and English, the types of requests it may spare."""

    ru: tuple[str, str, str]
    en: tuple[str, str, str]
    types: tuple[str, ...] = ()


def settle_help(db: Session, sections: Iterable[tuple[str, str, Iterable[Page]]], drafts: Iterable[Page] = ()) -> None:
    """Publish articles by section (its Russian and English title); `drafts` are begun in the last section."""
    key = 0
    for place, (ru, en, pages) in enumerate(sections, 1):
        section = service.write_section(db, {"ru": ru, "en": en}, place * 10)
        key = db.execute(select(Section.id).where(Section.public_id == section)).scalar_one()
        for number, page in enumerate(pages, 1):
            service.publish(db, service.write(db, _draft(page, key, number * 10)))
    for page in drafts:
        service.write(db, _draft(page, key, 900))


def _draft(page: Page, section: int, position: int) -> service.Draft:
    said = {
        code: dict(zip(("title", "body", "words"), words, strict=True))
        for code, words in (("ru", page.ru), ("en", page.en))
    }
    return service.Draft(section, said, page.types, position=position)
