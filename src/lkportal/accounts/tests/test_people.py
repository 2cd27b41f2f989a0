"""People of an account: invited by a letter, changed, taken away, leaving; the last owner stays; links work once."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from lkportal.accounts.contract import AccountRef, Accounts
from lkportal.accounts.models import Group, GroupAccount, Invitation, Membership
from lkportal.accounts.tests.street import Browser, Street
from lkportal.auth.models import Identity, Session
from lkportal.notify.post.posting import Post

PASSWORD = "lantern by the seventh gate"
ANSWER = timedelta(days=14)


class Postbox:
    """Takes letters instead of a mail server, and reads them."""

    def __init__(self, street: Street) -> None:
        self.letters: list[dict[str, Any]] = []
        self._portal = street.portal

    def deliver(self, **letter: Any) -> None:
        """Keep a letter."""
        values = {**letter["values"], "brand": None, "locale_code": "en", "home_url": "", "subject": "", "roles": {}}
        words = self._portal.locales.get(letter["locale"] or None)
        plain = self._portal.environment(self._portal.sites[0].key, words, html=False)
        template = plain.get_template(f"{letter['template']}.txt")
        said = "".join(template.blocks["content"](template.new_context(values)))
        self.letters.append({**letter, "said": said})


@pytest.fixture
def postbox(street: Street, monkeypatch: pytest.MonkeyPatch) -> Postbox:
    """Where the street's letters go."""
    made = Postbox(street)
    monkeypatch.setattr(Post, "deliver", lambda _self, **letter: made.deliver(**letter))
    return made


def _work(street: Street) -> None:
    street.portal.worker().run_once()


def _invite(street: Street, browser: Browser, account: AccountRef, postbox: Postbox, **fields: str) -> str:
    """Invite somebody and return the path of the link."""
    before = len(postbox.letters)
    typed = {"email": "boris@example.org", "role": "reader", **fields}
    assert browser.send(f"/home/{account.public_id}/people/invite", **typed).status_code == 303
    _work(street)
    (letter,) = postbox.letters[before:]
    assert letter["to"] == typed["email"]
    return "/invitation/" + str(letter["values"]["link"]).rpartition("/")[2]


def _person(street: Street, name: str) -> Identity:
    made = street.person(name)
    with street.unit() as db:
        db.execute(update(Identity).where(Identity.id == made.id).values(email_confirmed_at=street.clock.now()))
    return made


def test_a_newcomer_comes_by_the_link_and_sees_what_the_role_allows(street: Street, postbox: Postbox) -> None:
    anna = _person(street, "Anna")
    account = street.account(anna)
    link = _invite(street, street.browser(anna), account, postbox, word="Здравствуй", name="Boris")
    newcomer = street.browser()

    page = newcomer.get(link)
    assert page.status_code == 200
    assert "Anna shares access with you" in page.text
    assert "Здравствуй" in page.text
    weak = newcomer.send_to(link, link + "/join", name="Boris", password="short")
    assert weak.status_code == 422
    came = newcomer.send_to(link, link + "/join", name="Boris", password=PASSWORD)

    assert came.headers["location"].endswith(f"/home/{account.public_id}/")
    newcomer.client.cookies.update(came.cookies)
    assert newcomer.get(f"/home/{account.public_id}/").status_code == 200
    assert newcomer.get(f"/home/{account.public_id}/people").status_code == 403
    assert street.browser().get(link).status_code == 410
    assert "Boris" in street.browser(anna).get(f"/home/{account.public_id}/people").text


def test_the_inviter_does_not_learn_whether_a_mailbox_is_known(street: Street, postbox: Postbox) -> None:
    anna, _ = _person(street, "Anna"), _person(street, "Boris")
    account = street.account(anna)
    browser, answers = street.browser(anna), []
    path = f"/home/{account.public_id}/people/invite"
    for email in ("boris@example.org", "nobody@example.org"):
        sent = browser.send(path, email=email, role="reader")
        shown = browser.get(f"/home/{account.public_id}/people").text
        strip = re.sub(r"[A-Za-z0-9_-]{16,}", "", shown.replace(email, "X"))
        answers.append((sent.status_code, sent.headers["location"], len(strip)))
        with street.unit() as db:
            db.execute(update(Invitation).values(revoked_at=street.clock.now()))
    assert answers[0] == answers[1]


