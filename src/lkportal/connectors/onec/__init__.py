"""1C by OData: accounts, balances and bills come from it by the import kinds of files, payments of the portal go there once."""

from lkportal.connectors.onec.settings import OneCSettings
from lkportal.core.i18n import text
from lkportal.core.module import Module
from lkportal.core.version import __version__

module = Module(
    name="onec",
    title=text("onec.title", "1C"),
    version=__version__,
    package="lkportal.connectors.onec",
    hooks="lkportal.connectors.onec.hooks",
    requires=("accounts", "payments"),
    settings=OneCSettings,
)
