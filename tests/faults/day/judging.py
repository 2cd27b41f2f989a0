"""What must hold when a scripted day has settled: what people did happened once, in the portal, in the ERP, in the CRM, in their
mailboxes. Each law returns sentences about what is broken, none when it holds."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from sqlalchemy import text

from lkportal.app import Portal
from lkportal.cli.verify import verify
from tests.faults import laws
from tests.faults.day.script import Day

_MESSAGE_ID = re.compile(rb"^message-id:\s*<([^>]+)>", re.IGNORECASE | re.MULTILINE)
_TAG = re.compile(r"z\d{5}q")
_PAID = """
    SELECT p.public_id, a.gateway, p.acknowledged_at, d.key, d.state AS told FROM payments_payments p
    JOIN payments_attempts a ON a.payment_id = p.id AND a.state = 'succeeded'
    LEFT JOIN core_dispatches d ON d.connector = 'onec' AND d.subject = p.public_id WHERE p.state = 'paid'
"""
_LETTERS = """
    SELECT message_id, state, error, template FROM notify_letters WHERE channel = 'email' AND digest IS NULL
"""
_THREADS = """
    SELECT m.body, m.inner AS hidden, m.side, t.public_id AS ticket FROM tickets_messages m
    JOIN tickets_tickets t ON t.id = m.ticket_id WHERE m.body <> ''
"""
_SENT_READINGS = """
    SELECT r.public_id AS register, v.value_milli FROM readings_readings v
    JOIN readings_registers r ON r.id = v.register_id ORDER BY v.id
"""
_LAST_DEBTS = """
    SELECT a.number, s.balance FROM payments_assertions s JOIN accounts_accounts a ON a.id = s.account_id
    ORDER BY s.as_of, s.id