def test_a_known_person_accepts_and_another_one_only_when_sure(street: Street, postbox: Postbox) -> None:
    anna, boris, clara = (_person(street, name) for name in ("Anna", "Boris", "Clara"))
    account = street.account(anna)
    browser = street.browser(anna)
    link = _invite(street, browser, account, postbox)
    assert "You have access already" in street.browser().get(link).text

    other = street.browser(clara)
    assert "though the letter went to boris@example.org" in other.get(link).text
    assert other.send_to(link, link + "/accept").status_code == 422
    assert other.get(f"/home/{account.public_id}/").status_code == 404
    assert other.send_to(link, link + "/accept", sure="on").status_code == 303
    assert other.get(f"/home/{account.public_id}/").status_code == 200
    assert street.browser(boris).get(link).status_code == 410

    second = _invite(street, browser, account, postbox, role="payer")
    mine = street.browser(boris)
    assert mine.send_to(second, second + "/accept").headers["location"].endswith(f"/home/{account.public_id}/")


@pytest.mark.parametrize("how", ["withdrawn", "too old", "sent again", "inviter gone"])
def test_a_link_dies(street: Street, postbox: Postbox, how: str) -> None:
    anna, boris, eva = (_person(street, name) for name in ("Anna", "Boris", "Eva"))
    account = street.account(anna)
    membership = street.grant(eva, account, "owner")
    browser = street.browser(eva)
    link = _invite(street, browser, account, postbox)
    people_page = f"/home/{account.public_id}/people"
    wanted = re.findall(r"/invitations/(\w+)/again", browser.get(people_page).text)[0]
    if how == "withdrawn":
        browser.send_to(people_page, f"/home/{account.public_id}/invitations/{wanted}/withdraw")
    elif how == "too old":
        street.clock.advance(ANSWER)
    elif how == "sent again":
        browser.send_to(people_page, f"/home/{account.public_id}/invitations/{wanted}/again")
    else:
        street.revoke(membership)

    assert street.browser(boris).get(link).status_code == 410
    if how == "sent again":
        _work(street)
        fresh = "/invitation/" + postbox.letters[-1]["values"]["link"].rpartition("/")[2]
        assert street.browser(boris).get(fresh).status_code == 200


def test_a_right_may_run_out(street: Street, postbox: Postbox) -> None:
    anna, boris = _person(street, "Anna"), _person(street, "Boris")
    account = street.account(anna)
    link = _invite(street, street.browser(anna), account, postbox, until="2026-11-24")
    browser = street.browser(boris)
    browser.send_to(link, link + "/accept")
    home = f"/home/{account.public_id}/"

    street.clock.advance(timedelta(days=2, hours=11))
    assert browser.get(home).status_code == 200
    street.clock.advance(timedelta(hours=2))
    assert browser.get(home).status_code == 404
    street.grant(boris, account, "reader")
    assert browser.get(home).status_code == 200


def test_the_owner_changes_narrows_and_takes_away(street: Street, postbox: Postbox) -> None:
    anna, boris = _person(street, "Anna"), _person(street, "Boris")
    account = street.account(anna)
    membership = street.grant(boris, account, "payer")
    owner, member = street.browser(anna), street.browser(boris)
    one, home = f"/home/{account.public_id}/people/{membership}", f"/home/{account.public_id}/"
    assert "/payments" in member.get(home).text

    owner.send_many(one, one, {"role": "payer", "on": ["readings.view"]})
    page = member.get(home)
    assert page.status_code == 200
    assert f'href="/payments/{account.public_id}/' not in page.text
    refused = member.get(f"/payments/{account.public_id}/")
    assert refused.status_code == 403
    assert "switched off" in refused.text

    owner.send_many(one, one, {"role": "reader", "on": ["readings.view", "readings.submit"]})
    people_page = owner.get(f"/home/{account.public_id}/people").text
    assert "Sends readings" in people_page
    boris_now = _held(street, boris)
    done = owner.send_to(
        f"/home/{account.public_id}/people/{boris_now}", f"/home/{account.public_id}/people/{boris_now}/take"
    )
    assert done.status_code == 303
    assert member.get(home).status_code == 404
    assert street.number("SELECT count(*) FROM notify_letters WHERE template = 'accounts/letters/taken'") == 1


