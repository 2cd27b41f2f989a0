"""Where a request comes from: the device in words, the network without its last part, and whether we know the browser."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, ip_address, ip_network
from typing import TYPE_CHECKING

from lkportal.auth.sessions import Origin
from lkportal.core.ids import token_hash
from lkportal.web.cookies import Cookie, read_cookie

if TYPE_CHECKING:
    from lkportal.web.request import Request

DEVICE = "lk_device"
_PURPOSE = "device"
_MOST_PEOPLE = 8
_OF_DEVICE, _OF_PERSON = 2, 4
_PLACES = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
_BROWSERS = (
    ("YaBrowser/", "Yandex Browser"),
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)


@dataclass(frozen=True, slots=True)
class Device:
    """A browser that holds our cookie: its own number and marks of the people who signed in with it (by public id, so that a
    person is known by whichever name they sign in)."""

    number: str = ""
    people: tuple[str, ...] = ()

    def knows(self, person: str) -> bool:
        """Whether this person (a public id) signed in with this browser before."""
        return bool(self.number) and _mark(person) in self.people

    def with_person(self, person: str) -> Device:
        """Return the device as it is known after `person` signed in; the oldest of too many people is forgotten."""
        others = tuple(each for each in self.people if each != _mark(person))
        return Device(self.number or secrets.token_urlsafe(16), (*others, _mark(person))[-_MOST_PEOPLE:])


def device_of(request: Request, days: int) -> Device:
    """Return the browser's device cookie as read, or a device nobody knows."""
    sealed = read_cookie(request, request.site, DEVICE)
    kept = request.visit.edge.signing.read(_PURPOSE, sealed, days * 86_400) if sealed else None
    return Device(str(kept[0]), tuple(kept[1])) if kept else Device()


def remember_device(request: Request, device: Device, days: int) -> None:
    """Send the device cookie: long-lived, signed, worth nothing but a limit of its own."""
    sealed = request.visit.edge.signing.sign(_PURPOSE, [device.number, list(device.people)])
    request.set_cookie(Cookie(DEVICE, sealed, days * 86_400))


class DevicesAhead:
    """Fills the port KnownBrowsers: browsers with a device cookie of ours wait ahead of strangers.

    Whoever has an account can have as many such cookies as they like, each by one more sign-in, and may send them to fill that
    line. So places are counted by the people whom a cookie names as well as by the device: all browsers of one person have few
    together, and a cookie that was copied leaves the other devices of its owner theirs. Whether the device knows the person
    whose name is typed is not asked here: that takes the database, which the flood would then ask too. It is asked in its turn,
    and who types a stranger's name is a stranger to all limits.
    """

    def __init__(self, days: int) -> None:
        self._days = days

    def places(self, request: Request) -> Mapping[str, int]:
        """Return the places of the device and of each of its people, by key; empty for a browser we do not know."""
        device = device_of(request, self._days)
        if not device.number or not device.people:
            return {}
        return {f"device:{device.number}": _OF_DEVICE, **{f"person:{each}": _OF_PERSON for each in device.people}}


def origin_of(request: Request) -> Origin:
    """Return the device in words and the network of a request."""
    return Origin(device_name(request.headers.get("user-agent", "")), network_of(request))


def network_of(request: Request) -> str:
    """Return the network a request comes from, such as 203.0.113.0/24; "" when it has no address."""
    return network_prefix(request.client.host) if request.client else ""


def network_prefix(address: str) -> str:
    """Return the network of an address: 24 bits of IPv4, 48 of IPv6, as much as one owner usually has."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    mapped = getattr(found, "ipv4_mapped", None)
    plain = mapped or found
    return str(ip_network(f"{plain}/{24 if isinstance(plain, IPv4Address) else 48}", strict=False))


def spoken_network(network: str) -> str:
    """Return a network as people know addresses: 203.0.113.0/24 is 203.0.113.x."""
    if network.endswith(".0/24"):
        return network.removesuffix("0/24") + "x"
    return network.partition("/")[0]


def device_name(user_agent: str) -> str:
    """Return a browser in words, "Firefox, Windows", or "" for one we cannot tell."""
    shown = user_agent[:400]
    browser = next((name for sign, name in _BROWSERS if sign in shown), "")
    place = next((name for sign, name in _PLACES if sign in shown), "")
    return ", ".join(part for part in (browser, place) if part)


def _mark(person: str) -> str:
    return token_hash(f"device {person}")[:16]
