"""A bill, the history and the form of readings, as Django would: the ORM, its forms, its templates. Judgements (what is due, why a bill
differs, what an act is called) are the portal's pure functions on both sides; the QR code is drawn as the manual of segno does."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import segno
from django import forms
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from benchmarks.django_site.models import Bill, Identity, Ledger, Line, Membership, Notice, Record, Register, Rule
from benchmarks.django_site.portal import PORTAL
from lkportal.accounts.past import asking, telling
from lkportal.modules.payments import views as bills
from lkportal.modules.readings import views as meters
from lkportal.modules.readings.dated import Rules
from lkportal.modules.readings.windows import window

_ROWS = 30


class HistoryForm(forms.Form):
    """Which acts are shown."""

    kind = forms.CharField(required=False)
    who = forms.CharField(required=False)
    since = forms.DateField(required=False)
    until = forms.DateField(required=False)


@login_required
def bill(request: HttpRequest, account: str, bill: str) -> HttpResponse:
    """Show one bill: why it differs, its lines, the slip."""
    home, shared = _entered(request, account)
    shown, before = _bills(home, bill)
    asked = [each.id for each in (shown, before) if each]
    lines = list(Line.objects.filter(bill_id__in=asked).order_by("bill_id", "position", "id"))
    own, past = ([line for line in lines if (line.bill_id == shown.id) is mine] for mine in (True, False))
    why = bills.why(shown, own, before, past)
    changes = [change for _, _, change in why.rows] if why else []
    due = bills.due([shown], shown.unpaid, shown.currency, _today(home))
    context = {**shared, "bill": shown, "lines": own, "why": why, "due": due}
    return render(request, "bill.html", {**context, "why_least": min([*changes, 0]), "why_most": max([*changes, 0])})


@login_required
def code(request: HttpRequest, account: str, bill: str) -> HttpResponse:
    """Draw the QR code of a bill."""
    mine = Membership.objects.select_related("account__brand")
    home = get_object_or_404(mine, identity=request.user, account__public_id=account, revoked_at=None).account
    shown, _ = _bills(home, bill)
    said = bills.qr_text(PORTAL.settings_of("payments").payee, shown, home.number)
    if not said:
        return redirect("payments_bill", account, bill)
    picture = io.BytesIO()
    segno.make(said, error="m", micro=False).save(picture, kind="svg", scale=3)
    return HttpResponse(picture.getvalue(), content_type="image/svg+xml")


def _bills(home: Any, bill: str) -> tuple[Any, Any]:
    """Return a bill and the one before it, or None."""
    balance = Ledger.objects.get(account=home).balance
    known = bills.settled(Bill.objects.filter(account=home).order_by("-period", "-id")[:240], balance, _today(home))
    place = next((number for number, each in enumerate(known) if each.public_id == bill), None)
    if place is None:
        raise Http404
    return known[place], known[place + 1] if place + 1 < len(known) else None


@login_required
def history(request: HttpRequest, account: str) -> HttpResponse:
    """Show what was done on the account, newest first."""
    home, shared = _entered(request, account)
    form = HistoryForm(request.GET)
    form.is_valid()
    reader = SimpleNamespace(public_id=request.user.public_id, label=f"customer:{request.user.public_id}")
    theirs = Q(account=home.public_id) | Q(actor=reader.label, account=None, action__startswith="privacy.")
    told = Record.objects.filter(theirs).exclude(outcome="viewed")
    rows = list(_narrowed(told, form.cleaned_data).order_by("-id")[: _ROWS + 1])[:_ROWS]
    stands = Record.objects.filter(account=home.public_id).exclude(outcome="viewed").order_by()
    pairs = [
        SimpleNamespace(actor=actor, action=act) for actor, act in stands.values_list("actor", "action").distinct()
    ]
    named = telling.named(rows) | {pair.actor.partition(":")[2] for pair in pairs}
    people = {each.public_id: each for each in Identity.objects.filter(public_id__in=named)}
    actions: Any = PORTAL.ports.get(telling.Actions)
    lines = telling.lines(telling.told(rows, actions), actions, people, reader)  # type: ignore[arg-type]
    choices = asking.choices(pairs, None, actions, people, reader)  # type: ignore[arg-type]
    return render(request, "history.html", {**shared, "form": form, "lines": lines, "choices": choices})


@login_required
def readings(request: HttpRequest, account: str) -> HttpResponse:
    """Show all meters of the account with what they showed last."""
    home, shared = _entered(request, account)
    today = _today(home)
    rules = Rule.objects.filter(Q(category="") | Q(category="household"), valid_from__lte=today)
    dated = Rules(PORTAL.settings_of("readings"), list(rules.order_by("category", "resource", "valid_from")))
    days = window(today, dated.general)
    dials = Register.objects.filter(meter__account=home, meter__removed_on=None).select_related("meter")
    shown = meters.meters(list(dials.order_by("meter__place", "meter__resource", "meter_id", "code")), days)
    return render(request, "readings.html", {**shared, "meters": shown, "window": days})


def _entered(request: HttpRequest, account: str) -> tuple[Any, dict[str, Any]]:
    mine = Membership.objects.select_related("account__brand")
    home = get_object_or_404(mine, identity=request.user, account__public_id=account, revoked_at=None).account
    return home, {"account": home, "unread": Notice.objects.filter(identity=request.user, read_at=None).count()}


def _today(home: Any) -> date:
    return datetime.now(UTC).astimezone(ZoneInfo(home.time_zone)).date()


def _narrowed(told: Any, asked: dict[str, Any]) -> Any:
    if asked.get("kind"):
        told = told.filter(action__startswith=f"{asked['kind']}.")
    if asked.get("who"):
        told = told.filter(actor=f"customer:{asked['who']}")
    if asked.get("since"):
        told = told.filter(at__date__gte=asked["since"])
    return told.filter(at__date__lte=asked["until"]) if asked.get("until") else told
