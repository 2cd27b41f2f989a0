"""Calls to addresses that others typed: a name is resolved once, every address of it is judged, and the connection goes to the
address that was judged. Redirects are not followed, nothing of the environment is used."""

from __future__ import annotations

import socket
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

import httpx2

from lkportal.core import foreign

SECONDS = 15.0
_LONGEST = 500
# Not `is_global`: it lets through NAT64, 6to4, multicast and others that lead inside. IANA special-purpose registries, and the
# addresses where clouds keep the credentials of their machines.
_CLOSED_V4 = tuple(
    map(
        ip_network,
        (
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "168.63.129.16/32",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.31.196.0/24",
            "192.52.193.0/24",
            "192.88.99.0/24",
            "192.168.0.0/16",
            "192.175.48.0/24",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/4",
            "240.0.0.0/4",
        ),
    )
)
_OPEN_V6 = ip_network("2000::/3")
_CLOSED_V6 = tuple(map(ip_network, ("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20")))


class Closed(Exception):
    """An address that is not called. `code` says why: "address", "closed", "unknown"."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back: the status and how long the receiver asks to wait (Retry-After in seconds, 0 for nothing said)."""

    status: int
    wait: int = 0


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address is somebody's on the open internet, and no way back inside."""
    if isinstance(address, IPv4Address):
        return not any(address in each for each in _CLOSED_V4)
    return address in _OPEN_V6 and not any(address in each for each in _CLOSED_V6)


def checked(url: str, inside: Collection[str] = ()) -> SplitResult:
    """Return the parts of an address that may be called: https with a host, or any of `inside` (hosts of settings). Raises Closed."""
    try:
        place = urlsplit(url)
        port = place.port
    except ValueError:
        raise Closed("address") from None
    host = place.hostname or ""
    plain = place.scheme == "http" and host in inside
    if not (place.scheme == "https" or plain) or not host or port == 0 or len(url) > _LONGEST:
        raise Closed("address")
    if "@" in place.netloc or place.fragment or not url.isascii() or any(ord(each) <= 32 for each in url):
        raise Closed("address")
    return place


def resolved(place: SplitResult, inside: Collection[str] = ()) -> str:
    """Return the address to connect to. Raises Closed when any address of the host is not public."""
    host = place.hostname or ""
    try:
        found = socket.getaddrinfo(host, place.port or 443, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Closed("unknown") from None
    addresses = [str(each[4][0]).partition("%")[0] for each in found]
    if not addresses or (host not in inside and not all(is_public(ip_address(each)) for each in addresses)):
        raise Closed("closed")
    return addresses[0]


def post(url: str, body: bytes, headers: Mapping[str, str], inside: Collection[str] = ()) -> Answered:
    """Send `body` to an address. Raises Closed, httpx2.HTTPError; the answer's body is not read."""
    place = checked(url, inside)
    address = resolved(place, inside)
    bare = f"[{address}]" if ":" in address else address
    target = place._replace(netloc=f"{bare}:{place.port}" if place.port else bare).geturl()
    host = place.netloc
    timeout = httpx2.Timeout(SECONDS, connect=5.0)
    options = {"sni_hostname": place.hostname} if place.scheme == "https" else {}
    with (
        foreign.client(timeout=timeout, follow_redirects=False) as client,
        client.stream("POST", target, content=body, headers={**headers, "host": host}, extensions=options) as answer,
    ):
        said = answer.headers.get("retry-after", "")
        return Answered(answer.status_code, int(said) if said.isascii() and said.isdigit() and len(said) < 7 else 0)
