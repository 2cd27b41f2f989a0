"""The life of a document: its states, who may take which step, how both sides read them. Pure data."""

from __future__ import annotations

from collections.abc import Mapping

from lkportal.core.i18n import Text, text

ISSUED, WAITING, REVIEW = "issued", "waiting", "review"
AGREED, SIGNED, DECLINED, EXPIRED, WITHDRAWN = "agreed", "signed", "declined", "expired", "withdrawn"
STATES = (ISSUED, WAITING, REVIEW, AGREED, SIGNED, DECLINED, EXPIRED, WITHDRAWN)
ALIVE = (WAITING, REVIEW)
"""States in which somebody has something to do: the customer, the company."""

_RENEW = {ISSUED: ISSUED, WAITING: WAITING, REVIEW: WAITING, DECLINED: WAITING, EXPIRED: WAITING}
STEPS: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("customer", "agree"): {WAITING: AGREED},
    ("customer", "sign"): {WAITING: SIGNED},
    ("customer", "certify"): {WAITING: SIGNED},
    ("customer", "remark"): {WAITING: REVIEW, REVIEW: REVIEW},
    ("customer", "propose"): {WAITING: REVIEW, REVIEW: REVIEW},
    ("customer", "decline"): {WAITING: DECLINED, REVIEW: DECLINED},
    ("company", "version"): _RENEW,
    ("company", "restore"): _RENEW,
    ("company", "answer"): {WAITING: WAITING, REVIEW: WAITING, EXPIRED: WAITING},
    ("company", "agree"): {REVIEW: AGREED},
    ("company", "accept"): {REVIEW: WAITING},
    ("company", "withdraw"): dict.fromkeys((ISSUED, WAITING, REVIEW, DECLINED, EXPIRED), WITHDRAWN),
    ("portal", "expire"): {WAITING: EXPIRED},
}
"""(who, act) -> from -> to. What is not here does not happen."""

ASKED = {"agree": "agree", "sign": "sign", "certify": "sign", "accept": "sign"}
"""Acts that there are only where the document asks for this."""

TITLES: Mapping[str, tuple[str, Text]] = {
    ISSUED: ("off", text("documents.state.issued", "For you to keep")),
    WAITING: ("warn", text("documents.state.waiting", "Waits for you")),
    REVIEW: ("inf", text("documents.state.review", "The company looks at it")),
    AGREED: ("ok", text("documents.state.agreed", "Agreed")),
    SIGNED: ("ok", text("documents.state.signed", "Signed")),
    DECLINED: ("bad", text("documents.state.declined", "Declined")),
    EXPIRED: ("bad", text("documents.state.expired", "The term is over")),
    WITHDRAWN: ("off", text("documents.state.withdrawn", "Withdrawn")),
}
"""In the customer's words: the kind of the status, the word."""

DESK_TITLES: Mapping[str, tuple[str, Text]] = {
    **TITLES,
    ISSUED: ("off", text("documents.desk.issued", "Published")),
    WAITING: ("off", text("documents.desk.waiting", "Customer's turn")),
    REVIEW: ("warn", text("documents.desk.review", "Waits for us")),
}

ACTS: Mapping[tuple[str, str], Text] = {
    ("company", "publish"): text("documents.act.publish", "Published"),
    ("customer", "send"): text("documents.act.send", "Sent by the customer"),
    ("customer", "agree"): text("documents.act.agree", "The customer agreed"),
    ("customer", "sign"): text("documents.act.sign", "The customer signed"),
    ("customer", "certify"): text("documents.act.certify", "The customer signed by a certificate"),
    ("customer", "remark"): text("documents.act.remark", "Remarks of the customer"),
    ("customer", "propose"): text("documents.act.propose", "The customer sent their version"),
    ("customer", "decline"): text("documents.act.decline", "The customer declined"),
    ("company", "version"): text("documents.act.version", "New version"),
    ("company", "restore"): text("documents.act.restore", "An earlier version is back"),
    ("company", "answer"): text("documents.act.answer", "Answer of the company"),
    ("company", "agree"): text("documents.act.agree_company", "The company agreed"),
    ("company", "accept"): text("documents.act.accept", "The company accepted the customer's version"),
    ("company", "withdraw"): text("documents.act.withdraw", "Withdrawn"),
    ("portal", "expire"): text("documents.act.expire", "The term ran out"),
    ("customer", "attach"): text("documents.act.attach", "A signature file of the customer was added"),
}
"""How the history of a document tells of each act."""


def after(who: str, act: str, before: str, asks: str) -> str:
    """Return the state that an act leads to, "" where it may not happen."""
    if ASKED.get(act, asks) != asks:
        return ""
    return STEPS.get((who, act), {}).get(before, "")


def may(who: str, before: str, asks: str, *, approved: bool) -> frozenset[str]:
    """Return the acts open to `who` (customer, company, portal). `approved`: the company stands behind the version on the table.

    Nobody agrees with their own version: customers agree and sign only what the company stands behind, the company agrees only
    with what it does not stand behind yet.
    """
    open_to = {act for (side, act), steps in STEPS.items() if side == who and before in steps}
    fits = {act for act in open_to if after(who, act, before, asks)}
    if who == "customer" and not approved:
        fits -= {"agree", "sign", "certify"}
    if who == "company" and approved:
        fits -= {"agree", "accept"}
    return frozenset(fits)


def first(asks: str) -> str:
    """Return the state of a document that the company has just published."""
    return WAITING if asks else ISSUED
