"""A room's template is made of the kit's parts alone: the law that lkportal.testing.markup offers to every module, kept by ours.
The parts themselves live in themes/default/templates and may do all of it."""

from __future__ import annotations

from pathlib import Path

from lkportal.testing.markup import template_problems

ROOMS = ("auth", "accounts", "audit", "notify", "privacy", "api", "staff", "modules", "connectors")


def problems(root: Path) -> list[str]:
    """Return every place where a room's template does by hand what the kit does."""
    return [problem for room in ROOMS for problem in template_problems(root / "src/lkportal" / room, root)]
