"""What home pages hold of people: the order of cards, which goes with them."""

from lkportal.core.i18n import text
from lkportal.core.module import PersonalTable

PERSONAL_HOME = (
    PersonalTable(
        "accounts_home_layouts",
        "identity_id",
        export=("cards", "changed_at"),
        title=text("accounts.personal.home", "How you arranged your home page"),
    ),
)
