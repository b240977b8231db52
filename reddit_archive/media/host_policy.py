"""Which servers media may be downloaded from: listed hosts with public addresses.

The checked address is the one that is connected to. There is no second DNS query in between, which
could return another address. Behind a proxy, only the proxy knows addresses; then only the list of
hosts, https and its certificates prevent requests to other machines.
"""

import socket
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

from reddit_archive.media import discover

MAX_ADDRESSES = 4

# IANA's special-purpose registries (RFC 6890) and multicast. In Python 3.11, `is_global` is true
# for some of them: multicast, 192.88.99.0/24, 2002::/16.
_NOT_PUBLIC = tuple(
    IPv4Network(network)
    for network in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
        *("172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16"),
        *("198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
    )
)
_PUBLIC_6 = IPv6Network("2000::/3")
_NOT_PUBLIC_6 = tuple(  # tunnels to IPv4 addresses (Teredo, 6to4) and documentation
    IPv6Network(network) for network in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
)
_NAT64 = IPv6Network("64:ff9b::/96")


class DownloadRefusedError(Exception):
    """A file can't be downloaded; the message is the reason, as part of a sentence."""


class HostUnreachableError(DownloadRefusedError):
    """There is no connection to `host`, so its other files are not tried."""

    def __init__(self, reason: str, host: str) -> None:
        super().__init__(reason)
        self.host = host


def is_public(address: str) -> bool:
    """Return whether an IP address belongs to the public internet."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, IPv6Address):
        if ip.ipv4_mapped is not None:
            ip = ip.ipv4_mapped
        elif ip in _NAT64:  # DNS64 translates IPv4 addresses to these in IPv6-only networks
            ip = IPv4Address(int(ip) & 0xFFFF_FFFF)
        else:
            return ip in _PUBLIC_6 and not any(ip in network for network in _NOT_PUBLIC_6)
    return ip.is_global and not any(ip in network for network in _NOT_PUBLIC)


def resolve_host(host: str, port: int) -> list[str]:
    """Return a host's addresses, without duplicates. Raises OSError."""
    entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in entries))


def get_port(parts: SplitResult) -> int:
    return parts.port or (80 if parts.scheme == "http" else 443)


@dataclass(frozen=True, slots=True)
class HostPolicy:
    """The allowed hosts, schemes and ports. Only tests change the defaults; no setting can."""

    hosts: frozenset[str] = discover.HOSTS | discover.GIPHY_HOSTS | {discover.VIDEO_HOST}
    suffixes: tuple[str, ...] = (discover.HOST_SUFFIX,)
    schemes: tuple[str, ...] = ("https",)
    ports: tuple[int, ...] = (443,)
    is_public: Callable[[str], bool] = is_public
    resolve_host: Callable[[str, int], list[str]] = resolve_host

    def check(self, url: str) -> SplitResult:
        """Parse a URL and check that it is allowed. Raises DownloadRefusedError."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", get_port(parts)
        except ValueError:
            raise DownloadRefusedError("its address is invalid") from None
        if parts.scheme not in self.schemes:
            raise DownloadRefusedError("its address is not https")
        if "@" in parts.netloc or not (host in self.hosts or host.endswith(self.suffixes)):
            raise DownloadRefusedError("its host is not one of Reddit's")
        if port not in self.ports:
            raise DownloadRefusedError("its address has an unusual port")
        return parts

    def connect(self, host: str, port: int, *, wait_seconds: float) -> socket.socket:
        """Connect to a host if all of its addresses are public.

        `wait_seconds` is for all addresses together. Raises DownloadRefusedError, OSError.
        """
        addresses = self.resolve_host(host, port)[:MAX_ADDRESSES]
        if not addresses or not all(map(self.is_public, addresses)):
            raise DownloadRefusedError("its host does not have a public address")
        last_error = OSError("no address")
        for address in addresses:
            try:
                return socket.create_connection((address, port), wait_seconds / len(addresses))
            except OSError as error:
                last_error = error
        raise last_error
