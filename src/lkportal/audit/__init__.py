"""Audit: what people did, saw and were refused, written with the act and sealed by hash. It listens to nobody."""

from lkportal.core.i18n import text
from lkportal.core.module import Action, Invariant, Module, PersonalTable
from lkportal.core.policy import Permission
from lkportal.core.version import __version__

module = Module(
    name="audit",
    title=text("audit.title", "Audit"),
    version=__version__,
    package="lkportal.audit",
    models="lkportal.audit.models",
    hooks="lkportal.audit.hooks",
    requires=("auth",),
    always_on=True,
    permissions=(
        Permission("audit.view", text("audit.right.view", "Read the audit trail"), staff=("auditor", "administrator")),
    ),
    actions=(Action("audit.exported", text("audit.action.exported", "The audit trail taken as a file")),),
    append_only=("audit_records", "audit_seals", "audit_sealed"),
    personal=tuple(
        PersonalTable(
            "audit_records",
            path,
            by="label",
            export=("at", "action", "outcome"),
            retain="5 years",
            at_end="keep",
            title=title,
            because=text(
                "audit.personal.sealed", "Sealed: it proves that nothing was done in secret, and names nobody."
            ),
        )
        for path, title in (
            ("actor", text("audit.personal.records", "What you did")),
            ("on_behalf_of", text("audit.personal.on_behalf", "What was done on your behalf")),
        )
    ),
    invariants=(
        Invariant(
            "audit.nothing_lost",
            "Every sealed record is still there",
            """
            SELECT s.record_id FROM audit_sealed s LEFT JOIN audit_records r ON r.id = s.record_id WHERE r.id IS NULL
            """,
        ),
    ),
)
