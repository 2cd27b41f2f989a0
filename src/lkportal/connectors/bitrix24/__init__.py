"""Bitrix24: requests of customers go to the CRM as deals, its stages and what managers write to customers come back."""

from lkportal.connectors.bitrix24.settings import Bitrix24Settings
from lkportal.core.i18n import text
from lkportal.core.module import Module
from lkportal.core.version import __version__

module = Module(
    name="bitrix24",
    title=text("bitrix24.title", "Bitrix24"),
    version=__version__,
    package="lkportal.connectors.bitrix24",
    models="lkportal.connectors.bitrix24.models",
    hooks="lkportal.connectors.bitrix24.hooks",
    requires=("accounts", "tickets"),
    settings=Bitrix24Settings,
)
