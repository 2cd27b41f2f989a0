"""Tariffs: what the company offers, what is connected to an account, orders of services. Money is kept by payments."""

from lkportal.core.i18n import text
from lkportal.core.module import Action, Invariant, Module
from lkportal.core.policy import Permission
from lkportal.core.version import __version__
from lkportal.modules.tariffs.personal import IMPERSONAL, PERSONAL
from lkportal.modules.tariffs.settings import TariffsSettings
from lkportal.modules.tariffs.topics import TOPICS

_PAGE = ("tariffs:desk_order", "order")
module = Module(
    name="tariffs",
    title=text("tariffs.title", "Services"),
    version=__version__,
    package="lkportal.modules.tariffs",
    models="lkportal.modules.tariffs.models",
    hooks="lkportal.modules.tariffs.hooks",
    requires=("accounts", "payments"),
    settings=TariffsSettings,
    permissions=(
        Permission(
            "tariffs.view",
            text("tariffs.right.view", "See services and orders"),
            ("owner", "payer", "reader", "accountant", "signer"),
        ),
        Permission(
            "tariffs.order", text("tariffs.right.order", "Order, change and disconnect services"), ("owner", "signer")
        ),
        Permission(
            "tariffs.staff_view",
            text("tariffs.right.staff_view", "See services and orders at the desk"),
            staff=("operator", "specialist", "administrator", "auditor"),
        ),
        Permission(
            "tariffs.work",
            text("tariffs.right.work", "Carry out and refuse orders of services"),
            staff=("operator", "specialist", "administrator"),
        ),
        Permission(
            "tariffs.offers",
            text("tariffs.right.offers", "Make and end offers to customers"),
            staff=("specialist", "administrator"),
        ),
        Permission(
            "tariffs.import",
            text("tariffs.right.import", "Load the catalogue and connected services"),
            staff=("accountant", "administrator"),
        ),
    ),
    actions=(
        Action("tariffs.ordered", text("tariffs.action.ordered", "A service ordered"), _PAGE),
        Action("tariffs.canceled", text("tariffs.action.canceled", "An order of a service taken back"), _PAGE),
        Action("tariffs.processed", text("tariffs.action.processed", "An order of a service carried out"), _PAGE),
        Action("tariffs.rejected", text("tariffs.action.rejected", "An order of a service refused"), _PAGE),
        Action("tariffs.promised", text("tariffs.action.promised", "A promised payment taken")),
        Action("tariffs.offer_made", text("tariffs.action.offer_made", "An offer to customers made")),
        Action("tariffs.offer_ended", text("tariffs.action.offer_ended", "An offer to customers ended")),
        Action("tariffs.renews", text("tariffs.action.renews", "A service renews by itself")),
        Action("tariffs.by_hand", text("tariffs.action.by_hand", "A service renews only by hand")),
        Action("tariffs.renewed", text("tariffs.action.renewed", "A service renewed by hand")),
    ),
    topics=TOPICS,
    personal=PERSONAL,
    impersonal=IMPERSONAL,
    append_only=("tariffs_charges",),
    invariants=(
        Invariant(
            "tariffs.charges_in_books",
            "Each charge of a service stands in the books of payments with its sum, once",
            """
            SELECT c.origin, c.amount, e.amount AS booked FROM tariffs_charges c
            LEFT JOIN payments_entries e ON e.origin = 'tariffs:' || c.origin AND e.kind = 'charge'
            WHERE e.id IS NULL OR e.amount <> c.amount
            """,
        ),
        Invariant(
            "tariffs.ended_has_day",
            "A service that ended has the day it ended, and one that lives has none",
            "SELECT public_id, state, ended_on FROM tariffs_services WHERE (state = 'ended') <> (ended_on IS NOT NULL)",
        ),
        Invariant(
            "tariffs.one_account",
            "An order is about a service of its own account",
            "SELECT o.public_id FROM tariffs_orders o JOIN tariffs_services s ON s.id = o.service_id WHERE s.account_id <> o.account_id",
        ),
    ),
)
