"""The glossary of our own texts: `{account}` in a text, `{account.gen}` where a language declines, is filled when a brand's words are
merged. A company gives its own words in [voice] terms; a module adds terms by texts whose key begins with `term.`."""

from __future__ import annotations

from lkportal.core.i18n import Text, text

TERMS: tuple[Text, ...] = (
    text("term.account", "account"),
    text("term.account.gen", "account"),
    text("term.account.dat", "account"),
    text("term.account.acc", "account"),
    text("term.account.ins", "account"),
    text("term.account.pre", "account"),
    text("term.accounts", "accounts"),
    text("term.accounts.gen", "accounts"),
    text("term.accounts.dat", "accounts"),
    text("term.accounts.acc", "accounts"),
    text("term.accounts.ins", "accounts"),
    text("term.accounts.pre", "accounts"),
)
"""Terms in all their cases; the key without a case is the nominative."""
