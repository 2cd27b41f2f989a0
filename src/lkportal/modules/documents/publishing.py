"""Documents that other modules write (contract.Publishing): printed in the brand of the account and published, each once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, bindparam, select

from lkportal.core.jobs import JobContext
from lkportal.core.policy import AccountRef
from lkportal.core.storage import Storage
from lkportal.modules.documents import papers, service
from lkportal.modules.documents.contract import Paper
from lkportal.modules.documents.files import keeping
from lkportal.modules.documents.models import Document
from lkportal.modules.documents.office import Office
from lkportal.theming.papers.pdf import NoPress

_BY_TOKENS = select(Document.token, Document.public_id).where(
    Document.account_id == bindparam("of"), Document.token.in_(bindparam("tokens", expanding=True))
)


class Publisher:
    """The port of documents for modules whose things have papers."""

    def __init__(self, portal: Any) -> None:
        self._portal = portal

    def publish(self, ctx: JobContext, account: AccountRef, paper: Paper) -> str:
        """Print and publish a paper."""
        with ctx.reading() as connection:
            known = self.published(connection, account, [paper.key])
        if known:
            return known[paper.key]
        office = self._portal.ports.get(Office)
        kind = office.any_kind(paper.kind)
        if kind is None:
            raise LookupError(f"no module that is on brings the kind of documents {paper.kind!r}")
        locale = self._portal.locales_of(account.brand).get(None)
        title = locale.render(paper.title)
        try:
            file = papers.printed(
                self._portal, account, locale, f"{title} {paper.number}", paper.template, paper.values
            )
        except NoPress:
            return ""
        days = office.days(kind)
        due = office.end_of(office.today(ctx.clock.now()) + timedelta(days=days)) if kind.asks and days else None
        with keeping.held(ctx.ports.get(Storage), file) as kept:  # type: ignore[type-abstract]
            draft = service.Draft(kind.name, title, _token(paper.key), kept, paper.number, kind.asks, due)
            with ctx.unit() as db:
                return service.publish(db, account, None, draft)[0].public_id

    def published(self, connection: Connection, account: AccountRef, keys: Iterable[str]) -> Mapping[str, str]:
        """Return the documents of an account by key."""
        wanted = {_token(key): key for key in keys}
        rows = connection.execute(_BY_TOKENS, {"of": account.id, "tokens": list(wanted)})
        return {wanted[row.token]: row.public_id for row in rows}


def _token(key: str) -> str:
    """Return what stands in the place of a form's token: as long, and the same for the same key."""
    return sha256(key.encode()).hexdigest()[:16]
