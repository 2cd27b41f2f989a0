"""Contacts on the desk: the masks are those of the core."""

from lkportal.core.masking import masked, shown

__all__ = ["masked", "shown"]
