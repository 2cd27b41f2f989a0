"""Eight clients send one act under one key to two processes at the same moment: it is done once, and all hear the same bytes."""

from __future__ import annotations

from pathlib import Path

import httpx2
import pytest

from lkportal.api import tokens
from lkportal.api.tests.conftest import furnish
from lkportal.app import Portal
from lkportal.core.policy import AccountRef
from lkportal.testing import Recipe, World
from lkportal.testing.races import race
from lkportal.testing.world import rows
from tests.faults.processes import several, shared_port

CLIENTS = 8


def prove(portal: Portal, recipe: Recipe, world: World, account: AccountRef, folder: Path, keys: int) -> None:
    ids, owner = furnish(world, account), world.customer("anna@example.org", account)
    with world.unit() as db:
        secret = tokens.add_own(db, owner.id or 0, "Home", ["readings.send"], days=30)
    bearer = {"authorization": f"Bearer {secret}"}
    wide = {**recipe.overrides, "api": {"calls_a_minute": 1_000_000}, "web": {"hosts": ["127.0.0.1"]}}
    with shared_port() as port, several(wide, port, folder, 2) as served:
        clients = [
            httpx2.Client(base_url=served[number % 2].own, headers=bearer, trust_env=False, timeout=60)
            for number in range(CLIENTS)
        ]
        for key in range(keys):
            data = {"readings": [{"register_id": ids["register"], "value": str(413 + key), "confirmed": True}]}
            headers = {"idempotency-key": f"key-{key}"}
            path = f"/api/v1/accounts/{ids['account']}/readings"
            answers = race(lambda client: client.post(path, json=data, headers=headers), clients)  # noqa: B023
            assert {answer.status_code for answer in answers} == {201}, answers[0].text
            assert len({answer.content for answer in answers}) == 1
        for client in clients:
            client.close()
    found = rows(portal.database, "SELECT value_milli FROM readings_readings ORDER BY id")
    assert found == [((413 + key) * 1_000,) for key in range(keys)]
    assert rows(portal.database, "SELECT count(*) FROM api_answers") == [(keys,)]


@pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
def test_an_act_is_done_once_however_many_send_it(
    portal: Portal, portal_recipe: Recipe, world: World, account: AccountRef, tmp_path: Path
) -> None:
    prove(portal, portal_recipe, world, account, tmp_path, keys=5)


@pytest.mark.proof
def test_two_hundred_acts_are_done_once_each(
    portal: Portal, portal_recipe: Recipe, world: World, account: AccountRef, tmp_path: Path
) -> None:
    prove(portal, portal_recipe, world, account, tmp_path, keys=200)
