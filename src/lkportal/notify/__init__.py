"""Notify: tells people what happened, in a list inside the portal and by letter, in the brand and in their language."""

from lkportal.core.i18n import text
from lkportal.core.module import Action, Module
from lkportal.core.policy import Permission
from lkportal.core.version import __version__
from lkportal.notify.personal import PERSONAL
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
    permissions=(
        Permission(
            "notify.view",
            text("notify.right.view", "See what became of messages to a customer"),
            staff=("operator", "administrator", "auditor"),
        ),
        Permission(
            "notify.resend",
            text("notify.right.resend", "Send a message again that was not delivered"),
            staff=("operator", "administrator"),
        ),
    ),
    actions=(
        Action("notify.resent", text("notify.act.resent", "A message sent again")),
        Action("notify.mailbox_marked", text("notify.act.marked", "An address marked: letters come back from it")),
        Action("notify.mailbox_lifted", text("notify.act.lifted", "An address called right by its owner")),
        Action("notify.complained", text("notify.act.complained", "A letter called spam by its reader")),
    ),
    always_on=True,
    personal=PERSONAL,
    impersonal=("notify_letters.device",),  # the public id of a row of notify_devices
)
