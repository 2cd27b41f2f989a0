"""lkportal: a white-label framework for the account area of a company.

`create_app` makes the ASGI application, `Module` declares a module, `hookimpl` marks its hooks.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from lkportal.core.module import Module
from lkportal.core.version import __version__

if TYPE_CHECKING:
    from lkportal.app import create_app
    from lkportal.core.hookspecs import hookimpl

__all__ = ["Module", "__version__", "create_app", "hookimpl"]

# Loaded when first asked for, so that `lkportal --help` stays quick.
_LATER = {"create_app": "lkportal.app", "hookimpl": "lkportal.core.hookspecs"}


def __getattr__(name: str) -> Any:
    """Load a public name that is heavy to import."""
    if name in _LATER:
        return getattr(import_module(_LATER[name]), name)
    raise AttributeError(f"module 'lkportal' has no attribute {name!r}")