def test_a_person_switches_a_function_off_for_themself(street: Street) -> None:
    anna = _person(street, "Anna")
    account = street.account(anna)
    browser = street.browser(anna)
    pay = f"/payments/{account.public_id}/"
    assert browser.get(pay).status_code == 200

    browser.send_many("/settings/functions", "/settings/functions", {"on": ["readings.view"]})

    refused = browser.get(pay)
    assert refused.status_code == 403
    assert "You switched this off" in refused.text
    assert browser.get(f"/home/{account.public_id}/people").status_code == 200
    with street.portal.database.reading() as connection:
        directory = street.portal.ports.get(Accounts)  # type: ignore[type-abstract]
        assert directory.members(connection, account.id, "payments.view") == []
    browser.send_many("/settings/functions", "/settings/functions", {"on": ["payments.view"]})
    assert browser.get(pay).status_code == 200


def test_the_last_owner_neither_leaves_nor_is_taken(street: Street, postbox: Postbox) -> None:
    anna, boris = _person(street, "Anna"), _person(street, "Boris")
    account = street.account(anna)
    street.grant(boris, account, "payer")
    browser = street.browser(anna)
    leave, home = f"/home/{account.public_id}/leave", f"/home/{account.public_id}/"

    said = browser.send(leave)
    assert said.headers["location"].endswith("/leave")
    assert "Nobody else owns" in browser.get(leave).text
    mine = _held(street, anna)
    one = f"/home/{account.public_id}/people/{mine}"
    changed = browser.send_to(one, one, role="payer")
    assert changed.status_code == 409
    assert street.browser(boris).send(leave).headers["location"].endswith("/accounts")
    assert browser.get(home).status_code == 200

    street.grant(boris, account, "owner")
    assert browser.send(leave).headers["location"].endswith("/accounts")
    assert browser.get(home).status_code == 404


def test_an_account_is_handed_over_after_a_fresh_proof(street: Street, postbox: Postbox) -> None:
    anna, boris = _person(street, "Anna"), _person(street, "Boris")
    account = street.account(anna)
    browser = street.browser(anna)
    owner = f"/home/{account.public_id}/people/owner"
    street.clock.advance(timedelta(minutes=11))
    first = browser.get(owner)
    assert "/step-up" in first.headers.get("location", ""), first.text
    assert browser.client.post(owner, data={}).status_code == 303
    with street.unit() as db:
        db.execute(update(Session).values(stepped_up_at=street.clock.now()))

    assert browser.send(owner, email="boris@example.org", how="instead").status_code == 303
    _work(street)
    link = "/invitation/" + postbox.letters[-1]["values"]["link"].rpartition("/")[2]
    assert browser.send_to(link, link + "/accept", sure="on").status_code == 303
    assert street.browser(anna).get(f"/home/{account.public_id}/").status_code == 200, "nobody hands over to themself"
    taken = street.browser(boris).send_to(link, link + "/accept")

    assert taken.status_code == 303
    assert street.browser(boris).get(f"/home/{account.public_id}/people").status_code == 200
    assert street.browser(anna).get(f"/home/{account.public_id}/").status_code == 404


def test_a_manager_gives_no_more_than_they_may(street: Street, postbox: Postbox) -> None:
    anna = _person(street, "Anna")
    account = street.account(anna)
    browser = street.browser(anna)
    path = f"/home/{account.public_id}/people/invite"
    for fields in (
        {"role": "owner"},
        {"role": "nonsense"},
        {"role": "reader", "scope": "organisation"},
        {"role": "reader", "until": "2020-01-01"},
    ):
        assert browser.send(path, email="boris@example.org", **fields).status_code == 422, fields
    assert street.number("SELECT count(*) FROM accounts_invitations") == 0
    neighbour = street.account(number=2)
    assert browser.get(f"/home/{neighbour.public_id}/people").status_code == 404


def test_groups_and_organisations_are_managed_by_those_who_have_them(street: Street, postbox: Postbox) -> None:
    anna, boris, buh = (_person(street, name) for name in ("Anna", "Boris", "Buh"))
    mill = street.organisation("Mill")
    first, second, third = street.accounts(3, mill)
    with street.unit() as db:
        group = Group(name="North", organisation_id=mill.id, created_at=street.clock.now())
        db.add(group)
        db.flush()
        rows = [{"group_id": group.id, "account_id": each.id, "organisation_id": mill.id} for each in (first, second)]
        db.execute(insert(GroupAccount), rows)
        key = f"group-{group.public_id}"
    street.grant(anna, mill, "owner")
    street.grant(buh, first, "owner")

    assert (
        street.browser(buh)
        .send(f"/home/{first.public_id}/people/invite", email="x@example.org", role="reader", scope=key)
        .status_code
        == 422
    )
    link = _invite(street, street.browser(anna), first, postbox, scope=key)
    member = street.browser(boris)
    member.send_to(link, link + "/accept")

    found = [member.get(f"/home/{each.public_id}/").status_code for each in (first, second, third)]
    assert found == [200, 200, 404]
    mine = _held(street, boris)
    assert street.browser(buh).get(f"/home/{first.public_id}/people/{mine}").status_code == 404
    assert street.browser(anna).get(f"/home/{first.public_id}/people/{mine}").status_code == 200


