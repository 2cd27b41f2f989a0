"""Things on an account. What the module is and owes; what it does begins in hooks."""

from lkportal import Module
from lkportal.core.i18n import text
from lkportal.core.module import Action, PersonalTable
from lkportal.core.policy import Permission

module = Module(
    name="things",
    title=text("things.title", "Things"),
    version="0.1.0",
    package="lkportal_things",
    models="lkportal_things.models",
    hooks="lkportal_things.hooks",
    requires=("accounts",),
    permissions=(
        Permission("things.view", text("things.right.view", "See entries"), roles=("owner", "reader")),
        Permission("things.add", text("things.right.add", "Add entries"), roles=("owner",)),
    ),
    actions=(Action("things.added", text("things.action.added", "Entry added")),),
    personal=(
        PersonalTable(
            "things_entries",
            "account_id",
            export=("title", "remark", "added_at"),
            title=text("things.personal.entries", "Entries"),
        ),
    ),
)
