"""What accounts bring to the portal, a line or two each."""

from __future__ import annotations

from typing import Any

from lkportal.accounts import handlers
from lkportal.accounts.api import CALLS
from lkportal.accounts.at_desk import DESK_SETTINGS
from lkportal.accounts.claims.claiming import Proofs
from lkportal.accounts.claims.codes import ProofKey, check_paper, check_post
from lkportal.accounts.claims.import_codes import CODES
from lkportal.accounts.claims.notices import claimed_facts
from lkportal.accounts.claims.routes import CLAIM_ROUTES
from lkportal.accounts.contract import AccountClaimed, Accounts, Colleagues, GuestLinks, MembershipRevoked, Reached
from lkportal.accounts.directory import Directory
from lkportal.accounts.finding.pages import Finders
from lkportal.accounts.finding.provided import FOUND, FOUND_PAGES
from lkportal.accounts.first.routes import FIRST_ROUTES
from lkportal.accounts.first.steps import FIRST_STEPS
from lkportal.accounts.first.visits import Steps, welcome
from lkportal.accounts.guard import MemberGuard
from lkportal.accounts.guests.links import LinkMaker, end_letters
from lkportal.accounts.guests.routes import GUEST_ROUTES, Door
from lkportal.accounts.guests.routes_own import LINK_ROUTES
from lkportal.accounts.holdings import Givings
from lkportal.accounts.home.panels import Panels
from lkportal.accounts.imports import KIND, Feed
from lkportal.accounts.past.telling import Actions
from lkportal.accounts.people.colleagues import ByRights
from lkportal.accounts.people.import_invitations import INVITATIONS
from lkportal.accounts.people.jobs import PEOPLE_JOBS
from lkportal.accounts.people.notices import PEOPLE_NOTICES
from lkportal.accounts.people.routes import PEOPLE_ROUTES
from lkportal.accounts.people.routes_groups import GROUP_ROUTES
from lkportal.accounts.people.routes_invited import INVITED_ROUTES
from lkportal.accounts.reached import Reachable
from lkportal.accounts.roles import Roles, roles_of
from lkportal.accounts.routes import ROUTES
from lkportal.accounts.routes_settings import Entries
from lkportal.accounts.settings import AccountsSettings
from lkportal.accounts.use_report import USE
from lkportal.auth.contract import Registered, WithoutSigningIn
from lkportal.core.asked.vouching import Holdings
from lkportal.core.contributions import (
    ClaimProof,
    DeskSetting,
    FirstStep,
    JobSpec,
    Listener,
    MenuItem,
    Notice,
    PortBinding,
    RouteSpec,
    Schedule,
    SettingsEntry,
)
from lkportal.core.hookspecs import hookimpl
from lkportal.core.i18n import text
from lkportal.core.imports import ImportKind
from lkportal.core.reports import Report
from lkportal.core.rest import ApiRoute
from lkportal.core.search import SearchPage, SearchProvider
from lkportal.core.tasks import Task, TaskStep
from lkportal.web.trust.guard import Guard


@hookimpl
def routes() -> list[RouteSpec]:
    return [
        *ROUTES,
        *CLAIM_ROUTES,
        *GUEST_ROUTES,
        *LINK_ROUTES,
        *FIRST_ROUTES,
        *PEOPLE_ROUTES,
        *INVITED_ROUTES,
        *GROUP_ROUTES,
    ]


@hookimpl
def desk_settings() -> list[DeskSetting]:
    return DESK_SETTINGS


@hookimpl
def search_providers() -> list[SearchProvider]:
    return FOUND


@hookimpl
def search_pages() -> list[SearchPage]:
    return FOUND_PAGES


@hookimpl
def menu() -> list[MenuItem]:
    return [MenuItem("accounts:home", text("accounts.menu", "Home"), "house", 10, "accounts.view")]


@hookimpl
def settings_entries() -> list[SettingsEntry]:
    return [
        SettingsEntry(
            "accounts:profile",
            text("accounts.entry.profile", "Name and language"),
            text("accounts.entry.profile_hint", "How we address you, and in which language"),
            "user",
            order=10,
            now=lambda request: request.actor.name,
            group="you",
        ),
        SettingsEntry(
            "accounts:functions",
            text("accounts.entry.functions", "Functions"),
            text("accounts.entry.functions_hint", "What works with your sign-in and what you switched off"),
            "settings",
            order=60,
            who="customer",
            group="you",
        ),
        SettingsEntry(
            "accounts:cards",
            text("accounts.entry.cards", "Home page"),
            text("accounts.entry.cards_hint", "Which cards stand there, and in which order"),
            "house",
            order=50,
            who="customer",
            now=lambda request: "" if request.menu_account else None,
            group="you",
        ),
    ]


