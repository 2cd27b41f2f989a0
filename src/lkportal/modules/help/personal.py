"""What help holds of people: what they said of articles."""

from lkportal.core.i18n import text
from lkportal.core.module import PersonalTable

PERSONAL = (
    PersonalTable(
        "help_votes",
        "identity_id",
        ("clear", "remark", "given_at"),
        retain="1 year after given_at",
        title=text("help.personal.votes", "What you said of articles of help"),
        because=text("help.personal.because", "Shows which articles are to be written better."),
    ),
)
IMPERSONAL = ()
