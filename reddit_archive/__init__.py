"""Archive Reddit threads and quote them as Markdown."""

import sys

__version__ = "1.1.0"

USER_AGENT = f"{sys.platform}:reddit-archive:{__version__}"
"""How the program names itself, in Reddit's form `<platform>:<app ID>:<version>`.

It does not begin with "python": Reddit throttles whatever looks like a library's default.
"""