@hookimpl
def ports() -> list[PortBinding]:
    return [
        PortBinding(Guard, MemberGuard),
        PortBinding(Accounts, _directory),
        PortBinding(Reached, lambda portal: Reachable(_directory(portal), portal.clock)),
        PortBinding(Entries, lambda portal: Entries(portal.registry.settings_entries)),
        PortBinding(Directory, _directory),
        PortBinding(Colleagues, ByRights),
        PortBinding(AccountsSettings, lambda portal: portal.settings_of("accounts")),
        PortBinding(Roles, lambda portal: roles_of(portal.registry)),
        PortBinding(Panels, lambda portal: Panels(portal.registry, portal.settings_of("accounts"))),
        PortBinding(Actions, _actions),
        PortBinding(Finders, lambda portal: Finders.of(portal.registry)),
        PortBinding(Feed, Feed.of),
        PortBinding(Proofs, lambda portal: Proofs.of(portal.registry, portal.settings_of("accounts").claim)),
        PortBinding(ProofKey, lambda portal: ProofKey.of(portal.settings.secret_key.get_secret_value())),
        PortBinding(GuestLinks, lambda portal: LinkMaker(portal.registry)),
        PortBinding(Steps, Steps.of),
        PortBinding(WithoutSigningIn, Door),
        PortBinding(LinkMaker, lambda portal: LinkMaker(portal.registry)),
        PortBinding(Holdings, lambda _portal: Givings()),
    ]


@hookimpl
def import_kinds() -> list[ImportKind]:
    return [KIND, CODES, INVITATIONS]


@hookimpl
def first_steps() -> list[FirstStep]:
    return FIRST_STEPS


@hookimpl
def listeners() -> list[Listener]:
    return [
        Listener(
            Registered.name, "accounts.welcome", welcome, text("accounts.follows.welcome", "Sends the first letter")
        ),
        Listener(
            MembershipRevoked.name,
            "accounts.end_letters",
            end_letters,
            text("accounts.follows.letters", "Ends the links of letters that were not used"),
        ),
    ]


@hookimpl
def claim_proofs() -> list[ClaimProof]:
    return [
        ClaimProof(
            "accounts.paper",
            text("accounts.proof.paper", "Code from the paper bill"),
            text("accounts.proof.paper_label", "Code from the paper bill"),
            text("accounts.proof.paper_hint", "It stands beside the number of the account, such as K7M2P-9XRTA"),
            check_paper,
            level=1,
            strong=True,
            order=10,
        ),
        ClaimProof(
            "accounts.post",
            text("accounts.proof.post", "Code from a letter"),
            text("accounts.proof.post_label", "Code from the letter"),
            text("accounts.proof.post_hint", "From the letter we sent to the address of the account"),
            check_post,
            level=2,
            strong=True,
            order=40,
        ),
    ]


@hookimpl
def jobs() -> list[JobSpec]:
    return [*handlers.JOBS, *PEOPLE_JOBS]


@hookimpl
def schedules() -> list[Schedule]:
    return [*handlers.SCHEDULES]


@hookimpl
def notices() -> list[Notice]:
    return [
        Notice(
            "accounts.claimed",
            AccountClaimed.name,
            "accounts.access",
            "accounts/notices/claimed",
            claimed_facts,
            action="accounts.manage",
            route="accounts:newcomers",
        ),
        *PEOPLE_NOTICES,
    ]


def _actions(portal: Any) -> Actions:
    return Actions.of(portal.registry.actions, portal.registry.installed, portal.registry.modules)


def _directory(portal: Any) -> Directory:
    levels = portal.settings_of("accounts").claim.levels
    return Directory(roles_of(portal.registry), portal.clock, levels, portal.registry.opening)


@hookimpl
def reports() -> list[Report]:
    return [USE]


@hookimpl
def tasks() -> list[Task]:
    return [
        Task(
            "accounts.task",
            text("accounts.task.title", "Get access to an account"),
            (
                TaskStep("seen", text("accounts.task.seen", "Form seen"), ("accounts:claim",)),
                TaskStep("proved", text("accounts.task.proved", "Access given"), ("accounts:claimed",)),
            ),
            order=40,
        )
    ]


@hookimpl
def api_routes() -> list[ApiRoute]:
    return CALLS
