"""Everybody signed out at once: for the day something leaked, by an administrator who says why."""

from __future__ import annotations

from pathlib import Path

import pytest

from lkportal.staff.tests.office import Office

PAGE = "/staff/people/sign-out-all"
WHY = "a copy of the cookies was found"
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def is_in(browser: object) -> bool:
    return browser.get("/settings/sessions").status_code == 200  # type: ignore[attr-defined,no-any-return]


@ON_SQLITE
def test_everybody_is_out_at_the_next_request_of_every_process(office: Office) -> None:
    office.person("admin", "Пётр", "administrator")
    office.person("olga", "Ольга", "operator")
    office.account("1", "Flat", office.person("anna", "Анна"))
    elsewhere = office.another()
    admin, second = office.browser("admin"), office.browser("admin", elsewhere)
    olga, anna = office.browser("olga", elsewhere), office.browser("anna", elsewhere)

    assert "1 sign-in now" in admin.get(PAGE).text
    assert "4 sign-ins now" in admin.get(PAGE).text
    short = admin.send(PAGE, whom="customers", reason="x")
    assert short.status_code == 422
    assert 'value="customers" checked' in short.text
    assert admin.send(PAGE, whom="nobody", reason=WHY).status_code == 422
    assert olga.get(PAGE).status_code == 403
    assert olga.send(PAGE, "/settings/sessions", whom="everybody", reason=WHY).status_code == 403
    assert PAGE in admin.get("/staff/people").text
    assert is_in(anna)

    assert admin.send(PAGE, whom="customers", reason=WHY).status_code == 303
    assert (is_in(anna), is_in(olga), is_in(second)) == (False, True, True)

    assert admin.send(PAGE, whom="everybody", reason=WHY).status_code == 303
    assert (is_in(olga), is_in(second)) == (False, False)
    assert "2 sign-ins have ended" in admin.get(PAGE).text
    assert is_in(admin)
    assert office.audit("staff.everybody_signed_out") == [
        ("staff", "done", None, "customers"),
        ("staff", "done", None, "everybody"),
    ]
    assert WHY in str(office.rows("SELECT detail FROM audit_records WHERE action = 'staff.everybody_signed_out'"))


@ON_SQLITE
def test_a_company_may_want_a_second_person_for_it(database_url: str, tmp_path: Path) -> None:
    office = Office(database_url, tmp_path, staff={"two_persons": ["staff.sessions_all"]})
    try:
        office.person("admin", "Пётр", "administrator")
        office.person("boss", "Ирина", "administrator")
        office.account("1", "Flat", office.person("anna", "Анна"))
        admin, boss, anna = (office.browser(login) for login in ("admin", "boss", "anna"))
        asked = admin.send(PAGE, whom="customers", reason=WHY, approval_reason="request 77")
        assert asked.status_code == 303
        assert is_in(anna)

        request = asked.headers["location"]
        seen = boss.get(request).text.split('name="seen" value="')[1].split('"')[0]
        assert boss.send(f"{request}/approve", request, seen=seen).status_code == 303

        assert (is_in(anna), is_in(admin), is_in(boss)) == (False, True, True)
        assert office.rows("SELECT state FROM staff_approvals") == [("done",)]
    finally:
        office.close()
