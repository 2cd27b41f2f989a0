"""Jobs of auth: letters whose links are made inside the job, so that no secret ever waits in a table, and the nightly clearing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from lkportal.auth import identities, sessions
from lkportal.auth.contract import RecoveryAsked
from lkportal.auth.external import links as external
from lkportal.auth.letters import recovering
from lkportal.auth.oidc import flow
from lkportal.auth.one_time import codes, tokens
from lkportal.auth.one_time.minting import Mint, spoken
from lkportal.auth.origins import spoken_network
from lkportal.auth.own import visits
from lkportal.auth.passkeys import challenges
from lkportal.auth.passwords import fingerprint
from lkportal.auth.second import entries
from lkportal.auth.settings import AuthSettings
from lkportal.core.asked.letters import Mailer, PageLinks, TextMessages
from lkportal.core.events import emit
from lkportal.core.jobs import JobContext

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


def send_recovery(ctx: JobContext, *, recovery: str) -> None:
    """Send the link of a recovery; nobody, or somebody without a confirmed mailbox, gets nothing. Tried again, the same link."""
    with ctx.reading() as connection:
        row = recovering.row_of(connection, recovery, ctx.clock.now())
        person = identities.by_id(connection, row.identity_id) if row is not None and row.identity_id else None
    if row is None or row.state not in ("asked", "sent"):
        return
    if person is None or not person.email or person.email_confirmed_at is None:
        with ctx.unit() as db:
            recovering.find_nobody(db, recovery)
        return
    minutes, token = ctx.ports.get(AuthSettings).recover_minutes, ctx.ports.get(Mint).link(f"recovery {recovery}")
    with ctx.unit() as db:
        bound = fingerprint(person.password_hash)
        if recovering.send(db, recovery, token, bound, timedelta(minutes=minutes)):
            emit(db, RecoveryAsked(person.public_id))
    link = _links(ctx).page("auth:recover_set", row.brand, token=token)
    values = {"name": person.name, "link": link, "minutes": minutes}
    _deliver(ctx, person.email, "recovery", values, person.locale or row.locale, row.brand)


def send_code(ctx: JobContext, *, code: str, sent: int) -> None:
    """Send a one-time code and its link to the person of a row, or to the contact it is to prove. Nobody gets nothing."""
    with ctx.reading() as connection:
        row = codes.to_send(connection, code, ctx.clock.now())
        person = identities.by_id(connection, row.identity_id) if row is not None and row.identity_id else None
    if row is None or person is None:
        return
    channel, to = _address(ctx, row, person)
    if not to:
        return
    mint, link = ctx.ports.get(Mint), ""
    if row.purpose == "entry":
        link = _links(ctx).page("auth:code_link", row.brand, token=mint.link(row.public_id))
    typed = mint.code(row.public_id)
    values = {
        "name": person.name,
        "code": typed,
        "shown": spoken(typed),
        "link": link,
        "minutes": int(codes.LASTS.total_seconds()) // 60,
        "device": row.device or row.network,
        "host": urlsplit(_links(ctx).page("auth:login", row.brand)).hostname or "",
    }
    letter = "code" if row.purpose == "entry" else "code_contact"
    locale = person.locale or row.locale
    number = f"auth-code-{row.public_id}-{sent}"
    if channel == "sms":
        texts = ctx.ports.get(TextMessages)  # type: ignore[type-abstract]
        template = f"auth/texts/{letter}"
        texts.deliver(to=to, template=template, values=values, locale=locale, brand=row.brand, message_id=number)
    else:
        mailer = ctx.ports.get(Mailer)  # type: ignore[type-abstract]
        template = f"auth/letters/{letter}"
        mailer.deliver(to=to, template=template, values=values, locale=locale, brand=row.brand, message_id=number)


def _address(ctx: JobContext, row: Any, person: Any) -> tuple[str, str]:
    """By which way a code goes, and where: a new contact it is to prove, or what the person confirmed before."""
    texts = ctx.ports.find(TextMessages)  # type: ignore[type-abstract]
    can_text = texts is not None and texts.on
    if row.target is not None:
        return row.channel, row.target if row.channel == "email" or can_text else ""
    phone = person.phone if person.phone_confirmed_at is not None and can_text else ""
    email = person.email if person.email_confirmed_at is not None else ""
    if row.channel == "sms":
        return ("sms", phone) if phone else ("email", email)
    return ("email", email) if email else ("sms", phone)


def tell(ctx: JobContext, *, identity: str, letter: str) -> None:
    """Tell a person what happened to their access, such as a changed password."""
    with ctx.reading() as connection:
        person = identities.by_public_id(connection, identity)
    if person is None or not person.email:
        return
    values = {"name": person.name, "link": _links(ctx).page("auth:recover")}
    _deliver(ctx, person.email, letter, values, person.locale, "")


def tell_new_device(ctx: JobContext, *, session: str, brand: str) -> None:
    """Tell a person that a device new to us signed in, with a link that ends that sign-in."""
    with ctx.reading() as connection:
        row = visits.session_named(connection, session)
        person = identities.by_id(connection, row.identity_id) if row is not None else None
    if row is None or person is None or not person.email or person.email_confirmed_at is None:
        return
    with ctx.unit() as db:
        token = tokens.make(db, "end", _KEEP, identity_id=person.id, session_id=row.id)
    values = {
        "name": person.name,
        "device": row.device,
        "when": row.created_at,
        "network": spoken_network(row.network),
        "link": _links(ctx).page("auth:not_me", brand, token=token),
    }
    _deliver(ctx, person.email, "new_device", values, person.locale, brand)


def clear(ctx: JobContext) -> None:
    """Let go of sessions, tokens and registrations that ran out a week ago."""
    before = ctx.clock.now() - _KEEP
    with ctx.unit() as db:
        sessions.forget_old(db, before)
        tokens.forget_old(db, before)
        external.forget_old(db, before)
        flow.forget_old(db, before)
        entries.forget_old(db, before)
        codes.forget_old(db, before)
        recovering.expire(db)
        recovering.forget_old(db, before)
        visits.forget_old(db, ctx.clock.now() - timedelta(days=ctx.ports.get(AuthSettings).history_days))
        challenges.forget_old(db, before)


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
