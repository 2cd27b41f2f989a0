"""Rooms and slices keep to themselves: house.md's import rules, each seen to hold and seen to complain."""

from __future__ import annotations

import pytest

from tests.architecture.conftest import Plant
from tools import rooms
from tools.tree import ROOT


def test_the_house_keeps_its_rules() -> None:
    assert rooms.problems(ROOT) == []


def test_a_well_behaved_tree_is_not_blamed(plant: Plant) -> None:
    root = plant(
        {
            "src/lkportal/modules/bills/__init__.py": "module = Module(name='bills')",
            "src/lkportal/modules/bills/contract.py": "from lkportal.accounts.contract import AccountView\n"
            "from lkportal.core.events import Event\nfrom sqlalchemy.orm import Session",
            "src/lkportal/modules/meters/__init__.py": "module = Module(name='meters', requires=('bills>=1',))",
            "src/lkportal/modules/meters/service.py": "from sqlalchemy import update\n"
            "from lkportal.modules.bills.contract import Bill\nfrom lkportal.modules.meters.models import Meter",
            "src/lkportal/modules/meters/routes.py": "from sqlalchemy.engine import Connection\n"
            "from lkportal.web import page",
            "src/lkportal/modules/meters/tests/test_meters.py": "from lkportal.modules.bills.service import pay",
            "src/lkportal/connectors/onec/client.py": "from lkportal.modules.bills.contract import Bill\n"
            "from lkportal.connectors.onec.names import NAMES",
        }
    )

    assert rooms.problems(root) == []


BROKEN = {
    "another module's inside": (
        {
            "src/lkportal/modules/meters/__init__.py": "module = Module(name='meters', requires=('bills',))",
            "src/lkportal/modules/meters/service.py": "from lkportal.modules.bills.service import pay",
        },
        "service.py:1: meters imports lkportal.modules.bills.service.pay",
    ),
    "a package taken whole": (
        {
            "src/lkportal/modules/meters/__init__.py": "module = Module(name='meters', requires=('bills',))",
            "src/lkportal/modules/meters/service.py": "from lkportal.modules import bills",
        },
        "meters imports lkportal.modules.bills; another module is known only as",
    ),
    "an undeclared friend": (
        {
            "src/lkportal/modules/meters/__init__.py": "module = Module(name='meters', requires=('other',))",
            "src/lkportal/modules/meters/handlers.py": "from lkportal.modules.bills.contract import Paid",
        },
        "meters uses bills but its Module(...) declares it neither in requires nor in after",
    ),
    "an import hidden in a function": (
        {
            "src/lkportal/modules/meters/__init__.py": "module = Module(name='meters')",
            "src/lkportal/modules/meters/hooks.py": "def f():\n    import lkportal.modules.bills.queries",
        },
        "hooks.py:2: meters imports lkportal.modules.bills.queries",
    ),
    "a contract that knows the web": (
        {"src/lkportal/modules/bills/contract.py": "from lkportal.web import page"},
        "a contract imports lkportal.web.page",
    ),
    "a part of a contract that knows the inside": (
        {
            "src/lkportal/modules/bills/contract/told.py": "from lkportal.modules.bills.contract.wishes import Wish\n"
            "from lkportal.modules.bills.service import pay"
        },
        "told.py:2: a contract imports lkportal.modules.bills.service.pay",
    ),
    "a contract that holds SQL": (
        {"src/lkportal/accounts/contract.py": "from sqlalchemy import select"},
        "a contract imports sqlalchemy.select",
    ),
    "a service that knows HTTP": (
        {"src/lkportal/auth/service.py": "from starlette.requests import Request"},
        "service.py imports starlette.requests.Request",
    ),
    "a query that knows the edge": (
        {"src/lkportal/modules/bills/queries_staff.py": "import lkportal.web.forms.reading"},
        "queries_staff.py imports lkportal.web.forms.reading",
    ),
    "a page that holds SQL": (
        {"src/lkportal/modules/bills/routes.py": "from sqlalchemy import select"},
        "routes.py imports sqlalchemy.select; SQL lives in",
    ),
    "somebody who knows a connector": (
        {"src/lkportal/modules/bills/jobs.py": "from lkportal.connectors.onec import client"},
        "nobody imports a connector",
    ),
    "a connector that knows an inside": (
        {"src/lkportal/connectors/onec/feed.py": "from lkportal.modules.bills.models import Bill"},
        "a connector imports lkportal.modules.bills.models.Bill",
    ),
    "a room that takes the front door": (
        {"src/lkportal/notify/hooks.py": "from lkportal import hookimpl"},
        "imports hookimpl from lkportal; inside the house name the room",
    ),
    "the slow middleware": (
        {"src/lkportal/web/locale.py": "from starlette.middleware.base import BaseHTTPMiddleware"},
        "write a pure ASGI middleware",
    ),
    "Python in a theme": (
        {"src/lkportal/themes/default/colours.py": ""},
        "a theme holds no Python",
    ),
    "a plugin behind the scenes": (
        {"examples/plugins/outages/outages/service.py": "from lkportal.modules.bills.models import Bill"},
        "a plugin imports lkportal.modules.bills.models.Bill, which is private",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_rule_is_named(plant: Plant, case: str) -> None:
    files, sentence = BROKEN[case]

    complaints = rooms.problems(plant(files))

    assert len(complaints) == 1
    assert sentence in complaints[0]
