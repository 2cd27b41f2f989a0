"""The check that nothing personal stands undeclared: over our own modules, and over planted faults."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import Column, ForeignKey, Integer, String, Table

from lkportal.app import ROOMS
from lkportal.core.columns import UTCDateTime, big_key
from lkportal.core.db import Base
from lkportal.core.module import Module, PersonalTable
from lkportal.core.registry.discovery import installed_modules
from lkportal.testing import personal_gaps

PLANTED = Module(name="planted", title="Planted", version="1", package="tests.core")
NOTES = PersonalTable("planted_notes", "account_id", export=("comment",))


@pytest.fixture
def table() -> Iterator[Table]:
    personal_gaps(ROOMS)
    made = Table(
        "planted_notes",
        Base.metadata,
        Column("id", big_key(), primary_key=True),
        Column("account_id", big_key(), ForeignKey("accounts_accounts.id"), nullable=False),
        Column("comment", String(200), nullable=False),
        Column("comment_count", Integer),
        Column("colour", String(20)),
        Column("written_at", UTCDateTime()),
    )
    yield made
    Base.metadata.remove(made)


def test_our_own_modules_declare_all_they_hold() -> None:
    assert personal_gaps([*ROOMS, *(each for each in installed_modules() if each not in ROOMS)]) == []


def test_a_key_to_an_account_asks_for_a_declaration(table: Table) -> None:
    undeclared = personal_gaps([PLANTED])

    assert [line.partition(" ")[0] for line in undeclared] == ["planted_notes", "planted_notes.comment"]
    assert personal_gaps([replace(PLANTED, personal=(NOTES,))]) == []


def test_a_table_that_hangs_on_a_personal_one_asks_too(table: Table) -> None:
    hung = Table(
        "planted_marks",
        Base.metadata,
        Column("id", big_key(), primary_key=True),
        Column("note_id", big_key(), ForeignKey("planted_notes.id")),
    )
    try:
        assert [line.partition(" ")[0] for line in personal_gaps([replace(PLANTED, personal=(NOTES,))])] == [hung.name]
        led = PersonalTable("planted_marks", "note_id.account_id")
        assert personal_gaps([replace(PLANTED, personal=(NOTES, led))]) == []
    finally:
        Base.metadata.remove(hung)


def test_what_only_looks_personal_is_named(table: Table) -> None:
    spared = replace(PLANTED, personal=(PersonalTable("planted_notes", "account_id"),))

    assert len(personal_gaps([spared])) == 1
    assert personal_gaps([replace(spared, impersonal=("planted_notes.comment",))]) == []
    assert personal_gaps([replace(PLANTED, impersonal=("planted_notes",))]) == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (PersonalTable("planted_gone", "account_id"), "no table planted_gone"),
        (PersonalTable("planted_notes", "owner"), "no column 'owner'"),
        (PersonalTable("planted_notes", "colour"), "leads nowhere"),
        (PersonalTable("planted_notes", "id"), "no table of people"),
        (PersonalTable("planted_notes", "account_id.brand_id"), "go on from there"),
        (PersonalTable("planted_notes", "account_id", export=("comments",)), "no column 'comments'"),
        (PersonalTable("planted_notes", "account_id", erase=(("comment", None),)), "may not be empty"),
        (PersonalTable("planted_notes", "account_id", retain="3 years"), "no moment to count"),
        (PersonalTable("planted_notes", "account_id", retain="3 years after sent_at"), "no column 'sent_at'"),
        (PersonalTable("planted_notes", "account_id", retain="3 years after colour"), "colour is no moment"),
        (PersonalTable("planted_notes", "colour", by="label", retain="3 years after closing"), "belongs to an account"),
    ],
)
def test_a_wrong_declaration_is_told_in_a_sentence(table: Table, wrong: PersonalTable, said: str) -> None:
    found = personal_gaps([replace(PLANTED, personal=(wrong,), impersonal=("planted_notes",))])

    assert len(found) == 1
    assert said in found[0]
