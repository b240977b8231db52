"""Find the proxy for an address in the environment, and open a tunnel through it.

The settings are those that requests reads: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY, also in
lower case, and the settings of macOS and Windows. No message shows a proxy's user or password.
"""

import base64
import os
import re
import socket
import time
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from urllib.parse import unquote, urlsplit

from reddit_archive import errors
from reddit_archive.network.limits import LimitExceededError, ResponseLimits
from reddit_archive.network.response import BoundedResponse

DEFAULT_PORTS = {
    "http": 80,
    "https": 443,
    "socks4": 1080,
    "socks4a": 1080,
    "socks5": 1080,
    "socks5h": 1080,
}
HOST = re.compile(r"(?:[\w-]{1,63}\.)*[\w-]{1,63}\.?|[0-9a-f:.%]*:[\w:.%]*", re.ASCII)
"""A host name or an IPv4 address, or an IPv6 address."""
SOCKS_HINT = "Install it: pip install PySocks."


class ProxyError(Exception):
    """The proxy did not open a tunnel; the message says why."""


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy. `setting` is the environment variable that names it."""

    scheme: str
    host: str
    port: int
    setting: str
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)

    @property
    def is_socks(self) -> bool:
        return self.scheme.startswith("socks")

    def connect(self, host: str, port: int, *, wait_seconds: float) -> socket.socket:
        """Open a tunnel to a host; the proxy resolves the name. Raises ProxyError.

        `wait_seconds` limits the connection, and separately the answer of the proxy.
        """
        try:
            if self.is_socks:
                return self._connect_socks(host, port, wait_seconds)
            sock = socket.create_connection((self.host, self.port), wait_seconds)
            try:
                self._request_tunnel(sock, f"{host}:{port}", wait_seconds)
            except BaseException:
                sock.close()
                raise
            return sock
        except (OSError, ValueError, LimitExceededError) as error:
            raise ProxyError(f"the proxy that {self.setting} names can't be used") from error

    def _connect_socks(self, host: str, port: int, wait_seconds: float) -> socket.socket:
        socks = import_module("socks")
        sock: socket.socket = socks.create_connection(
            (host, port),
            wait_seconds,
            proxy_type=socks.SOCKS4 if self.scheme.startswith("socks4") else socks.SOCKS5,
            proxy_addr=self.host,
            proxy_port=self.port,
            proxy_rdns=True,
            proxy_username=self.user or None,
            proxy_password=self.password or None,
        )
        return sock

    def _request_tunnel(self, sock: socket.socket, target: str, wait_seconds: float) -> None:
        lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}"]
        if self.user:
            login = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
            lines.append(f"Proxy-Authorization: Basic {login}")
        sock.sendall("".join(f"{line}\r\n" for line in (*lines, "")).encode())
        limits = ResponseLimits(total_seconds=wait_seconds)
        response = BoundedResponse(sock, method="CONNECT", limits=limits, clock=time.monotonic)
        response.begin()
        if response.status != 200:
            raise ProxyError(
                f"the proxy that {self.setting} names refused the connection "
                f"(status {response.status})"
            )


def find(url: str) -> Proxy | None:
    """Return the proxy for an address, or None. Raises ConfigError if it can't be used."""
    from requests.utils import get_environ_proxies, select_proxy  # 60 ms

    address = select_proxy(url, get_environ_proxies(url))
    if not address:
        return None
    setting = _find_setting(urlsplit(url).scheme)
    proxy = _parse(address, setting)
    if proxy is None:
        raise errors.ConfigError(
            f"{setting} does not hold the address of a proxy", "Write it like http://HOST:PORT."
        )
    if proxy.is_socks and find_spec("socks") is None:
        raise errors.ConfigError(
            f"{setting} names a SOCKS proxy, but the package PySocks is not installed",
            SOCKS_HINT,
        )
    return proxy


def _parse(address: str, setting: str) -> Proxy | None:
    try:
        parts = urlsplit(address if "://" in address else f"http://{address}")
        host, port = parts.hostname or "", parts.port or DEFAULT_PORTS[parts.scheme.lower()]
    except (ValueError, KeyError):
        return None
    if parts.scheme.lower() not in DEFAULT_PORTS or not HOST.fullmatch(host):
        return None
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return Proxy(parts.scheme.lower(), host, port, setting, user, password)


def _find_setting(scheme: str) -> str:
    """Return the variable that names the proxy, in the order in which requests reads them."""
    for name in (f"{scheme}_proxy", "all_proxy"):
        for variable in (name, name.upper()):
            if os.environ.get(variable):
                return variable
    return "your system"
