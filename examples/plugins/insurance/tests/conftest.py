"""A portal with this module and those it works with; what the insurer's system sends."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from lkportal_insurance import module

from lkportal.core.imports import ImportReport, run_import
from lkportal.core.module import Module
from lkportal.core.registry.discovery import installed_modules

Send = Callable[..., ImportReport]
HEAD = "номер полиса;лицевой счёт;вид;начало;окончание;страховая сумма;франшиза;риски;взнос;оплатить до;состояние"


@pytest.fixture
def portal_overrides() -> Mapping[str, Any]:
    return {"modules": {"enabled": ["payments", "tickets", "insurance"]}}


@pytest.fixture
def portal_modules() -> tuple[Module, ...]:
    """The module is known without being installed too."""
    return () if "insurance" in {each.name for each in installed_modules()} else (module,)


@pytest.fixture
def send(portal: Any, tmp_path: Path) -> Send:
    """Import a file of policies, a line each, as the insurer's system writes it; `kind` and `head` for another file."""

    def sent(*lines: str, kind: str = "insurance.policies", head: str = HEAD) -> ImportReport:
        file = tmp_path / f"{kind}-{len(list(tmp_path.glob('*.csv')))}.csv"
        file.write_text("\n".join([head, *lines]) + "\n", encoding="windows-1251")
        known = portal.registry.import_kinds[kind]
        return run_import(portal.database, portal.unit_context("test"), known, file)

    return sent
