"""What became of a post or a comment: its versions, and the changes between them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

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
"""Fields of what was exported: the text stands with what became of it, and when it was last seen.
Without them a thread that is taken in again would tell that Reddit shows it still."""


class Version(NamedTuple):
    """A text as it stood from `first_seen` to `last_seen`, with who and what stood around it.

    `is_overwrite` marks what a wipe tool wrote. `raw` is as the text was seen first.
    """

    raw: Raw
    first_seen: datetime
    last_seen: datetime
    source: str
    is_overwrite: bool = False

    @property
    def body(self) -> str:
        return get_body(self.raw)

    @property
    def html(self) -> str:
        return get_str(self.raw, "body_html") or get_str(self.raw, "selftext_html")

    @property
    def author(self) -> str | None:
        return content.get_author(self.raw)

    @property
    def title(self) -> str:
        """The post's title; "" for a comment."""
        return get_str(self.raw, "title")

    @property
    def flair(self) -> str:
        return get_str(self.raw, "link_flair_text") or get_str(self.raw, "author_flair_text")


@dataclass(frozen=True, slots=True)
class Event:
    """A change, which came between two looks at it: `after` the one and not later than `before`.

    `after` is the last time when it was seen to be otherwise, None where that is not known.
    `capture` is the number of the capture that shows it, from 0. `former` is the last text before
    the change, `text` the one after it; "" where there is none.
    """

    kind: str
    fullname: str
    window_start: datetime | None
    window_end: datetime
    capture_index: int
    previous_text: str = ""
    new_text: str = ""


class ItemTimeline(NamedTuple):
    """A post's or comment's life, as far as it was seen.

    `lost` is the kind of event that took the text from Reddit, None while it stands there.
    `scores` names each moment at which another score was seen than before.
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
        """The last version that its author meant to be read; None where none was seen."""
        for version in reversed(self.versions):
            if not version.is_overwrite:
                return version
        return None

    @property
    def is_preserved(self) -> bool:
        """Tell whether the text is here although it is lost on Reddit."""
        return self.deletion_status is not None and self.last_author_version is not None


@dataclass(frozen=True, slots=True)
class ThreadHistory:
    """The lives of a thread's post and comments, by fullname, in the order of their first sight."""

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
        """All changes, by the capture that shows them."""
        events = (event for timeline in self.timelines.values() for event in timeline.events)
        return tuple(sorted(events, key=lambda event: event.capture_index))


def get_exported_status(raw: Mapping[str, Any]) -> str | None:
    """What a text that was exported says that became of it; None for what comes from Reddit."""
    status = raw.get(EXPORTED_STATUS_KEY)
    return status if isinstance(status, str) and status in EVENT_KINDS else None


def get_body(raw: Mapping[str, Any]) -> str:
    """The Markdown that was typed, of a comment or a post."""
    return get_str(raw, "body") or get_str(raw, "selftext")
