"""What became of a post or a comment: its versions, and the changes between them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from reddit_archive.model import content
from reddit_archive.model.json_fields import Raw, text

EDITED, DELETED, REMOVED = "edited", "deleted", "removed"
REMOVED_BY_REDDIT, REMOVED_BY_LAW = "removed by Reddit", "removed for legal reasons"
ACCOUNT_DELETED, RESTORED, VANISHED = "account deleted", "restored", "vanished"
OVERWRITTEN, APPEARED = "overwritten", "appeared"
KINDS = (
    *(APPEARED, EDITED, DELETED, REMOVED, REMOVED_BY_REDDIT, REMOVED_BY_LAW),
    *(VANISHED, OVERWRITTEN, ACCOUNT_DELETED, RESTORED),
)


MARK, SEEN = "_lost", "_seen_utc"
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
        return body_of(self.raw)

    @property
    def html(self) -> str:
        return text(self.raw, "body_html") or text(self.raw, "selftext_html")

    @property
    def author(self) -> str | None:
        return content.author(self.raw)

    @property
    def title(self) -> str:
        """The post's title; "" for a comment."""
        return text(self.raw, "title")

    @property
    def flair(self) -> str:
        return text(self.raw, "link_flair_text") or text(self.raw, "author_flair_text")


@dataclass(frozen=True, slots=True)
class Event:
    """A change, which came between two looks at it: `after` the one and not later than `before`.

    `after` is the last time when it was seen to be otherwise, None where that is not known.
    `capture` is the number of the capture that shows it, from 0. `former` is the last text before
    the change, `text` the one after it; "" where there is none.
    """

    kind: str
    fullname: str
    after: datetime | None
    before: datetime
    capture: int
    former: str = ""
    text: str = ""


class Life(NamedTuple):
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
    lost: str | None

    @property
    def latest(self) -> Version | None:
        """The last version that its author meant to be read; None where none was seen."""
        for version in reversed(self.versions):
            if not version.is_overwrite:
                return version
        return None

    @property
    def is_kept(self) -> bool:
        """Tell whether the text is here although it is lost on Reddit."""
        return self.lost is not None and self.latest is not None


@dataclass(frozen=True, slots=True)
class History:
    """The lives of a thread's post and comments, by fullname, in the order of their first sight."""

    thread_id: str
    lives: Mapping[str, Life]

    @property
    def post(self) -> Life | None:
        return self.lives.get(f"t3_{self.thread_id}")

    @property
    def comments(self) -> Iterator[Life]:
        return (life for name, life in self.lives.items() if name.startswith("t1_"))

    @property
    def events(self) -> tuple[Event, ...]:
        """All changes, by the capture that shows them."""
        events = (event for life in self.lives.values() for event in life.events)
        return tuple(sorted(events, key=lambda event: event.capture))


def marked(raw: Mapping[str, Any]) -> str | None:
    """What a text that was exported says that became of it; None for what comes from Reddit."""
    mark = raw.get(MARK)
    return mark if isinstance(mark, str) and mark in KINDS else None


def body_of(raw: Mapping[str, Any]) -> str:
    """The Markdown that was typed, of a comment or a post."""
    return text(raw, "body") or text(raw, "selftext")
