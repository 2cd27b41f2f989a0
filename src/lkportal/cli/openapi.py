"""`lkportal openapi`: the description of the API, for those who generate clients from it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import click

from lkportal.api.describing import describe


@click.command()
@click.option("--language", default="", help="Language of titles; the portal's own when left out.")
@click.pass_obj
def openapi(load: Callable[[], Any], language: str) -> None:
    """Print the description of the API (OpenAPI 3.1, JSON), as /api/openapi.json gives it."""
    portal = load()
    locale = portal.locales.get(language or None)
    found = describe(portal, portal.sites[0].public_url, locale)
    click.echo(json.dumps(found, ensure_ascii=False, indent=2))
