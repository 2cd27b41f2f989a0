"""Documents: what the company and its customers exchange, agree on and sign. Kinds come by a hook; bytes never change."""

from lkportal.core.i18n import text
from lkportal.core.module import Action, Invariant, Module
from lkportal.core.policy import Permission
from lkportal.core.version import __version__
from lkportal.modules.documents.personal import IMPERSONAL, PERSONAL
from lkportal.modules.documents.settings import DocumentsSettings
from lkportal.modules.documents.states import ACTS
from lkportal.modules.documents.topics import TOPICS

_PAGE = ("documents:staff_document", "document")
module = Module(
    name="documents",
    title=text("documents.title", "Documents"),
    version=__version__,
    package="lkportal.modules.documents",
    models="lkportal.modules.documents.models",
    hooks="lkportal.modules.documents.hooks",
    requires=("accounts",),
    settings=DocumentsSettings,
    permissions=(
        Permission(
            "documents.view",
            text("documents.right.view", "See documents"),
            ("owner", "reader", "accountant", "signer"),
        ),
        Permission(
            "documents.agree",
            text("documents.right.agree", "Agree on documents, send remarks and documents"),
            ("owner", "accountant", "signer"),
        ),
        Permission("documents.sign", text("documents.right.sign", "Sign documents"), ("owner", "signer")),
        Permission(
            "documents.staff_view",
            text("documents.right.staff_view", "See documents at the desk"),
            staff=("operator", "accountant", "specialist", "administrator", "auditor"),
        ),
        Permission(
            "documents.publish",
            text("documents.right.publish", "Publish documents and answer about them"),
            staff=("operator", "accountant", "specialist", "administrator"),
        ),
    ),
    actions=tuple(
        Action(f"documents.{'company_' if side == 'company' else ''}{act}", title, _PAGE)
        for (side, act), title in ACTS.items()
    ),
    topics=TOPICS,
    personal=PERSONAL,
    impersonal=IMPERSONAL,
    invariants=(
        Invariant(
            "documents.head",
            "A document ends where its history ends",
            "SELECT d.public_id FROM documents_documents d LEFT JOIN documents_events e ON e.document_id = d.id"
            " AND e.seq = d.seq AND e.hash = d.head WHERE e.id IS NULL",
        ),
        Invariant(
            "documents.steps",
            "The history of a document has no gap",
            "SELECT d.public_id, d.seq, count(e.id) AS events FROM documents_documents d"
            " LEFT JOIN documents_events e ON e.document_id = d.id GROUP BY d.id, d.public_id, d.seq"
            " HAVING count(e.id) <> d.seq",
        ),
        Invariant(
            "documents.signed",
            "A signed document has a signature under the version on the table",
            "SELECT d.public_id FROM documents_documents d WHERE d.state = 'signed' AND NOT EXISTS (SELECT 1 FROM"
            " documents_signatures s JOIN documents_versions v ON v.id = s.version_id WHERE s.document_id = d.id"
            " AND v.number = d.version AND s.side = 'customer')",
        ),
    ),
)
