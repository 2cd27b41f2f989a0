"""`lkportal user`: the first administrator, people of the company and their roles, from the shell."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import click
from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from lkportal.accounts import service
from lkportal.accounts.contract import CUSTOMER_ROLES, AccountRef, Accounts, Role
from lkportal.accounts.desk.roles import give_role
from lkportal.accounts.models import Account
from lkportal.auth import identities
from lkportal.auth.contract import Registered
from lkportal.auth.door.entering import audit
from lkportal.auth.models import Identity
from lkportal.auth.passwords import Passwords
from lkportal.auth.second import proving
from lkportal.core.errors import PortalError
from lkportal.core.events import emit
from lkportal.core.policy import Permission
from lkportal.core.ports import port
from lkportal.core.registry.overlay import read_overlay
from lkportal.core.unit import open_unit
from lkportal.staff.people import matrix, rules
from lkportal.web.forms import fields

Load = Callable[[], Any]


@click.group()
def user() -> None:
    """People who sign in."""


@user.command("add")
@click.argument("login")
@click.option("--kind", type=click.Choice(["staff", "customer"]), default="staff", show_default=True, help="Who it is.")
@click.option("--name", required=True, help="How the person is called.")
@click.option("--role", "roles", multiple=True, help="A role of the company's people; may be given twice.")
@click.option("--email", default="", help="Mailbox of letters and recovery; the login itself when that is an address.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of asking.")
@click.pass_obj
def add(load: Load, login: str, kind: str, name: str, roles: tuple[str, ...], email: str, password_stdin: bool) -> None:
    """Make a person who signs in with LOGIN: an e-mail address, a phone number or a name."""
    if roles and kind != "staff":
        raise click.UsageError("Roles are for the company's people: leave --role out, or take --kind staff.")
    portal = load()
    for role in roles:
        _known_role(portal, role)
    spelt = _spelt(login, fields.login)
    mailbox = _spelt(email, fields.email) if email else spelt if "@" in spelt else ""
    passwords: Passwords = portal.ports.get(Passwords)
    password = _password(password_stdin)
    problem = passwords.problem(password, (spelt, name))
    if problem is not None:
        raise click.ClickException(str(problem))
    made = passwords.make(password)
    with open_unit(portal.database, portal.unit_context("user add")) as db:
        identity = identities.create(db, kind=kind, login=spelt, name=name, password_hash=made, email=mailbox)
        if identity is None:
            raise click.ClickException(
                f"Somebody has the login {spelt} already. Take another, or `lkportal user role`."
            )
        emit(db, Registered(identity))
        audit(db, "auth.registered", identity)
        person = identities.by_login(db.connection(), spelt)
        for role in roles if person else ():
            give_role(db, person.id, identity, role)  # type: ignore[union-attr]
    click.echo(f"{spelt} may sign in{' as ' + ', '.join(roles) if roles else ''}.")


@user.command("role")
@click.argument("login")
@click.argument("role")
@click.option("--take", is_flag=True, help="Take the role away instead of giving it.")
@click.pass_obj
def role_command(load: Load, login: str, role: str, take: bool) -> None:
    """Give one of the company's people a ROLE, or take it away. They are signed out and come in anew with what they may do."""
    portal = load()
    person = _person(portal, login)
    if person.kind != "staff":
        raise click.ClickException(f"{person.login} is a customer: roles are for the company's people.")
    if not take:
        _known_role(portal, role)
    permissions = _permissions(portal)
    with _refusing(), open_unit(portal.database, portal.unit_context("user role")) as db:
        changed = (rules.take if take else rules.give)(db, permissions, person, role)
    said = "no longer" if take else "now"
    click.echo(f"{person.login} is {said} {role}." if changed else "That was so already: nothing changed.")


@user.command("account")
@click.argument("login")
@click.argument("number")
@click.option(
    "--role", type=click.Choice(CUSTOMER_ROLES), default="owner", show_default=True, help="What they may do there."
)
@click.option("--take", is_flag=True, help="Take the account away instead of giving it.")
@click.pass_obj
def account_command(load: Load, login: str, number: str, role: Role, take: bool) -> None:
    """Give a customer the account with this NUMBER, or take it away. It holds from their next request on."""
    portal = load()
    person = _person(portal, login)
    if person.kind != "customer":
        raise click.ClickException(f"{person.login} is of the company: accounts are for customers.")
    with open_unit(portal.database, portal.unit_context("user account")) as db:
        account = _account(db, number)
        held = db.scalars(service.HELD, {"identity_id": person.id, "account_id": account.id}).all() if take else ()
        for membership in held:
            service.revoke(db, membership, account)
        if not take:
            service.grant(db, person.id, account, role)
    if take and not held:
        click.echo(f"{person.login} had no right to {number} alone: nothing changed.")
    else:
        click.echo(
            f"{person.login} has no right to {number} any more." if take else f"{person.login} is {role} of {number}."
        )


