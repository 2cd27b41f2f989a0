"""All tables of the core in one import, for migrations. Each table stands beside the rules that use it."""

from lkportal.core import tables
from lkportal.core.importing import tables as imports_tables
from lkportal.core.limits import rates
from lkportal.core.registry import overlay

__all__ = ["imports_tables", "overlay", "rates", "tables"]
