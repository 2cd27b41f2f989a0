"""`lkportal doctor`: is this portal fit to serve customers? Every check with its grade, for people and (--json) for watchers."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import click

from lkportal.cli.checkup import examine, mark

_SIGNS = {"ok": "ok  ", "warn": "warn", "bad": "BAD "}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--strict", is_flag=True, help="A warning is a failure too.")
@click.pass_obj
def doctor(load: Callable[[], Any], as_json: bool, strict: bool) -> None:
    """Check the live configuration: settings, keys, schema, worker, mail, brands, languages, the
    portal's own answers, hosts, proxies, database role, files, and what modules check. Ends with a mark from A to F.

    Exit code 0 when nothing is bad, 1 when something is.
    """
    outcomes = list(examine(load()))
    failed = any(outcome.grade == "bad" or (strict and outcome.grade == "warn") for outcome in outcomes)
    if as_json:
        rows = [
            {
                "check": outcome.check,
                "grade": outcome.grade,
                "findings": [{"grade": each.grade, "sentence": each.sentence} for each in outcome.findings],
            }
            for outcome in outcomes
        ]
        click.echo(json.dumps({"ok": not failed, "mark": mark(outcomes), "checks": rows}, ensure_ascii=False, indent=1))
    else:
        for outcome in outcomes:
            click.echo(f"{_SIGNS[outcome.grade]}  {outcome.check}")
            for each in outcome.findings:
                click.echo(f"      {_SIGNS[each.grade]}  {each.sentence}")
        click.echo(
            f"Mark: {mark(outcomes)} (A nothing to say, B one or two warnings, C more, D one thing is bad, F more)"
        )
    raise SystemExit(1 if failed else 0)
