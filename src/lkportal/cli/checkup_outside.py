"""What `lkportal doctor` looks at from outside: the portal's own answers on each of its addresses, the hosts and proxies it
believes, the way to the desk, what its database role may do, files with secrets. The other checks are in checkup."""

from __future__ import annotations

import stat
import sys
from collections.abc import Iterator
from datetime import UTC, timedelta
from functools import partial
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import anyio
import httpx2
from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from lkportal.core.contributions import Check, Finding
from lkportal.core.databases.privileges import append_only_tables
from lkportal.core.logs import json_logger

_WIDEST = {4: 8, 6: 16}
"""A network of proxies wider than this believes half of the world."""
_DRIFT = timedelta(seconds=5)
_YEAR = 31_536_000
_MAY = text(
    "SELECT has_table_privilege(current_user, :table, 'UPDATE') OR has_table_privilege(current_user, :table, 'DELETE')"
)
_STANDING = text("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")


def answers(portal: Any) -> Iterator[Finding]:
    """Open the sign-in page of every site, as a browser behind the proxy does, and read its headers."""
    portal.edge.log = json_logger(stream=sys.stderr)  # what doctor prints is read by programs
    for site in portal.sites:
        answer = anyio.run(partial(_opened, portal, site.public_url))
        if answer.status_code >= 400:
            yield Finding("bad", f"{site.public_url}/login answers {answer.status_code}: customers cannot sign in.")
            continue
        yield from _headers(site, answer)


async def _opened(portal: Any, address: str) -> httpx2.Response:
    transport = httpx2.ASGITransport(app=portal.edge, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url=address) as client:
        return await client.get("/login")


def _headers(site: Any, answer: httpx2.Response) -> Iterator[Finding]:
    headers = answer.headers
    policy = headers.get("content-security-policy", "")
    if "script-src" not in policy or "unsafe-" in policy:
        yield Finding("bad", f"{site.public_url} has no strict Content-Security-Policy: a proxy must not replace it.")
    if headers.get("x-content-type-options") != "nosniff":
        yield Finding("bad", f"{site.public_url} answers without X-Content-Type-Options: nosniff.")
    if site.secure and _seconds(headers.get("strict-transport-security", "")) < _YEAR:
        yield Finding("bad", f"{site.public_url} answers without HSTS of a year: browsers may try http first.")
    for cookie in headers.get_list("set-cookie"):
        words = {word.strip().lower().split("=")[0] for word in cookie.split(";")}
        if "httponly" not in words or "samesite" not in words:
            yield Finding("bad", f"{site.public_url}: the cookie {cookie.split('=')[0]} lacks HttpOnly or SameSite.")
        if site.secure and not (cookie.startswith("__Host-") and "secure" in words):
            yield Finding("bad", f"{site.public_url}: the cookie {cookie.split('=')[0]} is not locked to the host.")


def _seconds(policy: str) -> int:
    found = [part.strip() for part in policy.split(";") if part.strip().startswith("max-age=")]
    number = found[0].partition("=")[2] if found else ""
    return int(number) if number.isdigit() else 0


def hosts(portal: Any) -> Iterator[Finding]:
    """Hosts that are answered besides the public addresses, and a demo that strangers could reach."""
    for host in portal.settings.web.hosts:
        if "*" in host:
            yield Finding(
                "bad", f"web.hosts holds {host}: name each host, letters and redirects must not follow a guess."
            )
        elif _is_address(host):
            yield Finding("warn", f"web.hosts holds the address {host}: certificates and brands belong to names.")
    seen: dict[str, str] = {}
    for site in portal.sites:
        host = urlsplit(site.public_url).netloc
        if host in seen:
            yield Finding(
                "bad", f"The brands {seen[host]} and {site.key} have one address, {host}: the second is never shown."
            )
        seen[host] = site.key
        name = urlsplit(site.public_url).hostname or ""
        if (
            portal.settings.portal.demo
            and name != "localhost"
            and not name.endswith(".localhost")
            and not _is_address(name)
        ):
            yield Finding("bad", f"{site.public_url} is a demo with known passwords: set portal.demo = false.")


