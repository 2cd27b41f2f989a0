"""What documents hold of people, and how long. The chain of a history stays whole when what is private of it is let go of."""

from lkportal.accounts.contract import KEPT_AS_ACCOUNTING
from lkportal.core.i18n import text
from lkportal.core.module import PersonalTable

_KEPT = "5 years after {}"
PERSONAL = (
    PersonalTable(
        "documents_documents",
        "account_id",
        ("title", "number", "kind", "state", "created_at", "changed_at"),
        erase=(("title", ""), ("number", "")),
        retain=_KEPT.format("changed_at"),
        at_end="erase",
        title=text("documents.personal.documents", "Documents"),
        because=KEPT_AS_ACCOUNTING,
    ),
    PersonalTable(
        "documents_versions",
        "document_id.account_id",
        ("number", "title", "size", "sha256", "made_at"),
        erase=(("title", ""),),
        retain=_KEPT.format("made_at"),
        at_end="erase",
        title=text("documents.personal.versions", "Versions of documents"),
        because=KEPT_AS_ACCOUNTING,
    ),
    PersonalTable(
        "documents_events",
        "identity_id",
        ("act", "at", "private"),
        erase=(("private", "{}"), ("identity_id", None)),
        retain=_KEPT.format("at"),
        at_end="erase",
        title=text("documents.personal.events", "What you did with documents"),
        because=KEPT_AS_ACCOUNTING,
    ),
    PersonalTable(
        "documents_signatures",
        "identity_id",
        ("way", "signer", "serial", "signed_at"),
        erase=(("signer", ""), ("identity_id", None)),
        retain=_KEPT.format("signed_at"),
        at_end="erase",
        title=text("documents.personal.signatures", "Your signatures"),
        because=KEPT_AS_ACCOUNTING,
    ),
    PersonalTable(
        "documents_agreements",
        "identity_id",
        ("version", "locale", "agreed_at", "network", "device"),
        erase=(("network", ""), ("device", "")),
        retain=_KEPT.format("agreed_at"),
        at_end="erase",
        title=text("documents.personal.agreements", "Agreements on simple signatures"),
        because=KEPT_AS_ACCOUNTING,
    ),
    PersonalTable(
        "documents_codes",
        "identity_id",
        ("channel", "address", "sent_at"),
        retain="90 days",
        title=text("documents.personal.codes", "Codes for signing"),
    ),
)
IMPERSONAL = ("documents_texts", "documents_pictures", "documents_agreements.text_hash")
