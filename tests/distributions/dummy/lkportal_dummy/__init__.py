"""Notes on an account, as a stranger would write a module: from the public names alone."""

from lkportal import Module
from lkportal.core.i18n import text
from lkportal.core.module import Action, Conflict, Invariant, PersonalTable, Topic
from lkportal.core.policy import Permission
from lkportal_dummy.settings import DummySettings

module = Module(
    name="dummy",
    title=text("dummy.title", "Notes"),
    version="1.0.0",
    package="lkportal_dummy",
    models="lkportal_dummy.models",
    hooks="lkportal_dummy.hooks",
    requires=("accounts",),
    needs_portal=">=0.1",
    settings=DummySettings,
    permissions=(
        Permission("dummy.view", text("dummy.right.view", "See notes"), roles=("owner", "reader")),
        Permission("dummy.write", text("dummy.right.write", "Write notes"), roles=("owner",)),
        Permission("dummy.staff_view", text("dummy.right.staff_view", "See all notes"), staff=("operator",)),
        Permission("dummy.strike", text("dummy.right.strike", "Strike notes out"), staff=("operator", "specialist")),
    ),
    topics=(Topic("dummy.notes", "Notes"),),
    actions=(
        Action("dummy.noted", text("dummy.action.noted", "Note written")),
        Action("dummy.struck", text("dummy.action.struck", "Note struck out")),
    ),
    conflicts=(Conflict("dummy.struck", "dummy.noted", ("dummy.staff_view", "dummy.strike")),),
    personal=(PersonalTable("dummy_notes", "account_id", export=("words", "written_at")),),
    invariants=(Invariant("dummy.words", "No note is empty", "SELECT public_id FROM dummy_notes WHERE words = ''"),),
)
