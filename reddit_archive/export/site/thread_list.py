"""What the lists of threads say of each, and their order: by date, by subreddit, by loss."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import Any

from reddit_archive.export.site import safe_html
from reddit_archive.export.site.thread_view import Drawer
from reddit_archive.history import timeline
from reddit_archive.model.json_fields import text


@dataclass(frozen=True, slots=True)
class Row:
    """A thread in a list; times are Unix times. `kept` counts texts that Reddit has lost."""

    thread_id: str
    title: str
    subreddit: str
    author: str
    created: int | None
    score: int | None
    flair: str
    comments: int
    kept: int
    lost: int
    edited: int
    post_lost: str
    saved: int
    first: int
    last: int

    @property
    def page(self) -> str:
        return page(self.thread_id)

    @property
    def created_at(self) -> datetime | None:
        return None if self.created is None else datetime.fromtimestamp(self.created, UTC)


@dataclass(frozen=True, slots=True)
class Group:
    """Rows below one heading; `anchor` is its place in the page."""

    title: str
    anchor: str
    rows: Sequence[Row]


def page(thread_id: str) -> str:
    """The place of a thread's page in the site."""
    return f"threads/t3_{thread_id}.html"


def row(drawer: Drawer) -> Row:
    post, lives = drawer.thread.heading, list(drawer.history.lives.values())
    post_life = drawer.history.post
    return Row(
        drawer.thread.id,
        (safe_html.line(post.title) if post else "") or f"Thread {drawer.thread.id}",
        safe_html.line(post.subreddit) if post else "r/unknown",
        safe_html.line(post.author or "") if post else "",
        int(post.created_at.timestamp()) if post and post.created_at else None,
        post.score if post else None,
        safe_html.line(text(post.raw, "link_flair_text")) if post else "",
        len(drawer.thread.comments),
        sum(each.is_kept for each in lives),
        sum(each.lost is not None for each in lives),
        sum(any(event.kind == timeline.EDITED for event in each.events) for each in lives),
        (post_life.lost or "") if post_life else "",
        len(drawer.shots),
        int(drawer.shots[0].capture.captured_at.timestamp()),
        int(drawer.shots[-1].capture.captured_at.timestamp()),
    )


def noted(found: Row) -> dict[str, Any]:
    return asdict(found)


def read(said: Any) -> Row | None:
    """Read a row that was noted; None for what is none."""
    names = {field.name for field in fields(Row)}
    if not isinstance(said, dict) or said.keys() != names:
        return None
    numbers = ("comments", "kept", "lost", "edited", "saved", "first", "last")
    is_right = all(isinstance(said[name], int) for name in numbers)
    return Row(**said) if is_right else None


def by_month(rows: Iterable[Row]) -> list[Group]:
    """The newest first, a group for each month."""

    def month(row: Row) -> tuple[str, str]:
        at = row.created_at
        return (f"{at:%B %Y}", f"m-{at:%Y-%m}") if at else ("Without a date", "m-none")

    return list(_grouped(sorted(rows, key=_newest), month))


def by_subreddit(rows: Iterable[Row]) -> list[Group]:
    """In the order of the alphabet; in each the newest first."""
    ordered = sorted(rows, key=lambda row: (row.subreddit.lower(), _newest(row)))
    return list(_grouped(ordered, lambda row: (row.subreddit, anchor(row.subreddit))))


def by_loss(rows: Iterable[Row]) -> list[Group]:
    """Threads of which Reddit has lost something: the most of it first."""
    ordered = sorted((row for row in rows if row.lost), key=lambda row: (-row.kept, _newest(row)))
    return [Group("", "lost", ordered)] if ordered else []


def anchor(subreddit: str) -> str:
    return "s-" + re.sub(r"[^a-z0-9_-]", "-", subreddit.lower())


def _newest(row: Row) -> tuple[int, str]:
    return -(row.created or 0), row.thread_id


def _grouped(rows: Iterable[Row], key: Any) -> Iterator[Group]:
    found: dict[str, tuple[str, list[Row]]] = {}
    for row in rows:
        title, place = key(row)
        found.setdefault(place, (title, []))[1].append(row)
    for place, (title, members) in found.items():
        yield Group(title, place, members)
