"""What payments bring to the portal, a line or two each."""

from __future__ import annotations

from typing import Any

from lkportal.accounts.contract import Colleagues, LastBill, Owes
from lkportal.core.contributions import (
    Card,
    Check,
    ClaimProof,
    DeskSetting,
    GatewayBinding,
    GuestPurpose,
    JobSpec,
    Listener,
    MenuItem,
    Notice,
    PortBinding,
    Queue,
    RouteSpec,
    Schedule,
    Section,
)
from lkportal.core.hookspecs import hookimpl
from lkportal.core.i18n import text
from lkportal.core.imports import ImportKind
from lkportal.core.reports import Report
from lkportal.core.request_types import Subject
from lkportal.core.rest import ApiRoute
from lkportal.core.search import SearchPage, SearchProvider
from lkportal.core.tasks import Task, TaskStep
from lkportal.modules.payments import cards as shown
from lkportal.modules.payments import handlers, queries
from lkportal.modules.payments import search as found
from lkportal.modules.payments.api.calls import CALLS
from lkportal.modules.payments.api.paying import PAYING
from lkportal.modules.payments.at_desk import DESK_SETTINGS, QUEUES, SECTION
from lkportal.modules.payments.billing.charging import Charging
from lkportal.modules.payments.billing.import_charges import CHARGES
from lkportal.modules.payments.billing.import_registry import REGISTRY
from lkportal.modules.payments.books.report import REPORTS
from lkportal.modules.payments.cashdesk.staff import CASH_PAGES
from lkportal.modules.payments.contract import PaymentRefunded, PaymentSucceeded
from lkportal.modules.payments.contract.billing import Billing
from lkportal.modules.payments.contract.outside import PaymentsOutside
from lkportal.modules.payments.contract.received import Receiving
from lkportal.modules.payments.contract.wallet import Wallet
from lkportal.modules.payments.desk import Desk, make_desk, make_stripe, make_tbank, make_yookassa
from lkportal.modules.payments.exports import service as exports
from lkportal.modules.payments.exports.staff import EXPORT_PAGES
from lkportal.modules.payments.fiscal import jobs as receipt_jobs
from lkportal.modules.payments.fiscal.pages import RECEIPT_PAGES, RECEIPT_ROUTES
from lkportal.modules.payments.methods import jobs as autopay_jobs
from lkportal.modules.payments.methods.notices import autopay_notices
from lkportal.modules.payments.notices import refunded_facts, succeeded_facts
from lkportal.modules.payments.outside import Outside
from lkportal.modules.payments.owes import Balances, NewestBill
from lkportal.modules.payments.proof import LAST_BILL, amounts_are_told_apart
from lkportal.modules.payments.receiving import ReceivedMoney
from lkportal.modules.payments.reconciling import jobs as reconciling_jobs
from lkportal.modules.payments.reconciling.staff import RECONCILING_PAGES
from lkportal.modules.payments.refunds import jobs as refund_jobs
from lkportal.modules.payments.refunds.staff import ONE_PAYMENT, REFUND_PAGES
from lkportal.modules.payments.reminders.arrivals import ARRIVAL_JOBS, ARRIVAL_LISTENERS, NEW_BILL
from lkportal.modules.payments.reminders.reminding import DUE_NOTICE, REMINDER_JOBS, REMINDER_SCHEDULES
from lkportal.modules.payments.routes import ROUTES
from lkportal.modules.payments.routes_guest import GUEST_PURPOSES
from lkportal.modules.payments.staff import STAFF_PAGES
from lkportal.modules.payments.subjects import SUBJECTS
from lkportal.modules.payments.wallet import LedgerWallet
from lkportal.theming.papers.pdf import CURE, why_no_press


@hookimpl
def routes() -> list[RouteSpec]:
    return [*RECEIPT_ROUTES, *ROUTES]


@hookimpl
def staff_pages() -> list[RouteSpec]:
    return [*RECEIPT_PAGES, *STAFF_PAGES, *REFUND_PAGES, *CASH_PAGES, *EXPORT_PAGES, *RECONCILING_PAGES, *ONE_PAYMENT]


@hookimpl
def request_subjects() -> list[Subject]:
    return SUBJECTS


@hookimpl
def search_providers() -> list[SearchProvider]:
    return found.PROVIDERS


@hookimpl
def search_pages() -> list[SearchPage]:
    return found.PAGES


@hookimpl
def menu() -> list[MenuItem]:
    return [MenuItem("payments:bills", text("payments.menu", "Bills"), "receipt-text", 20, "payments.view")]


@hookimpl
def staff_menu() -> list[MenuItem]:
    return [
        MenuItem(
            "payments:attention",
            text("payments.staff.menu", "Payments"),
            "wallet",
            30,
            "payments.staff_view",
            group="money",
        ),
        MenuItem(
            "payments:cash", text("payments.cash.menu", "Cash desk"), "banknote", 31, "payments.cash", group="money"
        ),
        MenuItem(
            "payments:exports",
            text("payments.export.title", "Exports"),
            "download",
            32,
            "payments.export",
            group="money",
        ),
    ]


@hookimpl
def cards() -> list[Card]:
    return [
        Card(
            "payments.slip",
            "payments/card_slip.html",
            {"standing": queries.STANDING, "bills": queries.LAST_BILLS},
            shown.slip_card,
            order=10,
            action="payments.view",
            title=text("payments.card.title", "What there is to pay, past bills"),
            urgent=shown.slip_presses,
        )
    ]


@hookimpl
def desk_settings() -> list[DeskSetting]:
    return DESK_SETTINGS


@hookimpl
def queues() -> list[Queue]:
    return QUEUES


