"""The trusted certificates: those that the environment names, or the default ones."""

import os
import ssl
from pathlib import Path

from reddit_archive import errors

BUNDLE_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
"""In the order in which requests reads them."""


def find_bundle() -> Path | None:
    """Return the certificates' path from the environment, if it is set. Raises ConfigError."""
    for name in BUNDLE_VARIABLES:
        if value := os.environ.get(name):
            if not os.access(value, os.R_OK):
                raise errors.ConfigError(
                    f"can't read the certificates at {value}, which {name} names",
                    f"Correct or unset {name}.",
                )
            return Path(value)
    return None


def create_context() -> ssl.SSLContext:
    """Return a context with the certificates that `find_bundle` finds, or the default ones.

    The default certificates are those of the system and of certifi. Raises ConfigError.
    """
    import certifi  # 10 ms

    path = find_bundle()
    if path is None:
        default = ssl.create_default_context()
        default.load_verify_locations(certifi.where())
        return default
    try:
        if path.is_dir():
            return ssl.create_default_context(capath=path)
        return ssl.create_default_context(cafile=path)
    except (ssl.SSLError, OSError) as error:
        raise errors.ConfigError(
            f"there are no certificates in {path}", f"Correct or unset {BUNDLE_VARIABLES[0]}."
        ) from error
