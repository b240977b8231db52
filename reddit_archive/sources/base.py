"""The protocol that every source implements, and the values that go in and out of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from reddit_archive.model.capture import Capture, Thing
from reddit_archive.model.reference import Reference

StatusCallback = Callable[[str], None]
"""Receives one sentence for the waiting user. A source itself never prints."""

SECONDS_PER_REQUEST = 0.6
"""Reddit grants 100 requests a minute."""


@dataclass(frozen=True, slots=True)
class FetchRequest:
    """The part of a thread to fetch. All ids are without prefix.

    Attributes:
        comment_ids: Comments to fetch. Without `is_whole`, only these are fetched, with the post
            and all ancestors; if there are none, the first page is.
        is_whole: Fetch the whole thread.
        reply_depth: Levels of replies to fetch below each of `comment_ids`; None for all levels.
        previous_comment_ids: Comments that were there before. Those that the whole thread no longer
            shows are requested by name, which tells whether they were deleted.
    """

    comment_ids: tuple[str, ...] = ()
    is_whole: bool = True
    reply_depth: int | None = 0
    previous_comment_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of a fetch.

    Attributes:
        comment_count: Comments fetched so far.
        total_comments: Comments that the source counts; None if unknown.
        request_count: Requests sent so far.
        remaining_requests: Approximate number of requests to come; None if unknown.
    """

    comment_count: int
    total_comments: int | None
    request_count: int
    remaining_requests: int | None = None


ProgressCallback = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Estimate:
    """The estimated minimum and maximum number of requests.

    `total_comments` is the number that the source counts; None if unknown.
    """

    total_comments: int | None
    min_requests: int
    max_requests: int


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One result of checking a source for `doctor`: what was found, and what to do about it."""

    name: str
    state: Literal["ok", "warn"]
    message: str
    hint: str = ""


FILLED_KEY = "filled"
"""Marks the request of a capture with only those things that were missing before."""


class FetchInterrupted(KeyboardInterrupt):
    """The user interrupted a fetch. `capture` is what was fetched until then."""

    def __init__(self, capture: Capture) -> None:
        super().__init__()
        self.capture = capture


class Source(Protocol):
    """A place from which threads are fetched."""

    name: str

    def resolve(self, reference: Reference) -> Reference:
        """Find the post of a share link or of a single comment. Raises FetchError."""

    def fetch(self, reference: Reference, request: FetchRequest) -> Capture:
        """Fetch a resolved thread, or the requested part of it.

        The capture names the comments that could not be fetched. Raises FetchError if nothing
        could be fetched, and LoginError.
        """

    def look_up(self, fullnames: Sequence[str]) -> Mapping[str, Thing]:
        """Fetch posts and comments of any threads by fullname; unavailable ones are left out."""

    def build_capture(self, post_id: str, things: Sequence[Thing]) -> Capture:
        """Build a capture of things of one thread that `look_up` returned, and of stubs."""

    def estimate(self, reference: Reference, request: FetchRequest) -> Estimate:
        """Estimate the number of requests, with at most one request. Raises FetchError."""
