"""Where captures come from. Each module here is one source; they share one small protocol."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from reddit_archive.model.capture import Capture, Thing
from reddit_archive.model.reference import Reference

StatusCallback = Callable[[str], None]
"""Takes one sentence for the person who waits; a source itself never prints."""


@dataclass(frozen=True, slots=True)
class FetchRequest:
    """What is wanted of a thread: all of it, or with `is_whole` unset what takes fewest requests.

    That is the first page, or `comments` (ids) with the post, all that they answer to, and
    `replies` levels below each; None means all levels. `known` are comments (ids) that were there
    before: what has become of one that the whole thread no longer shows is asked for by name.
    """

    comment_ids: tuple[str, ...] = ()
    is_whole: bool = True
    reply_depth: int | None = 0
    previous_comment_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a fetch is: `comments` here of the `of` that the source counts, after `requests`.

    `left` is about how many requests are still to come; None where nobody can tell.
    """

    comment_count: int
    total_comments: int | None
    request_count: int
    remaining_requests: int | None = None


ProgressCallback = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Estimate:
    """The estimated minimum and maximum number of requests.

    `comments` is the source's number of comments, None if it does not tell.
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


class FetchInterrupted(KeyboardInterrupt):
    """The person interrupted a fetch; `capture` is what had come until then."""

    def __init__(self, capture: Capture) -> None:
        super().__init__()
        self.capture = capture


class Source(Protocol):
    """A place to ask for threads."""

    name: str

    def resolve(self, reference: Reference) -> Reference:
        """Find out the post of a share link or of a comment alone. Raises FetchError."""

    def fetch(self, reference: Reference, request: FetchRequest) -> Capture:
        """Fetch what is wished of the thread of a resolved reference.

        What can't be had is a gap of the capture. Raises FetchError where nothing can be had, and
        LoginError.
        """

    def look_up(self, fullnames: Sequence[str]) -> Mapping[str, Thing]:
        """Fetch posts and comments by fullname, of any threads; what can't be had is left out."""

    def estimate(self, reference: Reference, request: FetchRequest) -> Estimate:
        """Tell about how many requests that would take, after one at most. Raises FetchError."""
