"""The work of an erasure: by the declarations of all installed modules, table by table, each step one that may be done twice. A
worker that dies is followed by another that goes on; the audit keeps its seals, for it names people by public ids alone."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, String, Table, Update, cast, delete, func, literal, select, tuple_, update
from sqlalchemy.orm import Session

from lkportal.accounts.contract import MembershipRevoked
from lkportal.accounts.models import Membership
from lkportal.auth import sessions
from lkportal.auth.models import Identity
from lkportal.core.asked.letters import Letters
from lkportal.core.contributions import JobSpec
from lkportal.core.db import Base
from lkportal.core.events import emit
from lkportal.core.i18n import text
from lkportal.core.jobs import JobContext
from lkportal.core.module import PersonalTable
from lkportal.core.policy import AuditLog
from lkportal.core.ports import port
from lkportal.core.protection.personal import PEOPLE, Way
from lkportal.core.unit import now
from lkportal.notify.packing import pack
from lkportal.privacy.collecting import Person, declarations, person_of
from lkportal.privacy.contract import Erased
from lkportal.privacy.erasure import ERASE, UNDER_WAY, kept, rule_of, stays
from lkportal.privacy.models import Erasure
from lkportal.privacy.office import Office
from lkportal.privacy.settings import PrivacySettings

BATCH = 500
_ID = "{id}"
LETTER = "privacy/letters/erased"


def erase(work: JobContext, *, erasure: str) -> None:
    """The job of one erasure."""
    office: Office = work.ports.get(Office)  # type: ignore[type-abstract]
    settings: PrivacySettings = office.registry.settings["privacy"]
    with work.reading() as connection:
        wish = _wish(connection, erasure)
        person = person_of(connection, wish.identity_id) if wish is not None else None
    if wish is None or person is None:
        return
    if wish.state == "waiting" and not _begin(work, office, settings, wish, person):
        return
    for personal, way in _to_erase(office, settings):
        _one_table(work, personal, way, person)
        work.heartbeat()
    with work.unit(finish=True) as db:
        _finish(db, wish, person, _person_tables(office))


def _wish(connection: Connection, erasure: str) -> Any:
    columns = (Erasure.id, Erasure.public_id, Erasure.identity_id, Erasure.state, Erasure.locale, Erasure.brand)
    wanted = select(*columns).where(Erasure.public_id == erasure, Erasure.state.in_(UNDER_WAY))
    return connection.execute(wanted).first()


def _begin(work: JobContext, office: Office, settings: PrivacySettings, wish: Any, person: Person) -> bool:
    """Shut the person's access at once and note what will stay; False when the wish was taken back meanwhile."""
    with work.unit() as db:
        moment = now(db)
        connection = db.connection()
        told = [
            {"title": pack(each.title), "rows": each.rows, "rule": pack(each.rule), "because": pack(each.because)}
            for each in kept(connection, office.known, person, settings, moment)
        ]
        begun = (
            update(Erasure)
            .where(Erasure.id == wish.id, Erasure.state == "waiting")
            .values(state="working", begun_at=moment, kept=told)
            .execution_options(synchronize_session=False, preserve_rowcount=True)
        )
        if not connection.execute(begun).rowcount:
            return False
        gone = update(Identity).where(Identity.id == person.id, Identity.disabled_at.is_(None))
        db.execute(gone.values(disabled_at=moment).execution_options(synchronize_session=False))
        sessions.revoke_all(db, person.id, person.public_id)
        _leave_accounts(db, person)
        port(db, AuditLog).record(db, "privacy.erasure_begun", target=person.public_id)  # type: ignore[type-abstract]
    return True


def _leave_accounts(db: Session, person: Person) -> None:
    """Take all living rights of the person away, the last owner's too: nobody is kept in a portal against their will."""
    left = (
        update(Membership)
        .where(Membership.identity_id == person.id, Membership.revoked_at.is_(None))
        .values(revoked_at=now(db))
        .returning(Membership.public_id, Membership.role)
        .execution_options(synchronize_session=False)
    )
    for row in db.execute(left).all():
        emit(db, MembershipRevoked(row.public_id, row.role))
        port(db, AuditLog).record(db, "accounts.membership_revoked", target=row.public_id, detail={"role": row.role})  # type: ignore[type-abstract]


