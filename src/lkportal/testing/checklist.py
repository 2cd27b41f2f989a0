"""The checklist of a module: what its author runs in the module's own tests. So far: nothing personal stands undeclared."""

from lkportal.core.protection.personal import personal_gaps

__all__ = ["personal_gaps"]
