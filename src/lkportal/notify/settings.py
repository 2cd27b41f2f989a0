"""Settings of notify, the table [notify] of portal.toml. The mail server stands in [mail]."""

from __future__ import annotations

import re
from datetime import time
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from lkportal.core.settings import ModuleSettings, Table


class SmsTable(Table):
    """[notify.sms]: how text messages leave. In `url`, `headers` and `fields` stand {to} (+79161234567), {digits} (without the
    plus), {text}, {id} (the message's own id, for the provider to know a repetition by) and {key}.
    """

    gateway: Literal["", "console", "http"] = Field(
        "", description="who takes text messages: http, or console for a demo; empty: none are sent"
    )
    url: str = Field("", description="address of the provider's call")
    method: Literal["GET", "POST"] = Field("POST", description="method of the call")
    body: Literal["json", "form", "query"] = Field("json", description="how the fields travel")
    headers: dict[str, str] = Field({}, description='headers, such as Authorization = "Bearer {key}"')
    fields: dict[str, Any] = Field(
        {"to": "{to}", "text": "{text}"}, description="fields of the call, tables and lists among them"
    )
    key: SecretStr = Field(SecretStr(""), description="the provider's key; from the environment")
    success_field: str = Field(
        "",
        description='field of a JSON answer that tells the outcome, such as "result.status"; empty: the status alone',
    )
    success_values: tuple[str, ...] = Field(
        (), description="values of that field which mean that the message was taken"
    )
    refused_values: tuple[str, ...] = Field((), description="values which mean that it never will be: no further try")
    connect_seconds: float = Field(5.0, gt=0, le=30, description="longest wait for a connection, seconds")
    seconds: float = Field(15.0, gt=0, le=60, description="longest whole call, seconds")

    @field_validator("url")
    @classmethod
    def _address(cls, value: str) -> str:
        if value and (urlsplit(value).scheme not in ("http", "https") or not urlsplit(value).hostname):
            raise ValueError("write the whole address, such as https://sms.example.org/send")
        return value

    @model_validator(mode="after")
    def _whole(self) -> SmsTable:
        if self.gateway == "http" and not self.url:
            raise ValueError("the gateway http needs url, the address of the provider's call")
        if self.success_values and not self.success_field:
            raise ValueError("success_values needs success_field, the field they stand in")
        return self


class PushTable(Table):
    """[notify.push]: messages that browsers show while no page is open. Off without a key."""

    key: SecretStr = Field(
        SecretStr(""),
        description="the portal's own key; `lkportal keys push` prints one. A new one ends all subscriptions",
    )
    contact: str = Field(
        "", description="whom push services write to, such as mailto:post@example.org; empty: mail.sender"
    )
    hosts: tuple[str, ...] = Field(
        (
            "fcm.googleapis.com",
            "*.push.services.mozilla.com",
            "*.notify.windows.com",
            "web.push.apple.com",
            "*.push.apple.com",
        ),
        description="push services that are called; the address of a message comes from the browser",
    )
    seconds: float = Field(10.0, gt=0, le=60, description="longest whole call, seconds")

    @field_validator("key")
    @classmethod
    def _is_a_key(cls, value: SecretStr) -> SecretStr:
        written = value.get_secret_value()
        if written and not re.fullmatch(r"[A-Za-z0-9_-]{43}", written):
            raise ValueError("take the key that `lkportal keys push` prints")
        return value


class ReturnsTable(Table):
    """[notify.returns]: letters that come back by HTTP. The command `returned-mail` needs nothing of this."""

    secret: SecretStr = Field(
        SecretStr(""),
        description="secret by which the mail provider signs /hooks/returned-mail (whsec_... or any text); empty: no such address",
    )


class EscalationTable(Table):
    """[notify.escalation]: how long a way waits for the one before it to be read, in minutes."""

    push_after_minutes: int = Field(120, ge=1, le=20_160, description="pause before a push that follows another way")
    email_after_minutes: int = Field(120, ge=1, le=20_160, description="pause before a letter that follows another way")
    sms_after_minutes: int = Field(
        1_440, ge=1, le=20_160, description="pause before a text message that follows another way"
    )


class QuietTable(Table):
    """[notify.quiet]: quiet hours of people who set none themselves. Accidents come at night too, where a person lets them."""

    on: bool = Field(False, description="whether there are quiet hours for people who set none")
    since: time = Field(time(22), description="beginning of quiet hours, in each reader's time zone")
    until: time = Field(time(8), description="end of quiet hours, in each reader's time zone")

    @model_validator(mode="after")
    def _lasts(self) -> QuietTable:
        if self.since == self.until:
            raise ValueError("quiet hours that end when they begin are none: set on = false")
        return self


class NotifySettings(ModuleSettings):
    """How long notices and the record of letters are kept, when gathered letters leave, and how text messages do."""

    keep_notices_days: int = Field(400, ge=1, description="days a notice stays in a person's list")
    keep_letters_days: int = Field(90, ge=1, description="days the record of a letter is kept after it left")
    digest_at: time = Field(time(9), description="time of day of gathered letters, in each reader's time zone")
    digest_weekday: int = Field(0, ge=0, le=6, description="weekday of gathered letters of a week; 0 is Monday")
    quiet: QuietTable = Field(QuietTable(), description="quiet hours of people who set none")
    escalation: EscalationTable = Field(EscalationTable(), description="pauses between ways that follow one another")
    push: PushTable = Field(PushTable(), description="messages of the browser")
    sms: SmsTable = Field(SmsTable(), description="the gateway of text messages")
    returns: ReturnsTable = Field(ReturnsTable(), description="letters that come back")
