"""What a gateway does not name it refuses: the other half of each story about an ability. Stories stand in `testing.gateways`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from lkportal.modules.payments.contract import Ability, PaymentGateway, Rejected
from lkportal.testing.providers.driver import ProviderDriver, intent, refund_of


def offers(gateway: PaymentGateway, provider: ProviderDriver, ability: Ability) -> bool:
    """Whether the gateway names an ability; if it does not, see that each call for it says so and takes or gives nothing."""
    if ability in gateway.abilities:
        return True
    wish, (since, until) = intent(1_000), near()
    made = gateway.create(wish).payment
    provider.pay(made.provider_id)
    held, saved = intent(hold=True), intent(method="x")
    calls: dict[str, tuple[Callable[[], object], ...]] = {
        "refund": (lambda: gateway.refund(refund_of(made, 1_000)),),
        "refund_part": (lambda: gateway.refund(refund_of(made, 100)),),
        "save": (lambda: gateway.charge_saved(saved), lambda: gateway.forget("x")),
        "list": (lambda: list(gateway.created_between(since, until)),),
        "hold": (lambda: gateway.create(held),),
    }
    for call in calls[ability]:
        with pytest.raises(Rejected) as caught:
            call()
        assert caught.value.reason == "not_able"
    assert provider.given_back(wish.public_id) == provider.count(held.public_id) == provider.count(saved.public_id) == 0
    return False


def near() -> tuple[datetime, datetime]:
    """Return the ends of the ten minutes around now."""
    now = datetime.now(UTC)
    return now - timedelta(minutes=5), now + timedelta(minutes=5)
