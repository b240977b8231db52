"""The timeline of a post or comment: its versions, and the events between them. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from reddit_archive.history import item_texts
from reddit_archive.model import content
from reddit_archive.model.json_fields import Raw, get_str

EDITED, DELETED, REMOVED = "edited", "deleted", "removed"
REMOVED_BY_REDDIT, REMOVED_BY_LAW = "removed by Reddit", "removed for legal reasons"
ACCOUNT_DELETED, RESTORED, VANISHED = "account deleted", "restored", "vanished"
OVERWRITTEN, APPEARED = "overwritten", "appeared"
EVENT_KINDS = (
    *(APPEARED, EDITED, DELETED, REMOVED, REMOVED_BY_REDDIT, REMOVED_BY_LAW),
    *(VANISHED, OVERWRITTEN, ACCOUNT_DELETED, RESTORED),
)


EXPORTED_STATUS_KEY, EXPORTED_LAST_SEEN_KEY = "_lost", "_seen_utc"
"""Fields that an export adds to a deleted text: what happened to it, and when it was last seen.

Without them, an imported export would say that Reddit still shows the text."""


class Version(NamedTuple):
    """A version of a post or comment: its text, title, author and flair.

    Attributes:
        raw: The data when this version was first observed.
        first_seen: When it was first observed.
        last_seen: When it was last observed.
        source: The source that returned it first.
        is_overwrite: A wipe tool wrote it.
    """

    raw: Raw
    first_seen: datetime
    last_seen: datetime
    source: str
    is_overwrite: bool = False

    @property
    def body(self) -> str:
        """The Markdown, or Markdown made from the HTML of a web page."""
        return item_texts.get_body(self.raw)

    @property
    def html(self) -> str:
        """Reddit's HTML of the text, or ""."""
        return item_texts.get_html(self.raw)

    @property
    def author(self) -> str | None:
        return content.get_author(self.raw)

    @property
    def title(self) -> str:
        """The post's title; "" for a comment."""
        return get_str(self.raw, "title")

    @property
    def flair(self) -> str:
        """The post's flair or, if there is none, the author's."""
        return get_flair(self.raw)


@dataclass(frozen=True, slots=True)
class Event:
    """A change to a post or comment.

    Attributes:
        kind: One of EVENT_KINDS.
        fullname: The post or comment.
        window_start: The last observation before the change, or None if unknown.
        window_end: The first observation after it.
        capture_index: Index of the capture that shows the change.
        previous_text: The last text before the change, or "".
        new_text: The text after it, or "".
    """

    kind: str
    fullname: str
    window_start: datetime | None
    window_end: datetime
    capture_index: int
    previous_text: str = ""
    new_text: str = ""


class ItemTimeline(NamedTuple):
    """All observations of a post or comment, summarized.

    Attributes:
        fullname: The post or comment.
        author: The last known author.
        versions: Its versions, oldest first.
        events: What happened to it, in order.
        scores: Each change of the score: when it was observed, and the new score.
        first_seen: When it was first observed.
        last_seen: When it was last observed.
        deletion_status: The kind of event that removed the text from Reddit, or None if Reddit
            still shows it.
    """

    fullname: str
    author: str | None
    versions: tuple[Version, ...]
    events: tuple[Event, ...]
    scores: tuple[tuple[datetime, int], ...]
    first_seen: datetime
    last_seen: datetime
    deletion_status: str | None

    @property
    def last_author_version(self) -> Version | None:
        """The last version that the author wrote, or None. Skips what a wipe tool wrote."""
        for version in reversed(self.versions):
            if not version.is_overwrite:
                return version
        return None

    @property
    def is_preserved(self) -> bool:
        """Whether the text is deleted on Reddit and preserved here."""
        return self.deletion_status is not None and self.last_author_version is not None


@dataclass(frozen=True, slots=True)
class ThreadHistory:
    """The timelines of a thread's post and comments by fullname, in order of first observation."""

    thread_id: str
    timelines: Mapping[str, ItemTimeline]

    @property
    def post(self) -> ItemTimeline | None:
        return self.timelines.get(f"t3_{self.thread_id}")

    @property
    def comments(self) -> Iterator[ItemTimeline]:
        return (timeline for name, timeline in self.timelines.items() if name.startswith("t1_"))

    @property
    def events(self) -> tuple[Event, ...]:
        """All events, sorted by the capture that shows them."""
        events = (event for timeline in self.timelines.values() for event in timeline.events)
        return tuple(sorted(events, key=lambda event: event.capture_index))


def get_exported_status(raw: Mapping[str, Any]) -> str | None:
    """Return the deletion status that an export stored, or None for data from Reddit."""
    status = raw.get(EXPORTED_STATUS_KEY)
    return status if isinstance(status, str) and status in EVENT_KINDS else None


def get_flair(raw: Raw) -> str:
    """Return the post's flair or, if there is none, the author's."""
    return get_str(raw, "link_flair_text") or get_str(raw, "author_flair_text")
