"""Where a connection comes from: the peer, or what a trusted proxy says. Never logged, never a key in clear (6.1)."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

from litestar.connection import ASGIConnection

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Connection = ASGIConnection[Any, Any, Any, Any]

_NOWHERE = IPv4Address("0.0.0.0")  # noqa: S104 - the address of nobody, nothing listens on it


def client_address(connection: Connection, trusted: Iterable[str]) -> Address:
    """The address of the visitor.

    `X-Forwarded-For` counts only behind a proxy named in the settings, read from the right: the first address that
    is not itself a trusted proxy.
    """
    networks = [ip_network(name, strict=False) for name in trusted]
    peer = _parse(connection.client.host if connection.client else "")
    forwarded = connection.headers.get("x-forwarded-for", "").split(",")
    for said in reversed(forwarded):
        if not _inside(peer, networks) or not said.strip():
            return peer
        peer = _parse(said.strip())
    return peer


def prefix(address: Address) -> bytes:
    """What limits count by: the address, or for IPv6 its /64, which one household holds as a whole."""
    return address.packed[:8] if address.version == 6 else address.packed


def _parse(text: str) -> Address:
    try:
        found = ip_address(text)
    except ValueError:
        return _NOWHERE
    return found.ipv4_mapped or found if isinstance(found, IPv6Address) else found


def _inside(address: Address, networks: list[Network]) -> bool:
    return any(address in network for network in networks)
