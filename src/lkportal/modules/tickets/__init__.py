"""Tickets: what customers ask the company for, and what becomes of it. Types of requests come by a hook; articles live in help."""

from lkportal.core.i18n import text
from lkportal.core.module import Action, Invariant, Module
from lkportal.core.policy import Permission
from lkportal.core.version import __version__
from lkportal.modules.tickets.personal import PERSONAL
from lkportal.modules.tickets.settings import TicketsSettings
from lkportal.modules.tickets.topics import TOPICS

_PAGE = ("tickets:staff_ticket", "ticket")
module = Module(
    name="tickets",
    title=text("tickets.title", "Requests"),
    version=__version__,
    package="lkportal.modules.tickets",
    models="lkportal.modules.tickets.models",
    hooks="lkportal.modules.tickets.hooks",
    requires=("accounts",),
    settings=TicketsSettings,
    permissions=(
        Permission(
            "tickets.view",
            text("tickets.right.view", "See requests"),
            ("owner", "payer", "reader", "accountant", "signer"),
        ),
        Permission(
            "tickets.write", text("tickets.right.write", "Write requests"), ("owner", "payer", "accountant", "signer")
        ),
        Permission(
            "tickets.staff_view",
            text("tickets.right.staff_view", "See requests at the desk"),
            staff=("operator", "specialist", "administrator", "auditor"),
        ),
        Permission(
            "tickets.work",
            text("tickets.right.work", "Answer requests"),
            staff=("operator", "specialist", "administrator"),
        ),
        Permission(
            "tickets.rules",
            text("tickets.right.rules", "Say who takes care of which requests"),
            staff=("specialist", "administrator"),
        ),
        Permission(
            "tickets.managers",
            text("tickets.right.managers", "Say who is the manager of which account"),
            staff=("specialist", "administrator"),
        ),
    ),
    actions=(
        Action("tickets.opened", text("tickets.act.opened", "A request sent"), _PAGE),
        Action("tickets.written", text("tickets.act.written", "A message in a request"), _PAGE),
        Action("tickets.answered", text("tickets.act.answered", "An answer to a request"), _PAGE),
        Action("tickets.noted", text("tickets.act.noted", "A note of staff on a request"), _PAGE),
        Action("tickets.assigned", text("tickets.act.assigned", "A request handed over"), _PAGE),
        Action("tickets.open", text("tickets.act.open", "A request taken up again"), _PAGE),
        Action("tickets.closed", text("tickets.act.closed", "A request closed"), _PAGE),
        Action("tickets.withdrawn", text("tickets.act.withdrawn", "A request taken back"), _PAGE),
        Action("tickets.macro", text("tickets.act.macro", "A prepared answer changed")),
        Action("tickets.rule", text("tickets.act.rule", "A rule of handing over changed")),
        Action("tickets.routed", text("tickets.act.routed", "A request handed over by a rule"), _PAGE),
        Action("tickets.solved", text("tickets.act.solved", "A conversation ended"), _PAGE),
        Action("tickets.merged", text("tickets.act.merged", "A request joined to another one"), _PAGE),
        Action("tickets.typed", text("tickets.act.typed", "A conversation made a request"), _PAGE),
        Action("tickets.manager", text("tickets.act.manager", "Managers changed")),
        Action("tickets.managed", text("tickets.act.managed", "The manager of an account named")),
        Action("tickets.rated", text("tickets.act.rated", "A rating of help"), _PAGE),
    ),
    topics=TOPICS,
    personal=PERSONAL,
    invariants=(
        Invariant(
            "tickets.solved_has_moment",
            "A solved request has the moment it was solved",
            "SELECT public_id FROM tickets_tickets WHERE state = 'solved' AND solved_at IS NULL",
        ),
        Invariant(
            "tickets.clock",
            "A request whose clock stands waits for its customer",
            "SELECT public_id, state FROM tickets_tickets WHERE paused IS NOT NULL AND state = 'open'",
        ),
        Invariant(
            "tickets.merged_leads_on",
            "A request that was joined to another leads to one that was not",
            "SELECT t.public_id FROM tickets_tickets t LEFT JOIN tickets_tickets i ON i.id = t.merged_id "
            "WHERE (t.state = 'merged') <> (t.merged_id IS NOT NULL) OR i.state = 'merged'",
        ),
        Invariant(
            "tickets.one_conversation",
            "Only a conversation that goes on has a place among those that do",
            "SELECT public_id FROM tickets_tickets WHERE talk IS NOT NULL "
            "AND (type <> 'tickets.chat' OR state IN ('closed', 'withdrawn', 'merged'))",
        ),
    ),
)
