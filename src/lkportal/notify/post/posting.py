"""Posting: a queued letter leaves. Fills the port Mailer and holds the jobs of notify. Each try reads the letter, talks to the
server outside of any unit, and writes down what became of it; a crash in between repeats it with the same Message-ID."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, select, update

from lkportal.core.asked.letters import TextMessages
from lkportal.core.contributions import JobSpec, Schedule
from lkportal.core.i18n import text
from lkportal.core.jobs import GiveUp, JobContext, RetryLater, enqueue
from lkportal.core.language.formats import Locale
from lkportal.core.unit import open_unit
from lkportal.notify import audience
from lkportal.notify.audience import Reader
from lkportal.notify.choosing.digests import Gathered, close, inside
from lkportal.notify.letters.leads import GATHERED, leads
from lkportal.notify.letters.signed import signed_links
from lkportal.notify.letters.wording import Worded, reason, title, worded
from lkportal.notify.models import Device, Letter, Message
from lkportal.notify.packing import pack
from lkportal.notify.portal import Portal, closed_topics, link, mail_domain, sender
from lkportal.notify.post.gates import Ruling, rule
from lkportal.notify.post.sms import SmsGatewayAway
from lkportal.notify.post.smtp import MailboxRefused, MailServerAway, compose, hand_over
from lkportal.notify.push import devices
from lkportal.notify.push.sending import BrowserGone, PushAway, Pushing
from lkportal.notify.returns import marking
from lkportal.notify.settings import NotifySettings
from lkportal.notify.telling import LETTER, insert_sent, letter_job

PURGE = "notify.purge"
ATTEMPTS = 14
"""Tries of one letter: with growing pauses they reach over two days without a mail server."""
_LEASE_SECONDS = 300
_LETTER = select(Letter).where(Letter.public_id == bindparam("letter"))
_SENT = select(Letter.id).where(
    Letter.message_id == bindparam("message_id"), Letter.state == "sent", Letter.sent_at > bindparam("since")
)
_SAME_LETTER = timedelta(days=3)
"""How long a message id means the same letter: longer than any job tries."""
_MARK = (
    update(Letter)
    .where(Letter.public_id == bindparam("letter"), Letter.state != "sent")
    .values(state=bindparam("to"), error=bindparam("code"), attempts=Letter.attempts + 1, sent_at=bindparam("moment"))
)
_GATHERED_WHY = text(
    "notify.why.gathered", "You get this letter because you chose to have news once a day or a week, all in one."
)
_FORGET = delete(Device).where(Device.public_id == bindparam("device"))
_WAIT = update(Letter).where(Letter.public_id == bindparam("letter")).values(due_at=bindparam("until"))
_OLD_LETTERS = delete(Letter).where(
    Letter.created_at < bindparam("before"), Letter.state.in_(("sent", "bounced", "gathered", "dead", "dropped"))
)
_OLD_MESSAGES = delete(Message).where(Message.created_at < bindparam("before"))


class Post:
    """The post of one portal: words a letter, hands it to the mail server, keeps the record."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal

    @property
    def closed(self) -> list[str]:
        """Topics whose notices are not shown: those of modules that are off."""
        return closed_topics(self._portal)

    def deliver(
        self, *, to: str, template: str, values: Mapping[str, Any], locale: str, brand: str, message_id: str
    ) -> None:
        """Send a letter now, outside of any unit; one that was sent under this `message_id` is left out.

        `values` are rendered and forgotten: the record of such a letter holds no facts. Raises GiveUp for a mailbox that
        refuses for good, MailServerAway when it must be tried again.
        """
        message_id = message_id if "@" in message_id else f"{message_id}@{mail_domain(self._portal)}"
        since = self._portal.clock.now() - _SAME_LETTER
        with self._portal.database.reading() as connection:
            if connection.execute(_SENT, {"message_id": message_id, "since": since}).first() is not None:
                return
        packed = pack(dict(values), template)
        letter = worded(
            self._portal, template, packed, locale=locale, brand=brand, link_to=link(self._portal, "", brand)
        )
        self._hand_over(letter, to, message_id, locale)
        with open_unit(self._portal.database, self._portal.unit_context()) as db:
            insert_sent(db, to=to, template=template, locale=locale, brand=brand, message_id=message_id)

    def send(self, work: JobContext, letter: str) -> None:
        """Send the queued message of this public id. Does nothing when it was sent, gathered or is no more."""
        with work.reading() as connection:
            row = connection.execute(_LETTER, {"letter": letter}).first()
            if row is None or row.state not in ("queued", "failed"):
                return
            # Asked again: they may have another mailbox, no right any more, or be gone.
            reader = _reader(connection, work, row)
            ruling = Ruling()
            if row.identity_id is not None and reader is None:
                ruling = Ruling("gone")
            elif row.entry and reader:
                ruling = rule(connection, self._portal, row, reader, work.clock.now())
            gathered = inside(connection, self._portal, work, row) if row.kind == GATHERED else None
            if gathered is not None and not gathered.facts:
                ruling = Ruling("read")
        to = _address(row, reader)
        if ruling.drop or not to:
            missing = "returned" if reader is not None and reader.returned else "no_address"
            _mark(work, letter, "dropped", ruling.drop or missing, gathered, finish=True)
        elif ruling.wait_until:
            _postpone(work, letter, ruling.wait_until)
        else:
            self._leave(work, row, reader, to, gathered, ruling)

    def _leave(
        self, work: JobContext, row: Row[Any], reader: Reader | None, to: str, gathered: Gathered | None, ruling: Ruling
    ) -> None:
        """Hand a message to whoever carries it, and write down what they said."""
        try:
            if row.channel == "push":
                self._push(work, row, reader, ruling)
            elif row.channel == "sms":
                self._text(work, row, reader, to)
            else:
                self._hand_over(self._worded(row, reader, gathered), to, row.message_id, row.locale)
        except BrowserGone as error:
            _mark(work, row.public_id, "dead", error.code, forget=row.device)
            raise
        except MailboxRefused as error:
            _mark(work, row.public_id, "dead", error.code)
            with work.unit() as db:
                marking.count(db, row.identity_id, to, error.status)
            raise
        except (GiveUp, RetryLater, MailServerAway, SmsGatewayAway, PushAway) as error:
            last = isinstance(error, GiveUp) or work.attempt >= ATTEMPTS
            _mark(work, row.public_id, "dead" if last else "failed", error.code)
            raise
        _mark(work, row.public_id, "sent", "", gathered, finish=True)

    def title(self, row: Row[Any], locale: Locale, brand: str) -> str:
        """Return what an entry of a list is called in `locale`."""
        zone = row.time_zone or self._portal.settings.portal.time_zone
        return title(self._portal, row.template, row.facts, locale=locale, brand=row.brand or brand, zone=zone)

    def purge(self, work: JobContext) -> None:
        """Delete notices and records of letters that are older than the settings keep them."""
        settings: NotifySettings = self._portal.registry.settings["notify"]
        today = work.clock.now()
        with work.unit() as db:
            db.execute(_OLD_LETTERS, {"before": today - timedelta(days=settings.keep_letters_days)})
            db.execute(_OLD_MESSAGES, {"before": today - timedelta(days=settings.keep_notices_days)})

    def _worded(self, row: Row[Any], reader: Reader | None, gathered: Gathered | None) -> Worded:
        portal = self._portal
        account = reader.account if reader else None
        facts = dict(gathered.facts if gathered else row.facts)
        params = facts.pop("link_params", {})
        topic = portal.registry.topics.get(row.kind)
        link_to = link(portal, row.route, row.brand, account.public_id if account else "", **params)
        if topic is not None and topic.escalate and row.entry:
            # Whoever follows it has read the notice, and nothing more is sent of it.
            link_to = link(portal, "notify:open", row.brand, message=row.entry)
        facts |= signed_links(portal, row.template, facts, account)
        return worded(
            portal,
            row.template,
            facts,
            locale=row.locale,
            brand=row.brand,
            link_to=link_to,
            why=_GATHERED_WHY if gathered else reason(account, row.audience, topic),
            zone=account.time_zone if account else "",
            leads=leads(portal, row, reader),
        )

    def _text(self, work: JobContext, row: Row[Any], reader: Reader | None, to: str) -> None:
        """A text message: a template of its own, or of a notice what the entry is called and where it leads."""
        values = {name: value for name, value in row.facts.items() if name != "link_params"}
        template = row.template
        if row.entry and reader:
            zone = reader.account.time_zone if reader.account else self._portal.settings.portal.time_zone
            language = self._portal.locales_of(row.brand).get(row.locale)
            said = title(self._portal, template, row.facts, locale=language, brand=row.brand, zone=zone)
            template, values = (
                "notify/texts/notice",
                {
                    "title": said,
                    "link": link(self._portal, "notify:open", row.brand, message=row.entry),
                    "topic": self._portal.registry.topics[row.kind].title,
                },
            )
        texts = work.ports.get(TextMessages)  # type: ignore[type-abstract]
        texts.deliver(
            to=to, template=template, values=values, locale=row.locale, brand=row.brand, message_id=row.message_id
        )

    def _push(self, work: JobContext, row: Row[Any], reader: Reader | None, ruling: Ruling) -> None:
        """A push message: the title only if its reader chose that, and where it leads; nothing else leaves for the push service."""
        with work.reading() as connection:
            address = devices.address(connection, row.identity_id, row.device)
        if address is None or reader is None or not row.entry:
            raise GiveUp("push_gone")
        language = self._portal.locales_of(row.brand).get(row.locale)
        said = {
            "id": row.entry,
            "title": self._portal.theme(row.brand).book.sender,
            "body": language.render(text("notify.push.news", "There is news in your account area.")),
            "url": link(self._portal, "notify:open", row.brand, message=row.entry),
        }
        if ruling.push_titles:
            zone = reader.account.time_zone if reader.account else self._portal.settings.portal.time_zone
            said["body"] = title(self._portal, row.template, row.facts, locale=language, brand=row.brand, zone=zone)
        work.ports.get(Pushing).send(address.endpoint, address.keys, said, row.entry, work.clock.now())

    def _hand_over(self, letter: Worded, to: str, message_id: str, locale: str) -> None:
        portal = self._portal
        language = portal.locales.get(locale).code
        message = compose(
            letter,
            to=to,
            sender=sender(portal),
            message_id=message_id,
            moment=portal.clock.now(),
            language=language,
            stop=letter.stop,
        )
        hand_over(message, portal.settings.mail, mail_domain(portal))


