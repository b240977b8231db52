"""The certificates that are trusted: those that the environment names, or the usual ones."""

import os
import ssl
from pathlib import Path

from reddit_archive import errors

BUNDLE_NAMES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
"""As requests reads them, in this order."""


def bundle() -> Path | None:
    """Return the file or folder of certificates that the environment names. Raises ConfigError."""
    for name in BUNDLE_NAMES:
        if value := os.environ.get(name):
            if not os.access(value, os.R_OK):
                raise errors.ConfigError(
                    f"can't read the certificates at {value}, which {name} names",
                    f"Correct or unset {name}.",
                )
            return Path(value)
    return None


def context() -> ssl.SSLContext:
    """Make a context that trusts the certificates of `bundle`, or the system's and certifi's."""
    import certifi

    path = bundle()
    if path is None:
        made = ssl.create_default_context()
        made.load_verify_locations(certifi.where())
        return made
    try:
        if path.is_dir():
            return ssl.create_default_context(capath=path)
        return ssl.create_default_context(cafile=path)
    except (ssl.SSLError, OSError) as error:
        raise errors.ConfigError(
            f"there are no certificates in {path}", f"Correct or unset {BUNDLE_NAMES[0]}."
        ) from error
