"""Notify: tells people what happened, in a list inside the portal and by letter, in the brand and in their language."""

from lkportal.core.i18n import text
from lkportal.core.module import Module
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
    always_on=True,
    personal=PERSONAL,
    impersonal=("notify_letters.device",),  # the public id of a row of notify_devices
)
