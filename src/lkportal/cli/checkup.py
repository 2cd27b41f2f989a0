"""What `lkportal doctor` looks at itself: settings, keys, schema, worker, storage, mail, brands, languages; what is seen from
outside is in checkup_outside. Modules add their own checks by the hook `checks`. Nothing here changes anything but a file that is
written and removed to see whether it can be."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy.exc import SQLAlchemyError

from lkportal.cli.checkup_outside import OUTSIDE
from lkportal.core.contributions import Check, Finding
from lkportal.core.language.catalogues import ENGLISH, INFORMAL, Library
from lkportal.core.migrating import migrate
from lkportal.core.work.outbox import outbox_age
from lkportal.core.work.worker import worker_seen
from lkportal.theming.making.doctor import Patient
from lkportal.theming.making.doctor import examine as stale_parts
from lkportal.theming.making.report import report
from lkportal.theming.templates.packages import package_folder

_SECRET, _SHOWN, _FEW = 32, 3, 2
_WORKER, _OUTBOX = timedelta(seconds=60), timedelta(minutes=5)
_MOVED = 0.2
"""How far (deltaE OK) a colour may give way before somebody should look at it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one check found: its name and findings; none means that all is well."""

    check: str
    findings: tuple[Finding, ...]

    @property
    def grade(self) -> str:
        """The gravest of the findings."""
        grades = {finding.grade for finding in self.findings}
        return next((grade for grade in ("bad", "warn") if grade in grades), "ok")


def mark(outcomes: Sequence[Outcome]) -> str:
    """Return the mark of a whole portal: A nothing to say, B one or two warnings, C more, D one thing that is bad, F more."""
    grades = [finding.grade for outcome in outcomes for finding in outcome.findings]
    bad, warnings = grades.count("bad"), grades.count("warn")
    if bad:
        return "D" if bad == 1 else "F"
    return "A" if not warnings else "B" if warnings <= _FEW else "C"


def examine(portal: Any) -> Iterator[Outcome]:
    """Run every check of a portal that is not started. One that fails is itself a finding."""
    for check in (*OWN, *OUTSIDE, *portal.registry.checks):
        try:
            found = tuple(each if isinstance(each, Finding) else Finding("warn", each) for each in check.run(portal))
        except Exception as error:  # noqa: BLE001 - a broken check must not hide what the others found
            found = (Finding("bad", f"The check broke off: {type(error).__name__}: {error}".splitlines()[0]),)
        yield Outcome(check.name, found)


def _address(portal: Any) -> Iterator[Finding]:
    demo = portal.settings.portal.demo
    for site in portal.sites:
        parts = urlsplit(site.public_url)
        if parts.scheme == "https" or demo:
            continue
        here = _loopback(parts.hostname or "")
        yield Finding(
            "warn" if here else "bad",
            f"{site.public_url} is not https: sessions can be read on the way. Set portal.public_url to an https address.",
        )


def _keys(portal: Any) -> Iterator[Finding]:
    settings = portal.settings
    length = len(settings.secret_key.get_secret_value())
    if length < _SECRET:
        yield Finding("warn", f"secret_key has {length} characters: set LKPORTAL_SECRET_KEY to {_SECRET} random ones.")
    if not settings.encryption_keys and not settings.portal.demo:
        yield Finding("warn", "No encryption key is set: make one with `lkportal keys new` before secrets are stored.")


def _database(portal: Any) -> Iterator[Finding]:
    try:
        waiting = migrate.pending(portal.database, portal.known)
    except SQLAlchemyError as error:
        yield Finding("bad", f"The database does not answer ({type(error).__name__}): check database.url.")
        return
    if waiting:
        yield Finding("bad", f"{len(waiting)} steps of the schema wait: run `lkportal migrate`.")
    for sentence in migrate.newer(portal.database, portal.registry.modules).values():
        yield Finding("bad", sentence)


def _work(portal: Any) -> Iterator[Finding]:
    if migrate.pending(portal.database, portal.known):
        return
    with portal.database.reading() as connection:
        seen, age = worker_seen(connection), outbox_age(connection, portal.clock)
    if seen is None:
        yield Finding("bad", "No worker runs now: letters and imports wait. Start `lkportal worker`.")
    elif portal.clock.now() - seen > _WORKER:
        minutes = round((portal.clock.now() - seen).total_seconds() / 60)
        yield Finding("bad", f"The worker was last seen {minutes} minutes ago: start `lkportal worker`.")
    if age > _OUTBOX:
        yield Finding("warn", f"An event has waited {round(age.total_seconds() / 60)} minutes to be passed on.")


def _storage(portal: Any) -> Iterator[Finding]:
    folder = portal.data_dir / "files"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder) as probe:
            probe.write(b"?")
            os.fsync(probe.fileno())
    except OSError as error:
        yield Finding("bad", f"{folder} cannot be written to ({error.strerror}): files of customers would be lost.")


def _mail(portal: Any) -> Iterator[Finding]:
    mail, demo = portal.settings.mail, portal.settings.portal.demo
    if demo:
        return
    if mail.username and mail.security == "none":
        yield Finding("bad", 'mail.username goes over the wire in clear: set mail.security = "starttls" or "tls".')
    if not mail.sender:
        yield Finding(
            "warn", "mail.sender is empty: letters come from no-reply@ the public host. Set your own address."
        )
    if mail.sender and "@" not in mail.sender:
        yield Finding("bad", f"mail.sender = {mail.sender!r} is no address: write one such as info@example.org.")


def _brands(portal: Any) -> Iterator[Finding]:
    for face in portal.live.faces.faces:
        found = report(face.theme)
        for failure in found.failures:
            yield Finding("bad", f"{face.key}: {failure}")
        for move in found.moves:
            if move.distance > _MOVED:
                yield Finding(
                    "warn",
                    f"{face.key}: {move.role} in {move.mode} moved far, {move.before} -> {move.after}; the fill is unchanged.",
                )
        for note in found.notes:
            yield Finding("warn", f"{face.key}: {note}")
        if "light" in face.theme.book.logos and "dark" not in face.theme.book.logos:
            yield Finding("warn", f"{face.key}: there is no logo for dark pages: give [logo] dark.")


def _overrides(portal: Any) -> Iterator[Finding]:
    """What an upgrade left behind in the company's brands, as `lkportal theme doctor` tells it."""
    for face in portal.live.faces.faces:
        book, upper = face.theme.book, [layer for layer in face.layers if layer.kind == "brand"]
        lower = [layer for layer in face.layers if layer.kind != "brand"]
        patient = Patient(upper, book.folders, lower, face.theme.css, portal.live.speech.library, book.term_cases)
        for sentence in stale_parts(patient):
            yield Finding("warn", sentence)


