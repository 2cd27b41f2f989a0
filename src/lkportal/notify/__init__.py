"""Notify: tells people what happened, in a list inside the portal and by letter, in the brand and in their language."""

from lkportal.core.i18n import text
from lkportal.core.module import Module, PersonalTable
from lkportal.core.version import __version__
from lkportal.notify.settings import NotifySettings

module = Module(
    name="notify",
    title=text("notify.title", "Notices"),
    version=__version__,
    package="lkportal.notify",
    models="lkportal.notify.models",
    hooks="lkportal.notify.hooks",
    requires=("accounts",),
    settings=NotifySettings,
    mount="",
    always_on=True,
    personal=(
        PersonalTable("notify_messages", "identity_id", export=("topic", "facts", "created_at", "read_at")),
        PersonalTable(
            "notify_letters",
            "identity_id",
            export=("kind", "facts", "created_at", "sent_at"),
            erase=(("recipient", ""),),
            mask=("recipient",),
        ),
    ),
)
