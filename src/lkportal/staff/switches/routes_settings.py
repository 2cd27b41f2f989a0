"""Pages of the settings that the company changes at the desk: all of them by module, one with its limits, effect and history."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from starlette.responses import Response

from lkportal.core.errors import NotFound, StartupError
from lkportal.core.i18n import Text, text
from lkportal.core.policy import staff
from lkportal.core.registry.building import Registry
from lkportal.core.registry.desk_settings import value_of
from lkportal.core.registry.overlay import Overlay, read_overlay
from lkportal.staff.desk import Desk
from lkportal.staff.frame import desk_page
from lkportal.staff.switches import store
from lkportal.staff.switches.fields import Field, Misfit, fields, typed_of
from lkportal.staff.switches.forms import SettingForm
from lkportal.staff.switches.previews import digest, look_ahead
from lkportal.web import WHOLE, Change, Form, Proposal, Request, empty_form, read_form, redirect, route, unit_of_work

_OURS = text("staff.setting.ours", "as in portal.toml")


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a valid form asks for: `value` is what shall be stored (None: nothing), `then` the registry as it would be."""

    field: Field
    value: Any
    then: Registry
    reason: str

    @property
    def becomes(self) -> Any:
        return value_of(self.then.settings[self.field.module.name], self.field.setting.key)


def settings(request: Request) -> Response:
    """Show all settings that may be changed here, by module, with what holds."""
    known = _fields(request)
    latest = store.latest(request.db)
    rows = [(each, _said(request, each, each.value), latest.get(each.name)) for each in known]
    groups = [
        (module.title, module.name, list(group)) for module, group in groupby(rows, key=lambda row: row[0].module)
    ]
    zone = request.portal.settings.portal.time_zone
    return desk_page(request, "staff/settings.html", groups=groups, zone=zone)


def setting(request: Request) -> Response:
    """Show one setting, to be changed; `from` in the query fills in a value of its history."""
    chosen = _chosen(request)
    kept = store.change(request.db, chosen.name, request.query_params.get("from", ""))
    value = chosen.value if kept is None or kept.after["value"] is None else kept.after["value"]
    values: dict[str, Any] = {"value": typed_of(chosen.kind, value)}
    if chosen.kind == "several":
        values = {"several": list(value)}
    if kept is not None and kept.after["value"] is None:
        values["reset"] = "on"
    return _page(request, chosen, empty_form(SettingForm, values))


def explain(request: Request) -> Proposal | Response:
    """Tell what a change would do. A form that only asks for that, or does not fit, is answered with its page."""
    plan = _planned(request)
    return plan if isinstance(plan, Response) else _proposal(request, plan)


def change(request: Request) -> Response:
    """Keep another value, for every process."""
    plan = _planned(request)
    if isinstance(plan, Response):
        return plan
    try:
        with unit_of_work(request) as db:
            store.change_setting(db, plan.field.name, plan.value, plan.field.stored, plan.reason)
    except store.ChangedMeanwhile as error:
        return redirect(request, "staff:setting", error.words, "bad", setting=plan.field.name)
    done = text(
        "staff.setting.done",
        "%(setting)s: %(value)s",
        setting=plan.field.setting.title,
        value=_said(request, plan.field, plan.becomes),
    )
    return redirect(request, "staff:settings", done)


def _planned(request: Request) -> _Plan | Response:
    overlay = read_overlay(request.db)
    chosen, form = _chosen(request), read_form(request, SettingForm)
    if form.values.get("confirm") == "back":
        return _page(request, chosen, Form(SettingForm, form.values))
    if form.valid and form.data.seen != digest(chosen.stored):
        form.add_error(WHOLE, store.ChangedMeanwhile().words)
        return _page(request, chosen, form, 409)
    plan = _wanted(request, chosen, form, overlay) if form.valid else None
    if plan is None or not form.valid:
        return _page(request, chosen, form, 422)
    if form.data.confirm == "yes":
        return plan
    back = request.url("staff:setting", setting=chosen.name)
    return look_ahead(request, _proposal(request, plan), _effects(request, plan), back)


