"""The request types that come with the portal. Companies and plugins bring others by the hook `request_types`."""

from __future__ import annotations

from lkportal.core.i18n import text
from lkportal.core.request_types import RequestField, RequestType

_PHONE = RequestField(
    "phone",
    text("tickets.field.phone", "Phone for the master"),
    "phone",
    hint=text("tickets.field.phone_hint", "We call it only about this request."),
    required=False,
)
TYPES = (
    RequestType(
        "tickets.repair",
        text("tickets.type.repair", "Something does not work"),
        text("tickets.type.repair_hint", "A leak, low pressure, no connection"),
        "wrench",
        (
            RequestField(
                "place",
                text("tickets.field.place", "Where"),
                hint=text("tickets.field.place_hint", "Kitchen, entrance 2, the yard"),
            ),
            RequestField("since", text("tickets.field.since", "Since when"), "date", required=False),
            _PHONE,
        ),
        text("tickets.type.repair_about", "What happens, and what you have tried already"),
        answer_hours=2,
        solve_hours=24,
        urgent=True,
        order=10,
    ),
    RequestType(
        "tickets.charge",
        text("tickets.type.charge", "A question about a bill"),
        text("tickets.type.charge_hint", "An amount that is not clear, a recalculation"),
        "receipt-text",
        about=text("tickets.type.charge_about", "Which amount is not clear, and what you expected"),
        order=20,
    ),
    RequestType(
        "tickets.paper",
        text("tickets.type.paper", "A certificate or a document"),
        text("tickets.type.paper_hint", "That there are no debts, a copy of a contract"),
        "file-text",
        (
            RequestField(
                "paper",
                text("tickets.field.paper", "Which document"),
                "choice",
                options=(
                    ("no_debt", text("tickets.paper.no_debt", "Certificate that there are no debts")),
                    ("contract", text("tickets.paper.contract", "Copy of the contract")),
                    ("act", text("tickets.paper.act", "Act of a check or of work done")),
                    ("other", text("tickets.paper.other", "Another one")),
                ),
            ),
        ),
        text("tickets.type.paper_about", "For whom it is, and how you would like to get it"),
        solve_hours=24,
        order=30,
    ),
    RequestType(
        "tickets.connect",
        text("tickets.type.connect", "Connect, move or replace"),
        text("tickets.type.connect_hint", "A meter, a line, equipment"),
        "zap",
        (
            RequestField("day", text("tickets.field.day", "A day that suits you"), "date", required=False),
            _PHONE,
        ),
        text("tickets.type.connect_about", "What should be done"),
        solve_hours=80,
        order=40,
    ),
    RequestType(
        "tickets.complaint",
        text("tickets.type.complaint", "A complaint or a suggestion"),
        text("tickets.type.complaint_hint", "What we did badly, what could be better"),
        "megaphone",
        about=text("tickets.type.complaint_about", "What happened, when, and what would put it right"),
        order=50,
    ),
    RequestType(
        "tickets.other",
        text("tickets.type.other", "Something else"),
        text("tickets.type.other_hint", "Ask in your own words"),
        "message-square",
        about=text("tickets.type.other_about", "Your question"),
        order=90,
    ),
)
CHAT = RequestType(
    "tickets.chat",
    text("tickets.type.chat", "A conversation"),
    text("tickets.type.chat_hint", "Questions and answers as they come"),
    "message-square",
    about=text("tickets.type.chat_about", "Your question"),
    answer_hours=1,
    solve_hours=0,
    order=5,
)
"""A conversation: no form, one at a time. People begin it from the page of the chat, not from the list of types."""
