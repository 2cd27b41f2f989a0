"""Jobs of auth: letters whose links are made inside the job, so that no secret ever waits in a table, and the nightly clearing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from lkportal.auth import entries, identities, sessions, tokens
from lkportal.auth.contract import RecoveryAsked
from lkportal.auth.passwords import fingerprint
from lkportal.auth.settings import AuthSettings
from lkportal.core.events import emit
from lkportal.core.jobs import JobContext
from lkportal.core.letters import Mailer, PageLinks

_KEEP = timedelta(days=7)


def send_confirmation(ctx: JobContext, *, registration: str) -> None:
    """Write to a mailbox that asked for access: a link to confirm it, or that it has access already."""
    with ctx.reading() as connection:
        asked = tokens.registration_by_public_id(connection, registration)
        known = asked is not None and identities.is_taken(connection, asked.email)
    if asked is None:
        return
    if known:
        values = {"name": asked.name, "link": _links(ctx).page("auth:login", asked.brand)}
        _deliver(ctx, asked.email, "known", values, asked.locale, asked.brand)
        return
    hours = ctx.ports.get(AuthSettings).confirm_hours
    with ctx.unit() as db:
        token = tokens.make(db, "confirm", timedelta(hours=hours), registration_id=asked.id)
    link = _links(ctx).page("auth:confirm", asked.brand, token=token)
    _deliver(ctx, asked.email, "confirm", {"name": asked.name, "link": link, "hours": hours}, asked.locale, asked.brand)


def send_recovery(ctx: JobContext, *, identity: str, locale: str, brand: str) -> None:
    """Send a link to set a new password; nobody, or somebody without a confirmed mailbox, gets nothing."""
    with ctx.reading() as connection:
        person = identities.by_public_id(connection, identity)
    if person is None or not person.email or person.email_confirmed_at is None:
        return
    minutes = ctx.ports.get(AuthSettings).recover_minutes
    with ctx.unit() as db:
        bound = fingerprint(person.password_hash)
        token = tokens.make(db, "recover", timedelta(minutes=minutes), identity_id=person.id, bound=bound)
        emit(db, RecoveryAsked(person.public_id))
    link = _links(ctx).page("auth:recover_set", brand, token=token)
    values = {"name": person.name, "link": link, "minutes": minutes}
    _deliver(ctx, person.email, "recovery", values, person.locale or locale, brand)


def tell(ctx: JobContext, *, identity: str, letter: str) -> None:
    """Tell a person what happened to their access, such as a changed password."""
    with ctx.reading() as connection:
        person = identities.by_public_id(connection, identity)
    if person is None or not person.email:
        return
    values = {"name": person.name, "link": _links(ctx).page("auth:recover")}
    _deliver(ctx, person.email, letter, values, person.locale, "")


def clear(ctx: JobContext) -> None:
    """Let go of sessions, tokens and registrations that ran out a week ago."""
    before = ctx.clock.now() - _KEEP
    with ctx.unit() as db:
        sessions.forget_old(db, before)
        tokens.forget_old(db, before)
        entries.forget_old(db, before)


def _links(ctx: JobContext) -> PageLinks:
    return ctx.ports.get(PageLinks)  # type: ignore[type-abstract]


def _deliver(ctx: JobContext, to: str, letter: str, values: Mapping[str, Any], locale: str, brand: str) -> None:
    mailer = ctx.ports.get(Mailer)  # type: ignore[type-abstract]
    mailer.deliver(
        to=to,
        template=f"auth/letters/{letter}",
        values=values,
        locale=locale,
        brand=brand,
        message_id=f"auth-{letter}-{ctx.claimed.id}-{ctx.claimed.request_id}",
    )
