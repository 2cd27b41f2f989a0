"""An accountant loads bank statements: what is plain is posted, the rest is chosen by hand; nothing is ever posted twice."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lkportal.app import Portal
from lkportal.connectors.bank import service
from lkportal.connectors.bank.import_operations import OPERATIONS
from lkportal.connectors.bank.reading import answer
from lkportal.connectors.bank.tests.statements import OURS, Paid, written
from lkportal.core.imports import Reading, run_import
from lkportal.core.policy import SYSTEM
from lkportal.core.unit import UnitContext
from lkportal.testing.visitors import Visitor
from lkportal.testing.world import World

Visit = Callable[..., Visitor]
DAY = "21.11.2026"


@pytest.fixture
def portal_overrides() -> Mapping[str, Any]:
    return {"modules": {"enabled": ["payments", "bank"]}, "bank": {"accounts": [OURS]}}


@pytest.fixture
def accountant(visit: Visit, world: World) -> Visitor:
    return visit(world.staff("buh@example.org", "accountant"))


def load(desk: Visitor, body: bytes) -> Any:
    page = desk.url("bank:operations")
    return desk.post(page, {}, page=page, files={"statement": ("kl_to_1c.txt", body, "text/plain")})


def balances(portal: Portal) -> dict[str, int]:
    query = "SELECT a.number, l.balance FROM payments_ledgers l JOIN accounts_accounts a ON a.id = l.account_id"
    with portal.database.reading() as connection:
        return {row.number: row.balance for row in connection.exec_driver_sql(query)}


def test_plain_transfers_are_posted_and_the_rest_waits(
    accountant: Visitor, world: World, portal: Portal, visit: Visit
) -> None:
    flat, works = world.account("1001"), world.account("2002", organisation_id=world.organisation("Works"))
    anna = visit(world.customer("anna@example.org", flat), flat)
    with world.unit() as db:
        db.connection().exec_driver_sql("UPDATE accounts_organisations SET tax_number = '7707083893'")
    paid = [
        Paid("1", DAY, "1482.60", "ЖКУ, л/с 1001"),
        Paid("2", DAY, "250000.00", "По договору", payer="ООО Завод", inn="7707083893"),
        Paid("3", DAY, "300.00", "За воду"),
        Paid("4", DAY, "990.00", "Возврат займа"),
        Paid("5", DAY, "10.00", "Комиссия", payer_account=OURS, payee="30101810400000000225"),
    ]

    sent = load(accountant, written(paid))

    assert sent.status_code == 303
    assert balances(portal) == {"1001": -148_260, "2002": -25_000_000}
    page = accountant.get(sent.headers["location"]).text
    assert "4 new, 0 loaded before" in page
    assert page.count("Not matched") == 2
    assert "Paid through a bank" in anna.get(anna.url("payments:history")).text

    _chosen_by_hand(accountant, portal)
    assert balances(portal)["1001"] == -178_260
    assert "Everything is matched" in accountant.get("/staff/bank/").text
    assert works.number == "2002"


def _chosen_by_hand(accountant: Visitor, portal: Portal) -> None:
    """The water is posted onto an account, twice by a doubled click; the loan is set aside."""
    water, loan = (_operation(portal, number) for number in ("3", "4"))
    wrong = accountant.post(
        f"/staff/bank/operations/{water}/account", {"number": "9999"}, page=f"/staff/bank/operations/{water}"
    )
    assert (wrong.status_code, "no account with this number" in wrong.text) == (422, True)
    for _ in range(2):
        done = accountant.post(
            f"/staff/bank/operations/{water}/account", {"number": "1001"}, page=f"/staff/bank/operations/{loan}"
        )
        assert done.status_code == 303
    short = accountant.post(
        f"/staff/bank/operations/{loan}/aside", {"reason": "x"}, page=f"/staff/bank/operations/{loan}"
    )
    assert (short.status_code, "Say in a few words" in short.text) == (422, True)
    aside = accountant.post(
        f"/staff/bank/operations/{loan}/aside", {"reason": "A loan given back"}, page=f"/staff/bank/operations/{loan}"
    )
    assert aside.status_code == 303
    assert "A loan given back" in accountant.get(f"/staff/bank/operations/{loan}").text


def test_only_who_may_post_loads_and_chooses(visit: Visit, world: World, accountant: Visitor, portal: Portal) -> None:
    load(accountant, written([Paid("3", DAY, "300.00", "За воду")]))
    world.account("1001")
    auditor = visit(world.staff("auditor@example.org", "auditor"))
    page = f"/staff/bank/operations/{_operation(portal, '3')}"
    assert auditor.get(page).status_code == 200
    assert "Post to this account" not in auditor.get(page).text
    assert auditor.post(f"{page}/account", {"number": "1001"}, page="/staff/bank/").status_code == 403
    assert visit(world.staff("o@example.org", "operator")).get("/staff/bank/").status_code == 403


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "Choose a file first"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "not a bank statement"),
        ("Счёт;Сумма\n1001;5".encode(), "not a bank statement"),
        (written([Paid("1", DAY, "5.00", "x")])[:-30], "breaks off at line"),
        (written([Paid("1", DAY, "пять", "x")]), "no sum that can be read"),
        (written([Paid("1", DAY, "5.00", "x")]).replace(OURS.encode(), b"4" * 20), "is not one of yours"),
        (written([]), "there is nothing to post"),
        (b"1CClientBankExchange\n" + b"x=1\n" * 2_200_000, "too large"),
    ],
)
@pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
def test_a_hostile_file_is_refused_with_a_sentence(accountant: Visitor, portal: Portal, body: bytes, said: str) -> None:
    answered = load(accountant, body)
    assert answered.status_code in (413, 422)
    if answered.status_code == 422:
        assert said in answered.text
    with portal.database.reading() as connection:
        assert not connection.exec_driver_sql("SELECT count(*) FROM bank_operations").scalar()


def test_the_connection_tells_when_the_last_statement_came(visit: Visit, world: World, accountant: Visitor) -> None:
    admin = visit(world.staff("chief@example.org", "administrator"))
    assert "Nothing loaded yet" in admin.get("/staff/connections").text
    load(accountant, written([Paid("3", DAY, "300.00", "За воду")]))
    assert "Loaded just now" in admin.get("/staff/connections").text
    assert "Bank transfers nobody knows whose" in accountant.get("/staff/").text


TRANSFERS = st.lists(
    st.tuples(
        st.integers(1, 3),
        st.integers(1, 4),
        st.sampled_from(["5.00", "7.50"]),
        st.sampled_from(["л/с 1001", "л/с 2002", "?"]),
    ),
    min_size=1,
    max_size=12,
)


@pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(transfers=TRANSFERS, windows=st.lists(st.tuples(st.integers(1, 4), st.integers(0, 3)), min_size=1, max_size=4))
def test_overlapping_statements_post_each_transfer_once(
    portal: Portal,
    world: World,
    tmp_path: Path,
    transfers: list[tuple[int, int, str, str]],
    windows: list[tuple[int, int]],
) -> None:
    """A statement has all transfers of its days, in order: twins too. Whatever days are loaded again, each transfer is there once."""
    _emptied(world)
    paid = sorted(
        (day, place, number, amount, purpose) for place, (number, day, amount, purpose) in enumerate(transfers)
    )
    seen: set[int] = set()
    for first, more in windows:
        part = [each for each in paid if first <= each[0] <= first + more]
        seen |= {each[1] for each in part}
        _load(
            portal, world, tmp_path, [Paid(str(n), f"0{day}.11.2026", amount, why) for day, _, n, amount, why in part]
        )
    expected = [each for each in paid if each[1] in seen]
    with portal.database.reading() as connection:
        count = connection.exec_driver_sql("SELECT count(*) FROM bank_operations").scalar()
        posted = connection.exec_driver_sql("SELECT count(*), sum(amount) FROM payments_payments").one()
        entries = connection.exec_driver_sql("SELECT count(*), sum(amount) FROM payments_entries").one()
    plain = [each for each in expected if each[4] != "?"]
    assert count == len(expected)
    assert tuple(posted) == tuple(entries) == (len(plain), sum(round(float(each[3]) * 100) for each in plain) or None)


def _load(portal: Portal, world: World, folder: Path, paid: list[Paid]) -> None:
    rows = answer(io.BytesIO(written(paid))).split(b"\n", 1)
    if len(rows) < 2:
        return
    path = folder / "rows.ndjson"
    path.write_bytes(rows[1])
    circumstances = UnitContext(world.clock, SYSTEM, "test", portal.ports)
    run_import(portal.database, circumstances, OPERATIONS, path, reading=Reading(form="rows"), again=True)
    service.settle(world.unit, by_tax_number=True, most=1000)


def _emptied(world: World) -> None:
    with world.unit() as db:
        known = db.connection().exec_driver_sql("SELECT count(*) FROM accounts_accounts").scalar()
        for table in ("bank_operations", "payments_entries", "payments_attempts", "payments_payments"):
            db.connection().exec_driver_sql(f"DELETE FROM {table}")
    if not known:
        world.account("1001")
        world.account("2002")


def _operation(portal: Portal, number: str) -> str:
    with portal.database.reading() as connection:
        query = f"SELECT public_id FROM bank_operations WHERE number = '{number}'"
        return str(connection.exec_driver_sql(query).scalar_one())