def _wanted(request: Request, chosen: Field, form: Form[SettingForm], overlay: Overlay) -> _Plan | None:
    """Return what the form asks for; what does not fit becomes an error of the form."""
    try:
        typed = ",".join(form.data.several) if chosen.kind == "several" else form.data.value
        value = None if form.data.reset else chosen.read(typed)
    except Misfit as error:
        form.add_error("value", error.words)
        return None
    if value == chosen.stored or (value is not None and typed_of(chosen.kind, _plain(chosen, value)) == chosen.typed):
        form.add_error("value", text("staff.setting.same", "It is so already."))
        return None
    try:
        then = _desk(request).registry_under(overlay.valued(chosen.module.name, chosen.setting.key, value), strict=True)
    except StartupError as error:
        unfit = text("staff.setting.unfit", "This does not fit the other settings. %(reason)s", reason=error.message)
        form.add_error("value", unfit)
        return None
    wrong = chosen.setting.unfit and chosen.setting.unfit(then.settings[chosen.module.name])
    if wrong:
        form.add_error("value", wrong)
        return None
    return _Plan(chosen, value, then, form.data.reason)


def _plain(chosen: Field, value: Any) -> Any:
    """Return a stored value so that it can be compared with the one that holds."""
    return value if chosen.kind != "time" else str(value)


def _proposal(request: Request, plan: _Plan) -> Proposal:
    title = text("staff.setting.title", "Change a setting: %(setting)s", setting=plan.field.setting.title)
    then = _said(request, plan.field, plan.becomes)
    if plan.value is None:
        then = text("staff.setting.reset_to", "%(value)s, as in portal.toml", value=then)
    changes = [
        Change(plan.field.setting.title, _said(request, plan.field, plan.field.value), then),
        Change(text("staff.switch.reason", "Why"), "", plan.reason),
    ]
    return Proposal(title, changes, alone=not plan.field.setting.four_eyes)


def _effects(request: Request, plan: _Plan) -> list[Text | str]:
    found: list[Text | str] = [
        text("staff.setting.at_once", "It holds for everybody from the next page they open, and for work begun later.")
    ]
    effect, name = plan.field.setting.effect, plan.field.module.name
    if effect is not None:
        before = _desk(request).registry.settings[name]
        found += effect(before, plan.then.settings[name], request.portal.clock.now().date())
    if plan.field.setting.four_eyes:
        found.append(text("staff.setting.second", "A second person has to agree before it holds."))
    return found


def _page(request: Request, chosen: Field, form: Form[SettingForm], status: int = 200) -> Response:
    rows = [
        (each, _OURS if each.after["value"] is None else _said(request, chosen, each.after["value"]))
        for each in store.history(request.db, chosen.name)
    ]
    return desk_page(
        request,
        "staff/setting.html",
        status,
        chosen=chosen,
        now=_said(request, chosen, chosen.value),
        form=form,
        seen=digest(chosen.stored),
        history=rows,
        zone=request.portal.settings.portal.time_zone,
    )


def _said(request: Request, field: Field, value: Any) -> Text | str:
    return field.said(value, request.locale, request.portal.settings.portal.currency)


def _fields(request: Request) -> list[Field]:
    """Return the settings that this person may change."""
    known = fields(_desk(request).registry, read_overlay(request.db))
    rights = request.actor.permissions
    return [each for each in known.values() if not each.setting.right or each.setting.right in rights]


def _chosen(request: Request) -> Field:
    wanted = str(request.path_params["setting"])
    found = next((each for each in _fields(request) if each.name == wanted), None)
    if found is None:
        raise NotFound
    return found


def _desk(request: Request) -> Desk:
    return request.portal.ports.get(Desk)  # type: ignore[type-abstract]


SETTING_PAGES = [
    route("/settings", settings, name="settings", policy=staff("staff.settings")),
    route("/settings/{setting}", setting, name="setting", policy=staff("staff.settings")),
    route(
        "/settings/{setting}",
        change,
        name="change_setting",
        policy=staff("staff.settings", step_up=True, four_eyes=True),
        methods=("POST",),
        explain=explain,
    ),
]
