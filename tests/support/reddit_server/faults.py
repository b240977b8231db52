"""Faults that tests can cause: `server.fail("comments/", [SERVER_ERROR(503)])`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

BLOCK_PAGE = (
    '<!DOCTYPE html><html lang="en"><head><title>Blocked</title></head><body><h1>You have been '
    "blocked by network security.</h1><p>Log in, or use a developer token.</p></body></html>"
)
BUSY_PAGE = (
    "<!doctype html><html><head><title>Too Many Requests</title></head>"
    "<body><h1>slow down</h1><p>Choose a user agent of your own.</p></body></html>"
)
HTML = {"Content-Type": "text/html; charset=UTF-8"}
JSON = {"Content-Type": "application/json; charset=UTF-8"}


@dataclass(frozen=True, slots=True)
class Fault:
    """One faulty response. Without a `status`, it is the real response with changes.

    Attributes:
        headers: Replace the headers of the response; None removes a header.
        cut: Send half of a body with the full length announced ("body"), half of the body with its
            own length ("json"), or nothing ("all").
        hold_seconds: Wait first, while the client waits.
        rated: The response counts for the rate limit and has its headers.
    """

    status: int | None = None
    headers: Mapping[str, str | None] = field(default_factory=dict)
    body: str | bytes = b""
    cut: Literal["", "body", "json", "all"] = ""
    hold_seconds: float = 0.0
    rated: bool = False


def TOO_MANY(retry_after: str | float | None = None) -> Fault:
    """Status 429. `retry_after` is in seconds, an HTTP date, or missing, as usual on Reddit."""
    extra = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return Fault(429, JSON | extra, '{"message":"Too Many Requests","error":429}')


def SERVER_ERROR(status: int = 503) -> Fault:
    """Status 500 with Reddit's JSON, 503 with its HTML page, others with an empty body."""
    if status == 500:
        return Fault(500, JSON, '{"message":"Internal Server Error","error":500}')
    if status == 503:
        return Fault(503, HTML, "<!doctype html><html><title>Ow!</title></html>")
    return Fault(status, {"Content-Type": "text/plain"})


def SLOW(seconds: float = 30.0) -> Fault:
    """The real response after a wait, which ends early if the client or the server closes."""
    return Fault(hold_seconds=seconds)


HTML_403 = Fault(403, HTML, BLOCK_PAGE)
HTML_200 = Fault(200, HTML, BLOCK_PAGE)
CUT_BODY = Fault(cut="body")
CUT_JSON = Fault(cut="json")
CLOSED = Fault(cut="all")
ODD_RATELIMIT = Fault(headers={"x-ratelimit-used": None, "x-ratelimit-reset": "299.5"})
