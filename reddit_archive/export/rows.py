"""Convert a thread to rows of plain values, for tables and NDJSON.

If Reddit no longer shows a text, its row has the last text that was seen, `lost` is the reason, and
`is_kept` says that the archive has the text. The body is None if no text was ever seen.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from reddit_archive.export.thread_data import ThreadData
from reddit_archive.history import ItemTimeline, Version
from reddit_archive.model import completeness
from reddit_archive.model.content import Comment, Post, UserContent
from reddit_archive.model.json_fields import get_str


@dataclass(frozen=True, slots=True)
class PostRow:
    """A thread's post. If no snapshot has the post, the fields that its comments contain.

    `is_complete` and `missing` are about the thread, from all of its snapshots.
    """

    id: str
    subreddit: str | None
    title: str | None
    author: str | None
    body: str | None
    link: str | None
    permalink: str
    flair: str | None
    created_at: datetime | None
    edited_at: datetime | None
    score: int | None
    comment_count: int | None
    is_stickied: bool
    distinguished: str | None
    lost: str | None
    is_kept: bool
    is_redacted: bool
    first_seen: datetime
    last_seen: datetime
    versions: int
    is_complete: bool
    missing: int


@dataclass(frozen=True, slots=True)
class CommentRow:
    """A comment.

    `answers` is the fullname of the parent. `parent_id` is the ID of the parent comment; None if
    the parent is the post or is not in the archive. `position` counts comments in reading order.
    `level` is 1 for a reply to the post.
    """

    id: str
    post_id: str
    parent_id: str | None
    answers: str
    position: int
    level: int
    author: str | None
    body: str | None
    permalink: str
    flair: str | None
    created_at: datetime | None
    edited_at: datetime | None
    score: int | None
    is_submitter: bool
    is_stickied: bool
    distinguished: str | None
    lost: str | None
    is_kept: bool
    is_redacted: bool
    first_seen: datetime
    last_seen: datetime
    versions: int


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version of a text, with an `id` like "t1_abc/1". `comment_id` is None for the post."""

    id: str
    post_id: str
    comment_id: str | None
    number: int
    is_latest: bool
    is_overwrite: bool
    title: str | None
    author: str | None
    flair: str | None
    body: str
    first_seen: datetime
    last_seen: datetime
    source: str


@dataclass(frozen=True, slots=True)
class SnapshotRow:
    """A snapshot. `is_complete` and `missing` are about the thread up to this snapshot.

    `missing` counts comments that are known to exist and are in no snapshot.
    """

    digest: str
    post_id: str
    captured_at: datetime
    source: str
    file: str
    size_bytes: int
    parent: str | None
    is_complete: bool
    comments: int
    missing: int


@dataclass(frozen=True, slots=True)
class VersionRecord:
    """A version of a text, with its thread and author, so that no other row is needed.

    A post or comment whose text was never seen has one record, with version 0.
    """

    id: str
    kind: str
    thread: str
    subreddit: str | None
    title: str | None
    parent: str | None
    level: int
    author: str | None
    body: str | None
    permalink: str
    created_at: datetime | None
    score: int | None
    version: int
    versions: int
    is_latest: bool
    is_overwrite: bool
    first_seen: datetime
    last_seen: datetime
    source: str | None
    lost: str | None
    is_kept: bool
    is_redacted: bool


def build_post(thread_data: ThreadData) -> PostRow:
    heading = thread_data.thread.post_metadata
    content = heading or Post({"id": thread_data.thread.id})
    timeline = thread_data.history.timelines.get(content.fullname)
    capture_times = [snapshot.capture.captured_at for snapshot in thread_data.snapshots]
    return PostRow(
        id=thread_data.thread.id,
        subreddit=content.subreddit if heading else None,
        title=content.title or None,
        author=timeline.author if timeline else None,
        body=_get_latest_body(timeline),
        link=content.link or None,
        permalink=content.permalink,
        flair=get_str(content.raw, "link_flair_text") or None,
        created_at=content.created_at,
        edited_at=content.edited_at,
        score=content.score,
        comment_count=content.comment_count,
        is_stickied=content.is_stickied,
        distinguished=content.distinguished,
        lost=timeline.deletion_status if timeline else None,
        is_kept=timeline is not None and timeline.is_preserved,
        is_redacted=content.is_redacted,
        first_seen=timeline.first_seen if timeline else capture_times[0],
        last_seen=timeline.last_seen if timeline else capture_times[-1],
        versions=len(timeline.versions) if timeline else 0,
        is_complete=thread_data.thread.is_complete,
        missing=thread_data.thread.missing_count,
    )


