"""Rows that the insurer's system brings by a file or the feed: policies with their next premium, and what they insure.
A row that comes twice changes nothing; one that comes changed brings the policy up to date."""

from sqlalchemy.orm import Session

from lkportal.core.i18n import text
from lkportal.core.imports import (
    Applied,
    ImportKind,
    Rejection,
    Setwise,
    Staged,
    account_number,
    column,
    day,
    money,
    one_of,
    staged_day,
    words,
)
from lkportal.core.unit import now
from lkportal_insurance.contract import PoliciesImported

SOURCE = "insurer"
# A number that several brands have names no account: whose policy it is cannot be known.
_MARKS = (
    """
UPDATE {staging} SET reject = 'no_account'
WHERE reject IS NULL AND (SELECT count(*) FROM accounts_accounts a WHERE a.number = {staging}.account) <> 1
""",
    "UPDATE {staging} SET reject = 'days' WHERE reject IS NULL AND {ends} < {starts}",
    """
UPDATE {staging} SET reject = 'amounts' WHERE reject IS NULL
    AND (insured_sum < 0 OR COALESCE(deductible, 0) < 0 OR COALESCE(premium, 1) <= 0 OR (premium IS NULL) <> (premium_due IS NULL))
""",
    """
UPDATE {staging} SET reject = 'another' WHERE reject IS NULL AND EXISTS (
    SELECT 1 FROM insurance_policies p JOIN accounts_accounts a ON a.id = p.account_id
    WHERE p.source = :source AND p.source_key = {staging}.number AND a.number <> {staging}.account)
""",
)
_LAST = (
    "s.reject IS NULL AND s.line = (SELECT max(t.line) FROM {staging} t WHERE t.reject IS NULL AND t.number = s.number)"
)
# A policy of another term is another paper.
_POLICIES = f"""
INSERT INTO insurance_policies (public_id, account_id, number, kind, risks, insured_sum, deductible, starts_on, ends_on, state,
                                document, source, source_key, source_version, seen_at)
SELECT {{public_id}}, a.id, s.number, s.kind, COALESCE(s.risks, ''), s.insured_sum, COALESCE(s.deductible, 0), {{starts}}, {{ends}},
       COALESCE(s.state, 'active'), '', :source, s.number, :import, :now
FROM {{staging}} s JOIN accounts_accounts a ON a.number = s.account WHERE {_LAST}
ON CONFLICT (source, source_key) DO UPDATE
SET kind = excluded.kind, risks = excluded.risks, insured_sum = excluded.insured_sum, deductible = excluded.deductible,
    document = CASE WHEN insurance_policies.ends_on = excluded.ends_on THEN insurance_policies.document ELSE '' END,
    starts_on = excluded.starts_on, ends_on = excluded.ends_on, state = excluded.state,
    source_version = excluded.source_version, seen_at = excluded.seen_at
"""  # noqa: S608 - our own names
_PREMIUMS = f"""
INSERT INTO insurance_premiums (public_id, policy_id, account_id, amount, unpaid, due_on, state, bill)
SELECT {{public_id}}, p.id, p.account_id, s.premium, s.premium, {{premium_due}}, 'planned', ''
FROM {{staging}} s JOIN insurance_policies p ON p.source = :source AND p.source_key = s.number
WHERE s.premium IS NOT NULL AND {_LAST}
ON CONFLICT (policy_id, due_on) DO UPDATE SET amount = excluded.amount, unpaid = excluded.amount WHERE insurance_premiums.state = 'planned'
"""  # noqa: S608 - our own names
_MARK_POLICY = """
UPDATE {staging} SET reject = 'no_policy' WHERE reject IS NULL
    AND NOT EXISTS (SELECT 1 FROM insurance_policies p WHERE p.source = :source AND p.source_key = {staging}.number)
"""
_OBJECTS = """
INSERT INTO insurance_objects (policy_id, name, detail, insured_sum)
SELECT p.id, s.name, COALESCE(s.detail, ''), COALESCE(s.insured_sum, 0)
FROM {staging} s JOIN insurance_policies p ON p.source = :source AND p.source_key = s.number
WHERE s.reject IS NULL
    AND s.line = (SELECT max(t.line) FROM {staging} t WHERE t.reject IS NULL AND t.number = s.number AND t.name = s.name)
ON CONFLICT (policy_id, name) DO UPDATE SET detail = excluded.detail, insured_sum = excluded.insured_sum
"""


