"""One history of an account: narrowed, leafed through without shifting, taken away as a file, and told to whom it may be told."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from datetime import timedelta

import pytest

from lkportal.accounts.past import pages
from lkportal.accounts.tests.street import Browser, Street
from lkportal.core.policy import SYSTEM, Actor


def _actor(person: object) -> Actor:
    return Actor(person.kind, person.id, person.public_id, person.name, person.login)  # type: ignore[attr-defined]


def _told(browser: Browser, address: str) -> list[str]:
    """What a page of the history tells, line by line: "what | by whom | note"."""
    events = re.findall(r"<li><time[^>]*>.*?</li>", browser.get(address).text, re.DOTALL)
    spans = [re.findall(r"<(?:span|p)[^>]*>(.*?)</(?:span|p)>", event) for event in events]
    return [" | ".join(part for part in parts if part) for parts in spans]


def test_history_is_leafed_through_from_act_to_act(street: Street) -> None:
    anna = street.person("Anna")
    account = street.account(anna)
    for _ in range(40):
        street.clock.advance(timedelta(minutes=2))
        street.act("accounts.settings_changed", account)
    history, browser = f"/home/{account.public_id}/history", street.browser(anna)

    newest = browser.get(history).text
    (older,) = re.findall(rf'rel="next" href="({history}\?older=[^"]+)"', newest)
    street.clock.advance(timedelta(minutes=2))
    street.act("accounts.invited", account)
    second = browser.get(older).text
    (newer,) = re.findall(rf'rel="prev" href="({history}\?newer=[^"]+)"', second)

    assert (newest.count("<time"), second.count("<time")) == (30, 11), "an act of now does not shift the pages"
    assert browser.get(newer).text.count("<time") == 30
    assert 'rel="next"' not in second
    stranger = street.account(street.person("Boris"), number=2)
    assert browser.get(f"/home/{stranger.public_id}/history").status_code == 404
    assert browser.get(f"{history}?older=nosuchact").text.count("<time") == 0


def test_history_is_narrowed_by_kind_person_and_days(street: Street) -> None:
    anna, boris, clerk = street.person("Anna"), street.person("Boris"), street.person("Clerk", "staff")
    account = street.account(anna)
    street.grant(boris, account, "payer")
    street.act("payments.started", account, _actor(boris), detail={"amount": 148_260})
    street.act("payments.started", account, SYSTEM, detail={"amount": 90_000, "via": "autopay"})
    street.clock.advance(timedelta(days=3))
    street.act("readings.submitted", account, _actor(anna), detail={"via": "offline"})
    street.act("readings.reviewed", account, _actor(clerk))
    street.act("accounts.link_used", account, Actor("guest", None, "link1"))
    street.act("privacy.consent_decided", None, _actor(anna))
    street.act("privacy.consent_decided", None, _actor(boris))
    history, browser = f"/home/{account.public_id}/history", street.browser(anna)

    def told(**filters: str) -> list[str]:
        return _told(browser, history + "?" + "&".join(f"{name}={value}" for name, value in filters.items()))

    everything = told()
    assert everything[0] == "A consent given, refused or withdrawn | You", "what she decided, not what others did"
    assert len([line for line in everything if "consent" in line]) == 1
    assert [line.replace("\u202f", " ").replace("\xa0", " ") for line in told(kind="payments")] == [
        "Payment started: 900,00 ₽ | Automatically | By autopay",
        "Payment started: 1 482,60 ₽ | Boris",
    ]
    assert told(kind="readings", who=anna.public_id) == ["Readings sent | You | In the app, without network"]
    assert told(who="guest") == ["A signed link used | By a signed link"]
    assert told(who="staff") == ["A reading looked at by the company | Clerk, the company"]
    assert all("Automatically" in line for line in told(who="system"))
    assert [line.split(":")[0] for line in told(who=boris.public_id)] == ["Payment started"]
    street.act("accounts.settings_changed", account, Actor("system", None, "billing"))
    assert any(line.startswith("Settings changed | By a system of the company") for line in told())
    assert told(who=boris.public_id, since="2026-11-24") == []
    assert "Nothing of that kind" in browser.get(f"{history}?who={boris.public_id}&since=2026-11-24").text
    turned = browser.get(f"{history}?since=2026-11-24&until=2026-11-22")
    assert turned.status_code == 422
    assert "The last day cannot be before the first." in turned.text
    assert 'value="2026-11-24"' in turned.text
    unread = browser.get(f"{history}?since=soon&kind=payments")
    assert unread.status_code == 422
    assert f'value="{boris.public_id}"' in unread.text, "what there is to choose from stays"


def test_who_may_not_see_money_is_told_of_none(street: Street) -> None:
    anna, vera = street.person("Anna"), street.person("Vera")
    account = street.account(anna)
    membership = street.grant(vera, account, "reader")
    street.act("payments.succeeded", account, detail={"amount": 148_260})
    street.act("readings.submitted", account, _actor(anna))
    street.narrow(membership, "payments.view")
    history = f"/home/{account.public_id}/history"

    for address in (history, f"{history}?kind=payments", f"{history}.csv", f"{history}.xlsx"):
        answer = street.browser(vera).get(address)
        assert answer.status_code == 200
        assert "Payment" not in answer.text, address
        assert "482" not in answer.text, address
    assert "Readings sent" in street.browser(vera).get(history).text
    assert "Payment received" in street.browser(anna).get(history).text


def test_the_file_is_the_whole_history_as_it_was_narrowed(street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "CHUNK", 10)
    anna = street.person("=Anna")
    account = street.account(anna)
    for _ in range(25):
        street.act("payments.started", account, _actor(anna), detail={"amount": 148_260})
    street.act("readings.submitted", account, _actor(anna))
    history, browser = f"/home/{account.public_id}/history", street.browser(anna)

    answer = browser.get(f"{history}.csv?kind=payments")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    book = zipfile.ZipFile(io.BytesIO(browser.get(f"{history}.xlsx").content)).read("xl/worksheets/sheet1.xml")

    assert len(rows) == 26
    assert rows[1][2:] == ["Payment started", "1482,60", "You", "On the site", "Done"]
    assert rows[1][:2] == ["2026-11-22", "12:00:00"]
    assert book.count(b"<row ") == 1 + 25 + 1 + 1, "and the right to the account itself"
    assert "attachment" in answer.headers["content-disposition"]
    assert browser.get(f"{history}.csv?since=2026-11-24&until=2026-11-22").status_code == 404
