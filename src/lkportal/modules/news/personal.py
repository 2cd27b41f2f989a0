"""What news hold of people: which of them concerned an account, and what a person has read."""

from lkportal.core.i18n import text
from lkportal.core.module import PersonalTable

PERSONAL = (
    PersonalTable(
        "news_concerned",
        "account_id",
        ("found_at",),
        retain="1 year after found_at",
        title=text("news.personal.concerned", "News about your address"),
        because=text(
            "news.personal.because", "Shows whom an outage concerned while its cost may still be recalculated."
        ),
    ),
    PersonalTable(
        "news_reads", "identity_id", ("read_at",), title=text("news.personal.reads", "News you marked as read")
    ),
)
