"""What the registry refuses: clashing names, wrong prefixes, routes without a policy. One sentence each, with the cure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from lkportal.core.contributions import RouteSpec
from lkportal.core.errors import StartupError
from lkportal.core.module import Module
from lkportal.core.rest import ApiFile, ApiRoute, ApiScope
from lkportal.core.version import __version__

_NAME = re.compile(r"^[a-z][a-z0-9_]{1,30}$")
_MOST_STATEMENTS = 2
_UNIQUE = (
    "cards",
    "sections",
    "notices",
    "jobs",
    "import_kinds",
    "payment_gateways",
    "connectors",
    "commands",
    "template_globals",
    "checks",
    "sign_in_ways",
    "claim_proofs",
    "guest_purposes",
    "first_steps",
    "worker_scripts",
    "search_providers",
    "queues",
    "tasks",
    "request_types",
    "request_subjects",
    "document_kinds",
    "password_sources",
)


def guess(name: str, choices: Iterable[str]) -> str:
    """Return " Did you mean 'x'?" when a choice is near `name`, else what is known."""
    known = sorted(choices)
    close = difflib.get_close_matches(name, known, n=1)
    if close:
        return f" Did you mean {close[0]!r}?"
    return f" Known: {', '.join(known)}." if known else ""


def check_names(known: Sequence[Module]) -> None:
    """Refuse two modules of one name, a name that cannot prefix tables, a module made for another version of the portal."""
    seen: dict[str, Module] = {}
    for module in known:
        if not _NAME.match(module.name):
            raise StartupError(
                "module_name",
                f"A module is named {module.name!r}: use small latin letters, digits and _, such as 'readings'.",
            )
        if module.name in seen:
            raise StartupError(
                "module_clash",
                f"Two modules are named {module.name!r}: {seen[module.name].package} and {module.package}. Uninstall one of them.",
            )
        seen[module.name] = module
        _check_version(module)


def _check_version(module: Module) -> None:
    if not module.needs_portal:
        return
    try:
        fits = SpecifierSet(module.needs_portal).contains(__version__, prereleases=True)
    except InvalidSpecifier:
        raise StartupError(
            "module_version",
            f"The module {module.name!r} asks for lkportal {module.needs_portal!r}, which is not a version range: write '>=1.0,<2'.",
        ) from None
    if not fits:
        raise StartupError(
            "module_version",
            f"The module {module.name!r} {module.version} is made for lkportal {module.needs_portal}, this is {__version__}. "
            f"Install a version of the module that fits.",
        )


def check_contributions(modules: Sequence[Module], found: Mapping[str, list[tuple[str, Any]]]) -> None:
    """Refuse what hooks returned when names clash or a route is not guarded."""
    permissions = _check_permissions(modules)
    _check_actions(modules)
    _check_conflicts(modules, permissions)
    for hook in _UNIQUE:
        _check_unique(hook, found.get(hook, []))
    for hook in ("cards", "sections"):
        _check_statements(hook, found.get(hook, []))
    for hook in ("routes", "staff_pages"):
        names: dict[str, str] = {}
        for owner, spec in found.get(hook, []):
            _check_route(owner, spec, permissions)
            _claim(names, f"{owner}:{spec.name}", owner, "route")
    _check_listeners(found.get("listeners", []))
    _check_connectors(found.get("connectors", []))
    _check_api(found.get("api_routes", []), permissions)
    _check_reports(found.get("reports", []), permissions)


def _check_permissions(modules: Sequence[Module]) -> set[str]:
    declared: set[str] = set()
    for module in modules:
        for permission in module.permissions:
            if not permission.name.startswith(f"{module.name}."):
                raise StartupError(
                    "permission_name",
                    f"The permission {permission.name!r} of module {module.name!r} must start with '{module.name}.'.",
                )
            declared.add(permission.name)
    return declared


def _check_actions(modules: Sequence[Module]) -> None:
    for module in modules:
        for action in module.actions:
            if not action.name.startswith(f"{module.name}."):
                raise StartupError(
                    "action_name",
                    f"The action {action.name!r} of module {module.name!r} must start with '{module.name}.'.",
                )


def _check_conflicts(modules: Sequence[Module], permissions: set[str]) -> None:
    actions = {action.name for module in modules for action in module.actions}
    for module in modules:
        for conflict in module.conflicts:
            for name, known in ((conflict.act, actions), (conflict.after, actions)):
                if name not in known:
                    raise StartupError(
                        "conflict_unknown",
                        f"The module {module.name!r} separates {conflict.act!r} from {conflict.after!r}, but no module "
                        f"declares the action {name!r}.{guess(name, known)}",
                    )
            for name in conflict.rights:
                if name not in permissions:
                    raise StartupError(
                        "conflict_unknown",
                        f"The module {module.name!r} names the permission {name!r} in its conflicts, which no module "
                        f"declares.{guess(name, permissions)}",
                    )


def _check_statements(hook: str, pairs: Iterable[tuple[str, Any]]) -> None:
    for owner, item in pairs:
        if len(item.queries) > _MOST_STATEMENTS:
            raise StartupError(
                "card_statements",
                f"The {hook.rstrip('s')} {item.name!r} of module {owner!r} declares {len(item.queries)} statements: "
                f"at most {_MOST_STATEMENTS} are allowed, join them.",
            )


def _check_route(owner: str, spec: RouteSpec, permissions: set[str]) -> None:
    where = f"The route {owner}:{spec.name} ({spec.path})"
    if spec.policy is None:
        raise StartupError(
            "route_unguarded",
            f"{where} declares no policy: say who may call it, such as policy=on_account('{owner}.view').",
        )
    if spec.policy.who != "system" and spec.policy.action and spec.policy.action not in permissions:
        raise StartupError(
            "route_permission",
            f"{where} asks for the permission {spec.policy.action!r}, which no module declares.{guess(spec.policy.action, permissions)}",
        )
    if (spec.policy.on == "account") != ("{account}" in spec.path):
        raise StartupError(
            "route_account",
            f"{where}: a policy on an account and {{account}} in the path go together; one of them is missing.",
        )


def _check_api(pairs: Iterable[tuple[str, ApiRoute]], permissions: set[str]) -> None:
    """Refuse calls of one name, two scopes of one name, an unknown right, a list that is posted."""
    names: dict[str, str] = {}
    scopes: dict[str, ApiScope] = {}
    for owner, each in pairs:
        where = f"The API call {owner}:{each.name} ({each.method} {each.path})"
        _claim(names, f"{owner}:{each.name}", owner, "API call")
        if scopes.setdefault(each.scope.name, each.scope) != each.scope:
            raise StartupError("api_scope", f"{where}: its scope {each.scope.name!r} is declared twice, differently.")
        if each.scope.right and each.scope.right not in permissions:
            raise StartupError(
                "api_right",
                f"{where} asks for the permission {each.scope.right!r}, which no module declares."
                f"{guess(each.scope.right, permissions)}",
            )
        if not each.path.startswith("/") or (each.method == "POST" and (each.listed or each.input is None)):
            raise StartupError(
                "api_route",
                f"{where}: a path begins with a slash; a POST has an input (Nothing for {{}}) and is no list.",
            )
        if each.output is ApiFile and (each.method == "POST" or each.listed):
            raise StartupError("api_route", f"{where}: only a GET of one thing answers with a file.")


def _check_reports(pairs: Iterable[tuple[str, Any]], permissions: set[str]) -> None:
    """Refuse measures and charts of one name, a chart of a measure its report does not count, an unknown right."""
    pairs = list(pairs)
    names: dict[str, str] = {}
    for owner, report in pairs:
        known = {measure.name for measure in report.measures}
        for each in (*report.measures, *report.charts):
            _claim(names, f"{type(each).__name__} {each.name}", owner, "part of a report")
        for chart in report.charts:
            for name in (*chart.measures, *([chart.of] if chart.of else [])):
                if name not in known:
                    raise StartupError(
                        "report_measure",
                        f"The chart {chart.name!r} of module {owner!r} shows the measure {name!r}, which its report does not "
                        f"count.{guess(name, known)}",
                    )
        if report.right and report.right not in permissions:
            raise StartupError(
                "report_right",
                f"The report {report.name!r} of module {owner!r} asks for the permission {report.right!r}, which no module "
                f"declares.{guess(report.right, permissions)}",
            )


def _check_unique(hook: str, pairs: Iterable[tuple[str, Any]]) -> None:
    names: dict[str, str] = {}
    for owner, item in pairs:
        _claim(names, item.name, owner, hook.rstrip("s").replace("_", " "))


def _check_connectors(pairs: Iterable[tuple[str, Any]]) -> None:
    for owner, connector in pairs:
        if connector.name != owner and not connector.name.startswith(f"{owner}."):
            raise StartupError(
                "connector_name",
                f"The connector {connector.name!r} of module {owner!r} must be called '{owner}' or begin with '{owner}.'.",
            )


def _check_listeners(pairs: Iterable[tuple[str, Any]]) -> None:
    names: dict[str, str] = {}
    for owner, listener in pairs:
        _claim(names, f"{listener.event} -> {listener.name}", owner, "listener")


def _claim(names: dict[str, str], name: str, owner: str, what: str) -> None:
    if name in names:
        others = (
            f"the modules {names[name]!r} and {owner!r} both bring"
            if names[name] != owner
            else f"the module {owner!r} brings twice"
        )
        raise StartupError(
            "name_clash", f"Names clash: {others} the {what} {name!r}. Rename or switch off one of them."
        )
    names[name] = owner