def _held(street: Street, person: Identity) -> str:
    with street.portal.database.reading() as connection:
        return str(
            connection.execute(
                select(Membership.public_id).where(Membership.identity_id == person.id, Membership.revoked_at.is_(None))
            ).scalar_one()
        )


def test_a_group_is_filled_by_who_manages_its_accounts(street: Street, postbox: Postbox) -> None:
    anna, boris = _person(street, "Anna"), _person(street, "Boris")
    mill = street.organisation("Mill")
    first, second = street.accounts(2, mill)
    (foreign,) = street.accounts(1, first=9)
    street.grant(anna, mill, "owner")
    browser, path = street.browser(anna), f"/home/{first.public_id}/groups"

    browser.send(path, name="North", numbers=f"{second.number}\n{foreign.number}")
    key = "group-" + re.findall(r"/groups/(\w+)/out", browser.get(path).text)[0]
    assert "Accounts: 2" in browser.get(path).text
    link = _invite(street, browser, first, postbox, scope=key)
    member = street.browser(boris)
    member.send_to(link, link + "/accept")
    homes = [f"/home/{each.public_id}/" for each in (first, second, foreign)]
    assert [member.get(home).status_code for home in homes] == [200, 200, 404]

    browser.send_to(path, f"{path}/{key.removeprefix('group-')}/out")
    assert [member.get(home).status_code for home in homes] == [404, 200, 404]


def test_a_group_is_renamed_and_dissolved_by_who_manages_it(street: Street, postbox: Postbox) -> None:
    anna, boris, vera, greta = (_person(street, name) for name in ("Anna", "Boris", "Vera", "Greta"))
    first, second = street.account(anna, number=1), street.account(anna, number=2)
    street.grant(vera, first, "payer")
    browser, path = street.browser(anna), f"/home/{first.public_id}/groups"
    said = browser.get(browser.send(path, name="Family", numbers=f"{second.number} 999").headers["location"]).text
    assert "Not among those you manage: 999." in said
    group = re.findall(r"/groups/(\w+)/out", browser.get(path).text)[0]
    link = _invite(street, browser, first, postbox, scope=f"group-{group}")
    member = street.browser(boris)
    member.send_to(link, link + "/accept")
    waiting = _invite(street, browser, first, postbox, scope=f"group-{group}", email="greta@example.org")
    homes = [f"/home/{each.public_id}/" for each in (first, second)]
    assert [member.get(home).status_code for home in homes] == [200, 200]

    assert street.browser(vera).get(f"{path}/{group}").status_code == 403
    assert street.browser(greta).get(f"{path}/{group}").status_code == 404
    assert browser.send(f"{path}/{group}", name=" ").status_code == 422
    browser.send(f"{path}/{group}", name="Relatives")
    assert "Relatives" in browser.get(path).text
    browser.send_to(f"{path}/{group}", f"{path}/{group}/dissolve")

    assert [member.get(home).status_code for home in homes] == [404, 404]
    assert street.browser(greta).get(waiting).status_code == 410
    assert [browser.get(home).status_code for home in homes] == [200, 200]
    assert "Relatives" not in browser.get(path).text
    assert browser.get(f"{path}/{group}").status_code == 404


def test_people_of_one_name_are_told_apart(street: Street) -> None:
    anna, boris, vera = (_person(street, name) for name in ("Anna", "Boris", "Vera"))
    account = street.account(anna)
    for twin in (boris, vera):
        street.grant(twin, account, "payer")
    with street.unit() as db:
        db.execute(update(Identity).where(Identity.id == vera.id).values(name="Boris"))

    shown = street.browser(anna).get(f"/home/{account.public_id}/people").text

    for name in ("boris", "vera"):
        assert f"{name[0]}***@example.org" in shown
        assert f"{name}@example.org" not in shown
