"""The rules of help: written, published, taken back, voted on. Each change of an article is one conditional statement by its version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session

from lkportal.core.errors import NotFound, PortalError
from lkportal.core.i18n import text
from lkportal.core.ids import public_id
from lkportal.core.policy import AuditLog
from lkportal.core.ports import port
from lkportal.core.tables import insert_if_new
from lkportal.core.unit import now
from lkportal.core.work.states import changed
from lkportal.modules.help.models import Article, Section, Vote

DRAFT, PUBLISHED = "draft", "published"
MOVED_ON = text("help.moved_on", "Somebody changed this article meanwhile. Look at how it stands now and write again.")
_VOTE = insert_if_new(Vote.__table__)  # type: ignore[arg-type]


class MovedOn(PortalError):
    """The article does not stand any more as it was read."""

    words = MOVED_ON

    def __init__(self) -> None:
        super().__init__("help_moved_on", MOVED_ON, 409)


@dataclass(frozen=True, slots=True)
class Draft:
    """What the desk writes: see models.Article."""

    section_id: int
    texts: Mapping[str, Mapping[str, str]]
    types: Sequence[str] = ()
    brand_id: int | None = None
    position: int = 100


def write(db: Session, draft: Draft) -> str:
    """Write a new article that nobody sees yet; return its public id."""
    row = Article(**_columns(draft), changed_at=now(db))
    db.add(row)
    db.flush()
    _record(db, "help.written", row.public_id)
    return row.public_id


def rewrite(db: Session, article: str, version: int, draft: Draft) -> None:
    """Write an article anew; one that is published is read so at once. Raises MovedOn."""
    values = {**_columns(draft), "version": Article.version + 1, "changed_at": now(db)}
    statement = update(Article).where(Article.public_id == article, Article.version == version).values(values)
    if changed(db.connection().execute(statement)) != 1:
        raise MovedOn
    _record(db, "help.written", article)


def publish(db: Session, article: str) -> None:
    """Let everybody read an article. Raises MovedOn."""
    moment = now(db)
    _move(db, article, DRAFT, {"state": PUBLISHED, "published_at": moment, "changed_at": moment})
    _record(db, "help.published", article)


def withdraw(db: Session, article: str) -> None:
    """Let nobody read an article any more: it is a draft again. Raises MovedOn."""
    _move(db, article, PUBLISHED, {"state": DRAFT, "changed_at": now(db)})
    _record(db, "help.withdrawn", article)


def drop(db: Session, article: str) -> None:
    """Throw a draft away with what was said of it. Raises MovedOn."""
    key = db.execute(select(Article.id).where(Article.public_id == article, Article.state == DRAFT)).scalar()
    if key is None:
        raise MovedOn
    db.execute(delete(Vote).where(Vote.article_id == key))
    if changed(db.connection().execute(delete(Article).where(Article.id == key, Article.state == DRAFT))) != 1:
        raise MovedOn
    _record(db, "help.dropped", article)


def write_section(db: Session, titles: Mapping[str, str], position: int, section: str = "") -> str:
    """Write a section, or the one of public id `section` anew; return its public id."""
    if section:
        values = {"titles": dict(titles), "position": position, "changed_at": now(db)}
        if changed(db.connection().execute(update(Section).where(Section.public_id == section).values(values))) != 1:
            raise NotFound
        public = section
    else:
        row = Section(titles=dict(titles), position=position, changed_at=now(db))
        db.add(row)
        db.flush()
        public = row.public_id
    _record(db, "help.section", public)
    return public


def drop_section(db: Session, section: str) -> bool:
    """Throw a section away; False while articles stand in it."""
    used = exists().where(Article.section_id == Section.id)
    statement = delete(Section).where(Section.public_id == section, ~used)
    if changed(db.connection().execute(statement)) != 1:
        return False
    _record(db, "help.section", section)
    return True


def vote(db: Session, article_id: int, identity_id: int | None, token: str, *, clear: bool, remark: str = "") -> None:
    """Note whether an article was clear. The same form counts once, a person who is known too: what they say last holds."""
    values = {"clear": clear, "remark": remark, "given_at": now(db)}
    if identity_id:
        own = update(Vote).where(Vote.article_id == article_id, Vote.identity_id == identity_id)
        if changed(db.connection().execute(own.values(values))) == 1:
            return
    row = {"public_id": public_id(), "article_id": article_id, "identity_id": identity_id, "token": token, **values}
    if changed(db.execute(_VOTE[db.get_bind().dialect.name], row)) == 1:
        return
    same = update(Vote).where(Vote.article_id == article_id, Vote.token == token)
    db.connection().execute(same.values(values))


def _columns(draft: Draft) -> dict[str, object]:
    return {
        "section_id": draft.section_id, "texts": {code: dict(words) for code, words in draft.texts.items()},
        "types": list(draft.types), "brand_id": draft.brand_id, "position": draft.position,
    }  # fmt: skip


def _move(db: Session, article: str, before: str, values: Mapping[str, object]) -> None:
    statement = update(Article).where(Article.public_id == article, Article.state == before).values(**values)
    if changed(db.connection().execute(statement)) != 1:
        raise MovedOn


def _record(db: Session, act: str, target: str) -> None:
    port(db, AuditLog).record(db, act, target=target)  # type: ignore[type-abstract]
