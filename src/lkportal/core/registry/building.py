"""The registry: settings and known modules in, immutable tables out. A pure function; the portal holds its newest result.
Which modules are on is resolved in resolving, hooks are called in hooks, judged in checks; how modules are found lives in discovery."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from lkportal.core.asked.vouching import PasswordSourceSpec
from lkportal.core.connecting.exchange import Connector
from lkportal.core.connecting.rounds import job_of, schedule_of
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
    NoticeSender,
    PortBinding,
    Queue,
    RouteSpec,
    Schedule,
    Section,
    SettingsEntry,
    SignInWay,
    WorkerScript,
)
from lkportal.core.events import Envelope
from lkportal.core.imports import ImportKind
from lkportal.core.module import Action, Module, Topic
from lkportal.core.policy import Permission
from lkportal.core.ports import port
from lkportal.core.registry.checks import check_contributions, check_names
from lkportal.core.registry.desk_settings import desk_settings_of, settings_of
from lkportal.core.registry.hooks import gather
from lkportal.core.registry.resolving import resolved
from lkportal.core.registry.rollouts import Opening, Rollout, opening
from lkportal.core.reports import Report
from lkportal.core.request_types import RequestType, Subject
from lkportal.core.rest import ApiRoute
from lkportal.core.search import SearchPage, SearchProvider
from lkportal.core.settings import Configuration, ModuleSettings
from lkportal.core.tasks import Task

T = TypeVar("T")
_IN_ORDER = (
    "menu",
    "staff_menu",
    "cards",
    "sign_in_ways",
    "password_sources",
    "settings_entries",
    "claim_proofs",
    "first_steps",
    "worker_scripts",
    "queues",
    "search_providers",
    "tasks",
    "request_types",
    "document_kinds",
)

_AS_TOLD = ("ports", "commands", "checks", "reports", "search_pages", "request_subjects")


@dataclass(frozen=True)
class Registry:
    """Everything the switched-on modules bring, gathered into tables that never change."""

    modules: tuple[Module, ...]
    installed: tuple[Module, ...]
    settings: Mapping[str, Any]
    routes: Mapping[str, tuple[RouteSpec, ...]]
    staff_pages: Mapping[str, tuple[RouteSpec, ...]]
    menu: tuple[MenuItem, ...]
    staff_menu: tuple[MenuItem, ...]
    cards: tuple[Card, ...]
    sections: Mapping[str, tuple[Section, ...]]
    sign_in_ways: tuple[SignInWay, ...]
    password_sources: tuple[PasswordSourceSpec, ...]
    settings_entries: tuple[SettingsEntry, ...]
    listeners: Mapping[str, tuple[Listener, ...]]
    notices: Mapping[str, Notice]
    jobs: Mapping[str, JobSpec]
    schedules: tuple[Schedule, ...]
    ports: tuple[PortBinding, ...]
    import_kinds: Mapping[str, ImportKind]
    payment_gateways: Mapping[str, GatewayBinding]
    connectors: Mapping[str, Connector]
    commands: tuple[Command, ...]
    template_globals: Mapping[str, Any]
    checks: tuple[Check, ...]
    claim_proofs: tuple[ClaimProof, ...]
    guest_purposes: Mapping[str, GuestPurpose]
    first_steps: tuple[FirstStep, ...]
    worker_scripts: tuple[WorkerScript, ...]
    search_providers: tuple[SearchProvider, ...]
    search_pages: tuple[SearchPage, ...]
    desk_settings: Mapping[str, DeskSetting]
    queues: tuple[Queue, ...]
    reports: tuple[Report, ...]
    tasks: tuple[Task, ...]
    request_types: tuple[RequestType, ...]
    request_subjects: tuple[Subject, ...]
    api_routes: Mapping[str, tuple[ApiRoute, ...]]
    document_kinds: tuple[DocumentKind, ...]
    permissions: Mapping[str, Permission]
    topics: Mapping[str, Topic]
    actions: Mapping[str, Action]
    origins: tuple[str, ...]
    owners: Mapping[str, str]
    opening: Opening

    def is_on(self, module: str) -> bool:
        """Whether the module of this name is switched on."""
        return any(each.name == module for each in self.modules)


def build(
    configuration: Configuration,
    known: Sequence[Module],
    switched_off: Iterable[str] = (),
    rollouts: Mapping[str, Rollout] = MappingProxyType({}),
    values: Mapping[str, Mapping[str, Any]] = MappingProxyType({}),
    *,
    strict: bool = False,
) -> Registry:
    """Return the registry of the modules that `configuration` switches on, less those staff switched off.

    `rollouts` say which are not open to everybody, `values` are settings changed at the desk: one that does not fit any more is
    left out, or, when `strict`, refused. Raises StartupError with one sentence for a cycle, a missing requirement, a misspelt hook, clashing names, a wrong version.
    """
    check_names(known)
    configuration.refuse_unknown_tables(module.name for module in known)
    enabled = resolved(known, configuration.settings.modules.enabled, frozenset(switched_off))
    gathered = gather(enabled)
    check_contributions(enabled, gathered)
    declared = desk_settings_of(enabled, gathered["desk_settings"])
    settings = settings_of(configuration, enabled, declared, values, strict=strict)
    return _tables(enabled, tuple(known), settings, gathered, declared, opening(enabled, rollouts))


def _tables(
    modules: Sequence[Module],
    installed: tuple[Module, ...],
    settings: dict[str, ModuleSettings],
    found: Mapping[str, list[tuple[str, Any]]],
    desk_settings: Mapping[str, DeskSetting],
    opened: Opening,
) -> Registry:
    items = {name: tuple(item for _, item in pairs) for name, pairs in found.items()}
    ordered: dict[str, Any] = {name: _sorted(items[name]) for name in _IN_ORDER}
    as_told: dict[str, Any] = {name: items[name] for name in _AS_TOLD}
    exchanging = [each for each in items["connectors"] if each.exchange is not None]
    return Registry(
        modules=tuple(modules),
        installed=installed,
        settings=MappingProxyType(settings),
        routes=_routes(found["routes"], settings, items),
        staff_pages=_routes(found["staff_pages"], settings, items),
        sections=_grouped(found["sections"], lambda _, section: section.slot),
        **ordered,
        listeners=_listeners(found, opened),
        notices=_named(items["notices"]),
        jobs=_named([*items["jobs"], *map(job_of, exchanging)]),
        schedules=(*items["schedules"], *map(schedule_of, exchanging)),
        import_kinds=_named(items["import_kinds"]),
        payment_gateways=_named(items["payment_gateways"]),
        connectors=_named(items["connectors"]),
        template_globals=MappingProxyType({each.name: each.value for each in items["template_globals"]}),
        guest_purposes=_named(items["guest_purposes"]),
        desk_settings=desk_settings,
        **as_told,
        api_routes=_grouped(found["api_routes"], lambda owner, _: owner),
        **_declared(modules, installed),
        origins=_origins(modules, settings, items["payment_gateways"]),
        owners=_owners(found),
        opening=opened,
    )


def _declared(modules: Sequence[Module], installed: Sequence[Module]) -> dict[str, Any]:
    """Return what modules say of themselves, by name. What was done with a module stays told after it is switched off."""
    return {
        "permissions": _named(p for module in modules for p in module.permissions),
        "topics": _named(t for module in modules for t in module.topics),
        "actions": _named(a for module in installed for a in module.actions),
    }


def _listeners(found: Mapping[str, list[tuple[str, Any]]], opened: Opening) -> Mapping[str, tuple[Listener, ...]]:
    """Return who listens to each event. A module that is not open to an account tells it nothing and hears nothing of it from
    other modules; its own listeners go on, so that what was begun ends."""
    heard = [
        (owner, each if each.event.startswith(f"{owner}.") else _hearing(owner, each, opened))
        for owner, each in found["listeners"]
    ]
    told = [(owner, _hearing(owner, _telling(each), opened)) for owner, each in found["notices"] if each.event]
    return _grouped([*heard, *told], lambda _, listener: listener.event)


def _hearing(owner: str, listener: Listener, opened: Opening) -> Listener:
    """Return a listener that is told nothing about accounts its module is not open to."""
    if not opened.may_be_closed(owner):
        return listener

    def hear(db: Session, envelope: Envelope) -> None:
        if not envelope.account or opened.is_open(owner, envelope.account):
            listener.handle(db, envelope)

    return replace(listener, handle=hear)


def _routes(
    pairs: Sequence[tuple[str, RouteSpec]], settings: Mapping[str, Any], brought: Mapping[str, Sequence[Any]]
) -> Mapping[str, tuple[RouteSpec, ...]]:
    """Return the routes of each module that are on."""
    there = [(owner, each) for owner, each in pairs if each.on is None or each.on(settings.get(owner), brought)]
    return _grouped(there, lambda owner, _: owner)


def _telling(notice: Notice) -> Listener:
    def tell(db: Session, envelope: Envelope) -> None:
        port(db, NoticeSender).tell(db, notice, envelope)  # type: ignore[type-abstract]

    return Listener(notice.event, f"notice {notice.name}", tell)


def _grouped(pairs: Iterable[tuple[str, T]], key: Callable[[str, T], str]) -> Mapping[str, tuple[T, ...]]:
    groups: dict[str, list[T]] = {}
    for owner, item in pairs:
        groups.setdefault(key(owner, item), []).append(item)
    return MappingProxyType({name: tuple(group) for name, group in groups.items()})


def _named(items: Iterable[Any]) -> Mapping[str, Any]:
    return MappingProxyType({item.name: item for item in items})


def _sorted(items: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(sorted(items, key=lambda item: item.order))


def _origins(
    modules: Sequence[Module], settings: Mapping[str, Any], gateways: Iterable[GatewayBinding]
) -> tuple[str, ...]:
    declared: list[str] = []
    for module in modules:
        declared += module.origins(settings[module.name]) if callable(module.origins) else module.origins
    declared += [origin for gateway in gateways for origin in gateway.origins]
    return tuple(dict.fromkeys(declared))


def _owners(found: Mapping[str, list[tuple[str, Any]]]) -> Mapping[str, str]:
    """Map "cards:payments.balance" to the module that brought it: what a log line names when one fails."""
    pairs = (
        (f"{hook}:{item.name}", owner)
        for hook, items in found.items()
        for owner, item in items
        if hasattr(item, "name")
    )
    return MappingProxyType(dict(pairs))