def iter_comments(thread_data: ThreadData) -> Iterator[CommentRow]:
    """Yield the comments in reading order, each after its parent."""
    thread = thread_data.thread
    for position, (comment_id, comment) in enumerate(thread.comments.items(), 1):
        timeline = thread_data.get_timeline(comment)
        yield CommentRow(
            id=comment_id,
            post_id=thread.id,
            parent_id=thread.parent(comment_id),
            answers=comment.parent_fullname,
            position=position,
            level=thread.depth(comment_id),
            author=timeline.author,
            body=_get_latest_body(timeline),
            permalink=thread.permalink(comment_id),
            flair=get_str(comment.raw, "author_flair_text") or None,
            created_at=comment.created_at,
            edited_at=comment.edited_at,
            score=comment.score,
            is_submitter=comment.is_submitter,
            is_stickied=comment.is_stickied,
            distinguished=comment.distinguished,
            lost=timeline.deletion_status,
            is_kept=timeline.is_preserved,
            is_redacted=comment.is_redacted,
            first_seen=timeline.first_seen,
            last_seen=timeline.last_seen,
            versions=len(timeline.versions),
        )


def iter_versions(thread_data: ThreadData) -> Iterator[VersionRow]:
    for content in thread_data.contents:
        timeline = thread_data.get_timeline(content)
        for number, version in enumerate(timeline.versions, 1):
            yield VersionRow(
                id=f"{content.fullname}/{number}",
                post_id=thread_data.thread.id,
                comment_id=content.id if isinstance(content, Comment) else None,
                number=number,
                is_latest=version is timeline.last_author_version,
                is_overwrite=version.is_overwrite,
                title=version.title or None,
                author=version.author,
                flair=version.flair or None,
                body=version.body,
                first_seen=version.first_seen,
                last_seen=version.last_seen,
                source=version.source,
            )


def iter_snapshots(thread_data: ThreadData) -> Iterator[SnapshotRow]:
    missing_by_snapshot = completeness.iter_missing(
        thread_data.thread.id, (snapshot.capture for snapshot in thread_data.snapshots)
    )
    for snapshot, missing_comments in zip(thread_data.snapshots, missing_by_snapshot, strict=True):
        capture = snapshot.capture
        yield SnapshotRow(
            digest=snapshot.digest,
            post_id=thread_data.thread.id,
            captured_at=capture.captured_at,
            source=capture.source,
            file="/".join(snapshot.path.parts[-3:]),
            size_bytes=snapshot.size_bytes,
            parent=snapshot.parent,
            is_complete=completeness.is_complete(missing_comments),
            comments=sum(thing["kind"] == "t1" for thing in capture.things),
            missing=completeness.count_missing(missing_comments),
        )


def iter_records(thread_data: ThreadData) -> Iterator[VersionRecord]:
    """Yield a record for each version of each text."""
    for content in thread_data.contents:
        timeline = thread_data.get_timeline(content)
        for number, version in enumerate(timeline.versions, 1):
            yield _build_record(thread_data, content, timeline, number, version)
        if not timeline.versions:
            yield _build_record(thread_data, content, timeline, 0, None)


def _build_record(
    thread_data: ThreadData,
    content: UserContent,
    timeline: ItemTimeline,
    number: int,
    version: Version | None,
) -> VersionRecord:
    thread, heading = thread_data.thread, thread_data.thread.post_metadata
    is_comment = isinstance(content, Comment)
    title = version.title if version and not is_comment else heading.title if heading else ""
    return VersionRecord(
        id=content.fullname,
        kind="comment" if is_comment else "post",
        thread=f"t3_{thread.id}",
        subreddit=heading.subreddit if heading else None,
        title=title or None,
        parent=content.parent_fullname if isinstance(content, Comment) else None,
        level=thread.depth(content.id) if is_comment else 0,
        author=(version.author if version else None) or timeline.author,
        body=version.body if version else None,
        permalink=content.permalink if isinstance(content, Post) else thread.permalink(content.id),
        created_at=content.created_at,
        score=content.score,
        version=number,
        versions=len(timeline.versions),
        is_latest=version is not None and version is timeline.last_author_version,
        is_overwrite=version is not None and version.is_overwrite,
        first_seen=version.first_seen if version else timeline.first_seen,
        last_seen=version.last_seen if version else timeline.last_seen,
        source=version.source if version else None,
        lost=timeline.deletion_status,
        is_kept=timeline.is_preserved,
        is_redacted=content.is_redacted,
    )


def _get_latest_body(timeline: ItemTimeline | None) -> str | None:
    return timeline.last_author_version.body if timeline and timeline.last_author_version else None
