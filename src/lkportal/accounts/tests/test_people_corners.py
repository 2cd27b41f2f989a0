"""People of an account when something stands against it: half-filled forms, limits, what was changed by somebody else meanwhile."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session as Unit

from lkportal.accounts import service
from lkportal.accounts.contract import AccountRef
from lkportal.accounts.models import Group, GroupAccount, Invitation, Membership
from lkportal.accounts.people import deciding, inviting, jobs
from lkportal.accounts.people.inviting import InvitationGone, InvitationOver
from lkportal.accounts.roles import Roles
from lkportal.accounts.tests.street import Browser, Street
from lkportal.auth.models import Identity
from lkportal.core.errors import NotFound
from lkportal.core.jobs import enqueue
from lkportal.core.policy import Actor
from lkportal.core.unit import open_unit
from lkportal.testing.races import meanwhile

PASSWORD = "lantern by the seventh gate"


def known(street: Street, name: str) -> Identity:
    """A person with a confirmed mailbox."""
    made = street.person(name)
    with street.unit() as db:
        db.execute(update(Identity).where(Identity.id == made.id).values(email_confirmed_at=street.clock.now()))
    return made


@pytest.fixture
def anna(street: Street) -> Identity:
    return known(street, "Anna")


@pytest.fixture
def account(street: Street, anna: Identity) -> AccountRef:
    return street.account(anna)


@pytest.fixture
def owner(street: Street, anna: Identity, account: AccountRef) -> Browser:
    """Anna's browser, who owns the account."""
    return street.browser(anna)


def invited(street: Street, owner: Browser, account: AccountRef, **fields: str) -> tuple[str, str]:
    """Invite Boris; return the public id of the invitation and the path of its link."""
    page = f"/home/{account.public_id}/people/invite"
    assert owner.send(page, email="boris@example.org", role="reader", **fields).status_code == 303
    with street.unit() as db:
        public = db.scalars(select(Invitation.public_id).order_by(Invitation.id.desc())).first()
        minted = inviting.mint(db, str(public))
        assert minted is not None
    return str(public), f"/invitation/{minted[1]}"


def no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """The invitations of the day are used up."""
    monkeypatch.setattr(inviting, "allow_in", lambda *_asked: False)


