"""What tests of a portal and of its modules use: the pytest plugin is plugin.py, these are its names for annotations."""

from lkportal.testing.checklist import personal_gaps
from lkportal.testing.crashes import CrashPoints, Point
from lkportal.testing.logs import Logs
from lkportal.testing.mailbox import Letter, Mailbox
from lkportal.testing.portals import Recipe
from lkportal.testing.sandbox import SandboxDriver
from lkportal.testing.statements import Statements, counting
from lkportal.testing.visitors import Program, Visitor
from lkportal.testing.world import NOON, PASSWORD, World

__all__ = [
    "NOON",
    "PASSWORD",
    "CrashPoints",
    "Letter",
    "Logs",
    "Mailbox",
    "Point",
    "Program",
    "Recipe",
    "SandboxDriver",
    "Statements",
    "Visitor",
    "World",
    "counting",
    "personal_gaps",
]
