"""Every hook of the portal, one function each. Hooks are called once, when the registry is built, and return plain objects
(lists of records from contributions). No hook is called while a request is answered."""

from __future__ import annotations

import pluggy

from lkportal.core.asked.vouching import PasswordSourceSpec
from lkportal.core.connecting.exchange import Connector
from lkportal.core.contributions import (
    Card,
    Check,
    ClaimProof,
    Command,
    DeskSetting,
    DocumentKind,
    FirstStep,
    GatewayBinding,
    GuestPurpose,
    JobSpec,
    Listener,
    MenuItem,
    Notice,
    PortBinding,
    Queue,
    RouteSpec,
    Schedule,
    Section,
    SettingsEntry,
    SignInWay,
    TemplateGlobal,
    WorkerScript,
)
from lkportal.core.imports import ImportKind
from lkportal.core.reports import Report
from lkportal.core.request_types import RequestType, Subject
from lkportal.core.rest import ApiRoute
from lkportal.core.search import SearchPage, SearchProvider
from lkportal.core.tasks import Task

hookspec = pluggy.HookspecMarker("lkportal")
hookimpl = pluggy.HookimplMarker("lkportal")


@hookspec
def routes() -> list[RouteSpec]:  # type: ignore[empty-body]
    """Customer pages and actions, mounted under /<module>/."""


@hookspec
def staff_pages() -> list[RouteSpec]:  # type: ignore[empty-body]
    """Pages of the back office, mounted under /staff/<module>/."""


@hookspec
def menu() -> list[MenuItem]:  # type: ignore[empty-body]
    """Entries of the customer's menu."""


@hookspec
def staff_menu() -> list[MenuItem]:  # type: ignore[empty-body]
    """Entries of the back office's menu."""


@hookspec
def cards() -> list[Card]:  # type: ignore[empty-body]
    """Cards of the dashboard."""


@hookspec
def sections() -> list[Section]:  # type: ignore[empty-body]
    """Parts of other modules' pages: each fills a named slot, such as "staff:customer"."""


@hookspec
def sign_in_ways() -> list[SignInWay]:  # type: ignore[empty-body]
    """Ways to sign in. Each ends in `arrive`; the setting auth.ways says which are open."""


@hookspec
def password_sources() -> list[PasswordSourceSpec]:  # type: ignore[empty-body]
    """Systems that know people and check their passwords: the company's database, its ERP, a directory."""


@hookspec
def settings_entries() -> list[SettingsEntry]:  # type: ignore[empty-body]
    """Entries of the page where people settle what is theirs: a link and a line of what is there."""


@hookspec
def listeners() -> list[Listener]:  # type: ignore[empty-body]
    """Handlers of events. Each runs in its own unit of work and bears being run twice."""


@hookspec
def notices() -> list[Notice]:  # type: ignore[empty-body]
    """What people are told when an event happens: letters and entries of the in-app list."""


@hookspec
def jobs() -> list[JobSpec]:  # type: ignore[empty-body]
    """Work that runs later, outside of a request."""


@hookspec
def schedules() -> list[Schedule]:  # type: ignore[empty-body]
    """Jobs that come back by a cron line in the company's time zone."""


@hookspec
def ports() -> list[PortBinding]:  # type: ignore[empty-body]
    """Answers to questions that other rooms ask through a Protocol."""


@hookspec
def import_kinds() -> list[ImportKind]:  # type: ignore[empty-body]
    """Kinds of files that `lkportal import KIND FILE` and the bulk feed take."""


@hookspec
def payment_gateways() -> list[GatewayBinding]:  # type: ignore[empty-body]
    """Payment gateways that the company may choose from in its settings."""


@hookspec
def connectors() -> list[Connector]:  # type: ignore[empty-body]
    """Ties with other systems: what is told to them and asked of them, with a place on the desk's page of connections."""


@hookspec
def commands() -> list[Command]:  # type: ignore[empty-body]
    """Commands of the shell, put under `lkportal <name>`."""


@hookspec
def template_globals() -> list[TemplateGlobal]:  # type: ignore[empty-body]
    """Names that every template may use."""


@hookspec
def checks() -> list[Check]:  # type: ignore[empty-body]
    """Checks of a live configuration for `lkportal doctor`."""


@hookspec
def claim_proofs() -> list[ClaimProof]:  # type: ignore[empty-body]
    """Ways to prove that an account is one's own; settings say which are taken and how far each verifies."""


@hookspec
def guest_purposes() -> list[GuestPurpose]:  # type: ignore[empty-body]
    """What may be done through a signed link without signing in."""


@hookspec
def first_steps() -> list[FirstStep]:  # type: ignore[empty-body]
    """Steps of a person's first visit."""


@hookspec
def worker_scripts() -> list[WorkerScript]:  # type: ignore[empty-body]
    """Parts of the service worker `/sw.js`: what the installed app does without a page, such as sending what waits."""


@hookspec
def desk_settings() -> list[DeskSetting]:  # type: ignore[empty-body]
    """Settings that the company changes at the desk: title, explanation and effect of fields of the module's settings class."""


@hookspec
def queues() -> list[Queue]:  # type: ignore[empty-body]
    """What waits for people of the company, with number and oldest age, on the desk's first page."""


@hookspec
def reports() -> list[Report]:  # type: ignore[empty-body]
    """Numbers that a job counts and keeps by month, with the charts of them at the desk."""


@hookspec
def search_providers() -> list[SearchProvider]:  # type: ignore[empty-body]
    """Kinds of things that people find among their own: bills, meters, documents."""


@hookspec
def search_pages() -> list[SearchPage]:  # type: ignore[empty-body]
    """Pages that people find by words for what is done there."""


@hookspec
def tasks() -> list[Task]:  # type: ignore[empty-body]
    """Tasks people come for, as steps of pages and forms: by consent, facts of behaviour are kept of them."""


@hookspec
def request_types() -> list[RequestType]:  # type: ignore[empty-body]
    """Types of requests that customers may send: their questions, what is promised, who gets them."""


@hookspec
def request_subjects() -> list[Subject]:  # type: ignore[empty-body]
    """Kinds of things that a request may be about: bills, meters, documents."""


@hookspec
def api_routes() -> list[ApiRoute]:  # type: ignore[empty-body]
    """Calls of the open API, hung below /api/v1: for programs of customers and of the company."""


@hookspec
def document_kinds() -> list[DocumentKind]:  # type: ignore[empty-body]
    """Kinds of documents that the company and its customers exchange: what each asks of customers, and for how long."""
