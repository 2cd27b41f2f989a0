"""What notify brings to the portal: the list, the post, and answers to those who want people told."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from lkportal.accounts.contract import UnreadCount
from lkportal.core.asked.letters import Letters, Mailer, TextMessages
from lkportal.core.contributions import (
    Command,
    DeskSetting,
    FirstStep,
    JobSpec,
    PortBinding,
    RouteSpec,
    Schedule,
    Section,
    SettingsEntry,
    TemplateGlobal,
    WorkerScript,
)
from lkportal.core.hookspecs import hookimpl
from lkportal.core.i18n import text
from lkportal.core.notices import NoticeSender
from lkportal.core.rest import ApiRoute
from lkportal.core.tasks import Task, TaskStep
from lkportal.notify import desk
from lkportal.notify.api import CALLS
from lkportal.notify.at_desk import DESK_SETTINGS
from lkportal.notify.choosing import digests
from lkportal.notify.choosing.choices import Topics
from lkportal.notify.choosing.digests import MailDomain
from lkportal.notify.portal import closed_topics, mail_domain, sender
from lkportal.notify.post import posting
from lkportal.notify.post.mailbox import Mailbox
from lkportal.notify.post.posting import Post
from lkportal.notify.post.texting import Texts
from lkportal.notify.push.sealing import OwnKey, encode
from lkportal.notify.push.sending import Pushing
from lkportal.notify.queries import Unread
from lkportal.notify.returns.commands import returned_mail
from lkportal.notify.routes import ROUTES
from lkportal.notify.telling import Teller


@hookimpl
def routes() -> list[RouteSpec]:
    return ROUTES


@hookimpl
def desk_settings() -> list[DeskSetting]:
    return DESK_SETTINGS


@hookimpl
def staff_pages() -> list[RouteSpec]:
    return desk.STAFF_PAGES


@hookimpl
def sections() -> list[Section]:
    return desk.SECTIONS


@hookimpl
def commands() -> list[Command]:
    return [Command("returned-mail", returned_mail)]


@hookimpl
def jobs() -> list[JobSpec]:
    return [*posting.JOBS, *digests.JOBS]


@hookimpl
def schedules() -> list[Schedule]:
    return [*posting.SCHEDULES, *digests.SCHEDULES]


@hookimpl
def template_globals() -> list[TemplateGlobal]:
    return [TemplateGlobal("topic_title", desk.topic_title)]


@hookimpl
def ports() -> list[PortBinding]:
    return [
        PortBinding(NoticeSender, Teller),
        PortBinding(Letters, Teller),
        PortBinding(Mailer, Post),
        PortBinding(Post, Post),
        PortBinding(TextMessages, lambda portal: Texts(portal, portal.settings_of("notify"))),
        PortBinding(UnreadCount, lambda portal: Unread(closed_topics(portal))),
        PortBinding(Topics, _topics),
        PortBinding(Pushing, _pushing),
        PortBinding(MailDomain, lambda portal: MailDomain(mail_domain(portal))),
        PortBinding(Mailbox, lambda portal: Mailbox(portal.data_dir / "mailbox")),
    ]


@hookimpl
def first_steps() -> list[FirstStep]:
    return [
        FirstStep(
            "notify.notices",
            text("notify.step.notices", "See where notices come"),
            text(
                "notify.step.notices_how",
                "Letters and this list tell of what is new. The bell at the top leads here.",
            ),
            "notify:list",
            text("notify.step.notices_do", "Open the notices"),
            order=30,
        )
    ]


@hookimpl
def settings_entries() -> list[SettingsEntry]:
    return [
        SettingsEntry(
            "notify:choices",
            text("notify.entry.choices", "How we tell you"),
            text("notify.entry.choices_hint", "Letters, messages of the browser, quiet hours"),
            "bell",
            order=30,
            who="customer",
            group="you",
        )
    ]


def _topics(portal: Any) -> Topics:
    return Topics(sorted(portal.registry.topics.values(), key=lambda topic: (topic.order, topic.name)))


def _pushing(portal: Any) -> Pushing:
    """A demo makes its key of its own secret, so that the page can be tried; a portal in earnest has one of its own."""
    settings = portal.settings_of("notify").push
    written = settings.key.get_secret_value()
    if not written and portal.settings.portal.demo:
        written = encode(sha256(b"lkportal.push." + portal.settings.secret_key.get_secret_value().encode()).digest())
    contact = settings.contact or f"mailto:{sender(portal)}"
    return Pushing(OwnKey.read(written) if written else None, settings, contact)


@hookimpl
def worker_scripts() -> list[WorkerScript]:
    return [WorkerScript("notify/worker.js", 50)]


@hookimpl
def tasks() -> list[Task]:
    return [
        Task(
            "notify.task",
            text("notify.task.title", "Choose notices"),
            (
                TaskStep(
                    "seen", text("notify.task.seen", "Choices seen"), ("notify:choices", "notify:account_choices")
                ),
                TaskStep("saved", text("notify.task.saved", "Choices saved"), ("notify:save_choices",)),
            ),
            order=50,
        )
    ]


@hookimpl
def api_routes() -> list[ApiRoute]:
    return CALLS
