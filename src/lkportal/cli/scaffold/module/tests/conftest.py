"""A portal with this module on."""

from collections.abc import Mapping
from typing import Any

import pytest

from lkportal.core.module import Module
from lkportal.core.registry.discovery import installed_modules
from lkportal_things import module


@pytest.fixture
def portal_overrides() -> Mapping[str, Any]:
    return {"modules": {"enabled": ["things"]}}


@pytest.fixture
def portal_modules() -> tuple[Module, ...]:
    """The module is known without being installed too."""
    return () if "things" in {each.name for each in installed_modules()} else (module,)
