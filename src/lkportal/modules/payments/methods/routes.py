"""The page of autopay: what is agreed, switching on and off, saved methods and removing one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.responses import Response

from lkportal.core.i18n import Text, text
from lkportal.core.jobs import enqueue
from lkportal.core.money import Money, decimal_string
from lkportal.core.policy import on_account
from lkportal.modules.payments.methods import agreeing, keeping, reads
from lkportal.modules.payments.methods.agreeing import Agreement
from lkportal.modules.payments.methods.forms import AutopayForm
from lkportal.modules.payments.paying.starting import desk_of_request
from lkportal.modules.payments.views import method_words
from lkportal.web import Form, Request, empty_form, page, read_form, redirect, route, unit_of_work

_PAY = "payments.pay"
RUNS: dict[str, tuple[str, Text]] = {
    "planned": ("inf", text("payments.autopay.run.planned", "planned")),
    "charging": ("inf", text("payments.autopay.run.charging", "under way")),
    "paid": ("ok", text("payments.autopay.run.paid", "paid")),
    "skipped": ("off", text("payments.autopay.run.skipped", "nothing was due")),
    "failed": ("bad", text("payments.autopay.run.failed", "did not go through")),
    "dropped": ("off", text("payments.autopay.run.dropped", "switched off before")),
}


def show_autopay(request: Request) -> Response:
    """Show what is agreed and what was done, and the form for it."""
    return _page(request)


def switch_on(request: Request) -> Response:
    """Agree to be charged: what was typed and the words beside the tick are kept as evidence."""
    form = read_form(request, AutopayForm)
    if form.valid:
        _check(request, form)
    if not form.valid:
        return _page(request, form, 422)
    with unit_of_work(request) as db:
        agreeing.switch_on(db, request.own_account, _agreement(request, form.data))
    return redirect(
        request,
        "payments:autopay",
        flash=text("payments.autopay.is_on", "Autopay is on. We tell you before every charge."),
    )


def switch_off(request: Request) -> Response:
    """Switch autopay off: one step, no questions."""
    with unit_of_work(request) as db:
        agreeing.switch_off(db, request.own_account, "switched_off")
    return redirect(
        request,
        "payments:autopay",
        flash=text("payments.autopay.is_off", "Autopay is off. Nothing more will be taken."),
    )


def remove_method(request: Request) -> Response:
    """Let a saved method go; the provider forgets it in a job."""
    with unit_of_work(request) as db:
        gateway, token = keeping.remove(db, request.own_account, request.path_params["method"])
        enqueue(db, "payments.forget_method", {"gateway": gateway, "token": token})
    return redirect(request, "payments:autopay", flash=text("payments.autopay.removed", "The card is removed."))


def _check(request: Request, form: Form[AutopayForm]) -> None:
    data, settings = form.data, desk_of_request(request).settings
    if not data.agree:
        form.add_error(
            "agree", text("payments.autopay.must_agree", "Tick this box if you agree. Without it nothing is taken.")
        )
    if not settings.least <= data.cap <= settings.most:
        low, high = (Money(each, request.own_account.currency) for each in (settings.least, settings.most))
        form.add_error("cap", text("payments.autopay.cap_range", "From %(low)s to %(high)s.", low=low, high=high))
    if data.mode == "balance":
        for name in ("below", "top_up"):
            if getattr(data, name) is None:
                form.add_error(name, text("payments.autopay.amount_needed", "Type an amount."))
        if data.top_up and data.top_up > data.cap:
            form.add_error(
                "top_up", text("payments.autopay.top_up_most", "A top-up cannot be above the month's limit.")
            )


def _agreement(request: Request, data: AutopayForm) -> Agreement:
    account, title = request.own_account, _title(request, data.method)
    about = text("payments.autopay.about", "Autopay, {account} %(number)s", number=account.number)
    words = text(
        "payments.autopay.words",
        "I agree that no more than %(cap)s a month is taken with %(method)s for {account} %(number)s without asking me each time. "
        "You tell me before every charge, and I can switch this off at any moment.",
        cap=Money(data.cap, account.currency),
        method=method_words(title),
        number=account.number,
    )
    return Agreement(
        data.method,
        data.mode,
        data.day,
        data.cap,
        request.locale.render(words),
        request.locale.render(about),
        request.actor.login if desk_of_request(request).settings.sends_receipts else "",
        (data.below or 0) if data.mode == "balance" else 0,
        (data.top_up or 0) if data.mode == "balance" else 0,
    )


def _agreed(current: Any, own: Sequence[Any]) -> dict[str, str]:
    """Return what holds now as it would be typed, so that a change begins where the agreement stands. The tick is given anew, and so
    is the card when the one agreed is somebody else's: only `own` ones are offered."""
    values = {"mode": current.mode, "cap": _typed(current.cap)}
    if any(each.public_id == current.method for each in own):
        values["method"] = current.method
    if current.mode == "bill":
        return {**values, "day": str(current.day)}
    return {**values, "below": _typed(current.below), "top_up": _typed(current.top_up)}


def _typed(minor: int) -> str:
    return decimal_string(minor).removesuffix(".00").replace(".", ",")


def _title(request: Request, method: str) -> str:
    rows = request.db.execute(reads.METHODS, {"account_id": request.own_account.id})
    return next((str(row.title) for row in rows if row.public_id == method), "")


def _page(request: Request, form: Form[AutopayForm] | None = None, status: int = 200) -> Response:
    mine = {"account_id": request.own_account.id}
    desk = desk_of_request(request)
    methods = request.db.execute(reads.METHODS, mine).all()
    own = [each for each in methods if each.actor == request.actor.label]
    current = request.db.execute(reads.CURRENT, mine).first()
    return page(
        request,
        "payments/methods/autopay.html",
        status,
        form=form or empty_form(AutopayForm, _agreed(current, own) if current else {}),
        current=current,
        methods=methods,
        own=own,
        runs=request.db.execute(reads.LAST_RUNS, mine).all(),
        states=RUNS,
        method_words=method_words,
        notice_days=desk.settings.autopay.notice_days,
        tries=len(desk.settings.autopay.tries),
        offered=desk.saves,
    )


_SEE, _SURE = on_account(_PAY), on_account(_PAY, step_up="payment")
_POST = ("POST",)
METHOD_ROUTES = [
    route("/{account}/autopay", show_autopay, name="autopay", policy=_SEE),
    route("/{account}/autopay", switch_on, name="autopay_on", policy=_SURE, methods=_POST, kind="action"),
    route("/{account}/autopay/off", switch_off, name="autopay_off", policy=_SEE, methods=_POST, kind="action"),
    route(
        "/{account}/autopay/methods/{method}/remove",
        remove_method,
        name="remove_method",
        policy=_SEE,
        methods=_POST,
        kind="action",
    ),
]
