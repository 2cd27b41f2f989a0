"""What the customer's search finds here: policies by number, kind, what they insure; and what requests may be about."""

from collections.abc import Iterable

from sqlalchemy import Connection, select

from lkportal.core.i18n import Text, text
from lkportal.core.policy import AccountRef
from lkportal.core.request_types import Subject
from lkportal.core.search import Hit, SearchAsked, SearchPage, SearchProvider
from lkportal_insurance import queries
from lkportal_insurance.models import Insured, Policy
from lkportal_insurance.views import KINDS

_MOST = 200


def find(asked: SearchAsked) -> Iterable[Hit]:
    """Yield the policies on these accounts that fit what was typed."""
    rows = asked.connection.execute(
        select(
            Policy.account_id,
            Policy.public_id,
            Policy.number,
            Policy.kind,
            Policy.ends_on,
            Insured.name,
            Insured.detail,
        )
        .outerjoin(Insured, Insured.policy_id == Policy.id)
        .where(Policy.account_id.in_([each.id for each in asked.accounts]))
        .order_by(Policy.ends_on.desc(), Policy.id.desc(), Insured.id)
        .limit(_MOST)
    )
    found: set[str] = set()
    for row in rows:
        kind = asked.locale.render(KINDS.get(row.kind, KINDS["other"]))
        if row.public_id not in found and asked.typed.fits(row.number, kind, row.name or "", row.detail or ""):
            found.add(row.public_id)
            account = asked.account(row.account_id)
            href = asked.url("insurance:policy", account=account.public_id, policy=row.public_id)
            until = text("insurance.search.until", "No. %(number)s, until %(day)s", number=row.number, day=row.ends_on)
            yield Hit(kind, href, until, account)


def _subject(connection: Connection, account: AccountRef, public_id: str) -> Text | None:
    row = queries.policy(connection, account.id, public_id)
    return text("insurance.subject", "Policy No. %(number)s", number=row.number) if row else None


PROVIDERS = [
    SearchProvider(
        "insurance.policies", text("insurance.search.policies", "Insurance policies"), find, "insurance.view"
    )
]
PAGES = [
    SearchPage(
        "insurance:list",
        text("insurance.title", "Insurance"),
        text("insurance.search.words", "insurance, policy, claim, insured event, premium, cover"),
        "insurance.view",
    )
]
SUBJECTS = [Subject("insurance.policy", _subject, "insurance:policy", "policy", "insurance.view", "insurance.claim")]
