"""Archive Reddit threads and quote them as Markdown."""

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reddit_archive.workflows.api import (
        Archive,
        QuoteKeywords,
        StoredThread,
        VerifyResult,
        load_settings,
    )

__all__ = ["Archive", "QuoteKeywords", "StoredThread", "VerifyResult", "load_settings"]
__version__ = "1.1.0"

USER_AGENT = f"{sys.platform}:reddit-archive:{__version__}"
"""How the program names itself, in Reddit's form `<platform>:<app ID>:<version>`.

It does not begin with "python": Reddit throttles default user agents of libraries.
"""


def __getattr__(name: str) -> Any:
    """Load the public interface at its first use: the command line starts without it."""
    if name in __all__:
        from reddit_archive.workflows import api

        return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
