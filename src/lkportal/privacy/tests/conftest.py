"""Fixtures of privacy: documents of a company, in two languages."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

TERMS = "# Terms\n\nWe process your data to run this account area.\n\n## What\n\n- your name\n- your address\n"
NEWS = "# News and offers\n\nWe write to you about offers, at most once a month.\n"
PARTNERS = "# Partners\n\nWe tell our partners your address.\n"
RUSSIAN = "# Условия\n\nМы обрабатываем ваши данные.\n"


def write_documents(folder: Path) -> dict[str, Any]:
    """Write the texts and return the settings that name them."""
    for name, text in (("terms.en", TERMS), ("terms.ru", RUSSIAN), ("news.en", NEWS), ("partners.en", PARTNERS)):
        (folder / f"{name}.md").write_text(text, "utf-8")
    return {
        "terms": {
            "version": "1",
            "required": True,
            "order": 1,
            "files": {"en": str(folder / "terms.en.md"), "ru": str(folder / "terms.ru.md")},
        },
        "news": {"version": "1", "purpose": "marketing", "order": 2, "files": {"en": str(folder / "news.en.md")}},
        "partners": {"version": "1", "order": 3, "files": {"en": str(folder / "partners.en.md")}},
    }


@pytest.fixture
def privacy_settings() -> Mapping[str, Any]:
    """Settings of privacy beside the documents: override it."""
    return {}


@pytest.fixture
def portal_overrides(tmp_path: Path, privacy_settings: Mapping[str, Any]) -> Mapping[str, Any]:
    """A portal with one required document and two that may be refused."""
    return {"privacy": {"documents": write_documents(tmp_path), **privacy_settings}}