def proxies(portal: Any) -> Iterator[Finding]:
    """Whose X-Forwarded-* headers are believed: nobody's behind a proxy blurs every limit, everybody's makes them void."""
    trusted = [ip_network(each, strict=False) for each in portal.settings.web.trusted_proxies]
    for network in trusted:
        if network.prefixlen < _WIDEST[network.version]:
            yield Finding(
                "bad",
                f"web.trusted_proxies believes {network}: anybody could forge their address. Name the proxy's own.",
            )
    if not trusted and not portal.settings.portal.demo and any(site.secure for site in portal.sites):
        yield Finding(
            "warn",
            "The portal is https, so a proxy stands before it, but web.trusted_proxies is empty: all visitors look like the proxy"
            " and share its limits. Name the proxy's address.",
        )


def role(portal: Any) -> Iterator[Finding]:
    """What the portal's database role may do with rows that are only ever added, and whether both clocks agree."""
    if portal.database.is_sqlite:
        return
    try:
        with portal.database.reading() as connection:
            yield from _rights(connection, append_only_tables(portal.known))
            yield from _clocks(connection, portal)
    except SQLAlchemyError:
        return  # the check of the database tells it


def _rights(connection: Connection, tables: list[str]) -> Iterator[Finding]:
    standing = set(connection.execute(_STANDING).scalars())
    loose = [table for table in tables if table in standing and connection.execute(_MAY, {"table": table}).scalar()]
    if loose:
        yield Finding(
            "warn",
            f"The portal's database role may change {', '.join(loose)}: run `lkportal database restrict ROLE` as the owner of the"
            " tables and let serve and worker connect as ROLE.",
        )


def _clocks(connection: Connection, portal: Any) -> Iterator[Finding]:
    there = connection.execute(text("SELECT clock_timestamp()")).scalar_one().astimezone(UTC)
    drift = abs(there - portal.clock.now())
    if drift > _DRIFT:
        yield Finding(
            "warn", f"The clocks of this machine and of the database differ by {drift.seconds} s: set both by NTP."
        )


def desk(portal: Any) -> Iterator[Finding]:
    """Whether more than one password stands before the desk, where everybody's data can be seen."""
    if portal.settings.portal.demo:
        return
    auth, staff = portal.settings_of("auth"), portal.settings_of("staff")
    if auth.second_for_staff and not portal.settings.encryption_keys:
        yield Finding(
            "bad",
            "auth.second_for_staff asks staff for an app with codes, but there is no key to keep its secret with, so they stand"
            " before a closed door: make one with `lkportal keys new`.",
        )
    if "entry" not in auth.second_for_staff and not staff.networks:
        yield Finding(
            "warn",
            'One password opens the desk from anywhere: demand a second factor of staff, auth.second_for_staff = ["entry"],'
            " or name your networks in staff.networks.",
        )


def files(portal: Any) -> Iterator[Finding]:
    """Files with secrets that other users of the machine can read, and a log that tells too much."""
    kept = [portal.configuration.file, _sqlite_file(portal)]
    for path in (each for each in kept if each is not None and each.exists()):
        if path.stat().st_mode & stat.S_IROTH and not portal.settings.portal.demo:
            yield Finding("warn", f"{path.name} can be read by every user of the machine: chmod 640 {path.name}.")
    if portal.settings.portal.log_level == "debug" and not portal.settings.portal.demo:
        yield Finding("warn", 'portal.log_level = "debug" is for looking into a fault: set "info".')


def _sqlite_file(portal: Any) -> Path | None:
    url = portal.settings.database.url.get_secret_value()
    return portal.configuration.path(Path(url.removeprefix("sqlite:///"))) if url.startswith("sqlite:///") else None


def _is_address(host: str) -> bool:
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


OUTSIDE = (
    Check("answers", answers),
    Check("hosts", hosts),
    Check("proxies", proxies),
    Check("role", role),
    Check("desk", desk),
    Check("files", files),
)
