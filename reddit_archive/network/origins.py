"""The addresses that a Reddit key may be sent to."""

import re
from dataclasses import dataclass
from ipaddress import ip_address

from reddit_archive import errors

REDDIT_HOSTS = frozenset(
    {"www.reddit.com", "oauth.reddit.com", "ssl.reddit.com", "old.reddit.com", "reddit.com"}
)
"""Not all subdomains of reddit.com, because other companies run some of them."""
URL_HINT = "Remove reddit_url and oauth_url from config.yaml, or use https."
DEFAULT_PORTS = {"http": 80, "https": 443}
_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::(?P<port>[0-9]{1,5}))?"
    r"(?:/[a-z0-9._~/-]*)?",
    re.IGNORECASE | re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Origin:
    """The scheme, host and port of a URL."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def is_reddit(self) -> bool:
        return self.scheme == "https" and self.host in REDDIT_HOSTS and self.port == 443

    @property
    def is_loopback(self) -> bool:
        return is_loopback(self.host)

    @property
    def is_private(self) -> bool:
        """Whether nobody else can read a request: it is encrypted, or stays on this machine."""
        return self.scheme == "https" or self.is_loopback


def parse(url: str) -> Origin:
    """Parse the URL of a server. Raises ValueError for others, such as URLs with a user or a query.

    Hosts with non-ASCII letters are refused because they can look like another host.
    """
    match = _URL.fullmatch(url)
    if match is None:
        raise ValueError("not the address of a server")
    scheme = match["scheme"].lower()
    return Origin(
        scheme, match["host"].lower().strip("[]"), int(match["port"] or DEFAULT_PORTS[scheme])
    )


def parse_for_key(url: str, setting: str) -> Origin:
    """Parse the URL of a server that gets a key. Raises ConfigError.

    The message shows `setting`, the name of the setting, because the URL may contain a password.
    """
    try:
        origin = parse(url)
    except ValueError:
        raise errors.ConfigError(
            f"'{setting}' is not the address of a server, like https://www.reddit.com", URL_HINT
        ) from None
    if not origin.is_private:
        raise errors.ConfigError(
            f"the Reddit key is not sent to {origin} without encryption", URL_HINT
        )
    return origin


def is_loopback(host: str) -> bool:
    """Return whether a host name or IP address means this machine."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
