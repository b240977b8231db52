"""Check that a Reddit key is sent only to Reddit, or to a host that the key's own source names.

A source is the environment, a credentials.yaml or a config.yaml. Without this check, another
person's config.yaml in the current folder could send the user's key to any host.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from reddit_archive import errors
from reddit_archive.config.settings import ENVIRONMENT, Settings
from reddit_archive.network import origins
from reddit_archive.network.origins import Origin

KEY_NAMES = ("client_id", "client_secret", "refresh_token", "username", "password")
SECRET_NAMES = ("client_secret", "refresh_token", "password")
URL_NAMES = ("reddit_url", "oauth_url")


def check(settings: Settings) -> Mapping[str, Any]:
    """Check the settings for requests to Reddit and return them. Raises ConfigError."""
    sources = settings.reddit_sources
    key_sources = {sources.get(name): name for name in KEY_NAMES if settings.reddit.get(name)}
    for url_name, origin in find_foreign_origins(settings.reddit).items():
        for key_source, key_name in key_sources.items():
            if key_source != sources.get(url_name):
                raise _build_error(sources.get(url_name), url_name, origin, key_name, key_source)
    return settings.reddit


def list_sources(settings: Settings) -> list[str]:
    """Return where the parts of the key come from: files, or the environment."""
    sources = settings.reddit_sources
    names = [name for name in KEY_NAMES if settings.reddit.get(name) and name in sources]
    return list(dict.fromkeys(sources[name] for name in names))


def list_files(settings: Settings) -> list[Path]:
    """Return the files with secret parts of the key."""
    sources = settings.reddit_sources
    names = [name for name in SECRET_NAMES if settings.reddit.get(name) and name in sources]
    files = dict.fromkeys(sources[name] for name in names if sources[name] != ENVIRONMENT)
    return list(map(Path, files))


def find_foreign_origins(reddit: Mapping[str, Any]) -> dict[str, Origin]:
    """Return the servers that replace Reddit's, by the name of the setting.

    Raises ConfigError if a setting is not the address of a server, or not encrypted.
    """
    foreign: dict[str, Origin] = {}
    for name in URL_NAMES:
        if url := reddit.get(name):
            origin = origins.parse_for_key(str(url), f"reddit: {name}")
            if not origin.is_reddit:
                foreign[name] = origin
    return foreign


def _build_error(
    url_source: str | None, url_name: str, origin: Origin, key_name: str, key_source: str | None
) -> errors.ConfigError:
    return errors.ConfigError(
        f"the Reddit key is not sent to {origin}: {url_source} names that server, "
        f"but {key_source} holds {key_name}",
        f"Remove `{url_name}` from {url_source}, or put the whole key there too.",
    )