def _address(row: Row[Any], reader: Reader | None) -> str:
    """Where a message goes: what its reader has confirmed by now, or the address it was written to."""
    if reader is None:
        return row.recipient or ""
    return {"email": reader.email, "sms": reader.phone, "push": row.device or ""}[row.channel]


def _postpone(work: JobContext, letter: str, until: datetime) -> None:
    """Send a message again when quiet hours end: a try came back into them."""
    with work.unit(finish=True) as db:
        db.execute(_WAIT, {"letter": letter, "until": until})
        args, key = letter_job(letter)
        enqueue(db, LETTER, args, run_at=until, dedup=f"{key}/{until.isoformat()}")


def _reader(connection: Connection, work: JobContext, row: Row[Any]) -> Reader | None:
    if row.identity_id is None:
        return None
    return audience.still(connection, work.ports, row.identity_id, row.account, row.action)


def send_letter(work: JobContext, *, letter: str) -> None:
    """The job that sends one queued letter."""
    work.ports.get(Post).send(work, letter)


def purge(work: JobContext) -> None:
    """The job that forgets what is old."""
    work.ports.get(Post).purge(work)


JOBS = [
    JobSpec(
        LETTER,
        send_letter,
        attempts=ATTEMPTS,
        lease_seconds=_LEASE_SECONDS,
        title=text("notify.work.letter", "Sends a message"),
    ),
    JobSpec(PURGE, purge, title=text("notify.work.purge", "Deletes old messages")),
]
SCHEDULES = [Schedule(PURGE, "40 3 * * *")]


def _mark(
    work: JobContext,
    letter: str,
    state: str,
    code: str,
    gathered: Gathered | None = None,
    *,
    finish: bool = False,
    forget: str | None = None,
) -> None:
    with work.unit(finish=finish) as db:
        moment = work.clock.now() if state == "sent" else None
        db.execute(_MARK, {"letter": letter, "to": state, "code": code, "moment": moment})
        if forget is not None:
            db.execute(_FORGET, {"device": forget})
        if gathered is not None:
            close(db, letter, gathered, moment)
