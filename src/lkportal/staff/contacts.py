"""Contacts on the desk: the masks are those of the core."""

from lkportal.core.protection.masking import masked, shown

__all__ = ["masked", "shown"]
