"""Where captures come from. Each module here is one source; they share one small protocol."""

from collections.abc import Callable
from typing import Protocol

from reddit_archive.capture import Capture
from reddit_archive.reference import Reference

Say = Callable[[str], None]
"""Takes one sentence for the person who waits; a source itself never prints."""


class Source(Protocol):
    """A place to ask for threads."""

    name: str

    def resolve(self, reference: Reference) -> Reference:
        """Find out the post of a share link or of a comment alone. Raises FetchError."""

    def fetch(self, reference: Reference, *, comments: tuple[str, ...] = ()) -> Capture:
        """Fetch the thread of a resolved reference; these comments (ids) in any case.

        Raises FetchError, LoginError.
        """
