"""The rows of the lists of threads, ordered by date, by subreddit or by deleted texts."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

from reddit_archive.export.site import safe_html
from reddit_archive.export.site.thread_view import ThreadViewBuilder
from reddit_archive.history import timeline
from reddit_archive.model.json_fields import get_str


@dataclass(frozen=True, slots=True)
class ThreadListRow:
    """A thread in a list. Times are Unix times.

    `lost` counts texts that are deleted on Reddit, `kept` those of them that the archive has. The
    names are those of the records in the site's manifest.
    """

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
    def page_path(self) -> str:
        return get_page_path(self.thread_id)

    @property
    def created_at(self) -> datetime | None:
        return None if self.created is None else datetime.fromtimestamp(self.created, UTC)


@dataclass(frozen=True, slots=True)
class RowGroup:
    """Rows below one heading. `anchor` is the ID of its element."""

    title: str
    anchor: str
    rows: Sequence[ThreadListRow]


def get_page_path(thread_id: str) -> str:
    """Return the path of a thread's page in the site."""
    return f"threads/t3_{thread_id}.html"


def build_row(builder: ThreadViewBuilder) -> ThreadListRow:
    post, timelines = builder.thread.post_metadata, list(builder.history.timelines.values())
    post_timeline = builder.history.post
    return ThreadListRow(
        builder.thread.id,
        (safe_html.to_single_line(post.title) if post else "") or f"Thread {builder.thread.id}",
        safe_html.to_single_line(post.subreddit) if post else "r/unknown",
        safe_html.to_single_line(post.author or "") if post else "",
        int(post.created_at.timestamp()) if post and post.created_at else None,
        post.score if post else None,
        safe_html.to_single_line(get_str(post.raw, "link_flair_text")) if post else "",
        builder.comment_count,
        sum(item_timeline.is_preserved for item_timeline in timelines),
        sum(item_timeline.deletion_status is not None for item_timeline in timelines),
        sum(
            any(event.kind == timeline.EDITED for event in item_timeline.events)
            for item_timeline in timelines
        ),
        (post_timeline.deletion_status or "") if post_timeline else "",
        len(builder.snapshots),
        int(builder.snapshots[0].capture.captured_at.timestamp()),
        int(builder.snapshots[-1].capture.captured_at.timestamp()),
    )


def parse_record(record: Any) -> ThreadListRow | None:
    """Parse the record of a row in the manifest; return None if it is invalid."""
    names = {field.name for field in fields(ThreadListRow)}
    if not isinstance(record, dict) or record.keys() != names:
        return None
    numbers = ("comments", "kept", "lost", "edited", "saved", "first", "last")
    is_valid = all(isinstance(record[name], int) for name in numbers)
    return ThreadListRow(**record) if is_valid else None


def group_by_month(rows: Iterable[ThreadListRow]) -> list[RowGroup]:
    """Group threads by month, the newest first."""

    def get_month(row: ThreadListRow) -> tuple[str, str]:
        created_at = row.created_at
        return (
            (f"{created_at:%B %Y}", f"m-{created_at:%Y-%m}")
            if created_at
            else ("Without a date", "m-none")
        )

    return list(_group_rows(sorted(rows, key=_get_sort_key), get_month))


def group_by_subreddit(rows: Iterable[ThreadListRow]) -> list[RowGroup]:
    """Group threads by subreddit in alphabetical order, the newest first in each group."""
    ordered = sorted(rows, key=lambda row: (row.subreddit.lower(), _get_sort_key(row)))
    return list(_group_rows(ordered, lambda row: (row.subreddit, build_anchor(row.subreddit))))


def select_deleted(rows: Iterable[ThreadListRow]) -> list[RowGroup]:
    """Return the threads with deleted texts, those with the most saved texts first."""
    ordered = sorted(
        (row for row in rows if row.lost), key=lambda row: (-row.kept, _get_sort_key(row))
    )
    return [RowGroup("", "lost", ordered)] if ordered else []


def build_anchor(subreddit: str) -> str:
    return "s-" + re.sub(r"[^a-z0-9_-]", "-", subreddit.lower())


def _get_sort_key(row: ThreadListRow) -> tuple[int, str]:
    return -(row.created or 0), row.thread_id


def _group_rows(rows: Iterable[ThreadListRow], get_heading: Any) -> Iterator[RowGroup]:
    groups: dict[str, tuple[str, list[ThreadListRow]]] = {}
    for row in rows:
        title, anchor = get_heading(row)
        groups.setdefault(anchor, (title, []))[1].append(row)
    for anchor, (title, members) in groups.items():
        yield RowGroup(title, anchor, members)
