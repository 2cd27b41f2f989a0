"""The addresses of the Django subject. The hot pages and sending answer; the others are linked from them."""

from __future__ import annotations

from django.urls import path

from benchmarks.django_site import pages
from benchmarks.django_site.readings import submit
from benchmarks.django_site.views import home

_LINKED = {
    "accounts_history_csv": "home/<str:account>/history.csv",
    "accounts_history_xlsx": "home/<str:account>/history.xlsx",
    "payments_bills": "payments/<str:account>/",
    "payments_bill_paper": "payments/<str:account>/bills/<str:bill>/bill.pdf",
    "payments_pay": "payments/<str:account>/pay",
    "payments_payment": "payments/<str:account>/payments/<str:payment>",
    "readings_kept": "readings/<str:account>/kept",
    "readings_waiting": "readings/<str:account>/waiting",
    "news_list": "news/<str:account>/",
    "tickets_form": "tickets/<str:account>/new/<str:type>",
    "tickets_choose": "tickets/<str:account>/new",
    "tickets_list": "tickets/<str:account>/",
    "search": "search",
    "accounts_cards": "home/<str:account>/cards",
    "accounts_people": "home/<str:account>/people",
    "privacy_document": "privacy/documents/<str:account>",
    "privacy_access": "privacy/access",
    "readings_history": "readings/<str:account>/history",
    "notices": "notices/<str:account>",
    "settings": "settings/<str:account>",
    "logout": "logout/<str:account>",
}
urlpatterns = [
    path("send/<str:account>/", submit, name="submit"),
    path("home/<str:account>/", home, name="accounts_home"),
    path("home/<str:account>/history", pages.history, name="accounts_history"),
    path("payments/<str:account>/bills/<str:bill>", pages.bill, name="payments_bill"),
    path("payments/<str:account>/bills/<str:bill>/code.svg", pages.code, name="payments_code"),
    path("readings/<str:account>/", pages.readings, name="readings_list"),
    *(path(pattern, home, name=name) for name, pattern in _LINKED.items()),
]