def _languages(portal: Any) -> Iterator[Finding]:
    for locale in portal.locales:
        if locale.code == ENGLISH:
            continue
        for owner, keys in untranslated(portal, locale.code):
            shown = ", ".join(keys[:_SHOWN]) + (", ..." if len(keys) > _SHOWN else "")
            yield Finding(
                "warn", f"{locale.own_name}: {owner} says {len(keys)} texts in English: {shown}. Translate them by key."
            )


def untranslated(portal: Any, language: str) -> Iterator[tuple[str, list[str]]]:
    """Yield (room or module, keys) of what the default brand has no words for in a language."""
    words = portal.locales.get(language).catalogue.translations
    for owner, library in _owners(portal):
        keys = sorted(key for key in library.english if not key.endswith(INFORMAL) and not words.says(key))
        if keys:
            yield owner, keys


def _owners(portal: Any) -> Iterable[tuple[str, Library]]:
    packages = {name: f"lkportal.{name}" for name in ("core", "theming", "web")}
    packages |= {module.name: module.package for module in portal.registry.modules}
    return ((name, Library([package_folder(package) / "locale"])) for name, package in packages.items())


def _loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


OWN = (
    Check("database", _database),
    Check("worker", _work),
    Check("address", _address),
    Check("keys", _keys),
    Check("storage", _storage),
    Check("mail", _mail),
    Check("brands", _brands),
    Check("overrides", _overrides),
    Check("languages", _languages),
)
