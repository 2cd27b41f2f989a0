"""Pages of the desk about rights: the matrix of roles by module, and what one role may do. Rules are in rules and matrix."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.responses import Response

from lkportal.accounts.contract import CUSTOMER_ROLES
from lkportal.core.errors import NotFound
from lkportal.core.i18n import Text, text
from lkportal.core.policy import Permission, staff
from lkportal.core.registry.building import Registry
from lkportal.staff.desk import Desk
from lkportal.staff.forms import RightsForm
from lkportal.staff.frame import desk_page
from lkportal.staff.people import matrix, rules
from lkportal.staff.people.matrix import Block, Role
from lkportal.staff.settings import StaffSettings
from lkportal.web import Change, Proposal, Request, read_form, redirect, route, unit_of_work

Cells = tuple[bool, ...]


def roles(request: Request) -> Response:
    """Show what each role of the company's people and of customers may do."""
    registry, columns = _registry(request), _roles(request)
    names = tuple(role.name for role in columns)
    return desk_page(
        request,
        "staff/roles.html",
        roles=columns,
        blocks=[(block, _cells(block.rights, names, "staff")) for block in matrix.blocks(registry)],
        customer_roles=CUSTOMER_ROLES,
        customer_blocks=[(block, _cells(block.rights, CUSTOMER_ROLES, "roles")) for block in _of_customers(registry)],
        twice=[(role, pair) for role in columns for pair in matrix.in_conflict(registry, role.name)],
        may_change="staff.rights" in request.actor.permissions,
    )


def role(request: Request) -> Response:
    """Show what one role may do, to be changed."""
    chosen = _role(request)
    held = matrix.rights_of(chosen.name, _registry(request).permissions)
    return _page(request, chosen, held, held)


def explain(request: Request) -> Proposal | Response:
    """Tell what a change of a role would do: the rights it would gain and lose."""
    chosen, registry = _role(request), _registry(request)
    form = read_form(request, RightsForm)
    if not form.valid:
        raise NotFound
    declared = {each.name: each for block in matrix.blocks(registry) for each in block.rights}
    held, wanted = matrix.rights_of(chosen.name, registry.permissions), frozenset(form.data.rights)
    if not wanted <= declared.keys():
        raise NotFound
    if held != frozenset(form.data.seen.split()):
        return _page(request, chosen, held, held, rules.ChangedMeanwhile().words, 409)
    if held == wanted:
        return redirect(request, "staff:roles", _SAME, "inf")
    no, yes = text("staff.rights.no", "no"), text("staff.rights.yes", "yes")
    changes = [
        Change(declared[name].title, yes if name in held else no, yes if name in wanted else no)
        for name in sorted(held ^ wanted)
    ]
    return Proposal(text("staff.role.title", "What the role may do: %(role)s", role=chosen.title), changes)


def change(request: Request) -> Response:
    """Change what a role may do, in every process from its next request."""
    chosen, desk = _role(request), _desk(request)
    form = read_form(request, RightsForm)
    known = {each.name for block in matrix.blocks(desk.registry) for each in block.rights}
    if not form.valid or not set(form.data.rights) <= known:
        raise NotFound
    wanted, seen = frozenset(form.data.rights), frozenset(form.data.seen.split())
    try:
        with unit_of_work(request) as db:
            done = rules.change_rights(db, desk.registry_under, chosen.name, wanted, seen)
    except rules.LastAdministrator as error:
        return _page(request, chosen, wanted, seen, error.words, error.status)
    except rules.ChangedMeanwhile as error:
        now = matrix.rights_of(chosen.name, desk.registry.permissions)
        return _page(request, chosen, now, now, error.words, error.status)
    if not done.given and not done.taken:
        return redirect(request, "staff:roles", _SAME, "inf")
    kept = text("staff.rights.kept", "Rights of the role changed: %(role)s", role=chosen.title)
    return redirect(request, "staff:roles", kept)


def _page(
    request: Request,
    chosen: Role,
    held: frozenset[str],
    seen: frozenset[str],
    problem: Text | None = None,
    status: int = 200,
) -> Response:
    return desk_page(
        request,
        "staff/role.html",
        status=status,
        chosen=chosen,
        blocks=matrix.blocks(_registry(request)),
        held=held,
        seen=" ".join(sorted(seen)),
        problem=problem,
    )


def _role(request: Request) -> Role:
    wanted = str(request.path_params["role"])
    found = next((each for each in _roles(request) if each.name == wanted), None)
    if found is None:
        raise NotFound
    return found


def _roles(request: Request) -> tuple[Role, ...]:
    return matrix.roles(request.settings_of("staff", StaffSettings))


def _desk(request: Request) -> Desk:
    return request.portal.ports.get(Desk)  # type: ignore[type-abstract]


def _registry(request: Request) -> Registry:
    return _desk(request).registry


def _cells(rights: Iterable[Permission], names: tuple[str, ...], of: str) -> list[tuple[Permission, Cells]]:
    """Return the rights, each with a yes or no for every role."""
    return [(right, tuple(name in getattr(right, of) for name in names)) for right in rights]


def _of_customers(registry: Registry) -> list[Block]:
    found = (
        Block(
            module.name,
            module.title,
            tuple(registry.permissions[each.name] for each in module.permissions if each.roles),
        )
        for module in registry.modules
    )
    return [block for block in found if block.rights]


_SAME = text("staff.rights.same", "Nothing was changed.")
ROLE_PAGES = [
    route("/roles", roles, name="roles", policy=staff("staff.roles")),
    route("/roles/{role}", role, name="role", policy=staff("staff.rights", step_up=True)),
    route(
        "/roles/{role}",
        change,
        name="change_role",
        policy=staff("staff.rights", step_up=True),
        methods=("POST",),
        explain=explain,
    ),
]