@hookimpl
def sections() -> list[Section]:
    return [
        Section(
            "staff:customer",
            "payments.customer",
            "payments/section_customer.html",
            {"standing": queries.STANDING, "bills": queries.LAST_BILLS},
            shown.customer_section,
            order=20,
            action="payments.staff_view",
        ),
        Section(
            "staff:customer",
            "payments.customer_payments",
            "payments/section_payments.html",
            {"payments": queries.LAST_PAYMENTS},
            shown.payments_section,
            order=21,
            action="payments.staff_view",
        ),
        SECTION,
    ]


@hookimpl
def notices() -> list[Notice]:
    return [
        NEW_BILL,
        Notice(
            "payments.succeeded",
            PaymentSucceeded.name,
            "payments.receipts",
            "payments/notices/succeeded",
            succeeded_facts,
            action="payments.view",
            route="payments:bills",
        ),
        Notice(
            "payments.refunded",
            PaymentRefunded.name,
            "payments.receipts",
            "payments/notices/refunded",
            refunded_facts,
            action="payments.view",
            route="payments:bills",
        ),
        DUE_NOTICE,
        *autopay_notices(),
    ]


@hookimpl
def jobs() -> list[JobSpec]:
    return [
        *handlers.JOBS,
        *refund_jobs.JOBS,
        *receipt_jobs.JOBS,
        *exports.JOBS,
        *reconciling_jobs.JOBS,
        *REMINDER_JOBS,
        *autopay_jobs.JOBS,
        *ARRIVAL_JOBS,
    ]


@hookimpl
def schedules() -> list[Schedule]:
    return [
        *handlers.SCHEDULES,
        *refund_jobs.SCHEDULES,
        *receipt_jobs.SCHEDULES,
        *exports.SCHEDULES,
        *reconciling_jobs.SCHEDULES,
        *REMINDER_SCHEDULES,
        *autopay_jobs.SCHEDULES,
    ]


@hookimpl
def import_kinds() -> list[ImportKind]:
    return [CHARGES, REGISTRY]


@hookimpl
def ports() -> list[PortBinding]:
    return [
        PortBinding(Desk, make_desk),
        PortBinding(Owes, lambda portal: Balances(paying=portal.settings_of("payments").takes_payments)),
        PortBinding(Wallet, lambda _portal: LedgerWallet()),
        PortBinding(Billing, Charging),
        PortBinding(LastBill, lambda _portal: NewestBill()),
        PortBinding(Receiving, lambda _portal: ReceivedMoney()),
        PortBinding(PaymentsOutside, lambda _portal: Outside()),
    ]


@hookimpl
def payment_gateways() -> list[GatewayBinding]:
    return [
        GatewayBinding("yookassa", text("payments.gateway.yookassa", "YooKassa"), make_yookassa),
        GatewayBinding("stripe", text("payments.gateway.stripe", "Stripe"), make_stripe),
        GatewayBinding("tbank", text("payments.gateway.tbank", "T-Bank"), make_tbank),
    ]


@hookimpl
def claim_proofs() -> list[ClaimProof]:
    return [LAST_BILL]


@hookimpl
def guest_purposes() -> list[GuestPurpose]:
    return GUEST_PURPOSES


@hookimpl
def checks() -> list[Check]:
    return [
        Check("payments.gateway", _gateway_is_set),
        Check("payments.papers", _papers_are_printed),
        Check("payments.payees", _each_brand_has_its_payee),
        Check("payments.reconciliation", _letters_reach_colleagues),
        Check("payments.claim_amounts", amounts_are_told_apart),
    ]


def _gateway_is_set(portal: Any) -> list[str]:
    if portal.settings_of("payments").takes_payments:
        return []
    return [
        "Paying is not offered: fill [payments.yookassa], [payments.stripe] or [payments.tbank], or name another gateway in payments.gateway."
    ]


def _letters_reach_colleagues(portal: Any) -> list[str]:
    wanted = {each.lower() for each in portal.settings_of("payments").reconciliation.letters_to}
    if not wanted:
        return []
    with portal.database.reading() as connection:
        able = portal.ports.get(Colleagues).mailboxes(connection, reconciling_jobs.SEE)
    return [
        f"payments.reconciliation.letters_to names {each}, which is neither the confirmed address of somebody who may see payments nor one of accounts.shared_mailboxes: no letter goes there."
        for each in sorted(wanted - able)
    ]


def _each_brand_has_its_payee(portal: Any) -> list[str]:
    settings = portal.settings_of("payments")
    if len(portal.sites) < 2 or not settings.payee.name or settings.payees:
        return []
    return [
        "Bills of every brand carry the bank details of [payments.payee]. If a brand is another company, give it its own: "
        "[payments.payees.KEY]."
    ]


def _papers_are_printed(_portal: Any) -> list[str]:
    why = why_no_press()
    return [f"Bills and receipts cannot leave as PDF ({why}). {CURE}."] if why else []


@hookimpl
def listeners() -> list[Listener]:
    return [*ARRIVAL_LISTENERS]


@hookimpl
def reports() -> list[Report]:
    return REPORTS


@hookimpl
def tasks() -> list[Task]:
    return [
        Task(
            "payments.task",
            text("payments.task.title", "Pay"),
            (
                TaskStep("bills", text("payments.task.bills", "Bills seen"), ("payments:bills", "payments:bill")),
                TaskStep("sum", text("payments.task.sum", "Sum chosen"), ("payments:pay", "payments:together")),
                TaskStep(
                    "sent",
                    text("payments.task.sent", "On the way to the bank"),
                    ("payments:start", "payments:together_start"),
                ),
                TaskStep("result", text("payments.task.result", "Came back to the result"), ("payments:payment",)),
            ),
            order=10,
        )
    ]


@hookimpl
def api_routes() -> list[ApiRoute]:
    return [*CALLS, *PAYING]
