"""Seeing a customer's pages as they do: with a reason, under a banner, for a while; nothing is written and no secret is open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest

from lkportal.core.errors import Forbidden
from lkportal.core.policy import Viewing
from lkportal.staff.tests.office import Browser, Office
from lkportal.web.routing import SAFE_METHODS
from lkportal.web.trust.guard import Grant, judge_view

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
BANNER = "Nothing can be changed"


@dataclass
class Story:
    office: Office
    account: str
    anna: str
    desk: Browser

    def begin(self, **fields: str) -> str:
        page = f"/staff/view-as/{self.anna}"
        given = {"reason": "request 418: sees no bill", "account": self.account, **fields}
        answer = self.desk.send(page, **given)
        return str(answer.headers.get("location", answer.status_code))


@pytest.fixture
def story(office: Office) -> Story:
    anna = office.person("anna@example.org", "Анна")
    account = office.account("0412778215", "Ломоносова, 14", anna)
    office.person("olga", "Ольга", "operator")
    public = str(office.rows("SELECT public_id FROM auth_identities WHERE login = 'anna@example.org'")[0][0])
    return Story(office, account, public, office.browser("olga"))


def test_the_desk_sees_what_the_customer_sees_under_a_banner(story: Story) -> None:
    card = story.desk.get(f"/staff/accounts/{story.account}").text
    assert f"/staff/view-as/{story.anna}?account={story.account}" in card
    assert story.desk.get(f"/home/{story.account}/").status_code == 404

    assert story.begin() == f"/home/{story.account}/"

    home = story.desk.get(f"/home/{story.account}/")
    assert home.status_code == 200
    assert BANNER in home.text
    assert "Анна, until 12:15" in home.text
    assert story.desk.get("/accounts").status_code == 200
    assert story.desk.get("/").headers["location"] == f"/home/{story.account}/"
    assert BANNER in story.desk.get("/staff/").text

    answer = story.desk.send("/staff/view-end", "/staff/")

    assert answer.headers["location"] == "/staff/"
    assert story.desk.get(f"/home/{story.account}/").status_code == 404
    assert BANNER not in story.desk.get("/staff/").text


def test_every_step_is_in_the_audit_and_the_customer_reads_of_it(story: Story) -> None:
    story.begin()
    story.desk.get(f"/home/{story.account}/")
    story.desk.get(f"/readings/{story.account}/")
    story.desk.send("/staff/view-end", "/staff/")

    said = story.office.rows(
        "SELECT action, actor, on_behalf_of, outcome, target, account, detail FROM audit_records"
        " WHERE substr(action, 1, 10) = 'staff.view' ORDER BY id"
    )
    olga = "staff:" + str(story.office.rows("SELECT public_id FROM auth_identities WHERE login = 'olga'")[0][0])
    assert {row[1] for row in said} == {olga}
    assert [(row[0], row[2], row[3], row[4], row[5]) for row in said] == [
        ("staff.view_begun", None, "done", story.anna, story.account),
        ("staff.viewed_as", f"customer:{story.anna}", "viewed", story.anna, story.account),
        ("staff.viewed_as", f"customer:{story.anna}", "viewed", story.anna, story.account),
        ("staff.view_ended", None, "done", story.anna, None),
    ]
    assert "request 418" in str(said[0][6])
    assert "readings:list" in str(said[2][6])
    customer = story.office.browser("anna@example.org")
    assert "began to see your pages" in customer.get(f"/home/{story.account}/history").text


@ON_SQLITE
def test_nothing_is_written_and_no_secret_is_open(story: Story) -> None:
    story.begin()
    routes = story.office.portal.edge.routes.by_name
    before = story.office.rows("SELECT count(*) FROM readings_readings")
    for path in ("/settings", "/settings/password", "/settings/sessions", "/step-up"):
        assert story.desk.get(path).status_code == 403, path
    for path in (f"/readings/{story.account}/", "/settings", "/notices/read", "/login", "/staff/modules", "/register"):
        answer = story.desk.send(path, "/staff/", module="readings", state="off", name="Eve", locale="en")
        assert answer.status_code in (403, 404, 405), (path, answer.status_code)
    assert story.office.rows("SELECT count(*) FROM readings_readings") == before
    assert story.office.portal.registry.is_on("readings")
    grant = Grant(viewing=Viewing(1, story.anna, "", story.office.clock.now()))
    for name, bound in routes.items():
        for method in set(bound.spec.methods) - SAFE_METHODS:
            if name not in ("staff:view_end", "auth:logout", "web:language", "web:mode"):
                with pytest.raises(Forbidden):
                    judge_view(bound, method, grant)


@ON_SQLITE
def test_the_time_and_the_right_run_out(story: Story) -> None:
    story.begin()
    story.office.clock.advance(timedelta(minutes=15))

    over = story.desk.get(f"/home/{story.account}/")
    assert over.status_code == 403
    assert "time of this view is over" in over.text
    assert BANNER not in story.desk.get("/staff/").text

    story.office.browser("olga")
    desk = story.desk = story.office.browser("olga")
    story.begin()
    assert desk.get(f"/home/{story.account}/").status_code == 200
    with story.office.portal.database.unit() as db:
        db.connection().exec_driver_sql("DELETE FROM accounts_staff_roles")
    assert desk.get(f"/home/{story.account}/").status_code == 403


@ON_SQLITE
def test_only_customers_only_with_the_right_only_with_a_reason(story: Story) -> None:
    story.office.person("kim", "Ким", "cashier")
    cashier = story.office.browser("kim")
    assert cashier.get(f"/staff/view-as/{story.anna}").status_code == 403
    assert cashier.send(f"/staff/view-as/{story.anna}", "/staff/", reason="I want to").status_code == 403
    olga = str(story.office.rows("SELECT public_id FROM auth_identities WHERE login = 'olga'")[0][0])
    assert story.desk.get(f"/staff/view-as/{olga}").status_code == 404
    assert story.begin(reason="") == "422"
    stranger = story.office.person("boris@example.org", "Борис")
    other = story.office.account("0500000001", "Ленина, 2", stranger)
    story.begin()
    assert story.desk.get(f"/home/{other}/").status_code == 404


def test_a_customer_without_an_account_is_seen_and_their_first_visit_is_not_begun(story: Story) -> None:
    boris = story.office.person("boris@example.org", "Борис")
    assert boris
    public = story.office.rows("SELECT public_id FROM auth_identities WHERE login = 'boris@example.org'")[0][0]
    story.desk.send(f"/staff/view-as/{public}", reason="request 419: sees nothing")

    assert story.desk.get("/welcome").status_code == 200

    assert BANNER in story.desk.get("/accounts").text
    assert story.office.rows("SELECT count(*) FROM accounts_first_visits")[0][0] == 0
