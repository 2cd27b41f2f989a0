"""What the pages of modules and settings share: the look ahead before anything is done, the way back, words of the history."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from starlette.responses import Response

from lkportal.core.i18n import Text
from lkportal.staff.approvals import second_person
from lkportal.staff.frame import desk_page
from lkportal.web import Proposal, Request
from lkportal.web.trust.csrf import FIELD


def look_ahead(request: Request, proposal: Proposal, effects: Sequence[Text | str], back: str) -> Response:
    """Show what a form would do, with a button that does it and one that leads back to the form as typed."""
    fields = [(name, value) for name, value in request.form_data.multi_items() if name not in (FIELD, "confirm")]
    return desk_page(
        request,
        "staff/switch_preview.html",
        told=second_person.told(request, proposal),
        effects=list(effects),
        fields=fields,
        target=request.visit.root + request.path_below,
        back=back,
    )


def digest(value: Any) -> str:
    """Return what a stored state is told apart by: a form says which one it was filled in over."""
    plain = json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(plain.encode()).hexdigest()
