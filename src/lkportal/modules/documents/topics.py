"""What people may be told about documents."""

from lkportal.core.i18n import text
from lkportal.core.module import Topic

TOPICS = (
    Topic(
        "documents.waiting",
        text("documents.topic.waiting", "Documents that wait for you"),
        hint=text("documents.topic.waiting_hint", "To agree or sign, answers to your remarks, terms that end soon"),
        why=text("documents.why.waiting", "You get this because a document for {account} %(number)s waits for you."),
        escalate=("push", "email", "sms"),
        order=30,
    ),
    Topic(
        "documents.published",
        text("documents.topic.published", "New documents"),
        hint=text("documents.topic.published_hint", "Contracts, acts and invoices to keep"),
        why=text("documents.why.published", "You get this because a document for {account} %(number)s was published."),
        order=31,
    ),
    Topic(
        "documents.signed",
        text("documents.topic.signed", "Signatures"),
        hint=text("documents.topic.signed_hint", "When somebody of your account signed a document"),
        why=text("documents.why.signed", "You get this because a document for {account} %(number)s was signed."),
        obligatory=text("documents.topic.signed_must", "It tells you of signatures made in your name."),
        urgent=True,
        order=32,
    ),
)
