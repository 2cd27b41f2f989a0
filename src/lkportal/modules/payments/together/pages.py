"""What the page of one account's payment says of the other accounts paid with it: only of those its reader reaches too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lkportal.accounts.contract import Reached
from lkportal.modules.payments.together import reads
from lkportal.web import Request


@dataclass(frozen=True, slots=True)
class Beside:
    """The payment of another account made together with the one on the page; `amount` in minor units."""

    title: str
    amount: int
    href: str


def company_of(request: Request, payment: Any) -> dict[str, Any]:
    """Return `beside`, `mine` and `together` of a payment's page. Costs nothing for a payment of one account alone."""
    if payment.lead_id is None:
        return {"beside": (), "mine": True, "together": ""}
    parts = reads.parts(request.db, payment.lead_id)
    reached = request.portal.ports.get(Reached)  # type: ignore[type-abstract]
    person, names = request.actor.id or 0, [part.account for part in parts]
    seen = {each.public_id: each for each in reached.having(request.db, person, "payments.view", names)}
    beside = [
        Beside(
            seen[part.account].title,
            part.amount,
            request.url("payments:payment", account=part.account, payment=part.public_id),
        )
        for part in parts
        if part.account in seen and part.account != request.own_account.public_id
    ]
    mine = payment.actor == request.actor.label
    return {"beside": beside, "mine": mine, "together": ".".join(names) if mine else ""}
