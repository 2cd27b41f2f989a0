"""What the dashboard shows, asked through Django's ORM: related rows are joined, nothing is asked in a loop."""

from __future__ import annotations

from collections import namedtuple
from datetime import date
from types import SimpleNamespace
from typing import Any

from django.db.models import Exists, Max, OuterRef, Q, Subquery, Sum
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from benchmarks.django_site.models import (
    Assertion,
    Bill,
    Concerned,
    Ledger,
    Membership,
    Message,
    News,
    NewsRead,
    Notice,
    Payment,
    Reading,
    Register,
    Rule,
    Seen,
    Standing,
    Ticket,
)
from benchmarks.django_site.portal import PORTAL
from benchmarks.drawing import Facts
from benchmarks.floor import other_places
from lkportal.accounts.home.panels import year_before
from lkportal.accounts.home.places import Here
from lkportal.core.policy import AccountRef
from lkportal.modules.tickets.states import ALIVE, SOLVED

_RIGHTS = frozenset(PORTAL.registry.permissions)
_Used = namedtuple("_Used", "period resource unit added_milli")


def facts(request: HttpRequest, public_id: str, today: date) -> Facts:
    """Return what the page of an account shows to who is signed in, 404 when it is not theirs."""
    mine = Membership.objects.select_related("account__brand")
    membership = get_object_or_404(mine, identity=request.user, account__public_id=public_id, revoked_at=None)
    account = membership.account
    rows = {
        "standing": [_standing(account)],
        "bills": list(Bill.objects.filter(account=account).order_by("-period", "-id")[:5]),
        "registers": list(
            Register.objects.filter(meter__account=account, meter__removed_on=None)
            .select_related("meter")
            .order_by("meter__place", "meter__resource", "meter_id", "code")
        ),
        "stands": list(Standing.objects.filter(identity=request.user)),
        "consumption": _consumption(account, year_before(today)),
        "rules": list(Rule.objects.filter(Q(category="") | Q(category="household"), valid_from__lte=today)),
        "here": _news(account, request.user, today),
        "tickets": _tickets(account, request.user),
    }
    unread = Notice.objects.filter(identity=request.user, read_at=None).count()
    return Facts(request.user.name, unread, _ref(account, membership.role), rows, _here(request, account))


def _standing(account: Any) -> SimpleNamespace:
    ledger = Ledger.objects.get(account=account)
    open_ones = Payment.objects.filter(account=account).filter(
        Q(state="waiting") | Q(state="paid", acknowledged_at=None)
    )
    payments = list(open_ones.order_by("-id"))
    told = Assertion.objects.filter(account=account).order_by("-as_of", "-id").values_list("seen_at", flat=True).first()
    unposted = [payment for payment in payments if payment.state == "paid"]
    return SimpleNamespace(
        balance=ledger.balance,
        told_at=told,
        currency=ledger.currency,
        unposted=sum(payment.amount for payment in unposted),
        last_paid_at=max((payment.paid_at for payment in unposted), default=None),
        waiting=next((payment.public_id for payment in payments if payment.state == "waiting"), None),
    )


def _consumption(account: Any, since: date) -> list[Any]:
    found = (
        Reading.objects.filter(account=account, period__gte=since)
        .values_list("period", "register__meter__resource", "register__meter__unit")
        .annotate(added=Sum("added_milli"))
        .order_by("period", "register__meter__resource")
    )
    return [_Used._make(row) for row in found]


def _news(account: Any, person: Any, today: date) -> list[Any]:
    segment = "company" if account.organisation_id else "household"
    named = Concerned.objects.filter(item=OuterRef("pk"), account=account)
    general = Q(targeted=False, segment__in=("", segment)) & (Q(brand_id=None) | Q(brand_id=account.brand_id))
    shown = News.objects.filter(Q(show_until=None) | Q(show_until__gte=today), show_from__lte=today)
    mine = shown.filter(Q(Exists(named)) | general, state__in=("published", "closed"))
    read = NewsRead.objects.filter(item=OuterRef("pk"), identity=person)
    order = ("-kind", "-state", "-important", "begins_at", "-id")
    return list(mine.filter(Q(kind="outage") | ~Exists(read)).order_by(*order)[:4])


def _tickets(account: Any, person: Any) -> list[Any]:
    said = Message.objects.filter(ticket=OuterRef("ticket"), inner=False).values("ticket").annotate(last=Max("id"))
    read = Seen.objects.filter(ticket=OuterRef("pk"), identity=person, message_id__gte=Subquery(said.values("last")))
    mine = Ticket.objects.filter(account=account, identity=person).annotate(
        unread=Q(last_side="company") & ~Exists(read)
    )
    return list(mine.filter(Q(state__in=ALIVE) | Q(state=SOLVED, unread=True)).order_by("-changed_at", "-id")[:3])


def _here(request: HttpRequest, account: Any) -> Here:
    memberships = Membership.objects.filter(identity=request.user, revoked_at=None).select_related("account")[:25]
    mine = sorted((membership.account for membership in memberships), key=lambda each: each.id)
    family = next(place for place, each in enumerate(mine) if each.id == account.id)
    others = [(place, each) for place, each in enumerate(mine) if each.id != account.id]
    owed = Ledger.objects.filter(account__in=[each.id for _, each in others]) if others else []
    return Here(account.title, account.number, family, tuple(other_places(others, list(owed))))


def _ref(account: Any, role: str) -> AccountRef:
    return AccountRef(
        account.id, account.public_id, account.number, account.title, account.time_zone, account.currency,
        account.brand.key, None, role, _RIGHTS,
    )  # fmt: skip
