"""The life of a ticket: its states, who may take which step, and how customers read them. Pure data."""

from __future__ import annotations

from lkportal.core.i18n import Text, text

NEW, OPEN, WAITING, SOLVED, CLOSED, WITHDRAWN = "new", "open", "waiting", "solved", "closed", "withdrawn"
MERGED = "merged"
STATES = (NEW, OPEN, WAITING, SOLVED, CLOSED, WITHDRAWN, MERGED)
ALIVE = (NEW, OPEN, WAITING)
"""States in which somebody still has something to do."""

STEPS: dict[tuple[str, str], frozenset[str]] = {
    ("customer", NEW): frozenset({NEW, WITHDRAWN}),
    ("customer", OPEN): frozenset({OPEN, WITHDRAWN}),
    ("customer", WAITING): frozenset({OPEN, WITHDRAWN}),
    ("customer", SOLVED): frozenset({OPEN, CLOSED}),
    ("company", NEW): frozenset({OPEN, WAITING, SOLVED}),
    ("company", OPEN): frozenset({OPEN, WAITING, SOLVED}),
    ("company", WAITING): frozenset({OPEN, WAITING, SOLVED}),
    ("company", SOLVED): frozenset({OPEN, SOLVED}),
    ("portal", OPEN): frozenset({SOLVED}),
    ("portal", WAITING): frozenset({SOLVED}),
    ("portal", SOLVED): frozenset({CLOSED}),
    ("joining", NEW): frozenset({MERGED}),
    ("joining", OPEN): frozenset({MERGED}),
    ("joining", WAITING): frozenset({MERGED}),
    ("joining", SOLVED): frozenset({MERGED}),
}
"""(who, from) -> to. What is not here does not happen. The portal solves conversations alone, which fell silent after an answer;
joining is the company's act on two tickets, of which one takes the other in with its words."""

OVER = (CLOSED, WITHDRAWN, MERGED)
AFTER_WORDS = {NEW: NEW, OPEN: OPEN, WAITING: OPEN, SOLVED: OPEN}
"""How a ticket stands once the customer has written: a question is answered, a solved ticket is open again."""

TITLES: dict[str, tuple[str, Text]] = {
    NEW: ("inf", text("tickets.state.new", "Received")),
    OPEN: ("inf", text("tickets.state.open", "In work")),
    WAITING: ("warn", text("tickets.state.waiting", "We wait for your answer")),
    SOLVED: ("ok", text("tickets.state.solved", "Solved")),
    CLOSED: ("off", text("tickets.state.closed", "Closed")),
    WITHDRAWN: ("off", text("tickets.state.withdrawn", "You took it back")),
    MERGED: ("off", text("tickets.state.merged", "Joined to another one")),
}
"""In the customer's words: the kind of the status, the word."""

DESK_TITLES: dict[str, tuple[str, Text]] = {
    NEW: ("warn", text("tickets.desk.new", "New")),
    OPEN: ("inf", text("tickets.desk.open", "In work")),
    WAITING: ("off", text("tickets.desk.waiting", "Customer's turn")),
    SOLVED: ("ok", text("tickets.desk.solved", "Solved")),
    CLOSED: ("off", text("tickets.desk.closed", "Closed")),
    WITHDRAWN: ("off", text("tickets.desk.withdrawn", "Taken back")),
    MERGED: ("off", text("tickets.desk.merged", "Joined to another one")),
}

TYPED, JOINED = "typed", "joined"
MARKS: dict[str, tuple[str, Text]] = {
    TYPED: ("inf", text("tickets.mark.typed", "The conversation became a request")),
    JOINED: ("inf", text("tickets.mark.joined", "Another request of yours was joined to this one")),
}
"""What happened to a thread without leading to another state."""


def may_step(who: str, before: str, after: str) -> bool:
    """Whether `who` (customer, company, portal, joining) may bring a ticket from one state to another."""
    return after in STEPS.get((who, before), frozenset())


def since(who: str, after: str) -> tuple[str, ...]:
    """Return the states from which `who` may bring a ticket to `after`."""
    return tuple(state for state in STATES if may_step(who, state, after))
