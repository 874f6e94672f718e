"""Where a connection comes from: the peer, or what a trusted proxy says. Never logged, never a key in clear (6.1)."""

from collections.abc import Iterable
from functools import lru_cache
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
    peer = connection.client.host if connection.client else ""
    return address_of(peer, connection.headers.get("x-forwarded-for", ""), tuple(trusted))


def address_of(peer: str, forwarded: str, trusted: tuple[str, ...]) -> Address:
    """The same, of what the connection said."""
    found = peer
    for said in reversed(forwarded.split(",")):
        if not said.strip() or not _is_trusted(found, trusted):
            break
        found = said.strip()
    return _parse(found)


def _is_trusted(text: str, trusted: tuple[str, ...]) -> bool:
    """Most proxies are named by their address itself: then none has to be parsed."""
    return text in trusted or _inside(_parse(text), _networks(trusted))


@lru_cache(maxsize=8)
def _networks(trusted: tuple[str, ...]) -> tuple[Network, ...]:
    return tuple(ip_network(name, strict=False) for name in trusted)


def prefix(address: Address) -> bytes:
    """What limits count by: the address, or for IPv6 its /64, which one household holds as a whole."""
    return address.packed[:8] if address.version == 6 else address.packed


def _parse(text: str) -> Address:
    try:
        found = ip_address(text)
    except ValueError:
        return _NOWHERE
    return found.ipv4_mapped or found if isinstance(found, IPv6Address) else found


def _inside(address: Address, networks: Iterable[Network]) -> bool:
    return any(address in network for network in networks)
