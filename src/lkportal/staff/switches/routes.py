"""Pages of the switchboard: which modules are open to whom, one module with its history, opening it to others."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from starlette.responses import Response

from lkportal.core.errors import NotFound, StartupError
from lkportal.core.i18n import Text, ntext, text
from lkportal.core.policy import staff
from lkportal.core.registry.overlay import Overlay, read_overlay
from lkportal.core.registry.rollouts import Rollout, unpacked
from lkportal.staff.desk import Desk
from lkportal.staff.frame import desk_page
from lkportal.staff.switches import board, store
from lkportal.staff.switches.board import Switch
from lkportal.staff.switches.forms import LONGEST_LIST, RolloutForm
from lkportal.staff.switches.previews import digest, look_ahead
from lkportal.web import (
    WHOLE,
    Change,
    Form,
    Proposal,
    Request,
    empty_form,
    read_form,
    redirect,
    route,
    unit_of_work,
)

_NUMBERS = re.compile(r"[\s,;]+")


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a valid form asks for: `overlay` is the stored one, `seen` how the module is open by it."""

    switch: Switch
    overlay: Overlay
    rollout: Rollout
    reason: str

    @property
    def seen(self) -> Rollout:
        return self.overlay.rollout(self.switch.name)


def modules(request: Request) -> Response:
    """Show the switchboard: every module, to whom it is open, who changed that last."""
    found = board.switches(_desk(request), read_overlay(request.db), request.locale.render)
    return desk_page(
        request,
        "staff/modules.html",
        switches=found,
        latest=store.latest(request.db),
        zone=request.portal.settings.portal.time_zone,
    )


def module(request: Request) -> Response:
    """Show to whom one module is open, to be changed; `from` in the query fills in a state of its history."""
    overlay = read_overlay(request.db)
    chosen = _chosen(request, overlay)
    wanted = overlay.rollout(chosen.name)
    kept = store.change(request.db, chosen.name, request.query_params.get("from", ""))
    if kept is not None:
        wanted = unpacked(kept.after)
    return _page(request, chosen, overlay, empty_form(RolloutForm, _typed(request, wanted)))


def explain(request: Request) -> Proposal | Response:
    """Tell what a change would do. A form that only asks for that, or does not fit, is answered with its page."""
    plan = _planned(request)
    return plan if isinstance(plan, Response) else _proposal(plan)


def change(request: Request) -> Response:
    """Open a module to others for every process."""
    plan = _planned(request)
    if isinstance(plan, Response):
        return plan
    try:
        with unit_of_work(request) as db:
            store.open_module(db, plan.switch.name, plan.rollout, plan.seen, plan.reason)
    except store.ChangedMeanwhile as error:
        return redirect(request, "staff:module", error.words, "bad", module=plan.switch.name)
    done = text(
        "staff.modules.done",
        "%(module)s: %(state)s, from the next page anybody opens",
        module=plan.switch.title,
        state=board.told(plan.rollout),
    )
    return redirect(request, "staff:modules", done)


def _planned(request: Request) -> _Plan | Response:
    overlay = read_overlay(request.db)
    chosen, form = _chosen(request, overlay), read_form(request, RolloutForm)
    if form.values.get("confirm") == "back":
        return _page(request, chosen, overlay, Form(RolloutForm, form.values))
    if form.valid and form.data.seen != digest(overlay.rollout(chosen.name).packed()):
        form.add_error(WHOLE, store.ChangedMeanwhile().words)
        return _page(request, chosen, overlay, form, 409)
    rollout = _wanted(request, form, chosen, overlay) if form.valid else None
    if rollout is None or not form.valid:
        return _page(request, chosen, overlay, form, 422)
    plan = _Plan(chosen, overlay, rollout, form.data.reason)
    if form.data.confirm == "yes":
        return plan
    back = request.url("staff:module", module=chosen.name)
    return look_ahead(request, _proposal(plan), _effects(request, plan), back)


def _wanted(request: Request, form: Form[RolloutForm], chosen: Switch, overlay: Overlay) -> Rollout | None:
    """Return what the form asks for; what it lacks, or the rest of the portal forbids, becomes an error of the form."""
    data = form.data
    rollout = Rollout(data.mode)
    if data.mode in ("accounts", "share"):
        rollout = replace(rollout, accounts=_listed(request, form))
    if data.mode == "accounts" and not rollout.accounts:
        form.add_error("accounts", text("staff.switch.no_accounts", "Name at least one account by its number."))
    if data.mode == "share":
        if data.share is None:
            form.add_error("share", text("staff.switch.no_share", "Say how many percent, 1 to 99."))
        rollout = replace(rollout, share=data.share or 0)
    if data.mode == "off" and chosen.needed is not None:
        form.add_error("mode", chosen.needed)
    if rollout == overlay.rollout(chosen.name):
        form.add_error("mode", text("staff.switch.same", "It is so already."))
    try:
        _desk(request).registry_under(overlay.opened(chosen.name, rollout), strict=False)
    except StartupError as error:
        form.add_error(WHOLE, text("staff.modules.refused", "Nothing was changed. %(reason)s", reason=error.message))
    return rollout


