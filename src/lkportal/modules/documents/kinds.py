"""The kinds of documents that come with the portal. Companies and plugins bring others by the hook `document_kinds`."""

from __future__ import annotations

from lkportal.core.contributions import DocumentKind
from lkportal.core.i18n import text

KINDS = (
    DocumentKind(
        "documents.contract",
        text("documents.kind.contract", "Contract"),
        text("documents.kind.contract_hint", "A contract or an addition to it"),
        "pencil",
        asks="sign",
        days=14,
        order=10,
    ),
    DocumentKind(
        "documents.specification",
        text("documents.kind.specification", "Specification"),
        text("documents.kind.specification_hint", "What is delivered, how much and when"),
        "list",
        asks="agree",
        days=10,
        order=20,
    ),
    DocumentKind(
        "documents.act",
        text("documents.kind.act", "Act"),
        text("documents.kind.act_hint", "Work done, a check, an acceptance"),
        "file-text",
        asks="sign",
        days=10,
        order=30,
    ),
    DocumentKind(
        "documents.invoice",
        text("documents.kind.invoice", "Invoice"),
        text("documents.kind.invoice_hint", "What is to be paid, or was"),
        "receipt-text",
        order=40,
    ),
    DocumentKind(
        "documents.letter",
        text("documents.kind.letter", "Letter"),
        text("documents.kind.letter_hint", "A notice, a certificate, an answer on paper"),
        "mail",
        from_customer=True,
        order=50,
    ),
    DocumentKind(
        "documents.other",
        text("documents.kind.other", "Other document"),
        text("documents.kind.other_hint", "Anything else"),
        "paperclip",
        from_customer=True,
        order=90,
    ),
)
