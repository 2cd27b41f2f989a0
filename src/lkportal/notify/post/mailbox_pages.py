"""The pages of the demo's mailbox: what was sent, as text, and as the letter looks. Only where portal.demo is on."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass
from email.message import EmailMessage
from hashlib import sha256
from html import unescape

from starlette.responses import HTMLResponse, Response

from lkportal.core.errors import NotFound
from lkportal.core.policy import anyone
from lkportal.notify.post.mailbox import Mailbox
from lkportal.notify.post.sms import CHANNEL
from lkportal.web import Request, page, route

SHOWN = 50
_STYLE = re.compile(r'\sstyle="([^"]*)"')
_SHEETS = re.compile(r"<style\b[^>]*>(.*?)</style>", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"<[a-z][^>]*\sstyle=[^>]*>")
_CLASS = re.compile(r'\sclass="([^"]*)"')
_SANDBOX = "sandbox allow-popups allow-popups-to-escape-sandbox"


@dataclass(frozen=True, slots=True)
class Envelope:
    """A letter as the list shows it."""

    name: str
    subject: str
    sender: str
    to: str
    date: str
    when: str
    is_text: bool = False


def show(request: Request) -> Response:
    """List the newest letters."""
    box = _mailbox(request)
    found = [(name, box.read(name)) for name in box.names(SHOWN)]
    letters = [_envelope(request, name, letter) for name, letter in found if letter is not None]
    return page(request, "notify/mailbox.html", letters=letters)


def show_one(request: Request) -> Response:
    """Show one letter: its head and its plain text, whose links lead on."""
    name, letter = _letter(request)
    plain = letter.get_body(("plain",))
    return page(
        request,
        "notify/letter.html",
        letter=_envelope(request, name, letter),
        message_id=str(letter["Message-ID"] or ""),
        plain=plain.get_content() if plain else "",
        has_html=letter.get_body(("html",)) is not None,
    )


def show_html(request: Request) -> Response:
    """Show the letter as a mail program does, in a sandbox: no script, no form, no origin of ours.

    The portal's policy allows no inline style, so style elements and attributes become rules of `show_css`.
    """
    name, letter = _letter(request)
    sheet = request.url("notify:mail_css", letter=name)
    html, _ = letter_as_classes(_with_pictures(_html(letter), letter))
    html = html.replace("</head>", f'<link rel="icon" href="data:,"><link rel="stylesheet" href="{sheet}"></head>', 1)
    return HTMLResponse(html, headers={"content-security-policy": _SANDBOX})


def show_css(request: Request) -> Response:
    """Return the styles of a letter: one rule for each style attribute, then its own sheets, which is the order of their weight
    where they say `!important`. The sandboxed letter is a stranger to our origin."""
    _, letter = _letter(request)
    _, rules = letter_as_classes(_html(letter))
    return Response(rules, media_type="text/css", headers={"cross-origin-resource-policy": "cross-origin"})


def letter_as_classes(html: str) -> tuple[str, str]:
    """Return a letter without style elements and attributes, and the rules that stand for them: one for each attribute, then
    its own sheets. For a page of ours whose policy allows no inline style."""
    styles = dict.fromkeys(_STYLE.findall(_SHEETS.sub("", html)))
    rules = "\n".join(f".{_class(style)}{{{_declarations(style)}}}" for style in styles)
    rules += "\n".join(["", *_SHEETS.findall(html)])
    return _TAG.sub(_with_classes, _SHEETS.sub("", html)), rules


def _with_classes(tag: re.Match[str]) -> str:
    """A tag whose style attribute became one more class."""
    whole = tag[0]
    style, own = _STYLE.search(whole), _CLASS.search(whole)
    if style is None:
        return whole
    classes = f' class="{own[1] + " " if own else ""}{_class(style[1])}"'
    return _STYLE.sub(classes, _CLASS.sub("", whole, count=1), count=1)


def _with_pictures(html: str, letter: EmailMessage) -> str:
    """The letter with the pictures it brings in place of their Content-ID."""
    for part in letter.walk():
        if part.get_content_maintype() == "image" and part["Content-ID"]:
            body = b64encode(part.get_content()).decode()
            html = html.replace(
                f"cid:{part['Content-ID'].strip('<>')}", f"data:{part.get_content_type()};base64,{body}"
            )
    return html


def _declarations(style: str) -> str:
    """A style attribute as the inside of a rule: nothing in it may end the rule."""
    return re.sub(r"[{}<>@\\]", "", unescape(style))


def _class(style: str) -> str:
    return f"s{sha256(style.encode()).hexdigest()[:10]}"


def _html(letter: EmailMessage) -> str:
    part = letter.get_body(("html",))
    if part is None:
        raise NotFound
    return str(part.get_content())


def _envelope(request: Request, name: str, letter: EmailMessage) -> Envelope:
    sent = letter["Date"]
    moment = getattr(sent, "datetime", None)
    zone = request.portal.settings.portal.time_zone
    return Envelope(
        name=name,
        subject=str(letter["Subject"] or ""),
        sender=str(letter["From"] or ""),
        to=_recipient(letter),
        date=str(sent or ""),
        when=request.locale.datetime(moment, zone) if moment is not None and moment.tzinfo else "",
        is_text=letter[CHANNEL] == "sms",
    )


def _recipient(letter: EmailMessage) -> str:
    """Whom it is for: a text message has a number instead of a mailbox."""
    written = str(letter["To"] or "")
    return written.partition(" <")[0].strip('"') if letter[CHANNEL] == "sms" else written


def _letter(request: Request) -> tuple[str, EmailMessage]:
    name = str(request.path_params["letter"])
    letter = _mailbox(request).read(name)
    if letter is None:
        raise NotFound
    return name, letter


def _mailbox(request: Request) -> Mailbox:
    """Return the mailbox of a demo; anywhere else there is no such page."""
    if not request.portal.settings.portal.demo:
        raise NotFound
    return request.portal.ports.get(Mailbox)


MAILBOX_ROUTES = [
    route("/mailbox", show, name="mailbox", policy=anyone()),
    route("/mailbox/{letter}", show_one, name="mail", policy=anyone()),
    route("/mailbox/{letter}/html", show_html, name="mail_html", policy=anyone()),
    route("/mailbox/{letter}/styles.css", show_css, name="mail_css", policy=anyone(), kind="file"),
]
