"""Where the desk is opened: from the company's networks alone, at a host of its own, when the settings say so. Elsewhere it leaves no
trace, and a sign-in of the company's people counts for nothing."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING, Any

from lkportal.core.contributions import Finding
from lkportal.staff.settings import StaffSettings

if TYPE_CHECKING:
    from lkportal.web.request import Request


class Gate:
    """Fills the port DeskGate."""

    def __init__(self, settings: StaffSettings) -> None:
        self._networks = [ip_network(each, strict=False) for each in settings.networks]
        self._host = settings.host.lower()

    def is_open(self, request: Request) -> bool:
        """Whether the desk is open to where this request comes from and to the host it asks."""
        if self._host and request.headers.get("host", "").lower().rsplit(":", 1)[0] != self._host:
            return False
        return not self._networks or _is_within(request.client.host if request.client else "", self._networks)


def check(portal: Any) -> Iterator[Finding | str]:
    """Say what is wrong with where the desk is opened, for `lkportal doctor`."""
    host = portal.settings_of("staff").host.lower()
    if host and host not in portal.edge.hosts:
        yield Finding(
            "bad", f"[staff] host is {host}, but the portal does not answer there: name it in `hosts` of [web] too."
        )


def _is_within(address: str, networks: list[IPv4Network | IPv6Network]) -> bool:
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    plain = getattr(found, "ipv4_mapped", None) or found
    return any(plain.version == network.version and plain in network for network in networks)
