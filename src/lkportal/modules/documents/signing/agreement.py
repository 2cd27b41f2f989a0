"""The agreement on simple signatures: its words, and that a person agreed to them, with the evidence of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, insert, select
from sqlalchemy.orm import Session

from lkportal.auth.sessions import Origin
from lkportal.core.ids import public_id
from lkportal.core.tables import insert_if_new
from lkportal.core.unit import context, now
from lkportal.modules.documents.evidence.chain import sha256
from lkportal.modules.documents.models import Agreement, KeptText
from lkportal.privacy.texts import Wording, worded

_OWN = Path(__file__).parent
_KEEP = insert_if_new(KeptText.__table__)  # type: ignore[arg-type]
_GIVEN: Select[*tuple[Any, ...]] = (
    select(Agreement.public_id, Agreement.version, Agreement.text_hash, Agreement.agreed_at)
    .where(Agreement.identity_id == bindparam("person"), Agreement.version == bindparam("of_version"))
    .order_by(Agreement.id.desc())
    .limit(1)
)


class Agreements:
    """The agreement in every language, read once. Fills a port, for pages and rules."""

    def __init__(self, portal: Any) -> None:
        table = portal.settings_of("documents").signing
        self.version: str = table.agreement_version
        files = {code: portal.configuration.path(file) for code, file in table.agreement.items()}
        if not files:
            files = {code: _OWN / f"agreement.{code}.md" for code in ("ru", "en")}
        self._wordings = {code: worded(code, file.read_text("utf-8")) for code, file in files.items()}

    def wording(self, locale: str) -> Wording:
        """Return the text in a language, in the first one there is where that is missing."""
        return self._wordings.get(locale) or next(iter(self._wordings.values()))


def given(db: Session | Connection, identity_id: int, version: str) -> Row[Any] | None:
    """Return the agreement of a person to this version of the text, in whatever language they read it, or None."""
    return db.execute(_GIVEN, {"person": identity_id, "of_version": version}).first()


def agree(db: Session, identity_id: int, version: str, wording: Wording, origin: Origin) -> None:
    """Write that a person agreed over the text they were shown. Agreed already: nothing changes."""
    if given(db, identity_id, version) is not None:
        return
    row = {
        "public_id": public_id(),
        "identity_id": identity_id,
        "version": version,
        "locale": wording.locale,
        "text_hash": keep_text(db, wording.body),
        "agreed_at": now(db),
        "network": origin.network,
        "device": origin.device,
        "request_id": context(db).request_id,
    }
    db.execute(insert(Agreement), row)


def keep_text(db: Session, body: str) -> str:
    """Keep a text as it was shown and return the hash that finds it."""
    found = sha256(body)
    db.execute(_KEEP[db.get_bind().dialect.name], {"hash": found, "body": body, "kept_at": now(db)})
    return found
