"""What people chose: how they are told about each topic, when at all, and in which browsers. Read for many people at once; what
follows from it stands in planning."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import BindParameter, Connection, Row, bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from lkportal.core.module import Topic
from lkportal.core.unit import now
from lkportal.core.work.states import changed
from lkportal.notify.audience import Reader
from lkportal.notify.choosing.planning import Chosen, Habits, Rules, held_to, usual
from lkportal.notify.choosing.timing import Quiet
from lkportal.notify.models import Choice, Device, Habit
from lkportal.notify.settings import NotifySettings

EVERY_ACCOUNT = ""
"""The `account` of a choice that holds for all accounts without a choice of their own."""
_people: BindParameter[Any] = bindparam("people", expanding=True)
_CHOICES = select(
    Choice.identity_id, Choice.topic, Choice.account, Choice.in_app, Choice.email, Choice.push, Choice.sms
).where(Choice.identity_id.in_(_people), Choice.topic.in_(bindparam("topics", expanding=True)))
_HABITS = select(
    Habit.identity_id, Habit.quiet_from, Habit.quiet_until, Habit.time_zone, Habit.step_by_step, Habit.push_titles
).where(Habit.identity_id.in_(_people))
_DEVICES = select(Device.identity_id, Device.public_id).where(Device.identity_id.in_(_people)).order_by(Device.id)
_FORGET = delete(Choice).where(Choice.identity_id == bindparam("person"), Choice.account == bindparam("of_account"))
_WORDS = ("in_app", "email", "push", "sms", "changed_at")
_HABIT_WORDS = ("quiet_from", "quiet_until", "time_zone", "step_by_step", "push_titles", "changed_at")


def _keep(insert: Any, table: Any, key: Sequence[str], words: Sequence[str]) -> Any:
    statement = insert(table)
    return statement.on_conflict_do_update(
        index_elements=list(key), set_={name: getattr(statement.excluded, name) for name in words}
    )


_INSERTS = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_KEEP = {name: _keep(each, Choice, ("identity_id", "topic", "account"), _WORDS) for name, each in _INSERTS.items()}
_KEEP_HABIT = {name: _keep(each, Habit, ("identity_id",), _HABIT_WORDS) for name, each in _INSERTS.items()}


@dataclass(frozen=True, slots=True)
class Topics:
    """The topics of all modules that are on, in the order of the page. A port, since pages do not see the registry."""

    all: list[Topic]


@dataclass(frozen=True, slots=True)
class Wish:
    """What one person wants of one notice: ways, hours, and the browsers that may show it."""

    chosen: Chosen
    habits: Habits
    devices: tuple[str, ...] = ()

    def reach(self, reader: Reader, texts: bool) -> list[str]:
        """Return the ways this person can be reached by; `texts` tells whether the company sends text messages."""
        found = [("email", reader.email), ("push", self.devices), ("sms", texts and reader.phone)]
        return [way for way, there in found if there]


class Wishes:
    """The wishes of some people about one topic, read by at most three statements for all of them."""

    def __init__(
        self, db: Session | Connection, topic: Topic, people: Collection[int], zone: str, quiet: Quiet | None = None
    ) -> None:
        """Read what `people` (internal keys) chose; `zone` is the portal's, for those without an account, `quiet` the company's hours,
        for those who set none."""
        ids = sorted(set(people))
        self._topic, self._zone, self._quiet = topic, zone, quiet
        self._choices = {
            (row.identity_id, row.account): _chosen(row)
            for row in db.execute(_CHOICES, {"people": ids, "topics": [topic.name]})
        }
        self._habits = {row.identity_id: row for row in db.execute(_HABITS, {"people": ids})}
        self._devices: dict[int, list[str]] = {}
        for row in db.execute(_DEVICES, {"people": ids}) if "push" in topic.channels else ():
            self._devices.setdefault(row.identity_id, []).append(row.public_id)

    def of(self, reader: Reader) -> Wish:
        """Return what a reader wants, for the account of this notice."""
        person = reader.identity_id
        about = reader.account.public_id if reader.account else EVERY_ACCOUNT
        typed = self._choices.get((person, about)) or self._choices.get((person, EVERY_ACCOUNT))
        chosen = held_to(self._topic, typed or usual(self._topic))
        zone = reader.account.time_zone if reader.account else self._zone
        habits = habits_of(self._habits.get(person), zone, self._quiet)
        return Wish(chosen, habits, tuple(self._devices.get(person, ())))


def chosen_by(
    db: Session | Connection, person: int, topics: Sequence[Topic], account: str = EVERY_ACCOUNT
) -> Mapping[str, Chosen]:
    """Return what holds for a person by name of topic: chosen for `account`, else for all, else what is usual."""
    found = {
        (row.account, row.topic): _chosen(row)
        for row in db.execute(_CHOICES, {"people": [person], "topics": [topic.name for topic in topics]})
    }
    return {
        topic.name: held_to(
            topic, found.get((account, topic.name)) or found.get((EVERY_ACCOUNT, topic.name)) or usual(topic)
        )
        for topic in topics
    }


def habit_row(db: Session | Connection, person: int) -> Row[*tuple[Any, ...]] | None:
    """Return what a person set about hours and ways at all, or None when they never did."""
    return db.execute(_HABITS, {"people": [person]}).first()


def habits_of(row: Any, zone: str, usual_quiet: Quiet | None = None) -> Habits:
    """Return habits from their row; those of a person who set none are the usual ones in `zone`, with the company's quiet hours."""
    if row is None:
        return Habits(ZoneInfo(zone), usual_quiet)
    quiet = None if row.quiet_from is None or row.quiet_until is None else Quiet(row.quiet_from, row.quiet_until)
    return Habits(ZoneInfo(row.time_zone or zone), quiet, row.step_by_step, row.push_titles)


