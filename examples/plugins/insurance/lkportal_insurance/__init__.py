"""Insurance policies on an account. What the module is and owes; what it does begins in hooks."""

from lkportal import Module
from lkportal.accounts.contract import KEPT_AS_ACCOUNTING, KEPT_FOR_CONTRACT
from lkportal.core.i18n import text
from lkportal.core.module import Action, PersonalTable, Topic
from lkportal.core.policy import Permission
from lkportal_insurance.settings import InsuranceSettings

module = Module(
    name="insurance",
    title=text("insurance.title", "Insurance"),
    version="0.1.0",
    package="lkportal_insurance",
    models="lkportal_insurance.models",
    hooks="lkportal_insurance.hooks",
    settings=InsuranceSettings,
    seed="lkportal_insurance.seed",
    requires=("accounts",),
    after=("payments", "documents", "tickets"),
    permissions=(
        Permission(
            "insurance.view",
            text("insurance.right.view", "See policies"),
            roles=("owner", "payer", "reader", "accountant"),
        ),
        Permission(
            "insurance.staff_view",
            text("insurance.right.staff_view", "See a customer's policies"),
            staff=("operator", "specialist", "administrator", "auditor"),
        ),
        Permission("insurance.import", text("insurance.right.import", "Bring policies"), staff=("administrator",)),
        Permission(
            "insurance.reports",
            text("insurance.right.reports", "See the report of insurance"),
            staff=("accountant", "administrator", "auditor"),
        ),
    ),
    topics=(
        Topic(
            "insurance.ending",
            text("insurance.topic.ending", "Policies that end soon"),
            hint=text("insurance.topic.ending_hint", "Some days before the last day of a policy"),
            why=text("insurance.why.ending", "You get this because a policy of {account} %(number)s ends soon."),
            escalate=("push", "email"),
            order=60,
        ),
    ),
    actions=(
        Action("insurance.asked", text("insurance.action.asked", "Premium of a policy is to be paid")),
        Action("insurance.withdrawn", text("insurance.action.withdrawn", "Premium of a policy is asked no more")),
    ),
    personal=(
        PersonalTable(
            "insurance_policies",
            "account_id",
            export=("number", "kind", "risks", "insured_sum", "deductible", "starts_on", "ends_on", "state"),
            retain="5 years after ends_on",
            at_end="keep",
            title=text("insurance.personal.policies", "Policies"),
            labels=(
                ("insured_sum", text("insurance.column.insured_sum", "Sum insured")),
                ("deductible", text("insurance.column.deductible", "Deductible")),
                ("risks", text("insurance.column.risks", "What it covers")),
            ),
            because=KEPT_FOR_CONTRACT,
        ),
        PersonalTable(
            "insurance_objects",
            "policy_id.account_id",
            export=("name", "detail", "insured_sum"),
            erase=(("name", "{id}"), ("detail", "")),
            retain="5 years after closing",
            at_end="erase",
            title=text("insurance.personal.objects", "What is insured"),
            because=KEPT_FOR_CONTRACT,
        ),
        PersonalTable(
            "insurance_premiums",
            "account_id",
            export=("amount", "due_on", "paid_on"),
            retain="5 years after due_on",
            at_end="keep",
            title=text("insurance.personal.premiums", "Premiums"),
            because=KEPT_AS_ACCOUNTING,
        ),
    ),
)
