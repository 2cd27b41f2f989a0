"""The act of signing: a code that fits, the step of the document, the signature and its evidence in one unit. Wrong guesses are counted and
kept although nothing is signed. What the evidence must hold: 63-FZ, articles 6 and 9."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Select, bindparam, insert, select
from sqlalchemy.orm import Session

from lkportal.auth.models import Session as SignIn
from lkportal.auth.sessions import Origin
from lkportal.core.errors import Forbidden
from lkportal.core.events import emit
from lkportal.core.ids import public_id
from lkportal.core.policy import AccountRef, Actor
from lkportal.core.unit import context, now
from lkportal.modules.documents import service
from lkportal.modules.documents.contract import DocumentSigned
from lkportal.modules.documents.models import Happening, Signature
from lkportal.modules.documents.signing import agreement, codes

Outcome = Literal["signed", "wrong", "no_agreement"]
_TOKEN = select(Happening.id).where(Happening.document_id == bindparam("of"), Happening.token == bindparam("token"))
_SIGN_IN: Select[*tuple[Any, ...]] = select(SignIn.public_id, SignIn.methods, SignIn.created_at).where(
    SignIn.id == bindparam("session")
)


@dataclass(frozen=True, slots=True)
class Signing:
    """What somebody signs with: the code as typed, the form's token, the version they saw and the words above the button."""

    code: str
    token: str
    seen: int
    shown: str
    agreement: str
    origin: Origin


def sign(db: Session, account: AccountRef, actor: Actor, document: str, signing: Signing) -> Outcome:
    """Sign the version on the table. Raises MovedOn when it may not be signed now, Forbidden for anybody but the person."""
    if actor.kind != "customer" or actor.id is None or actor.behind or context(db).on_behalf_of:
        raise Forbidden
    row = service.known(db, document)
    if _done(db, row.id, signing.token):
        return "signed"
    agreed = agreement.given(db, actor.id, signing.agreement)
    if agreed is None:
        return "no_agreement"
    version = service.version(db, row, row.version)
    whose = codes.Whose(actor.id, actor.session_id or 0, row.id, version.sha256)
    spent = codes.guess(db, whose, signing.code)
    if spent is None:
        # Of two sends of one form the second finds the code spent by the first.
        return "signed" if _done(db, row.id, signing.token) else "wrong"
    shown = agreement.keep_text(db, signing.shown)
    facts = _facts(db, actor, spent, agreed, shown)
    private = {
        "address": spent.address,
        "login": actor.login,
        "network": signing.origin.network,
        "device": signing.origin.device,
        "role": account.role,
        "proved": account.level,
    }
    step = service.Step("customer", "sign", actor.id, signing.token, signing.seen, facts=facts, private=private)
    event = service.take(db, account, document, step)
    if event is not None:
        _write(db, account, actor, event, version.id)
    return "signed"


def _facts(db: Session, actor: Actor, spent: Any, agreed: Any, shown: str) -> Mapping[str, Any]:
    entry = db.execute(_SIGN_IN, {"session": actor.session_id or 0}).first()
    return {
        "way": "simple",
        "shown": shown,
        "agreement": {
            "id": agreed.public_id,
            "version": agreed.version,
            "sha256": agreed.text_hash,
            "at": _moment(agreed.agreed_at),
        },
        "code": {
            "id": spent.public_id,
            "hash": spent.code_hash,
            "channel": spent.channel,
            "message": codes.message_id(spent.public_id),
            "asked_at": _moment(spent.asked_at),
            "sent_at": _moment(spent.sent_at),
            "expires_at": _moment(spent.expires_at),
            "typed_at": _moment(spent.used_at),
            "guesses": spent.guesses,
        },
        "proof": {
            "session": entry.public_id if entry else "",
            "signed_in_by": entry.methods if entry else "",
            "signed_in_at": _moment(entry.created_at if entry else None),
            "proved_at": _moment(actor.stepped_up_at),
            "second_at": _moment(actor.second_at),
        },
        "request": context(db).request_id,
    }


def _write(db: Session, account: AccountRef, actor: Actor, event: Happening, version_id: int) -> None:
    public = public_id()
    row = {
        "public_id": public, "document_id": event.document_id, "version_id": version_id, "identity_id": actor.id,
        "seq": event.seq, "way": "simple", "side": "customer", "signer": actor.name or actor.login, "verdict": "valid",
        "sha256": event.hash, "signed_at": now(db),
    }  # fmt: skip
    db.execute(insert(Signature), row)
    facts = event.facts
    emit(db, DocumentSigned(facts["document"], public, facts["version"], facts["sha256"], event.hash), account=account)


def _done(db: Session, document_id: int, token: str) -> bool:
    return db.execute(_TOKEN, {"of": document_id, "token": token}).first() is not None


def _moment(moment: Any) -> str:
    return moment.isoformat(timespec="milliseconds") if moment is not None else ""