def _listed(request: Request, form: Form[RolloutForm]) -> frozenset[str]:
    """Return the accounts whose numbers were typed; unknown numbers, and too many, are errors of the field."""
    numbers = [each for each in dict.fromkeys(_NUMBERS.split(form.data.accounts)) if each]
    if len(numbers) > LONGEST_LIST:
        form.add_error(
            "accounts",
            text("staff.switch.too_many", "At most %(n)s accounts. For more, open it to a share.", n=LONGEST_LIST),
        )
        return frozenset()
    found = store.by_number(request.db, numbers) if numbers else []
    missing = [each for each in numbers if each not in {number for _, number in found}]
    if missing:
        unknown = ", ".join(missing[:5])
        form.add_error(
            "accounts", text("staff.switch.unknown", "No open account has these numbers: %(numbers)s", numbers=unknown)
        )
    return frozenset(public for public, _ in found)


def _proposal(plan: _Plan) -> Proposal:
    changes = [
        Change(plan.switch.title, board.told(plan.seen), board.told(plan.rollout)),
        Change(text("staff.switch.reason", "Why"), "", plan.reason),
    ]
    if plan.rollout.mode == "off":
        title = text("staff.switch.title_off", "Close a module: %(module)s", module=plan.switch.title)
    else:
        title = text("staff.switch.title", "Open a module: %(module)s", module=plan.switch.title)
    return Proposal(title, changes)


def _effects(request: Request, plan: _Plan) -> list[Text | str]:
    rollout = plan.rollout
    found: list[Text | str] = [_outcome(request, rollout)]
    if rollout.mode not in ("all", "off"):
        found.append(
            text(
                "staff.switch.no_trace",
                "For all others there is no trace of it: no menu, no cards, no pages, no notices.",
            )
        )
    names = [request.locale.render(each.title) for each in board.followers(_desk(request), plan.switch.name)]
    if names and rollout.mode != "all":
        found.append(
            text("staff.switch.followers", "The same holds for what needs it: %(names)s.", names=", ".join(names))
        )
    return found


def _outcome(request: Request, rollout: Rollout) -> Text:
    match rollout.mode:
        case "off":
            return text(
                "staff.switch.then_off", "Nobody has it any more, the desk neither. Its data stays and is kept by law."
            )
        case "staff":
            return text(
                "staff.switch.then_staff",
                "You work with its pages at the desk, and see its customer pages when you see as a customer.",
            )
        case "accounts":
            return ntext(
                "staff.switch.then_accounts",
                "It is open on %(n)s account.",
                "It is open on %(n)s accounts.",
                len(rollout.accounts),
            )
        case "share":
            return text(
                "staff.switch.then_share",
                "It is open on about %(n)s of %(all)s accounts, always the same. A larger share only adds to them.",
                n=store.all_accounts(request.db) * rollout.share // 100,
                all=store.all_accounts(request.db),
            )
    return text("staff.switch.then_all", "Every customer has it from the next page they open.")


def _page(request: Request, chosen: Switch, overlay: Overlay, form: Form[RolloutForm], status: int = 200) -> Response:
    now = overlay.rollout(chosen.name)
    return desk_page(
        request,
        "staff/module.html",
        status,
        chosen=chosen,
        form=form,
        seen=digest(now.packed()),
        numbers=store.numbers(request.db, now.accounts),
        history=[(each, board.told(unpacked(each.after))) for each in store.history(request.db, chosen.name)],
        zone=request.portal.settings.portal.time_zone,
    )


def _typed(request: Request, rollout: Rollout) -> dict[str, Any]:
    return {
        "mode": rollout.mode,
        "accounts": "\n".join(store.numbers(request.db, rollout.accounts)),
        "share": str(rollout.share or ""),
    }


def _chosen(request: Request, overlay: Overlay) -> Switch:
    """Return the module of the path. Raises NotFound for one that is not there or cannot be changed here."""
    wanted = str(request.path_params["module"])
    known = board.switches(_desk(request), overlay, request.locale.render)
    found = next((each for each in known if each.name == wanted and each.refusal is None), None)
    if found is None:
        raise NotFound
    return found


def _desk(request: Request) -> Desk:
    return request.portal.ports.get(Desk)  # type: ignore[type-abstract]


MODULE_PAGES = [
    route("/modules", modules, name="modules", policy=staff("staff.modules")),
    route("/modules/{module}", module, name="module", policy=staff("staff.modules")),
    route(
        "/modules/{module}",
        change,
        name="switch",
        policy=staff("staff.modules", step_up=True),
        methods=("POST",),
        explain=explain,
    ),
]