def take_policies(db: Session, staged: Staged) -> Applied:
    """Write a batch of policies with their premiums."""
    work = _work(db, staged, starts="starts", ends="ends")
    for mark in _MARKS:
        work.run(mark)
    work = _work(db, staged, **{name: staged_day(db, f"s.{name}") for name in ("starts", "ends", "premium_due")})
    taken = work.run(_POLICIES).rowcount
    work.run(_PREMIUMS)
    event = PoliciesImported(staged.import_public, staged.batch, taken) if taken else None
    return Applied(event, {"policies": taken})


def take_objects(db: Session, staged: Staged) -> Applied:
    """Write a batch of what policies insure."""
    work = _work(db, staged)
    work.run(_MARK_POLICY)
    return Applied(None, {"objects": work.run(_OBJECTS).rowcount})


def _work(db: Session, staged: Staged, **names: str) -> Setwise:
    return Setwise(db, staged, {"source": SOURCE, "import": staged.import_public, "now": now(db)}, **names)


_NUMBER = column(
    "number", text("insurance.import.number", "Number of the policy"), words(40), "номер полиса", "полис", "policy"
)
_SUM = ("страховая сумма", "sum insured")
_KIND = one_of(
    {"home": "home", "имущество": "home", "жильё": "home", "car": "car", "авто": "car", "каско": "car", "осаго": "car",
     "health": "health", "здоровье": "health", "дмс": "health", "travel": "travel", "поездки": "travel", "other": "other",
     "прочее": "other"},
    text("insurance.import.not_kind", "Write home, car, health, travel or other."),
)  # fmt: skip
_STATE = one_of(
    {"active": "active", "действует": "active", "cancelled": "cancelled", "расторгнут": "cancelled"},
    text("insurance.import.not_state", "Write active or cancelled."),
)
POLICIES = ImportKind(
    "insurance.policies",
    text("insurance.import.policies", "Insurance policies"),
    (
        _NUMBER,
        column("account", text("insurance.import.account", "Account"), account_number(), "лицевой счёт", "договор"),
        column("kind", text("insurance.import.kind", "Kind"), _KIND, "вид", "вид страхования"),
        column("starts", text("insurance.import.starts", "First day"), day(), "начало", "действует с"),
        column("ends", text("insurance.import.ends", "Last day"), day(), "окончание", "действует по"),
        column("insured_sum", text("insurance.import.sum", "Sum insured"), money(), *_SUM),
        column("deductible", text("insurance.import.deductible", "Deductible"), money(), "франшиза", required=False),
        column("risks", text("insurance.import.risks", "What it covers"), words(1000), "риски", required=False),
        column("premium", text("insurance.import.premium", "Next premium"), money(), "премия", "взнос", required=False),
        column(
            "premium_due", text("insurance.import.premium_due", "Premium due by"), day(), "оплатить до", required=False
        ),
        column("state", text("insurance.import.state", "State"), _STATE, "состояние", required=False),
    ),
    take_policies,
    {
        "no_account": Rejection(
            "account",
            text("insurance.import.no_account", "No account has this number, or accounts of several brands have it."),
        ),
        "days": Rejection("ends", text("insurance.import.days", "The last day is before the first one.")),
        "amounts": Rejection(
            "premium", text("insurance.import.amounts", "Amounts are above zero, and a premium has its day.")
        ),
        "another": Rejection("account", text("insurance.import.another", "This policy belongs to another account.")),
    },
    permission="insurance.import",
)
OBJECTS = ImportKind(
    "insurance.objects",
    text("insurance.import.objects", "What policies insure"),
    (
        _NUMBER,
        column("name", text("insurance.import.name", "What is insured"), words(120), "объект"),
        column(
            "detail", text("insurance.import.detail", "Address, number plate"), words(200), "описание", required=False
        ),
        column("insured_sum", text("insurance.import.sum", "Sum insured"), money(), *_SUM, required=False),
    ),
    take_objects,
    {
        "no_policy": Rejection(
            "number", text("insurance.import.no_policy", "There is no such policy. Bring policies first.")
        )
    },
    permission="insurance.import",
)
KINDS = [POLICIES, OBJECTS]
