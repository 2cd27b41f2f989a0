"""Sending readings, as Django would: a form, one transaction with the rows locked, the same rows written as the portal writes."""

from __future__ import annotations

import json
import secrets
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from benchmarks.django_site.models import Event, Membership, Reading, Record, Register, Rule
from benchmarks.django_site.portal import PORTAL
from lkportal.modules.readings.dated import Rules
from lkportal.modules.readings.rules import judge
from lkportal.modules.readings.windows import window


@login_required
@require_POST
def submit(request: HttpRequest, account: str) -> HttpResponse:
    """Accept the values of all meters of an account, or none."""
    mine = Membership.objects.select_related("account__brand")
    home = get_object_or_404(mine, identity=request.user, account__public_id=account, revoked_at=None).account
    dials = list(Register.objects.filter(meter__account=home, meter__removed_on=None).select_related("meter"))
    form = _form(dials)(request.POST, request.FILES)
    if not form.is_valid():
        return HttpResponseBadRequest(form.errors.as_json())
    values = {name: int(value * 1000) for name, value in form.cleaned_data.items() if isinstance(value, Decimal)}
    with transaction.atomic():
        sent = _write(request, home, values)
    messages.success(request, f"{sent} readings received." if sent else "We have these readings already.")
    return redirect("readings_list", account=account)


def _form(dials: list[Register]) -> type[forms.Form]:
    fields: dict[str, Any] = {}
    for dial in dials:
        fields[f"readings[{dial.public_id}]"] = forms.DecimalField(
            max_digits=dial.digits + dial.decimals, decimal_places=dial.decimals, min_value=0, localize=True
        )
        fields[f"photo[{dial.public_id}]"] = forms.FileField(required=False)
    return type("ReadingsForm", (forms.Form,), fields)


def _write(request: HttpRequest, home: Any, values: dict[str, int]) -> int:
    now, actor = datetime.now(UTC), f"customer:{request.user.public_id}"
    days = window(now.date(), PORTAL.settings_of("readings"))
    rules = Rules(PORTAL.settings_of("readings"), _rules(now))
    locked = Register.objects.select_for_update(of=("self",)).select_related("meter").order_by("id")
    made, acts = [], []
    for dial in locked.filter(meter__account=home, meter__removed_on=None):
        value = values[f"readings[{dial.public_id}]"]
        if dial.last_milli == value and dial.last_on == days.today:
            continue
        verdict = judge(dial, value, rules.of(dial.register))
        if verdict.error or verdict.doubt:
            raise ValueError(str(verdict.error or verdict.doubt))
        dial.last_milli, dial.last_on, dial.last_period = value, days.today, days.period
        dial.estimate, dial.estimate_period = "", None
        dial.save(update_fields=["last_milli", "last_on", "last_period", "estimate", "estimate_period"])
        reading = Reading(
            public_id=secrets.token_urlsafe(12), account=home, register=dial, value_milli=value, submitted_at=now,
            added_milli=verdict.added_milli, taken_on=days.today, period=days.period, channel="web", actor=actor,
        )  # fmt: skip
        made.append(reading)
        acts.append(
            Record(public_id=secrets.token_urlsafe(12), at=now, actor=actor, action="readings.submitted", outcome="done",
                   target=reading.public_id, account=home.public_id, request_id="")
        )  # fmt: skip
    if made:
        Reading.objects.bulk_create(made)
        Record.objects.bulk_create(acts)
        body = json.dumps({"readings": [each.public_id for each in made], "period": f"{days.period}"})
        Event.objects.create(
            event_id=str(uuid4()), name="readings.submitted", occurred_at=now, actor=actor, account=home.public_id,
            brand=home.brand.key, request_id="", body=body,
        )  # fmt: skip
    return len(made)


def _rules(now: datetime) -> list[Rule]:
    found = Rule.objects.filter(Q(category="") | Q(category="household"), valid_from__lte=now.date())
    return list(found.order_by("category", "resource", "valid_from"))
