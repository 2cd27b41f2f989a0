"""A customer's signature file joins the document: kept, written into the history, and where it is trusted it signs."""

from __future__ import annotations

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from lkportal.core.ids import public_id
from lkportal.core.policy import AccountRef, Actor
from lkportal.core.storage import StoredFile
from lkportal.core.unit import now
from lkportal.modules.documents import service, states
from lkportal.modules.documents.certificates.detached import Certified
from lkportal.modules.documents.models import Signature

_KNOWN = select(Signature.id).where(
    Signature.version_id == bindparam("version"), Signature.sha256 == bindparam("sha256")
)


def attach(
    db: Session,
    account: AccountRef,
    actor: Actor,
    document: str,
    told: Certified,
    kept: StoredFile,
    token: str,
    seen: int,
) -> bool:
    """Write a signature under the version on the table; False when it is there already. Raises MovedOn.

    One that leads to a trusted root signs the document where it waits for a signature; any other stands beside it.
    """
    row = service.known(db, document)
    version = service.version(db, row, row.version)
    if seen != row.version:
        raise service.MovedOn
    if db.execute(_KNOWN, {"version": version.id, "sha256": kept.sha256}).first() is not None:
        return False
    signs = told.verdict == "valid" and "certify" in states.may("customer", row.state, row.asks, approved=row.approved)
    facts = {"way": "detached", "file": kept.sha256, "verdict": told.verdict, "serial": told.serial}
    step = service.Step(
        "customer",
        "certify" if signs else "attach",
        actor.id,
        token,
        seen,
        facts=facts,
        private={"signer": told.signer},
    )
    event = service.take(db, account, document, step) if signs else service.note(db, account, row, step)
    made = event and Signature(
        public_id=public_id(), document_id=row.id, version_id=version.id, identity_id=actor.id, seq=event.seq,
        way="detached", side="customer", signer=told.signer, serial=told.serial, verdict=told.verdict,
        sha256=kept.sha256, file_key=kept.key, signed_at=now(db),
    )  # fmt: skip
    if made is not None:
        db.add(made)
    return made is not None
