"""Handing a message to the mail server: headers made safe, certificates verified, answers told apart. Never inside a unit."""

from __future__ import annotations

import smtplib
import ssl
from contextlib import suppress
from datetime import datetime
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from lkportal.core.errors import PortalError
from lkportal.core.foreign import guard
from lkportal.core.i18n import text
from lkportal.core.jobs import GiveUp
from lkportal.core.settings import MailTable
from lkportal.notify.letters.wording import Worded
from lkportal.notify.returns.reading import status_in


class MailboxRefused(GiveUp):
    """The server refused this mailbox for good; `status` is the enhanced code (RFC 3463) it gave, or ""."""

    def __init__(self, code: str, status: str) -> None:
        super().__init__(code)
        self.status = status


class MailServerAway(PortalError):
    """The server did not take the letter now: it is tried again. `code` tells what it said, such as "smtp_451"."""

    def __init__(self, code: str) -> None:
        message = text("notify.error.away", "The letter could not be sent now. We are trying again.")
        super().__init__(code, message, 503)


def compose(
    letter: Worded, *, to: str, sender: str, message_id: str, moment: datetime, language: str, stop: str = ""
) -> EmailMessage:
    """Return the message: plain text and HTML of the same letter. Raises GiveUp for an address that cannot be written to.

    `stop` is the address that ends letters of its kind, by one click of the reader's mail program (RFC 8058).
    """
    message = EmailMessage(policy=SMTP)
    message["Subject"] = letter.subject
    message["From"] = Address(letter.sender_name, addr_spec=address(sender))
    message["To"] = Address(addr_spec=address(to))
    message["Date"] = format_datetime(moment)
    message["Message-ID"] = f"<{message_id}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    if stop:
        message["List-Unsubscribe"] = f"<{stop}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(letter.plain, charset="utf-8", cte="base64")
    message.add_alternative(letter.html, subtype="html", charset="utf-8", cte="base64")
    if letter.head:
        _attach(message, letter.head)
    message["Content-Language"] = language  # the parts take every Content- header that stands before them
    return message


def _attach(message: EmailMessage, head: bytes) -> None:
    """Put the brand's picture into the letter itself: it is there for years, for readers behind a closed network too, and
    nobody learns when a letter is opened."""
    html = message.get_body(("html",))
    assert isinstance(html, EmailMessage)
    html.add_related(head, "image", "png", cid="<head>", filename="logo.png", disposition="inline")


def address(typed: str) -> str:
    """Return an address as servers read it: its domain in ASCII. Raises GiveUp for what is no address or holds a line break."""
    local, _, domain = typed.rpartition("@")
    if not local or not domain or not typed.isprintable() or " " in typed:
        raise GiveUp("address_unusable")
    try:
        whole = f"{local}@{domain.encode('idna').decode()}"
        read = Address(addr_spec=whole)
    except (ValueError, IndexError, HeaderParseError) as error:
        raise GiveUp("address_unusable") from error
    if read.addr_spec != whole:
        raise GiveUp("address_unusable")
    return whole


def hand_over(message: EmailMessage, settings: MailTable, greeting: str) -> None:
    """Give `message` to the server and return when it took it (250).

    Raises GiveUp when this mailbox is refused for good (5xx to the recipient or the content), MailServerAway for all else:
    4xx, no connection, a wrong certificate, a wrong password. A password and a letter never travel in the clear when
    `security` asks for TLS.
    """
    guard(f"the mail server {settings.host}")
    try:
        _sent(message, settings, greeting)
    except smtplib.SMTPRecipientsRefused as error:
        code, said = next(iter(error.recipients.values()))
        if 500 <= code < 600:
            raise MailboxRefused(f"smtp_{code}", status_in(said.decode(errors="replace"))) from error
        raise _answered(code, final=False) from error
    except smtplib.SMTPDataError as error:
        raise _answered(error.smtp_code, final=500 <= error.smtp_code < 600) from error
    except smtplib.SMTPNotSupportedError as error:
        raise (MailServerAway("smtp_unsupported") if message["To"].isascii() else GiveUp("address_unusable")) from error
    except smtplib.SMTPResponseException as error:
        # Our greeting, sender or password was refused: that is our settings' fault, and mending them saves the letters.
        raise _answered(error.smtp_code, final=False) from error
    except ssl.SSLError as error:
        raise MailServerAway("smtp_certificate") from error
    except (smtplib.SMTPException, OSError) as error:
        raise MailServerAway("smtp_unreachable") from error


def _sent(message: EmailMessage, settings: MailTable, greeting: str) -> None:
    server = _connected(settings, greeting)
    try:
        if settings.username:
            server.login(settings.username, settings.password.get_secret_value())
        server.send_message(message, from_addr=address(settings.returns) if settings.returns else None)
        # The letter is theirs now: whatever happens to the farewell must not bring it back.
        with suppress(smtplib.SMTPException):
            server.quit()
    finally:
        server.close()


def _connected(settings: MailTable, greeting: str) -> smtplib.SMTP:
    host, port, limit = settings.host, settings.port, settings.timeout_seconds
    if settings.security == "tls":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(host, port, greeting, timeout=limit, context=context)
    server = smtplib.SMTP(host, port, greeting, timeout=limit)
    if settings.security == "starttls":
        try:
            server.starttls(context=ssl.create_default_context())
        except Exception:
            server.close()
            raise
    return server


def _answered(code: int, *, final: bool) -> Exception:
    return GiveUp(f"smtp_{code}") if final else MailServerAway(f"smtp_{code}")