@user.command("disable")
@click.argument("login")
@click.pass_obj
def disable(load: Load, login: str) -> None:
    """Keep a person out from now on: their sessions end, their password opens nothing."""
    portal = load()
    person = _person(portal, login)
    permissions = _permissions(portal)
    with _refusing(), open_unit(portal.database, portal.unit_context("user disable")) as db:
        rules.disable(db, permissions, person)
    click.echo(f"{person.login} is signed out and may not sign in.")


@user.command("reset-second")
@click.argument("login")
@click.pass_obj
def reset_second(load: Load, login: str) -> None:
    """Take the second factor from a person who lost it, once you made sure who they are. Their sessions end; they are told."""
    portal = load()
    person = _person(portal, login)
    with open_unit(portal.database, portal.unit_context("user reset-second")) as db:
        proving.reset(db, person)
    click.echo(f"{person.login} signs in without a second factor, and may set up another.")


@user.command("enable")
@click.argument("login")
@click.pass_obj
def enable(load: Load, login: str) -> None:
    """Let a person in again who was kept out; their roles and accounts are as they were."""
    portal = load()
    spelt = _spelt(login, fields.login)
    with open_unit(portal.database, portal.unit_context("user enable")) as db:
        known = select(Identity.id, Identity.public_id).where(Identity.login == spelt)
        person: Any = db.execute(known.where(Identity.disabled_at.is_not(None))).first()
        if person is None:
            raise click.ClickException(f"Nobody with the login {spelt} is kept out: nothing changed.")
        rules.enable(db, person)
    click.echo(f"{spelt} may sign in again.")


@user.command("sign-out")
@click.argument("login")
@click.pass_obj
def sign_out(load: Load, login: str) -> None:
    """End all sessions of a person: they sign in anew on every device."""
    portal = load()
    person = _person(portal, login)
    with open_unit(portal.database, portal.unit_context("user sign-out")) as db:
        ended = rules.end_sessions(db, person)
    click.echo(f"{person.login} is signed out: {ended} session(s) ended.")


@user.command("sign-out-all")
@click.option("--customers", is_flag=True, help="Customers alone; the company's people stay signed in.")
@click.option("--reason", required=True, help="What happened; it stays in the audit.")
@click.pass_obj
def sign_out_all(load: Load, customers: bool, reason: str) -> None:
    """End the sessions of everybody at once, in every process: for the day something leaked."""
    words = " ".join(reason.split())
    if not 5 <= len(words) <= 200:
        raise click.UsageError("Say what happened in 5 to 200 characters: --reason 'a laptop was stolen'.")
    portal = load()
    with open_unit(portal.database, portal.unit_context("user sign-out-all")) as db:
        ended = rules.sign_everybody_out(db, "customers" if customers else "everybody", words)
    click.echo(f"{'Customers are' if customers else 'Everybody is'} signed out: {ended} session(s) ended.")


def _permissions(portal: Any) -> Mapping[str, Permission]:
    """Return the matrix as it is stored: a command starts no portal that would have taken it up."""
    with portal.database.reading() as connection:
        stored = read_overlay(connection)
    found: Mapping[str, Permission] = portal.registry_under(stored).permissions
    return found


def _known_role(portal: Any, role: str) -> None:
    known = [each.name for each in matrix.roles(portal.settings_of("staff"))]
    if role not in known:
        raise click.ClickException(f"There is no role {role!r}. Roles: {', '.join(known)}.")


@contextmanager
def _refusing() -> Iterator[None]:
    """Say what a rule forbids as a sentence of the shell."""
    try:
        yield
    except rules.Refused as error:
        raise click.ClickException(str(error.message)) from None


def _person(portal: Any, login: str) -> Row[Any]:
    spelt = _spelt(login, fields.login)
    with portal.database.reading() as connection:
        person = identities.by_login(connection, spelt)
    if person is None:
        raise click.ClickException(f"Nobody signs in with {spelt}. Make them with `lkportal user add {spelt}`.")
    return person


def _account(db: Session, number: str) -> AccountRef:
    found = db.scalars(select(Account.public_id).where(Account.number == number)).all()
    account = port(db, Accounts).by_public_id(db, found[0]) if len(found) == 1 else None  # type: ignore[type-abstract]
    if account is not None:
        return account
    if found:
        raise click.ClickException(
            f"There are {len(found)} accounts {number}: this command tells accounts by their number alone. Nothing was changed."
        )
    raise click.ClickException(f"There is no account {number}. Bring it with `lkportal import accounts FILE`.")


def _password(from_stdin: bool) -> str:
    if from_stdin:
        typed = sys.stdin.readline().rstrip("\r\n")
        if not typed:
            raise click.ClickException("Standard input holds no password: write it there as one line.")
        return typed
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))


def _spelt(typed: str, spell: Callable[[Any], str]) -> str:
    try:
        return spell(typed)
    except (PortalError, ValueError):
        raise click.ClickException(f"{typed!r} is neither an e-mail address, a phone number nor a login.") from None