def keep(db: Session, person: int, account: str, chosen: Mapping[str, Chosen]) -> None:
    """Keep what a person chose by name of topic, for one account (a public id) or for all."""
    moment = now(db)
    rows = [
        {
            "identity_id": person,
            "topic": topic,
            "account": account,
            "in_app": each.in_app,
            "email": each.email,
            "push": each.push,
            "sms": each.sms,
            "changed_at": moment,
        }
        for topic, each in chosen.items()
    ]
    if rows:
        db.execute(_KEEP[db.get_bind().dialect.name], rows)


def forget(db: Session, person: int, account: str) -> bool:
    """Drop what a person chose for one account: what they chose for all holds again. Return whether there was anything."""
    return bool(changed(db.connection().execute(_FORGET, {"person": person, "of_account": account})))


def keep_habits(db: Session, person: int, habits: Habits, zone: str) -> None:
    """Keep when and how a person is told at all; `zone` is "" for the account's."""
    quiet = habits.quiet
    row = {
        "identity_id": person,
        "quiet_from": quiet.since if quiet else None,
        "quiet_until": quiet.until if quiet else None,
        "time_zone": zone,
        "step_by_step": habits.step_by_step,
        "push_titles": habits.push_titles,
        "changed_at": now(db),
    }
    db.execute(_KEEP_HABIT[db.get_bind().dialect.name], row)


def quiet_of(settings: NotifySettings) -> Quiet | None:
    """Return the quiet hours of people who set none, from the company's settings."""
    usual_hours = settings.quiet
    return Quiet(_minute(usual_hours.since), _minute(usual_hours.until)) if usual_hours.on else None


def rules(settings: NotifySettings) -> Rules:
    """Return the company's rules from its settings."""
    pauses = settings.escalation
    return Rules(
        {
            "push": timedelta(minutes=pauses.push_after_minutes),
            "email": timedelta(minutes=pauses.email_after_minutes),
            "sms": timedelta(minutes=pauses.sms_after_minutes),
        },
        _minute(settings.digest_at),
        settings.digest_weekday,
    )


def _minute(moment: time) -> int:
    return moment.hour * 60 + moment.minute


def _chosen(row: Any) -> Chosen:
    return Chosen(row.in_app, row.email, row.push, row.sms)
