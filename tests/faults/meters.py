"""Hot meters: a few registers that many people send values to at once, and the laws that must hold afterwards."""

from __future__ import annotations

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from lkportal.core.db import Database
from lkportal.core.policy import AccountRef, Actor
from lkportal.modules.readings.models import Meter, Reading, Register
from lkportal.modules.readings.service import Refused, Submission, submit
from lkportal.modules.readings.settings import ReadingsSettings
from lkportal.modules.readings.windows import window
from lkportal.testing.world import World, new_world, rows

SETTINGS = ReadingsSettings()
WINDOW = window(date(2026, 11, 22), SETTINGS)
START = 100_000


@dataclass(frozen=True)
class Street:
    """Accounts with their owner and the public ids of their registers, all at START."""

    world: World
    owner: Actor
    registers: list[tuple[AccountRef, str]]


def street(database: Database, count: int) -> Street:
    """Make `count` meters of one register each, on as many accounts."""
    world = new_world(database)
    owner = world.customer("anna@example.org")
    made = []
    for number in range(count):
        account = world.account(f"09{number:08}")
        with world.unit() as db:
            meter = Meter(account_id=account.id, resource="cold_water", unit="m3", serial=str(number))
            db.add(meter)
            db.flush()
            register = Register(meter_id=meter.id, last_milli=START)
            db.add(register)
            db.flush()
            made.append((account, register.public_id))
    return Street(world, owner, made)


def race(place: Street, threads: int, submissions: int, seed: int) -> Counter[str]:
    """Let `threads` people send `submissions` values, most of them near the last one; count what became of them."""
    told: Counter[str] = Counter()
    dice = random.Random(seed)
    guesses = [START] * len(place.registers)
    plan = [(dice.randrange(len(place.registers)), dice.randrange(-3, 6)) for _ in range(submissions)]

    def send(step: tuple[int, int]) -> str:
        which, distance = step
        account, register = place.registers[which]
        value = guesses[which] = max(guesses[which] + distance * 1_000, START)
        try:
            with place.world.unit(place.owner) as db:
                accepted = submit(db, account, Submission({register: value}), WINDOW, SETTINGS)
        except Refused:
            return "refused"
        return "accepted" if accepted.readings else "known"

    with ThreadPoolExecutor(threads) as people:
        told.update(people.map(send, plan))
    return told


def readings_broken(database: Database, told: Counter[str]) -> list[str]:
    """Each register only grew, each reading adds exactly what it grew by, and what was accepted is what is stored."""
    said = []
    with database.reading() as connection:
        lasts = {row.id: row.last_milli for row in connection.execute(select(Register.id, Register.last_milli))}
        stored = connection.execute(
            select(Reading.register_id, Reading.value_milli, Reading.added_milli).order_by(Reading.id)
        ).all()
    before = dict.fromkeys(lasts, START)
    for register, value, added in stored:
        if value < before[register]:
            said.append(f"{value} accepted after {before[register]} on register {register}")
        if added != value - before[register]:
            said.append(f"{added} added from {before[register]} to {value} on register {register}")
        before[register] = value
    said += [
        f"Register {key} stands at {lasts[key]}, its last reading is {before[key]}"
        for key in lasts
        if lasts[key] != before[key]
    ]
    events = rows(database, "SELECT count(*) FROM core_outbox WHERE name = 'readings.submitted'")[0][0]
    trail = rows(database, "SELECT count(*) FROM audit_records WHERE action = 'readings.submitted'")[0][0]
    if not told["accepted"] == len(stored) == events == trail:
        said.append(f"{told['accepted']} accepted, {len(stored)} stored, {events} events, {trail} audit rows")
    return said
