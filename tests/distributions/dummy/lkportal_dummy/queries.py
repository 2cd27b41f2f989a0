"""Prepared reads of notes, each bound to one account; the desk's list is the only one that is not."""

from sqlalchemy import bindparam, select

from lkportal_dummy.models import Note

_MINE = Note.account_id == bindparam("account_id")
NOTES = select(Note.public_id, Note.words, Note.weight, Note.written_at).where(_MINE).order_by(Note.id.desc()).limit(20)
NOTE = select(Note.public_id, Note.words, Note.weight).where(_MINE, Note.public_id == bindparam("note"))
ANY = select(Note.public_id, Note.words).where(Note.public_id == bindparam("note"))
ALL = select(Note.public_id, Note.words, Note.weight).order_by(Note.id.desc()).limit(100)
