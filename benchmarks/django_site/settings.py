"""Settings of the Django subject: what `startproject` writes for production, with the database and the languages of the portal."""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from benchmarks.places import BUILD, ROOT, SECRET

SECRET_KEY = SECRET
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
RENDERER = os.environ.get("BENCH_RENDERER", "django")
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "benchmarks.django_site.apps.BenchConfig",
]
AUTH_USER_MODEL = "bench.Identity"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "benchmarks.django_site.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "benchmarks/django_site/templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    ["django.template.loaders.filesystem.Loader"],
                )
            ],
            "libraries": {"portal": "benchmarks.django_site.templatetags.portal"},
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]
WSGI_APPLICATION = "benchmarks.django_site.wsgi.application"
LOGIN_URL = "/login"
LANGUAGE_CODE = "ru"
LANGUAGES = [("ru", "Русский"), ("en", "English")]
LOCALE_PATHS = [BUILD / "locale"]
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True
USE_THOUSAND_SEPARATOR = True
SESSION_COOKIE_AGE = 30 * 24 * 3600
SECURE_REFERRER_POLICY = "same-origin"


def _database(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        pragmas = (
            "journal_mode=WAL",
            "synchronous=FULL",
            "cache_size=-4000",
            "mmap_size=2147418112",
            "temp_store=MEMORY",
        )
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": parts.path[1:],
            "CONN_MAX_AGE": None,
            # Whoever writes waits for their turn when they begin, as Django advises: else two that write fail.
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                "init_command": ";".join(f"PRAGMA {pragma}" for pragma in pragmas),
            },
        }
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path[1:],
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.get("host", parts.hostname or ""),
        "PORT": query.get("port", str(parts.port or "")),
        "CONN_MAX_AGE": None,
    }


DATABASES = {"default": _database(os.environ["BENCH_DATABASE"])}