"""


@dataclass(frozen=True, slots=True)
class Post:
    """What came of letters: `sent` of them left, `twice` came more than once under one Message-ID."""

    sent: int
    twice: int


def broken(day: Day) -> list[str]:
    """Return everything that is broken."""
    return [
        *laws.broken(day.portal, laws.taken(day.provider)),
        *erp_broken(day),
        *crm_broken(day),
        *threads_broken(day),
        *once_broken(day),
        *letters_broken(day),
        *exchanges_broken(day.portal),
        *verified(day.portal),
    ]


def erp_broken(day: Day) -> list[str]:
    """Each payment through the provider is one posted document of the ERP and acknowledged; what the bank brought is not told there."""
    documents = Counter(row["КлючПортала"] for row in day.systems.erp.sets[day.systems.erp.documents])
    said = [f"The ERP holds {count} documents of {key}" for key, count in documents.items() if count > 1]
    said += [
        f"{row['КлючПортала']} is not posted"
        for row in day.systems.erp.sets[day.systems.erp.documents]
        if not row["Posted"]
    ]
    paid = rows(day.portal, _PAID)
    for row in paid:
        if row.gateway == laws.BANK:
            said += [f"The ERP was told of {row.public_id}, which it knows by itself"] if row.key else []
        elif documents[row.key] != 1 or row.acknowledged_at is None:
            said.append(
                f"{row.public_id} is {row.told} with {documents[row.key]} documents, known {row.acknowledged_at}"
            )
    extra = set(documents) - {row.key for row in paid}
    return said + [f"The ERP holds {key}, which nobody paid" for key in extra]


def crm_broken(day: Day) -> list[str]:
    """Each request is one deal; each thing written for the other side is one comment; notes of staff never are."""
    crm, notes = day.systems.crm, day.notes
    deals = Counter(deal["originId"] for deal in crm.deals.values())
    asked = list(notes.asked.values())
    said = [f"The request {ticket} is {deals[ticket]} deals" for ticket in asked if deals[ticket] != 1]
    said += [f"The deal of {ticket} is of no request" for ticket in set(deals) - set(asked)]
    there = Counter(tag for each in crm.comments.values() for tag in set(_TAG.findall(str(each["COMMENT"]))))
    for tag, each in notes.said.items():
        wanted = int(each.side == "crm" or (each.kept and not each.inner))
        if there[tag] != wanted:
            said.append(f"{tag} of {each} is {there[tag]} comments in the CRM")
    return said


def threads_broken(day: Day) -> list[str]:
    """Each request and each thing written stands once in its thread; what managers note for themselves never does."""
    here = [(tag, row) for row in rows(day.portal, _THREADS) for tag in _TAG.findall(row.body)]
    times = Counter(tag for tag, _ in here)
    said = [
        f"The request {ticket} stands {times[tag]} times" for tag, ticket in day.notes.asked.items() if times[tag] != 1
    ]
    for tag, each in day.notes.said.items():
        wanted = int(not each.inner) if each.side == "crm" else int(each.kept)
        # Into a request that its customer took back nothing is written any more.
        if times[tag] != wanted and not (each.side == "crm" and each.ticket in day.notes.withdrawn and not times[tag]):
            said.append(f"{tag} of {each} stands {times[tag]} times")
    wrong = [tag for tag, row in here if tag in day.notes.said and row.ticket != day.notes.said[tag].ticket]
    shown = [tag for tag, row in here if tag in day.notes.said and bool(row.hidden) != day.notes.said[tag].inner]
    tickets = rows(day.portal, "SELECT count(*) AS many FROM tickets_tickets")[0].many
    said += [f"{tickets} requests for {len(day.notes.asked)} asked"] if tickets != len(day.notes.asked) else []
    return [
        *said,
        *(f"{tag} stands in another thread" for tag in wrong),
        *(f"{tag} is seen by others" for tag in shown),
    ]


def once_broken(day: Day) -> list[str]:
    """Readings, transfers, documents and debts are there once, as they were sent."""
    sent: dict[str, list[int]] = {}
    for row in rows(day.portal, _SENT_READINGS):
        sent.setdefault(row.register, []).append(row.value_milli)
    said = [
        f"Sent {wanted}, kept {sent.get(key)}" for key, wanted in day.notes.readings.items() if sent.get(key) != wanted
    ]
    brought = {row.number: row for row in rows(day.portal, "SELECT number, amount, state FROM bank_operations")}
    operations = rows(day.portal, "SELECT count(*) AS many FROM bank_operations")[0].many
    if operations != len(day.notes.transfers):
        said.append(f"{operations} transfers of {len(day.notes.transfers)}")
    for number, amount in day.notes.transfers.items():
        row = brought.get(number)
        if row is None or (row.amount, row.state) != (amount, "posted"):
            said.append(f"The transfer {number} of {amount} is {row}")
    kept = {row.public_id: row.state for row in rows(day.portal, "SELECT public_id, state FROM documents_documents")}
    if set(kept) != set(day.notes.documents):
        said.append(f"{len(kept)} documents of {len(day.notes.documents)} published")
    said += [f"The document {each} is {kept.get(each)}" for each in day.notes.agreed if kept.get(each) != "agreed"]
    last = {row.number: row.balance for row in rows(day.portal, _LAST_DEBTS)}
    return said + [
        f"{number} owes {owed}, told {last.get(number)}"
        for number, owed in day.notes.debts.items()
        if last.get(number) != owed
    ]


def letters_broken(day: Day) -> list[str]:
    """Each letter left and is in a mailbox, what was gathered in the one that gathers it; nothing else is."""
    came, told = mailed(day.letters), rows(day.portal, _LETTERS)
    said = [
        f"A letter {row.template} is {row.state}: {row.error}"
        for row in told
        if row.state in ("queued", "failed", "dead")
    ]
    said += [
        f"The letter {row.message_id} never came" for row in told if row.state == "sent" and not came[row.message_id]
    ]
    return said + [f"Nobody wrote {each}" for each in set(came) - {row.message_id for row in told}]


def post_of(day: Day) -> Post:
    """Return how many letters left, and how many of them came more than once: a crash behind the mail server's "yes"."""
    came = mailed(day.letters)
    return Post(len(came), sum(1 for count in came.values() if count > 1))


def exchanges_broken(portal: Portal) -> list[str]:
    """Nothing waits for another system and no connection fails."""
    left = rows(portal, "SELECT connector, kind, state, error, attempt FROM core_dispatches WHERE state <> 'sent'")
    failing = rows(portal, "SELECT name, error, failures FROM core_connections WHERE error <> ''")
    return [*(f"Not told: {tuple(row)}" for row in left), *(f"The connection fails: {tuple(row)}" for row in failing)]


def verified(portal: Portal) -> list[str]:
    """`lkportal verify` is green."""
    done = CliRunner().invoke(verify, obj=lambda: portal)
    return [] if done.exit_code == 0 else [f"verify: {done.output}"]


def mailed(folder: Path) -> Counter[str]:
    """Return how often each letter came, by its Message-ID."""
    found = (_MESSAGE_ID.search(path.read_bytes()) for path in folder.glob("[0-9]*.eml"))
    return Counter(each[1].decode() for each in found if each)


def rows(portal: Portal, statement: str) -> Sequence[Any]:
    """Return what a plain statement finds."""
    with portal.database.reading() as connection:
        return connection.execute(text(statement)).all()
