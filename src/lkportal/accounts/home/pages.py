"""The page "What is on the home page": each card with its buttons, every one a form of its own, so that it works without a script."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, get_args

from pydantic import BeforeValidator
from starlette.responses import Response

from lkportal.accounts.home import service
from lkportal.accounts.home.layout import Act, Layout
from lkportal.accounts.home.panels import Offered, Panels
from lkportal.core.errors import PortalError
from lkportal.core.i18n import Text, text
from lkportal.core.policy import on_account
from lkportal.web import FormModel, Request, ShortText, page, read_form, redirect_to, route, unit_of_work
from lkportal.web.page import flash

_DONE: dict[str, Text] = {
    "up": text("accounts.cards.did_up", "“%(card)s” stands higher."),
    "down": text("accounts.cards.did_down", "“%(card)s” stands lower."),
    "hide": text("accounts.cards.did_hide", "“%(card)s” is put away."),
    "show": text("accounts.cards.did_show", "“%(card)s” is back on the home page."),
    "pin": text("accounts.cards.did_pin", "“%(card)s” stays on top."),
    "unpin": text("accounts.cards.did_unpin", "“%(card)s” is in its place again."),
}


def _card(typed: object) -> str:
    return str(typed)[:80]


class CardForm(FormModel):
    """What is done with which card."""

    card: Annotated[str, BeforeValidator(_card)]
    act: ShortText


@dataclass(frozen=True, slots=True)
class Row:
    """A card on the page: `acts` are what can be done with it now."""

    name: str
    title: Text | str
    acts: tuple[Act, ...]
    pinned: bool = False
    only_when: bool = False

    @property
    def anchor(self) -> str:
        """The id of its row on the page."""
        return anchor(self.name)


def show(request: Request) -> Response:
    """Show what is on the home page of this account, and what was put away."""
    kept = service.kept(request.db, request.actor.id or 0, request.own_account.id)
    layout = Layout.read(kept.cards if kept else "")
    offered = [each for each in _offered(request) if each.there or each.name in layout.hidden]
    seen, away = _rows(layout, offered)
    undo = kept is not None and kept.before is not None
    return page(request, "accounts/cards.html", seen=seen, away=away, undo=undo, arranged=bool(layout))


def change(request: Request) -> Response:
    """Do one act on one card, and lead back to where it stands."""
    form = read_form(request, CardForm)
    offered = {each.name: each for each in _offered(request)}
    if not form.valid or form.data.card not in offered or form.data.act not in get_args(Act):
        raise PortalError(
            "card_gone", text("accounts.cards.gone", "This card is not here any more. Reload the page."), 409
        )
    name, act = form.data.card, form.data.act
    with unit_of_work(request) as db:
        service.arrange(
            db,
            request.actor.id or 0,
            request.own_account.id,
            lambda layout: layout.changed(act, name, list(offered)),  # type: ignore[arg-type]
        )
    return _back(request, replace(_DONE[act], params=(("card", offered[name].title),)), name)


def undo(request: Request) -> Response:
    """Bring back what was before the last act."""
    with unit_of_work(request) as db:
        service.undo(db, request.actor.id or 0, request.own_account.id)
    return _back(request, text("accounts.cards.undone", "It is as it was before."))


def restore(request: Request) -> Response:
    """Go back to the order the company chose; this can be undone too."""
    with unit_of_work(request) as db:
        service.arrange(db, request.actor.id or 0, request.own_account.id, lambda _: Layout())
    return _back(request, text("accounts.cards.restored", "The home page is as it was in the beginning."))


def _offered(request: Request) -> list[Offered]:
    return request.portal.ports.get(Panels).offered(request)


def _rows(layout: Layout, offered: list[Offered]) -> tuple[list[Row], list[Row]]:
    by_name = {each.name: each for each in offered}
    names = layout.arranged(list(by_name))
    shown = [name for name in names if name not in layout.hidden]
    rows = [Row(name, by_name[name].title, _acts(layout, shown, name), name in layout.pinned) for name in shown]
    away = [
        Row(name, by_name[name].title, ("show",), only_when=by_name[name].urgent) for name in names if name not in shown
    ]
    return rows, away


def _acts(layout: Layout, shown: list[str], name: str) -> tuple[Act, ...]:
    mates = [each for each in shown if (each in layout.pinned) == (name in layout.pinned)]
    acts: list[Act] = []
    if mates[0] != name:
        acts.append("up")
    if mates[-1] != name:
        acts.append("down")
    acts += ["unpin" if name in layout.pinned else "pin", "hide"]
    return tuple(acts)


def _back(request: Request, said: Text, name: str = "") -> Response:
    """Lead to the card that was touched, so that the page does not jump to its top."""
    flash.leave(request, said, "ok")
    return redirect_to(request, request.url("accounts:cards") + (f"#{anchor(name)}" if name else ""))


def anchor(name: str) -> str:
    """Return the id of a card's row on the page: "card-payments-slip"."""
    return "card-" + name.replace(".", "-").replace("_", "-")


_VIEW = on_account("accounts.view")
_AT = "/home/{account}/cards"
HOME_ROUTES = [
    route(_AT, show, name="cards", policy=_VIEW),
    route(_AT, change, name="change_cards", policy=_VIEW, methods=("POST",), kind="action", body=4 * 1024),
    route(_AT + "/undo", undo, name="undo_cards", policy=_VIEW, methods=("POST",), kind="action", body=4 * 1024),
    route(
        _AT + "/default", restore, name="default_cards", policy=_VIEW, methods=("POST",), kind="action", body=4 * 1024
    ),
]
