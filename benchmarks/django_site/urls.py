"""The addresses of the Django subject. One page answers; the others are linked from it."""

from __future__ import annotations

from django.urls import path

from benchmarks.django_site.readings import submit
from benchmarks.django_site.views import home

_LINKED = {
    "accounts_history": "home/<str:account>/history",
    "payments_bills": "payments/<str:account>/",
    "payments_bill": "payments/<str:account>/bills/<str:bill>",
    "payments_pay": "payments/<str:account>/pay",
    "payments_payment": "payments/<str:account>/payments/<str:payment>",
    "readings_list": "readings/<str:account>/",
    "readings_history": "readings/<str:account>/history",
    "notices": "notices/<str:account>",
    "settings": "settings/<str:account>",
    "logout": "logout/<str:account>",
}
urlpatterns = [
    path("send/<str:account>/", submit, name="submit"),
    path("home/<str:account>/", home, name="accounts_home"),
    *(path(pattern, home, name=name) for name, pattern in _LINKED.items()),
]
