"""`lkportal modules` and `lkportal routes`: what the portal is made of, for people and (with --json) for checks."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import click

Load = Callable[[], Any]


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def modules(ctx: click.Context, as_json: bool) -> None:
    """Every installed module with its version and state. `modules on|off NAME` switches one for all processes."""
    if ctx.invoked_subcommand:
        return
    rows = [_module_row(ctx.obj(), each) for each in ctx.obj().known]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    for row in rows:
        click.echo(f"{row['name']:<16}{row['version']:<10}{row['state']:<6}{row['reason']}")


@modules.command("on")
@click.argument("name")
@click.pass_obj
def switch_on(load: Load, name: str) -> None:
    """Switch a module on again that was switched off."""
    _switch(load(), name, on=True)


@modules.command("off")
@click.argument("name")
@click.pass_obj
def switch_off(load: Load, name: str) -> None:
    """Switch a module off: no pages, no menu, no cards, no new work. Its data stays."""
    _switch(load(), name, on=False)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def routes(load: Load, as_json: bool) -> None:
    """Every route with its method, path, name, module, policy and kind."""
    rows = [row for bound in load().edge.routes.by_name.values() for row in route_rows(bound)]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    for row in rows:
        who = " ".join(str(row["policy"][part]) for part in ("who", "action") if row["policy"][part])
        click.echo(f"{row['method']:<6}{row['path']:<48}{row['name']:<32}{who}")


def route_rows(bound: Any) -> list[dict[str, Any]]:
    """Return one plain row for each method of a route: what crawlers and checks walk."""
    policy = bound.policy
    declared = {
        "who": policy.who,
        "action": policy.action,
        "on": policy.on,
        "step_up": policy.step_up,
        "four_eyes": policy.four_eyes,
    }
    shared = {"path": bound.template, "name": bound.name, "module": bound.module, "policy": declared}
    return [{"method": method, **shared, "kind": bound.spec.kind} for method in bound.spec.methods]


def _module_row(portal: Any, module: Any) -> dict[str, str]:
    on = portal.registry.is_on(module.name)
    if module.always_on:
        reason = "part of every portal"
    elif on:
        reason = "named in modules.enabled"
    elif module.name in portal.settings.modules.enabled:
        reason = "switched off by staff"
    else:
        reason = "not named in modules.enabled"
    return {"name": module.name, "version": module.version, "state": "on" if on else "off", "reason": reason}


def _switch(portal: Any, name: str, *, on: bool) -> None:
    portal.switch_module(name, on=on)
    click.echo(f"The module {name} is {'on' if on else 'off'} for every process from its next request.")
