"""How the witness comes to be, and what doctor asks of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lkportal.privacy.texts import Documents
from lkportal.staff.behaviour.watching import PURPOSE, Watch
from lkportal.web.witness import Witness


def watch(portal: Any) -> Watch:
    """Return the witness of a portal; what an earlier one noticed and did not put away yet goes on with it."""
    made = Watch(portal, portal.registry.tasks, portal.settings_of("staff").behaviour)
    before = portal.ports.find(Witness)
    if isinstance(before, Watch) and made.is_on:
        made.waiting = list(before.waiting)
    return made


def check_document(portal: Any) -> Iterable[str]:
    """Say when behaviour is to be kept and nobody is asked whether they agree."""
    if portal.settings_of("staff").behaviour and not portal.ports.get(Documents).of_purpose(PURPOSE):
        yield (
            "Facts of behaviour are switched on, but no document asks people whether they agree, so nothing is kept: add "
            '[privacy.documents.behaviour] or a document with purpose = "behaviour".'
        )
