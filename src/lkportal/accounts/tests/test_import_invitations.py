"""A whole building is invited by a file: once each, again without a second letter, what does not fit is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import delete, insert, select, update

from lkportal.accounts.models import Account, Brand
from lkportal.accounts.tests.street import Street
from lkportal.accounts.tests.test_people import Postbox, postbox
from lkportal.core.errors import PortalError
from lkportal.core.imports import ImportReport, run_import

__all__ = ["postbox"]
HEADER = "Лицевой счёт;Почта;ФИО;Роль;Доступ до"


def _load(street: Street, *rows: str, **parameters: str) -> ImportReport:
    file = Path(street.folder) / "invitations.csv"
    file.write_text("\n".join([HEADER, *rows]) + "\n", encoding="cp1251")
    kind = street.portal.registry.import_kinds["invitations"]
    context = street.portal.unit_context("import")
    return run_import(street.portal.database, context, kind, file, parameters=parameters, again=True)


def _sent(postbox: Postbox) -> int:
    return sum(letter["template"] == "accounts/letters/invitation" for letter in postbox.letters)


def test_a_building_is_invited_once(street: Street, postbox: Postbox) -> None:
    accounts = street.accounts(30)
    rows = [f"{each.number};flat{n}@example.org;Жилец {n};;" for n, each in enumerate(accounts)]
    rows += [
        f"{accounts[0].number};Second@Example.org;Второй;бухгалтер;31.12.2026",
        "9999;lost@example.org;;;",
        f"{accounts[1].number};not an address;;;",
        f"{accounts[2].number};other@example.org;;duke;",
    ]

    report = _load(street, *rows)
    street.portal.worker().run_once()
    street.portal.worker().run_once()

    assert (report.accepted, report.rejected, dict(report.counts)) == (31, 3, {"new": 31, "known": 0})
    assert _sent(postbox) == 31
    assert "The company opens access" in postbox.letters[0]["said"] or "Компания" in postbox.letters[0]["said"]
    assert street.number("SELECT count(*) FROM accounts_invitations WHERE role = 'owner'") == 30
    assert street.number("SELECT count(*) FROM accounts_invitations WHERE right_until IS NOT NULL") == 1

    link = "/invitation/" + str(postbox.letters[0]["values"]["link"]).rpartition("/")[2]
    newcomer = street.browser()
    joined = newcomer.send_to(link, link + "/join", name="Жилец", password="lantern by the seventh gate")
    assert joined.status_code == 303
    again = _load(street, *rows)
    street.portal.worker().run_once()

    assert dict(again.counts) == {"new": 0, "known": 31}
    assert _sent(postbox) == 31


def test_a_file_of_one_brand_invites_to_its_accounts_alone(street: Street) -> None:
    mine, theirs = street.accounts(2)
    with street.unit() as db:
        home = db.scalars(select(Brand.id)).one()
        other = db.execute(insert(Brand).values(key="other", name="Other", hosts=[]).returning(Brand.id)).scalar_one()
        db.execute(update(Account).where(Account.id == theirs.id).values(brand_id=other))

    rows = [f"{each.number};{each.number}@example.org;;;" for each in (mine, theirs)]
    report = _load(street, *rows, brand=street.portal.sites[0].key)
    invited = street.number(f"SELECT count(*) FROM accounts_invitations WHERE account_id = {mine.id}")
    with street.unit() as db:
        db.execute(update(Account).where(Account.id == theirs.id).values(brand_id=home))
        db.execute(delete(Brand).where(Brand.id == other))

    assert (report.accepted, report.rejected, invited) == (1, 1, 1)
    assert street.number("SELECT count(*) FROM accounts_invitations") == 1


def test_a_role_nobody_knows_stops_the_file(street: Street) -> None:
    with pytest.raises(PortalError, match="There is no role"):
        _load(street, f"{street.accounts(1)[0].number};a@example.org;;;", role="duke")
