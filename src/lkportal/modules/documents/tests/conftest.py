"""A house of two customers and two of the company: who publishes, who signs, who may not look."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from PIL import Image

from lkportal.core.policy import AccountRef
from lkportal.testing.visitors import Visitor
from lkportal.testing.world import World

Visit = Callable[..., Visitor]


@pytest.fixture
def portal_overrides() -> Mapping[str, Any]:
    return {"modules": {"enabled": ["documents"]}}


@dataclass
class House:
    """Anna owns a flat, Boris another; Olga publishes for the company."""

    home: AccountRef
    anna: Visitor
    boris: Visitor
    olga: Visitor


@pytest.fixture
def house(world: World, visit: Visit) -> House:
    home, other = world.account("1001"), world.account("1002")
    return House(
        home,
        visit(world.customer("anna@example.org", home), home),
        visit(world.customer("boris@example.org", other), other),
        visit(world.staff("olga@example.org", "specialist")),
    )


def picture(colour: str = "white") -> bytes:
    """Return a small picture as PNG."""
    made = io.BytesIO()
    Image.new("RGB", (60, 80), colour).save(made, "PNG")
    return made.getvalue()


def pdf(pages: int = 1) -> bytes:
    """Return a plain PDF."""
    made = io.BytesIO()
    drawn = [Image.new("RGB", (120, 160), "white") for _ in range(pages)]
    drawn[0].save(made, "PDF", save_all=True, append_images=drawn[1:])
    return made.getvalue()


def field_of(page: str, action: str, name: str = "token") -> str:
    """Return a hidden field of the form that leads to `action`."""
    form = page[page.index(f'action="{action}"') :]
    found = re.search(rf'name="{name}" value="(\w+)"', form)
    assert found is not None
    return found[1]


def published(house: House, asks: str = "agree", body: bytes = b"", name: str = "contract.pdf", **typed: str) -> str:
    """Publish a document for Anna's flat; return its page at the desk."""
    form = f"/staff/documents/new/{house.home.public_id}"
    shown = house.olga.get(form)
    values = {"kind": "documents.contract", "title": "Contract of supply", "asks": asks}
    values |= {"token": field_of(shown.text, form), **typed}
    files = {"file": (name, body or pdf(), "application/octet-stream")}
    answer = house.olga.post(form, values, page=form, files=files)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def of_anna(house: House, desk: str) -> str:
    """Return the customer's page of a document by its page at the desk."""
    return f"/documents/{house.home.public_id}/{public(desk)}/"


def public(page: str) -> str:
    """Return the public id of a document by one of its pages."""
    return page.rstrip("/").rpartition("/")[2]


def step(visitor: Visitor, page: str, do: str, files: Any = None, **typed: str) -> Any:
    """Send a form of a document's page with what is hidden in it; return the answer."""
    shown = visitor.get(page).text
    values = {"token": field_of(shown, f"{page}{do}"), **typed}
    form = shown[shown.index(f'action="{page}{do}"') :].partition("</form>")[0]
    if 'name="seen"' in form:
        values.setdefault("seen", field_of(shown, f"{page}{do}", "seen"))
    return visitor.post(f"{page}{do}", values, page=page, **({"files": files} if files else {}))
