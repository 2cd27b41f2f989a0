"""Settings of the API, the table [api] of portal.toml."""

from __future__ import annotations

from pydantic import Field

from lkportal.core.settings import ModuleSettings


class ApiSettings(ModuleSettings):
    """How much programs may send, and how it is taken."""

    feed: bool = Field(True, description="whether systems may push data at all")
    open: bool = Field(True, description="whether there is an open API (/api/v1) besides the feed")
    customer_tokens: bool = Field(True, description="whether customers may make tokens for programs of their own")
    webhooks: bool = Field(True, description="whether systems may be told of events at addresses of theirs")
    inside_hosts: tuple[str, ...] = Field(
        (),
        description="hosts inside the company's network that webhooks may reach, by http too; all others are public, by https",
    )
    calls_a_minute: int = Field(600, ge=1, description="calls of one token in a minute; more get 429")
    at_once_kb: int = Field(
        256, ge=1, description="bodies up to this size are done before the answer, larger ones by the worker"
    )
    largest_mb: int = Field(4096, ge=1, description="the largest push, unpacked")
    keep_days: int = Field(30, ge=1, description="how long a push is answered again by its key, and shown at the desk")
