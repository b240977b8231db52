"""A test server on 127.0.0.1 that follows the rules of Reddit's API strictly.

`rules` contains the rules as pure functions of a `Thread`; `server` is the HTTP part. If Reddit's
behavior is not known for certain, the server chooses what is harder for a client.
"""

from .access import (
    CLIENT_ID,
    CLIENT_SECRET,
    INSTALLED_ID,
    PASSWORD,
    REDIRECT_URI,
    REFRESH_TOKEN,
    USER_AGENT,
    USERNAME,
)
from .faults import (
    CLOSED,
    CUT_BODY,
    CUT_JSON,
    HTML_200,
    HTML_403,
    ODD_RATELIMIT,
    SERVER_ERROR,
    SLOW,
    TOO_MANY,
    Fault,
)
from .loading import load, load_session, unescape
from .rules import escape, info, more_children, page
from .server import Server
from .shapes import SHAPES, shaped
from .synthetic import generate
from .thread import Thread
from .wire import Request

__all__ = [
    "CLIENT_ID",
    "CLIENT_SECRET",
    "CLOSED",
    "CUT_BODY",
    "CUT_JSON",
    "HTML_200",
    "HTML_403",
    "INSTALLED_ID",
    "ODD_RATELIMIT",
    "PASSWORD",
    "REDIRECT_URI",
    "REFRESH_TOKEN",
    "SERVER_ERROR",
    "SHAPES",
    "SLOW",
    "TOO_MANY",
    "USERNAME",
    "USER_AGENT",
    "Fault",
    "Request",
    "Server",
    "Thread",
    "escape",
    "generate",
    "info",
    "load",
    "load_session",
    "more_children",
    "page",
    "shaped",
    "unescape",
]
