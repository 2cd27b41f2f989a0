"""All tables of the core in one import, for migrations. Each table stands beside the rules that use it."""

from lkportal.core import imports_tables, overlay, rates, tables

__all__ = ["imports_tables", "overlay", "rates", "tables"]
