"""Laws of the one place where policies are judged, case by case and to the second, without a request."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from lkportal.auth import guard as asked
from lkportal.auth.door.ways import Ways
from lkportal.core.contributions import RouteSpec
from lkportal.core.errors import Forbidden, NotFound
from lkportal.core.i18n import text
from lkportal.core.policy import (
    ANONYMOUS,
    SYSTEM,
    AccountRef,
    Actor,
    GuestLink,
    Policy,
    StepUp,
    Viewing,
    anyone,
    guest,
    known_person,
    on_account,
    signed_in,
    staff,
)
from lkportal.web.request import ONLY_LOOKING
from lkportal.web.routing import Bound
from lkportal.web.trust.guard import (
    SET_UP,
    SIGN_IN,
    STEP_UP,
    STEP_UP_LASTS,
    Grant,
    LinkGone,
    NoToken,
    NotVerified,
    SwitchedOff,
    judge,
    judge_view,
    lacks_second,
    proof_wanted,
)

NOW, SECOND = datetime(2026, 11, 22, 9, tzinfo=UTC), timedelta(seconds=1)
ANNA, OLGA = Actor("customer", 1, "a"), Actor("staff", 2, "o", permissions=frozenset({"demo.view"}))
HOME = AccountRef(7, "h", "0412", "Home", "UTC", "RUB", "main", rights=frozenset({"demo.see"}))
LINK = GuestLink(1, "l", "demo.see", "", NOW)
VIEW = Viewing(1, "a", "Anna", NOW + timedelta(minutes=15))


def test_the_pages_that_come_first_are_there() -> None:
    assert (SIGN_IN, STEP_UP, SET_UP) == ("auth:login", "auth:step_up", "auth:second")
    assert timedelta(minutes=10) == STEP_UP_LASTS
    empty = Grant()
    assert (empty.actor, empty.account, empty.menu_account, empty.link, empty.viewing) == (ANONYMOUS, *[None] * 4)
    assert (empty.locale, empty.first, empty.slots, empty.view_is_over) == ("", "", {}, False)


@pytest.mark.parametrize(
    ("policy", "actor", "verdict"),
    [
        (anyone(), ANONYMOUS, "pass"),
        (anyone(), ANNA, "pass"),
        (anyone(), OLGA, "pass"),
        (signed_in(), ANONYMOUS, "sign_in"),
        (known_person(), ANONYMOUS, "sign_in"),
        (staff("demo.view"), ANONYMOUS, "sign_in"),
        (on_account("demo.see"), ANONYMOUS, "sign_in"),
        (Policy("system"), ANONYMOUS, NoToken),
        (Policy("system"), ANNA, NotFound),
        (Policy("system", "demo.feed"), SYSTEM, Forbidden),
        (Policy("system", "demo.feed"), replace(SYSTEM, permissions=frozenset({"demo.feed"})), "pass"),
        (signed_in(), ANNA, "pass"),
        (signed_in(), OLGA, NotFound),
        (known_person(), ANNA, "pass"),
        (known_person(), OLGA, "pass"),
        (staff("demo.view"), OLGA, "pass"),
        (staff("demo.view"), ANNA, NotFound),
        (staff("demo.edit"), OLGA, Forbidden),
        (on_account("demo.see"), ANNA, NotFound),
        (guest("demo.see"), ANNA, LinkGone),
    ],
)
def test_who_may_pass(policy: Policy, actor: Actor, verdict: Any) -> None:
    if isinstance(verdict, str):
        assert judge(policy, Grant(actor), NOW) == verdict
        return
    with pytest.raises(verdict):
        judge(policy, Grant(actor), NOW)


def test_a_page_about_an_account_asks_for_its_right() -> None:
    mine = Grant(ANNA, HOME)
    assert judge(on_account("demo.see"), mine, NOW) == "pass"
    assert judge(on_account(""), mine, NOW) == "pass", "a page without a right is for whoever reaches the account"
    with pytest.raises(Forbidden) as plain:
        judge(on_account("demo.edit"), mine, NOW)
    assert type(plain.value) is Forbidden
    assert judge(signed_in(), replace(mine, account=None), NOW) == "pass"


@pytest.mark.parametrize(
    ("account", "error", "code"),
    [
        (replace(HOME, refused=frozenset({"demo.edit"})), SwitchedOff, "switched_off"),
        (replace(HOME, abstained=frozenset({"demo.edit"})), SwitchedOff, "switched_off"),
        (replace(HOME, withheld=frozenset({"demo.edit"})), NotVerified, "not_verified"),
        (HOME, Forbidden, "forbidden"),
    ],
)
def test_whoever_lacks_a_right_is_told_why(account: AccountRef, error: type[Forbidden], code: str) -> None:
    with pytest.raises(Forbidden) as told:
        judge(on_account("demo.edit"), Grant(ANNA, account), NOW)

    assert (type(told.value), told.value.code, told.value.status) == (error, code, 403)


def test_what_one_switched_off_oneself_is_told_in_other_words_than_what_an_owner_did() -> None:
    by_self, by_owner, both = (
        replace(HOME, abstained=frozenset({"x"})),
        replace(HOME, refused=frozenset({"x"})),
        replace(HOME, refused=frozenset({"x"}), abstained=frozenset({"x"})),
    )
    said = []
    for account in (by_self, by_owner, both):
        with pytest.raises(SwitchedOff) as told:
            judge(on_account("x"), Grant(ANNA, account), NOW)
        said.append(str(told.value.message))
    assert "yourself" in said[0]
    assert "by an owner" in said[1]
    assert said[1] == said[2] != said[0]
    assert "one more proof" in str(NotVerified().message)


def test_a_guest_has_the_one_right_of_the_link() -> None:
    passing = Grant(Actor("guest"), HOME, link=LINK)
    assert judge(guest("demo.see"), passing, NOW) == "pass"
    for grant in (replace(passing, link=None), replace(passing, account=None)):
        with pytest.raises(LinkGone):
            judge(guest("demo.see"), grant, NOW)
    with pytest.raises(LinkGone) as gone:
        judge(guest("demo.edit"), passing, NOW)
    assert (gone.value.code, gone.value.status) == ("link_gone", 410)
    assert "used already" in str(gone.value.message)


def test_a_system_without_a_good_token_is_told_how_to_send_one() -> None:
    missing, bad = NoToken(), NoToken(text("demo.bad", "This token is not good."))

    assert (missing.code, missing.status, bad.status) == ("token", 401, 401)
    assert "Authorization: Bearer" in str(missing.message)
    assert str(bad.message) == "This token is not good."
    assert missing.headers == {"www-authenticate": 'Bearer realm="api"'}
    assert bad.headers == {"www-authenticate": 'Bearer realm="api", error="invalid_token"'}


def test_a_second_factor_that_is_asked_at_entry_is_set_up_before_all_else() -> None:
    lacking = replace(ANNA, asks=frozenset({"entry"}))
    having = replace(lacking, second_at=NOW - timedelta(days=1))
    assert (lacks_second(lacking), lacks_second(having), lacks_second(ANNA)) == (True, False, False)
    assert lacks_second(replace(ANNA, asks=frozenset({"payment"}))) is False

    assert judge(signed_in(), Grant(lacking), NOW) == "set_up"
    assert judge(signed_in(step_up=True), Grant(lacking), NOW) == "set_up"
    assert judge(known_person(), Grant(lacking), NOW) == "pass", "their own settings are where it is set up"
    assert judge(signed_in(), Grant(having), NOW) == "pass"


@pytest.mark.parametrize(
    ("age", "fresh"),
    [(timedelta(0), True), (STEP_UP_LASTS, True), (STEP_UP_LASTS + SECOND, False), (-SECOND, False), (None, False)],
)
def test_a_proof_is_fresh_for_ten_minutes_to_the_second(age: timedelta | None, fresh: bool) -> None:
    proved = None if age is None else NOW - age
    anna = replace(ANNA, stepped_up_at=proved)
    assert (proof_wanted(anna, "always", NOW) == "") is fresh
    assert judge(signed_in(step_up=True), Grant(anna), NOW) == ("pass" if fresh else "step_up")
    strong = replace(ANNA, second_at=proved, has_second=True)
    assert proof_wanted(strong, "second", NOW) == ("" if fresh else "second")


_OLD, _NEW = {"stepped_up_at": NOW - timedelta(hours=1), "second_at": NOW - timedelta(hours=1)}, {"stepped_up_at": NOW}
_BOTH = {"stepped_up_at": NOW, "second_at": NOW}


@pytest.mark.parametrize(
    ("purpose", "asks", "has_second", "times", "wanted"),
    [
        ("", (), True, _OLD, ""),
        ("always", (), False, _OLD, "any"),
        ("always", (), True, _OLD, "any"),
        ("always", (), True, _NEW, ""),
        ("second", (), False, _OLD, "any"),
        ("second", (), False, _NEW, ""),
        ("second", (), True, _NEW, "second"),
        ("second", (), True, _BOTH, ""),
        ("payment", (), False, _OLD, ""),
        ("payment", (), True, _OLD, ""),
        ("payment", ("payment",), False, _OLD, "any"),
        ("payment", ("payment",), False, _NEW, ""),
        ("payment", ("payment",), True, _NEW, "second"),
        ("payment", ("payment",), True, _BOTH, ""),
        ("payment", ("signature",), True, _OLD, ""),
        ("signature", (), False, _OLD, "any"),
        ("signature", (), True, _NEW, ""),
        ("signature", ("signature",), True, _NEW, "second"),
        ("contacts", ("payment",), True, _OLD, "any"),
    ],
)
def test_which_proof_is_wanted(
    purpose: StepUp, asks: tuple[Any, ...], has_second: bool, times: dict[str, datetime], wanted: str
) -> None:
    actor = replace(ANNA, asks=frozenset(asks), has_second=has_second, **times)  # type: ignore[arg-type]

    assert proof_wanted(actor, purpose, NOW) == wanted


def bound(policy: Policy, name: str = "demo:page", kind: str = "page") -> Bound:
    spec = RouteSpec("/page", lambda request: None, "page", policy, kind=kind)  # type: ignore[arg-type]
    return Bound(name.partition(":")[0], name, "/page", spec, policy)


SEEN = Grant(ANNA, viewing=VIEW)


@pytest.mark.parametrize(
    ("at", "method", "code"),
    [
        (bound(signed_in()), "GET", ""),
        (bound(signed_in()), "HEAD", ""),
        (bound(signed_in()), "POST", "viewing"),
        (bound(signed_in(), kind="action"), "GET", "viewing"),
        (bound(staff("demo.view")), "GET", ""),
        (bound(staff("demo.view")), "POST", "viewing"),
        (bound(anyone()), "GET", ""),
        (bound(signed_in(private=True)), "GET", "viewing_private"),
        (bound(on_account("demo.see", private=True)), "GET", "viewing_private"),
        (bound(signed_in(step_up=True)), "GET", "viewing_private"),
        (bound(signed_in(step_up="contacts")), "GET", "viewing_private"),
        (bound(signed_in(step_up="payment")), "GET", ""),
        (bound(signed_in(), "auth:page"), "GET", "viewing_private"),
        (bound(known_person()), "GET", "viewing_private"),
        (bound(anyone(), "auth:page"), "GET", ""),
        (bound(staff("demo.view"), "staff:view_end"), "POST", ""),
        (bound(anyone(), "auth:logout", "action"), "POST", ""),
        (bound(anyone(), "web:language"), "POST", ""),
        (bound(anyone(), "web:mode"), "POST", ""),
    ],
)
def test_a_view_as_the_customer_only_looks_and_not_at_what_is_private(at: Bound, method: str, code: str) -> None:
    judge_view(at, method, Grant(ANNA))
    if not code:
        judge_view(at, method, SEEN)
        return
    with pytest.raises(Forbidden) as told:
        judge_view(at, method, SEEN)
    assert told.value.code == code
    assert (told.value.message == ONLY_LOOKING) is (code == "viewing")
    assert ("customer's own" in str(told.value.message)) is (code == "viewing_private")


def test_a_view_whose_time_is_over_shows_no_page_of_the_customer() -> None:
    over = Grant(OLGA, view_is_over=True)
    with pytest.raises(Forbidden) as told:
        judge_view(bound(signed_in()), "GET", over)
    assert (told.value.code, "time of this view" in str(told.value.message)) == ("view_is_over", True)
    judge_view(bound(staff("demo.view")), "GET", over)
    judge_view(bound(signed_in()), "GET", replace(over, view_is_over=False))


def request(actor: Actor, account: AccountRef | None = None) -> Any:
    """What questions to the guard read of a request."""
    ways = SimpleNamespace(has=lambda name: name == "code")
    portal = SimpleNamespace(ports={Ways: ways}, clock=SimpleNamespace(now=lambda: NOW))
    return SimpleNamespace(actor=actor, account=account, portal=portal)


def test_rights_are_asked_for_by_name() -> None:
    assert asked.may(request(OLGA), "demo.view")
    assert not asked.may(request(OLGA), "demo.edit")
    assert asked.may(request(replace(SYSTEM, permissions=frozenset({"demo.feed"}))), "demo.feed")
    assert not asked.may(request(OLGA, HOME), "demo.see"), "staff have no rights of a customer"
    assert asked.may(request(ANNA, HOME), "demo.see")
    assert not asked.may(request(ANNA, HOME), "demo.edit")
    assert asked.may(request(ANNA), "demo.see") is False
    asked.demand(request(ANNA, HOME), "demo.see")
    with pytest.raises(Forbidden):
        asked.demand(request(ANNA), "demo.see")


def test_a_way_that_is_off_is_not_there() -> None:
    asked.demand_way(request(ANONYMOUS), "code")
    with pytest.raises(NotFound):
        asked.demand_way(request(ANONYMOUS), "passkey")


def test_whether_one_proved_oneself_lately() -> None:
    assert asked.proved_lately(request(replace(ANNA, stepped_up_at=NOW)))
    assert not asked.proved_lately(request(replace(ANNA, stepped_up_at=NOW - timedelta(hours=1))))
    assert asked.proved_lately(request(ANNA), "payment")
    assert not asked.proved_lately(request(ANNA), "contacts")
