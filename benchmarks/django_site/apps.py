"""The one application of the Django subject."""

from __future__ import annotations

from django.apps import AppConfig


class BenchConfig(AppConfig):
    """Its tables are the portal's, so it has no migrations."""

    name = "benchmarks.django_site"
    label = "bench"
