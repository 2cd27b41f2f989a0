"""News: what the company tells everybody or some: announcements, and outages by address. Who is told by which way lives in notify."""

from lkportal.core.i18n import text
from lkportal.core.module import Action, Invariant, Module
from lkportal.core.policy import Permission
from lkportal.core.version import __version__
from lkportal.modules.news.personal import PERSONAL
from lkportal.modules.news.settings import NewsSettings
from lkportal.modules.news.topics import TOPICS

module = Module(
    name="news",
    title=text("news.title", "News and outages"),
    version=__version__,
    package="lkportal.modules.news",
    models="lkportal.modules.news.models",
    hooks="lkportal.modules.news.hooks",
    requires=("accounts",),
    settings=NewsSettings,
    permissions=(
        Permission(
            "news.view",
            text("news.right.view", "Read news and outages"),
            ("owner", "payer", "reader", "accountant", "signer"),
        ),
        Permission(
            "news.staff_view",
            text("news.right.staff_view", "See news and outages at the desk"),
            staff=("operator", "specialist", "administrator", "auditor"),
        ),
        Permission(
            "news.publish",
            text("news.right.publish", "Write news and outages, publish and close them"),
            staff=("operator", "specialist", "administrator"),
        ),
    ),
    actions=(
        Action("news.published", text("news.act.published", "News published")),
        Action("news.updated", text("news.act.updated", "News of an outage")),
        Action("news.closed", text("news.act.closed", "An outage closed, or an announcement taken back")),
    ),
    topics=TOPICS,
    personal=PERSONAL,
    invariants=(
        Invariant(
            "news.published_once",
            "Whatever customers see has a moment of publishing",
            "SELECT public_id, state FROM news_items WHERE state IN ('published', 'closed') AND published_at IS NULL",
        ),
    ),
)
