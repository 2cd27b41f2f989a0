"""How a call to a payment provider may end badly: declined, rejected, unknown; and a callback that nobody genuine sent."""

from __future__ import annotations

from lkportal.core.errors import PortalError
from lkportal.core.i18n import Text, text
from lkportal.modules.payments.contract.told import GatewayPayment


class GatewayError(PortalError):
    """A call to a provider that did not end well: `Declined`, `Rejected` or `GatewayUnavailable`."""


class Declined(GatewayError):
    """The provider decided against this attempt and no money was taken. A new attempt needs a new key."""

    def __init__(self, payment: GatewayPayment) -> None:
        message = text("payments.gateway.declined", "The bank declined the payment. No money was taken.")
        super().__init__("payments.declined", message, 402)
        self.payment = payment
        self.reason = payment.reason


class Rejected(GatewayError):
    """The provider (or the adapter, before calling) refused the request as it stands: nothing happened, repeating won't help.

    `reason` is the provider's code, `parameter` the field at fault, `detail` the provider's words for the log.
    """

    def __init__(self, reason: str, parameter: str = "", detail: str = "", status: int = 400) -> None:
        message: Text = text(
            "payments.gateway.rejected",
            "The payment could not be started. No money was taken. Try again later or pay another way.",
        )
        super().__init__("payments.rejected", message, 502)
        self.reason = reason
        self.parameter = parameter
        self.detail = detail
        self.provider_status = status

    def __str__(self) -> str:
        return f"{self.code}: {self.reason} {self.parameter} {self.detail}".rstrip()


class GatewayUnavailable(GatewayError):
    """The outcome is unknown: the provider may or may not have done it. Repeat with the same key, or fetch; never "failed".

    `retry_after` is how many seconds the provider asked us to wait, when it did.
    """

    def __init__(self, detail: str, retry_after: float | None = None) -> None:
        message = text(
            "payments.gateway.unavailable",
            "The bank has not answered yet. There is no need to pay again: we keep asking and will tell you.",
        )
        super().__init__("payments.unavailable", message, 503)
        self.detail = detail
        self.retry_after = retry_after

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}"


class Forged(GatewayError):
    """A callback that did not come from the provider. It is refused, written to the audit, and changes nothing."""

    def __init__(self, detail: str) -> None:
        message = text("payments.gateway.forged", "This message did not come from the payment provider.")
        super().__init__("payments.forged", message, 403)
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}"
