"""Staff: the desk of the company's people. Pages of the desk about one subject stand in that subject's module."""

from lkportal.accounts.contract import STAFF_ROLES as ALL_STAFF
from lkportal.core.i18n import text
from lkportal.core.module import Action, Module, PersonalTable
from lkportal.core.policy import Permission
from lkportal.core.version import __version__
from lkportal.staff.settings import StaffSettings

_APPROVAL = ("staff:approval", "approval")
module = Module(
    name="staff",
    title=text("staff.title", "Staff desk"),
    version=__version__,
    package="lkportal.staff",
    models="lkportal.staff.models",
    hooks="lkportal.staff.hooks",
    settings=StaffSettings,
    requires=("accounts",),
    always_on=True,
    permissions=(
        Permission(
            "staff.roles",
            text("staff.right.roles", "See who has which role and what roles may do"),
            staff=("administrator", "auditor"),
        ),
        Permission("staff.rights", text("staff.right.rights", "Change what roles may do"), staff=("administrator",)),
        Permission(
            "staff.people",
            text("staff.right.people", "Add colleagues, keep them out, give and take roles"),
            staff=("administrator",),
        ),
        Permission(
            "staff.approvals",
            text("staff.right.approvals", "See and decide what waits for a second person"),
            staff=ALL_STAFF,
        ),
        Permission(
            "staff.view_as",
            text("staff.right.view_as", "See a customer's pages as the customer does"),
            staff=("operator", "administrator"),
        ),
        Permission(
            "staff.sessions",
            text("staff.right.sessions", "Sign customers out of their devices"),
            staff=("operator", "administrator"),
        ),
        Permission(
            "staff.sessions_all",
            text("staff.right.sessions_all", "Sign everybody out at once"),
            staff=("administrator",),
        ),
        Permission(
            "staff.modules",
            text("staff.right.modules", "Switch modules on and off, open them step by step"),
            staff=("administrator",),
        ),
        Permission(
            "staff.settings", text("staff.right.settings", "Change settings of the portal"), staff=("administrator",)
        ),
        Permission(
            "staff.brand", text("staff.right.brand", "Change the look and words of brands"), staff=("administrator",)
        ),
        Permission(
            "staff.reports",
            text("staff.right.reports", "See reports on how the portal is used"),
            staff=("specialist", "accountant", "administrator", "auditor"),
        ),
        Permission(
            "staff.effects",
            text("staff.right.effects", "See what follows from events, and what failed"),
            staff=("specialist", "administrator"),
        ),
        Permission(
            "staff.effects_retry",
            text("staff.right.effects_retry", "Try failed work again or put it away"),
            staff=("administrator",),
        ),
        Permission(
            "staff.connections",
            text("staff.right.connections", "See how connections with other systems stand"),
            staff=("specialist", "accountant", "administrator", "auditor"),
        ),
        Permission(
            "staff.connections_act",
            text("staff.right.connections_act", "Try connections now, send again what was refused"),
            staff=("specialist", "administrator"),
        ),
        Permission("staff.health", text("staff.right.health", "See how the portal is doing"), staff=("administrator",)),
    ),
    impersonal=(
        "staff_brand_files.name",
        "staff_totals",
        "staff_counts",
        "staff_behaviour_salts",
        "staff_behaviour_facts",
        "staff_behaviour_totals",
    ),
    append_only=("staff_switchings",),
    personal=(
        PersonalTable(
            "staff_switchings",
            "changed_by",
            by="public_id",
            export=("changed_at", "subject", "reason"),
            retain="5 years after changed_at",
            because=text("staff.kept.switchings", "shows who changed what the portal does, and why"),
            title=text("staff.kept.switchings_title", "Changes of modules and settings"),
        ),
        *(
            PersonalTable(
                "staff_approvals",
                path,
                export=("asked_at", "reason", "state", "decided_at", "note"),
                retain="5 years",
                because=text("staff.kept.approvals", "shows who asked for what and who agreed"),
                title=text("staff.kept.approvals_title", "Requests to a second person"),
            )
            for path in ("asked_by", "decided_by")
        ),
    ),
    actions=(
        Action("staff.customer", text("staff.action.customer", "The customer's card opened")),
        Action("staff.brand_edited", text("staff.action.brand_edited", "A brand's draft changed")),
        Action("staff.brand_published", text("staff.action.brand_published", "A brand published")),
        Action("staff.brand_discarded", text("staff.action.brand_discarded", "A brand's draft discarded")),
        Action(
            "staff.module_switched",
            text("staff.action.module_switched", "A module switched, or opened to others"),
            ("staff:module", "module"),
        ),
        Action(
            "staff.setting_changed",
            text("staff.action.setting_changed", "A setting changed"),
            ("staff:setting", "setting"),
        ),
        Action("staff.work_retried", text("staff.action.work_retried", "Failed work tried again")),
        Action("staff.work_discarded", text("staff.action.work_discarded", "Failed work put away")),
        Action("staff.connection_tried", text("staff.action.connection_tried", "A connection tried by hand")),
        Action("staff.refusal_retried", text("staff.action.refusal_retried", "Sent again to another system")),
        Action("staff.refusal_put_away", text("staff.action.refusal_put_away", "Not to be sent to another system")),
        Action("staff.person_added", text("staff.action.person_added", "A colleague added")),
        Action("staff.person_invited", text("staff.action.person_invited", "An invitation sent again")),
        Action("staff.person_joined", text("staff.action.person_joined", "A colleague chose a password")),
        Action("staff.sessions_ended", text("staff.action.sessions_ended", "A colleague signed out by another")),
        Action("staff.everybody_signed_out", text("staff.action.everybody_signed_out", "Everybody signed out at once")),
        Action(
            "staff.approval_asked", text("staff.action.approval_asked", "A second person asked to agree"), _APPROVAL
        ),
        Action("staff.approval_done", text("staff.action.approval_done", "A second person agreed"), _APPROVAL),
        Action("staff.approval_refused", text("staff.action.approval_refused", "A second person refused"), _APPROVAL),
        Action(
            "staff.approval_withdrawn",
            text("staff.action.approval_withdrawn", "A request to a second person taken back"),
        ),
        Action("staff.view_begun", text("staff.action.view_begun", "The company began to see your pages as you do")),
        Action("staff.viewed_as", text("staff.action.viewed_as", "The company saw a page as you do")),
        Action("staff.view_ended", text("staff.action.view_ended", "The company stopped seeing your pages")),
        Action("staff.report_taken", text("staff.action.report_taken", "A report taken as a file")),
        Action("staff.rights_changed", text("staff.action.rights_changed", "What a role may do changed")),
    ),
)
