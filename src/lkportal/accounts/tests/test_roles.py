"""Roles of a company's own, and built-in ones widened and narrowed: by settings, told in a sentence when they do not fit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lkportal.accounts.roles import Roles
from lkportal.app import create_app
from lkportal.core.errors import StartupError
from lkportal.modules import payments, readings


def _roles(folder: Path, **roles: Any) -> Roles:
    overrides = {
        "secret_key": "k" * 32,
        "portal": {"data_dir": str(folder), "public_url": "http://testserver"},
        "database": {"url": f"sqlite:///{folder / 'portal.db'}"},
        "modules": {"enabled": ["readings"]},
        "accounts": {"roles": roles},
    }
    portal = create_app(overrides=overrides, modules=[payments.module, readings.module])
    try:
        return portal.ports.get(Roles)
    finally:
        portal.stop()


def test_a_new_role_and_changed_ones(tmp_path: Path) -> None:
    tenant = {"title": {"en": "Tenant", "ru": "Жилец"}, "rights": ["readings.view", "readings.submit", "payments.pay"]}
    roles = _roles(tmp_path, tenant=tenant, payer={"more": ["readings.submit"]}, reader={"less": ["readings.submit"]})

    assert roles.rights["tenant"] == {"accounts.view", "readings.view", "readings.submit"}, "payments are off"
    assert (roles.title("tenant", "ru"), roles.title("tenant", "kk")) == ("Жилец", "Tenant")
    assert "readings.submit" in roles.rights["payer"]
    assert "readings.submit" not in roles.rights["reader"]
    assert "owner" not in roles.below({"owner"})
    assert "tenant" in roles.below({"owner"})


@pytest.mark.parametrize(
    ("role", "table", "said"),
    [
        ("tenant", {"title": "Tenant", "rights": ["reading.view"]}, "Did you mean 'readings.view'"),
        ("tenant", {"title": "Tenant", "rights": ["accounts.import"]}, "right of the company's people"),
        ("tenant", {"rights": ["readings.view"]}, "needs a title and rights"),
        ("owner", {"less": ["accounts.manage"]}, "cannot do without"),
        ("Тенант", {"title": "T", "rights": []}, "needs a name of 2 to 20"),
    ],
)
def test_what_does_not_fit_stops_the_start_with_a_sentence(tmp_path: Path, role: str, table: Any, said: str) -> None:
    with pytest.raises(StartupError, match=said):
        _roles(tmp_path, **{role: table})