def _person_tables(office: Office) -> list[tuple[PersonalTable, Way]]:
    """Return what leads to people and not to accounts: children before the tables they point at."""
    # First the declarations: they import the tables of modules that are off, which the order must know too.
    found = [(personal, way) for _, personal, way in declarations(office.known) if way.root != "account"]
    order = {table.name: place for place, table in enumerate(Base.metadata.sorted_tables)}
    return sorted(found, key=lambda each: order[each[0].table], reverse=True)


def _to_erase(office: Office, settings: PrivacySettings) -> list[tuple[PersonalTable, Way]]:
    """Return the tables with something to do, the people themselves left for the end."""
    return [
        (personal, way)
        for personal, way in _person_tables(office)
        if personal.table != PEOPLE and (personal.erase or not stays(personal, way.root, rule_of(personal, settings)))
    ]


def _one_table(work: JobContext, personal: PersonalTable, way: Way, person: Person) -> None:
    wanted = person.wanted(way)
    if not wanted:
        return
    keys = tuple(way.table.primary_key.columns)
    if personal.erase:
        with work.unit() as db:
            db.execute(erasing(way.table, personal).where(way.rows_of(wanted)))
        return
    batch = select(*keys).where(way.rows_of(wanted)).limit(BATCH)
    while True:
        with work.unit() as db:
            gone = db.connection().execute(
                delete(way.table).where(tuple_(*keys).in_(batch)).execution_options(preserve_rowcount=True)
            )
        if gone.rowcount < BATCH:
            return


def erasing(table: Table, personal: PersonalTable) -> Update:
    """Return the UPDATE that puts replacements into columns; "{id}" in one becomes the row's own key."""
    values: dict[str, Any] = {}
    for name, replacement in personal.erase:
        if replacement is not None and _ID in replacement:
            before, _, after = replacement.partition(_ID)
            values[name] = literal(before) + cast(table.c.id, String) + literal(after)
        else:
            values[name] = replacement
    return update(table).values(values)


def _finish(db: Session, wish: Any, person: Person, tables: list[tuple[PersonalTable, Way]]) -> None:
    """Erase the person's own row, say goodbye to the address they had, write that it is done: all in one transaction."""
    done = (
        update(Erasure)
        .where(Erasure.id == wish.id, Erasure.state == "working")
        .values(state="done", done_at=now(db))
        .execution_options(synchronize_session=False, preserve_rowcount=True)
    )
    if not db.connection().execute(done).rowcount:
        return
    told = db.execute(select(Erasure.kept).where(Erasure.id == wish.id)).scalar_one()
    confirmed = db.execute(select(Identity.email, Identity.email_confirmed_at).where(Identity.id == person.id)).one()
    if confirmed.email and confirmed.email_confirmed_at:
        port(db, Letters).send(  # type: ignore[type-abstract]
            db,
            to=confirmed.email,
            template=LETTER,
            values={"kept": list(told)},
            locale=wish.locale,
            brand=wish.brand,
            kind="privacy.erased",
        )
    for personal, way in tables:
        if personal.table == PEOPLE:
            db.execute(erasing(way.table, personal).where(way.table.c.id == person.id))
    port(db, AuditLog).record(db, "privacy.erased", target=person.public_id, detail={"erasure": wish.public_id})  # type: ignore[type-abstract]
    emit(db, Erased(person.public_id, wish.public_id))


def remaining(connection: Connection, person: Person, office: Office, settings: PrivacySettings) -> dict[str, int]:
    """Return, by table, rows that an erasure should have deleted and that are still there: none after a finished one."""
    found = {}
    for personal, way in _to_erase(office, settings):
        wanted = person.wanted(way)
        if not personal.erase and wanted:
            count = connection.execute(
                select(func.count()).select_from(way.table).where(way.rows_of(wanted))
            ).scalar_one()
            if count:
                found[personal.table] = count
    return found


JOB = JobSpec(ERASE, erase, attempts=12, lease_seconds=120, title=text("privacy.work.erase", "Erases a person's data"))