def test_a_day_has_its_number_of_invitations(
    street: Street, owner: Browser, account: AccountRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    public, _ = invited(street, owner, account)
    at = f"/home/{account.public_id}"
    no_more(monkeypatch)

    refused = owner.send(f"{at}/people/invite", email="vera@example.org", role="reader")
    offered = owner.send(f"{at}/people/owner", email="vera@example.org", how="beside")
    again = owner.send_to(f"{at}/people", f"{at}/invitations/{public}/again")

    assert (refused.status_code, offered.status_code, again.status_code) == (429, 429, 303)
    assert "vera@example.org" in refused.text, "what was typed stays"
    assert street.number("SELECT count(*) FROM accounts_invitations") == 1


def test_an_invitation_that_waits_is_said_anew_instead_of_twice(
    street: Street, owner: Browser, account: AccountRef
) -> None:
    first, _ = invited(street, owner, account, word="Hello")
    second, _ = invited(street, owner, account, word="Hello again")

    assert first == second
    with street.portal.database.reading() as connection:
        assert connection.execute(select(Invitation.word)).scalars().all() == ["Hello again"]


def test_an_invitation_that_is_over_is_neither_sent_nor_taken_back(
    street: Street, owner: Browser, account: AccountRef, anna: Identity
) -> None:
    public, link = invited(street, owner, account)
    at = f"/home/{account.public_id}"
    page = owner.get(f"{at}/people").text
    assert owner.send_to(f"{at}/people", f"{at}/invitations/{public}/withdraw").status_code == 303

    for act in ("again", "withdraw"):
        assert owner.send_to(f"{at}/people/invite", f"{at}/invitations/{public}/{act}").status_code == 410
    assert owner.send_to(f"{at}/people/invite", f"{at}/invitations/nothing/again").status_code == 404
    assert public in page
    stranger = street.browser()
    for act, fields in (("join", {"name": "Boris", "password": PASSWORD}), ("accept", {"sure": "on"})):
        assert stranger.send_to("/login", f"{link}/{act}", **fields).status_code == 410
    with street.unit() as db:
        assert inviting.mint(db, public) is None
        row = db.execute(select(*Invitation.__table__.columns)).one()
        with pytest.raises(InvitationOver):
            inviting.again(db, row, account, 14, 10)
    street.portal.worker().run_once()
    assert street.number("SELECT count(*) FROM notify_letters WHERE template LIKE '%invitation'") == 0


def test_only_a_customer_accepts_and_a_newcomer_who_is_known_signs_in_first(
    street: Street, owner: Browser, account: AccountRef
) -> None:
    _, link = invited(street, owner, account)
    clerk, stranger = street.browser(street.person("Clerk", "staff")), street.browser()
    assert clerk.send_to(link, f"{link}/accept", sure="on").status_code == 422
    assert stranger.send_to(link, f"{link}/join", name="", password=PASSWORD).status_code == 422
    known(street, "Boris")

    answer = stranger.send_to(link, f"{link}/join", name="Boris", password=PASSWORD)

    assert answer.headers["location"].endswith(link)
    assert street.number("SELECT count(*) FROM accounts_memberships WHERE role = 'reader'") == 0


def test_a_network_that_opens_too_many_invitations_waits(
    street: Street, owner: Browser, account: AccountRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, link = invited(street, owner, account)
    monkeypatch.setitem(street.portal.settings_of("auth").__dict__, "network_tries", 1)
    stranger = street.browser()

    answers = [stranger.send_to(link, f"{link}/join", name="Boris", password="short").status_code for _ in range(2)]

    assert answers == [422, 429]


def test_of_two_who_accept_one_is_told_that_it_is_gone(street: Street, owner: Browser, account: AccountRef) -> None:
    _, link = invited(street, owner, account)
    boris, token = known(street, "Boris"), link.rpartition("/")[2]
    context = replace(street.portal.unit_context("test"), actor=Actor("customer", boris.id, boris.public_id))
    with open_unit(street.portal.database, context) as db:
        inviting.accept(db, token, boris.id)

    with pytest.raises(InvitationGone), open_unit(street.portal.database, context) as db:
        inviting.accept(db, token, boris.id)


def test_what_was_offered_by_who_owns_it_no_more_is_gone(street: Street, owner: Browser, account: AccountRef) -> None:
    page = f"/home/{account.public_id}/people/owner"
    assert owner.send(page, email="boris@example.org", how="instead").status_code == 303
    boris = known(street, "Boris")
    with street.unit() as db:
        public = db.scalars(select(Invitation.public_id)).one()
        minted = inviting.mint(db, public)
        assert minted is not None
        db.execute(update(Membership).values(revoked_at=street.clock.now()))

    answer = street.browser(boris).send_to("/settings/functions", f"/invitation/{minted[1]}/accept", sure="on")

    assert answer.status_code == 410
    assert street.number("SELECT count(*) FROM accounts_memberships WHERE revoked_at IS NULL") == 0


def test_what_its_owner_loses_at_the_moment_of_giving_goes_to_nobody(
    street: Street, owner: Browser, account: AccountRef, anna: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = f"/home/{account.public_id}/people/owner"
    assert owner.send(page, email="boris@example.org", how="instead").status_code == 303
    boris, given = known(street, "Boris"), service.grant_scope
    with street.unit() as db:
        minted = inviting.mint(db, db.scalars(select(Invitation.public_id)).one())
        assert minted is not None

    def taken_meanwhile(db: Unit, *asked: Any) -> str:
        db.execute(update(Membership).where(Membership.identity_id == anna.id).values(revoked_at=street.clock.now()))
        return given(db, *asked)

    monkeypatch.setattr(service, "grant_scope", taken_meanwhile)
    answer = street.browser(boris).send_to("/settings/functions", f"/invitation/{minted[1]}/accept", sure="on")

    assert answer.status_code == 410
    assert street.number(f"SELECT count(*) FROM accounts_memberships WHERE identity_id = {boris.id}") == 0


def test_only_who_owns_it_alone_hands_an_account_over(street: Street) -> None:
    anna, firm = known(street, "Anna"), street.organisation("Works")
    (account,) = street.accounts(1, firm)
    street.grant(anna, firm)
    browser = street.browser(anna)
    at = f"/home/{account.public_id}"

    assert browser.get(f"{at}/people/owner").status_code == 404
    assert browser.send_to(f"{at}/people", f"{at}/people/owner", email="b@example.org", how="beside").status_code == 404
    assert browser.send(f"{at}/leave").headers["location"].endswith("/leave")
    assert browser.get(f"{at}/people").status_code == 200


def test_a_half_filled_form_about_people_comes_back(
    street: Street, owner: Browser, account: AccountRef, anna: Identity
) -> None:
    boris = known(street, "Boris")
    membership = street.grant(boris, account, "payer")
    at = f"/home/{account.public_id}"
    one = f"{at}/people/{membership}"

    assert owner.send(f"{at}/people/owner", email="vera@example.org", how="at once").status_code == 422
    assert owner.send(one, role="duke").status_code == 422
    assert owner.send(one, role="payer", until="yesterday").status_code == 422
    assert owner.send(one, role="owner", until="2026-12-31").status_code == 422
    assert owner.send(f"{at}/people/invite", email="").status_code == 422
    assert owner.send(f"{at}/groups", name="n" * 121, numbers="").status_code == 422
    assert owner.send(f"{at}/groups", name="", numbers="").status_code == 422
    assert owner.send_to(f"{at}/groups", f"{at}/groups/nothing/out").status_code == 404
    assert owner.send_many("/settings/functions", "/settings/functions", {"on": ["nobody.knows"]}).status_code == 303
    assert owner.send("/settings/functions", off="payments.pay").status_code == 422


def test_a_right_that_was_taken_meanwhile_is_told_as_gone(
    street: Street, owner: Browser, account: AccountRef, anna: Identity
) -> None:
    boris = known(street, "Boris")
    membership = street.grant(boris, account, "payer")
    street.revoke(membership)
    at = f"/home/{account.public_id}"

    assert owner.get(f"{at}/people/{membership}").status_code == 410
    assert owner.get(f"{at}/people/nothing").status_code == 404
    with pytest.raises(NotFound), street.unit() as db:
        service.revoke(db, membership)
    with street.unit() as db:
        row = db.execute(select(*Membership.__table__.columns).where(Membership.public_id == membership)).one()
        with pytest.raises(deciding.Gone):
            deciding.take(db, row, account)
        with pytest.raises(deciding.Gone):
            deciding.narrow(db, row, account, {"payments.view"})


def test_the_last_owner_is_not_taken_by_another_page(
    street: Street, owner: Browser, account: AccountRef, anna: Identity
) -> None:
    with street.portal.database.reading() as connection:
        mine = connection.execute(select(Membership.public_id)).scalar_one()
    one = f"/home/{account.public_id}/people/{mine}"

    answer = owner.send_to(one, f"{one}/take")

    assert answer.headers["location"].endswith("/people")
    assert "Nobody else owns" in owner.get(answer.headers["location"]).text
    assert owner.get(f"/home/{account.public_id}/").status_code == 200


def test_who_has_no_mailbox_is_not_written_to(street: Street, owner: Browser, account: AccountRef) -> None:
    silent = street.person("Silent")
    membership = street.grant(silent, account, "payer")
    one = f"/home/{account.public_id}/people/{membership}"

    assert owner.send_to(one, f"{one}/take").status_code == 303

    assert street.number("SELECT count(*) FROM notify_letters WHERE template = 'accounts/letters/taken'") == 0


def test_another_role_alone_leaves_its_functions_on(street: Street, owner: Browser, account: AccountRef) -> None:
    membership = street.grant(known(street, "Boris"), account, "payer")
    one = f"/home/{account.public_id}/people/{membership}"
    on = re.findall(r'name="on" value="([^"]+)"', owner.get(one).text)

    assert owner.send_many(one, one, {"role": "reader", "on": on}).status_code == 303

    assert street.number("SELECT count(*) FROM accounts_memberships WHERE role = 'reader' AND without = ''") == 1
    assert street.number("SELECT count(*) FROM accounts_memberships WHERE role = 'payer' AND revoked_at IS NULL") == 0


def test_a_right_to_a_whole_company_that_ends_is_no_news_of_one_account(street: Street) -> None:
    buh, firm = known(street, "Buh"), street.organisation("Works")
    (account,) = street.accounts(1, firm, first=2)
    street.grant(known(street, "Vera"), account)
    membership = street.grant(buh, firm, "accountant")

    with street.unit() as db:
        row = db.execute(select(*Membership.__table__.columns).where(Membership.public_id == membership)).one()
        deciding.take(db, row, account)
    street.portal.worker().run_once()

    assert street.number("SELECT count(*) FROM notify_messages WHERE notice = 'accounts.left'") == 0
    assert street.number("SELECT count(*) FROM core_jobs WHERE error_class <> ''") == 0


def test_another_role_keeps_what_is_switched_off(street: Street, owner: Browser, account: AccountRef) -> None:
    boris = known(street, "Boris")
    membership = street.grant(boris, account, "payer")
    one = f"/home/{account.public_id}/people/{membership}"
    owner.send_many(one, one, {"role": "payer", "on": ["readings.view"]})

    with street.unit() as db:
        row = deciding.one(db.connection(), account, membership, street.clock.now())
        made = deciding.change(db, row, account, "reader", None)
        kept = deciding.one(db.connection(), account, made, street.clock.now())

    assert row.without == kept.without != ""


def test_a_group_of_ones_own_gives_no_more_than_ones_own_rights(
    street: Street, anna: Identity, account: AccountRef, owner: Browser
) -> None:
    """Anna shares her account with Boris, who manages it too: her group is hers, and each decides on their own groups."""
    boris = known(street, "Boris")
    street.grant(boris, account, "owner")
    page = f"/home/{account.public_id}/groups"
    assert owner.send(page, name="Dacha", numbers="").status_code == 303
    assert owner.send(page, name="Dacha", numbers="").status_code == 303
    assert street.number("SELECT count(*) FROM accounts_groups") == 1
    with street.portal.database.reading() as connection:
        roles, moment = street.portal.ports.get(Roles), street.clock.now()
        of_anna = deciding.hand(connection, anna.id, account, roles, moment)
        of_boris = deciding.hand(connection, boris.id, account, roles, moment)

    assert [each.column for each in of_anna.scopes] == ["account_id", "group_id"]
    assert [each.column for each in of_boris.scopes] == ["account_id"]


def test_a_right_to_a_group_that_is_taken_leaves_the_group_whole(street: Street, anna: Identity) -> None:
    account = street.account(anna)
    with street.unit() as db:
        group = db.execute(
            insert(Group).returning(Group.id),
            {"name": "Dacha", "identity_id": anna.id, "public_id": "dacha", "created_at": street.clock.now()},
        ).scalar_one()
        db.execute(insert(GroupAccount), {"group_id": group, "account_id": account.id})
    boris = known(street, "Boris")
    with street.unit() as db:
        made = service.grant_scope(db, boris.id, "reader", {"group_id": group}, None, 2, None)
        row = db.execute(select(*Membership.__table__.columns).where(Membership.public_id == made)).one()
        deciding.take(db, row, None)

    assert street.number("SELECT count(*) FROM accounts_group_accounts") == 1


def test_letters_of_a_large_file_go_in_batches_with_a_pause(
    street: Street, account: AccountRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "A_BATCH", 2)
    said = {"locale": "", "expires_at": street.clock.now() + timedelta(days=14), "made_under": None, "hands_over": 0}
    said |= {"name": "", "word": "", "right_until": None, "source": "file"}
    with street.unit() as db:
        for number in range(3):
            inviting.write(db, f"flat{number}@example.org", "reader", {"account_id": account.id}, said)
        enqueue(db, inviting.SEND_BATCH, {"source": "file", "after": 0})
    queued = "SELECT count(*) FROM core_jobs WHERE name = 'accounts.send_invitation'"
    street.portal.worker().run_once()
    first = street.number(queued)
    street.clock.advance(jobs.PAUSE)
    street.portal.worker().run_once()

    assert (first, street.number(queued)) == (2, 3)


def test_a_right_given_by_a_customer_is_proved_no_better_than_theirs(
    street: Street, anna: Identity, account: AccountRef
) -> None:
    with street.unit() as db:
        db.execute(update(Membership).values(level=1))
    boris = known(street, "Boris")
    context = replace(street.portal.unit_context("test"), actor=Actor("customer", anna.id, anna.public_id))

    with open_unit(street.portal.database, context) as db:
        service.grant(db, boris.id, account, "payer")

    assert street.number(f"SELECT level FROM accounts_memberships WHERE identity_id = {boris.id}") == 1


def test_a_newcomer_whose_invitation_is_withdrawn_meanwhile_is_not_made(
    street: Street, owner: Browser, account: AccountRef
) -> None:
    _, link = invited(street, owner, account)
    stranger = street.browser()
    page = stranger.get(link).text
    token = page.split('name="csrf_token" value="')[1].partition('"')[0]

    def withdraw() -> None:
        with street.unit() as db:
            db.execute(update(Invitation).values(revoked_at=street.clock.now()))

    with meanwhile(street.portal.database, "FROM accounts_invitations", withdraw):
        answer = stranger.client.post(f"{link}/join", data={"csrf_token": token, "name": "Boris", "password": PASSWORD})

    assert answer.status_code == 410
    assert street.number("SELECT count(*) FROM auth_identities WHERE login LIKE 'boris%'") == 0
