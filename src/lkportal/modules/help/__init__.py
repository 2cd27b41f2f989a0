"""Help: articles that answer before anybody has to ask, found by words, suggested where requests are written."""

from lkportal.core.i18n import text
from lkportal.core.module import Action, Invariant, Module
from lkportal.core.policy import Permission
from lkportal.core.version import __version__
from lkportal.modules.help.personal import IMPERSONAL, PERSONAL

_PAGE = ("help:staff_article", "article")
module = Module(
    name="help",
    title=text("help.title", "Help"),
    version=__version__,
    package="lkportal.modules.help",
    models="lkportal.modules.help.models",
    hooks="lkportal.modules.help.hooks",
    requires=("accounts",),
    permissions=(
        Permission(
            "help.staff_view",
            text("help.right.staff_view", "See articles of help at the desk"),
            staff=("operator", "specialist", "administrator", "auditor"),
        ),
        Permission(
            "help.write",
            text("help.right.write", "Write and publish articles of help"),
            staff=("specialist", "administrator"),
        ),
    ),
    actions=(
        Action("help.written", text("help.act.written", "An article of help written"), _PAGE),
        Action("help.published", text("help.act.published", "An article of help published"), _PAGE),
        Action("help.withdrawn", text("help.act.withdrawn", "An article of help taken back"), _PAGE),
        Action("help.dropped", text("help.act.dropped", "A draft of help thrown away")),
        Action("help.section", text("help.act.section", "A section of help changed")),
    ),
    personal=PERSONAL,
    impersonal=IMPERSONAL,
    invariants=(
        Invariant(
            "help.published_has_moment",
            "Whatever people read has a moment of publishing",
            "SELECT public_id FROM help_articles WHERE state = 'published' AND published_at IS NULL",
        ),
    ),
)
