"""The switchboard: a module is opened step by step, and who has it not yet finds no trace of it, in any process."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from httpx2 import Response
from sqlalchemy import insert

from lkportal.auth.door.ways import Ways
from lkportal.core.ids import public_id
from lkportal.core.module import Module
from lkportal.core.registry.rollouts import Rollout, opening
from lkportal.core.tables import jobs
from lkportal.core.work.states import new_row
from lkportal.staff.switches.fields import Field, Misfit
from lkportal.staff.tests.office import Browser, Office

WHY = "We try it out first"


def administrator(office: Office, login: str = "admin") -> Browser:
    office.person(login, "Пётр", "administrator")
    return office.browser(login)


def asked(desk: Browser, path: str, **fields: str | list[str]) -> Response:
    """Send the form of a page of the switchboard as it stands there; without `confirm` it only asks what would follow."""
    page = desk.get(path).text
    seen = re.search(r'name="seen" value="([^"]+)"', page)
    assert seen is not None, page
    known: dict[str, str | list[str]] = {"seen": seen[1], "reason": WHY}
    return desk.send(path, "", **{**known, **fields})


def switched(desk: Browser, module: str, mode: str, **fields: str) -> Response:
    return asked(desk, f"/staff/modules/{module}", mode=mode, confirm="yes", **fields)


def test_a_module_switched_off_is_gone_in_every_process(office: Office) -> None:
    anna = office.person("anna@example.org", "Анна")
    account = office.account("0412778215", "Ломоносова, 14", anna)
    customer = office.browser("anna@example.org", office.another())
    assert "readings.submit" in customer.get("/settings/functions").text
    desk = administrator(office)

    asks = {mode: asked(desk, "/staff/modules/readings", mode=mode).text for mode in ("off", "staff")}
    assert "Close a module" in asks["off"]
    assert "Open a module" in asks["staff"]

    answer = switched(desk, "readings", "off")

    assert answer.status_code == 303, answer.text
    assert WHY in desk.get("/staff/modules").text
    assert customer.get(f"/readings/{account}/").status_code == 404
    assert "/readings/" not in customer.get(f"/home/{account}/").text
    assert office.audit("staff.module_switched") == [("staff", "done", None, "readings")]

    switched(desk, "readings", "all")

    customer.get(f"/home/{account}/")
    assert customer.get(f"/readings/{account}/").status_code == 200


def test_a_list_of_accounts_has_it_and_the_others_see_no_trace(office: Office) -> None:
    anna, boris = office.person("anna@example.org", "Анна"), office.person("boris@example.org", "Борис")
    first = office.account("0412778215", "Ломоносова, 14", anna)
    second = office.account("0412778216", "Ломоносова, 15", boris)
    other = office.another()
    anna_sees, boris_sees = office.browser("anna@example.org", other), office.browser("boris@example.org", other)
    desk = administrator(office)

    assert switched(desk, "readings", "accounts", accounts="0412778215").status_code == 303

    assert anna_sees.get(f"/readings/{first}/").status_code == 200
    assert "readings.submit" in anna_sees.get("/settings/functions").text
    boris_sees.get("/settings")
    assert boris_sees.get(f"/readings/{second}/").status_code == 404
    for page in (f"/home/{second}/", "/settings", "/settings/notices", "/settings/functions"):
        text = boris_sees.get(page).text
        assert "/readings/" not in text, page
        assert "readings." not in text, page
    assert desk.get(f"/staff/accounts/{second}").status_code == 200
    assert "1 account" in desk.get("/staff/modules").text


def test_staff_alone_see_it_as_the_customer_would(office: Office) -> None:
    anna = office.person("anna@example.org", "Анна")
    account = office.account("0412778215", "Ломоносова, 14", anna)
    customer, desk = office.browser("anna@example.org"), administrator(office)
    person = office.rows("SELECT public_id FROM auth_identities WHERE login = 'anna@example.org'")[0][0]

    switched(desk, "readings", "staff")

    assert customer.get(f"/readings/{account}/").status_code == 404
    desk.send(f"/staff/view-as/{person}", account=account, reason="To see what it will be like")
    seen = desk.get(f"/readings/{account}/")
    assert seen.status_code == 200, seen.text


def test_what_follows_is_shown_and_nothing_is_done_before(office: Office) -> None:
    office.account("0412778215", "Ломоносова, 14")
    desk = administrator(office)

    shown = asked(desk, "/staff/modules/readings", mode="share", share="20")

    assert shown.status_code == 200
    assert "about 0 of 1 accounts" in shown.text
    assert "no trace" in shown.text
    assert office.audit("staff.module_switched") == []
    assert "Correct" in shown.text
    back = asked(desk, "/staff/modules/readings", mode="share", share="20", confirm="back")
    assert 'value="20"' in back.text


def test_a_form_that_does_not_fit_keeps_what_was_typed(office: Office) -> None:
    desk = administrator(office)

    unknown = switched(desk, "readings", "accounts", accounts="0412778299")
    nobody = switched(desk, "readings", "accounts")
    no_share = switched(desk, "readings", "share")
    no_reason = switched(desk, "readings", "staff", reason="")

    assert [each.status_code for each in (unknown, nobody, no_share, no_reason)] == [422] * 4
    assert "0412778299" in unknown.text
    assert "at least one account" in nobody.text
    assert "how many percent" in no_share.text
    assert office.audit("staff.module_switched") == []


def test_a_state_of_the_history_is_brought_back(office: Office) -> None:
    office.account("0412778215", "Ломоносова, 14")
    desk = administrator(office)
    switched(desk, "readings", "accounts", accounts="0412778215")
    switched(desk, "readings", "all", reason="It works for everybody")

    page = desk.get("/staff/modules/readings").text
    assert "It works for everybody" in page
    assert WHY in page
    way = re.search(r'href="([^"]+from=[^"]+)"', page)
    assert way is not None
    assert "0412778215" in desk.get(way[1]).text


def test_of_two_at_once_the_slower_is_told(office: Office) -> None:
    desk, other = administrator(office), administrator(office, "olga")
    seen = re.search(r'name="seen" value="([^"]+)"', desk.get("/staff/modules/readings").text)
    assert seen is not None
    switched(other, "readings", "staff")

    late = desk.send("/staff/modules/readings", mode="off", reason=WHY, seen=seen[1], confirm="yes")

    assert late.status_code == 409
    assert "Somebody changed this" in late.text
    assert office.portal.registry.is_on("readings")


def test_what_is_part_of_every_portal_cannot_be_switched(office: Office) -> None:
    desk = administrator(office)

    assert "Part of every portal" in desk.get("/staff/modules").text
    for module in ("accounts", "nothing"):
        assert desk.get(f"/staff/modules/{module}").status_code == 404
        answer = desk.send(f"/staff/modules/{module}", "/staff/modules/readings", mode="off", reason=WHY)
        assert answer.status_code == 404


def test_the_delicate_switch_asks_for_the_password_again(office: Office) -> None:
    desk = administrator(office)
    page = desk.get("/staff/modules/readings")
    office.clock.advance(timedelta(minutes=20))

    answer = desk.send("/staff/modules/readings", mode="off", reason=WHY)

    assert page.status_code == 200
    assert "step" in answer.headers["location"]
    assert office.portal.registry.is_on("readings")


def test_a_growing_share_only_adds_and_follows_need() -> None:
    base, more = Module("base", "Base", "1", "base"), Module("more", "More", "1", "more", requires=("base",))
    accounts = [public_id() for _ in range(2_000)]

    def having(module: str, share: int) -> set[str]:
        opened = opening([base, more], {"base": Rollout("share", share=share)})
        return {each for each in accounts if opened.is_open(module, each)}

    tenth, half = having("base", 10), having("base", 50)
    assert tenth < half
    assert 120 < len(tenth) < 290
    assert 850 < len(half) < 1_150
    assert having("more", 10) == tenth, "what needs a module is open nowhere else"
    assert tenth != {each for each in accounts if Rollout("share", share=10).opens("other", each)}


def test_a_setting_changed_here_holds_in_every_process(office: Office) -> None:
    desk, other = administrator(office), office.another()
    path = "/staff/settings/readings.window_last"

    shown = asked(desk, path, value="27")
    assert "from day 15 to day 27" in shown.text
    assert office.portal.registry.settings["readings"].window_last == 25
    assert asked(desk, path, value="27", confirm="yes").status_code == 303

    other.follow()
    assert other.registry.settings["readings"].window_last == 27
    assert WHY in desk.get("/staff/settings").text
    assert office.audit("staff.setting_changed") == [("staff", "done", None, "readings.window_last")]

    asked(desk, path, value="27", reset="on", confirm="yes")
    other.follow()
    assert other.registry.settings["readings"].window_last == 25


@pytest.mark.parametrize("typed", ["-1", "9" * 21, "1,005", "many"])
def test_what_is_no_sum_is_told_how_to_write_one(typed: str) -> None:
    nothing: Any = None
    sum_field = Field("payments.most", nothing, nothing, "money", 0, None, value=0, stored=None)
    assert sum_field.read("1 482,60") == 148_260
    with pytest.raises(Misfit, match="Enter a sum from zero up"):
        sum_field.read(typed)


def test_a_value_that_does_not_fit_is_told_beside_its_field(office: Office) -> None:
    desk = administrator(office)

    for name, wrong, words in (
        ("readings.window_last", "31", "from 1 to 28"),
        ("readings.window_last", "soon", "whole number"),
        ("readings.remind_before", "10; 2", "commas"),
        ("readings.late", "never", "Choose one"),
        ("staff.view_as_minutes", "15", "so already"),
    ):
        answer = asked(desk, f"/staff/settings/{name}", value=wrong, confirm="yes")
        assert answer.status_code == 422, (name, wrong)
        assert words in answer.text, (name, wrong)
    assert desk.get("/staff/settings/readings.cohort_least").status_code == 404
    assert office.audit("staff.setting_changed") == []


def test_what_failed_for_good_is_seen_and_tried_again(office: Office) -> None:
    now = office.clock.now()
    row = new_row("readings.remind", {}, now, now, "r", "once") | {
        "state": "dead",
        "attempt": 8,
        "error_class": "Timeout",
    }
    with office.portal.database.unit() as db:
        db.execute(insert(jobs).values(row | {"finished_at": now - timedelta(hours=2)}))
    desk = administrator(office)
    assert "Work that failed for good" in desk.get("/staff/").text
    assert "2 h ago" in desk.get("/staff/").text
    page = desk.get("/staff/effects").text
    assert "1 piece of work failed" in page
    assert "Timeout" in page
    assert page.index("Reminds of readings not sent yet") < page.index('id="modules"'), "in words, not by its code"
    assert not re.findall(r">\s*(?:notice )?[a-z]+\.[a-z_]+\s*<", page), "nothing of ours is shown by its code"

    number = office.rows("SELECT id FROM core_jobs WHERE state = 'dead'")[0][0]
    answer = desk.send("/staff/effects", job=str(number), do="retry")

    assert answer.status_code == 303
    assert office.rows(f"SELECT state FROM core_jobs WHERE id = {number}") == [("waiting",)]
    assert desk.send("/staff/effects", job=str(number), do="retry").status_code == 303, "told, not broken"
    assert office.audit("staff.work_retried") == [("staff", "done", None, str(number))]


def test_ways_to_sign_in_are_ticked_and_one_that_is_not_installed_is_refused(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, other = administrator(office), office.another()
    path = "/staff/settings/auth.ways"

    shown = asked(desk, path, several=["code"])
    assert "Nobody comes in by password" in shown.text
    with monkeypatch.context() as patched:
        patched.setattr("lkportal.auth.at_desk.passkeys_are_there", lambda: False)
        missing = asked(desk, path, several=["password", "passkey"], confirm="yes")
    assert missing.status_code == 422
    assert "not installed" in missing.text
    assert asked(desk, path, several=["password"], confirm="yes").status_code == 303

    other.follow()
    assert other.registry.settings["auth"].ways == ("password",)
    assert not other.ports.get(Ways).has("code")


def test_hours_and_days_of_the_rooms_below_are_changed_here_too(office: Office) -> None:
    desk = administrator(office)
    for name, value, words in (
        ("notify.quiet.on", "on", "From 22:00 to 08:00"),
        ("accounts.invitation_days", "7", "as long as they said"),
        ("auth.staff_idle_hours", "4", "next page"),
    ):
        shown = asked(desk, f"/staff/settings/{name}", value=value)
        assert words in shown.text, name
        assert asked(desk, f"/staff/settings/{name}", value=value, confirm="yes").status_code == 303, name
    assert asked(desk, "/staff/settings/accounts.invitation_days", value="91").status_code == 422
    settings = office.portal.registry.settings
    assert (settings["notify"].quiet.on, settings["accounts"].invitation_days, settings["auth"].staff_idle_hours) == (
        True,
        7,
        4,
    )
