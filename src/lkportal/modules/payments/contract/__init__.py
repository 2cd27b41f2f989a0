"""What others may know of payments, by subject: wishes (what is asked of a provider), told (what it answers), errors, gateway (the
Protocol), received (money that came another way), billing (money that modules ask for) and events. Everything is imported from here. Gateways live in gateways/ or in plugins; the slice stands beside."""

from lkportal.modules.payments.contract.billing import Billing, Charge, Charged
from lkportal.modules.payments.contract.errors import (
    Declined,
    Forged,
    GatewayError,
    GatewayUnavailable,
    Rejected,
)
from lkportal.modules.payments.contract.events import (
    AutopayFailed,
    AutopayPlanned,
    BillRaised,
    BillsImported,
    PaymentCanceled,
    PaymentFailed,
    PaymentRefunded,
    PaymentStarted,
    PaymentSucceeded,
)
from lkportal.modules.payments.contract.gateway import (
    Ability,
    PaymentGateway,
)
from lkportal.modules.payments.contract.outside import PaymentRecord, PaymentsOutside
from lkportal.modules.payments.contract.received import Received, Receiving
from lkportal.modules.payments.contract.told import (
    CallbackAnswer,
    Created,
    GatewayPayment,
    GatewayRefund,
    Hint,
    NextStep,
    PaymentStatus,
    ReceiptStatus,
    RefundStatus,
    SavedMethod,
    Way,
)
from lkportal.modules.payments.contract.wallet import LEDGERS, Wallet, in_hand
from lkportal.modules.payments.contract.wishes import (
    PaymentIntent,
    ReceiptContact,
    ReceiptLine,
    RefundIntent,
    Vat,
)

__all__ = [
    "LEDGERS",
    "Ability",
    "AutopayFailed",
    "AutopayPlanned",
    "BillRaised",
    "Billing",
    "BillsImported",
    "CallbackAnswer",
    "Charge",
    "Charged",
    "Created",
    "Declined",
    "Forged",
    "GatewayError",
    "GatewayPayment",
    "GatewayRefund",
    "GatewayUnavailable",
    "Hint",
    "NextStep",
    "PaymentCanceled",
    "PaymentFailed",
    "PaymentGateway",
    "PaymentIntent",
    "PaymentRecord",
    "PaymentRefunded",
    "PaymentStarted",
    "PaymentStatus",
    "PaymentSucceeded",
    "PaymentsOutside",
    "ReceiptContact",
    "ReceiptLine",
    "ReceiptStatus",
    "Received",
    "Receiving",
    "RefundIntent",
    "RefundStatus",
    "Rejected",
    "SavedMethod",
    "Vat",
    "Wallet",
    "Way",
    "in_hand",
]
