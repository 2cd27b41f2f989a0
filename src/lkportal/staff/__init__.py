"""Staff: the desk of the company's people. Pages of the desk about one subject stand in that subject's module."""

from lkportal.core.module import Module
from lkportal.core.version import __version__

module = Module(
    name="staff",
    title="Staff desk",
    version=__version__,
    package="lkportal.staff",
    requires=("accounts",),
    always_on=True,
)
