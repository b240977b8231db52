"""Prepare the history of a thread, so that its page can show each snapshot and each change."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from reddit_archive import history, markup
from reddit_archive.history import ItemTimeline, ThreadHistory, text_diff, timeline
from reddit_archive.history.text_diff import DiffPart
from reddit_archive.model.capture import Capture
from reddit_archive.model.content import Comment, Post
from reddit_archive.model.json_fields import Raw
from reddit_archive.model.thread import Thread

PostOrComment: TypeAlias = Post | Comment
Pseudonymizer = Callable[[Any], Any]
"""Replaces names in raw data with pseudonyms, or returns it as it is."""


@dataclass(frozen=True, slots=True)
class Revision:
    """A post or comment from a snapshot on, until its next revision."""

    snapshot_number: int
    content: PostOrComment
    deletion_status: str | None


@dataclass(frozen=True, slots=True)
class ChangeView:
    """A change between two observations. `after` is None if there was none before the change."""

    kind: str
    after: datetime | None
    before: datetime


@dataclass(frozen=True, slots=True)
class VersionView:
    """A version of a text, compared with the previous one word by word."""

    number: int
    is_overwrite: bool
    first_seen: datetime
    last_seen: datetime
    parts: tuple[DiffPart, ...]


@dataclass(frozen=True, slots=True)
class HistoryView:
    """All versions of a post or comment, and all changes, oldest first."""

    versions: tuple[VersionView, ...]
    changes: tuple[ChangeView, ...]


def build_history(item_timeline: ItemTimeline, pseudonymize: Pseudonymizer) -> HistoryView | None:
    """Return the versions and changes of a post or comment; None if it never changed."""
    changes = tuple(
        ChangeView(event.kind, event.window_start, event.window_end)
        for event in item_timeline.events
        if event.kind != timeline.APPEARED
    )
    if not changes and len(item_timeline.versions) < 2:
        return None
    versions = []
    previous_body = ""
    for number, version in enumerate(item_timeline.versions, 1):
        body = _extract_text(pseudonymize(version.raw))
        versions.append(
            VersionView(
                number,
                version.is_overwrite,
                version.first_seen,
                version.last_seen,
                tuple(
                    text_diff.compare_words(previous_body, body) if number > 1 else [("=", body)]
                ),
            )
        )
        previous_body = body
    return HistoryView(tuple(versions), changes)


def collect_texts(item_timeline: ItemTimeline, pseudonymize: Pseudonymizer) -> list[str]:
    """Return all distinct texts of a post or comment with their titles, the newest last."""
    raws = (pseudonymize(version.raw) for version in item_timeline.versions)
    return list(dict.fromkeys(_extract_text(raw, has_flair=False) for raw in raws))


def _extract_text(raw: Raw, *, has_flair: bool = True) -> str:
    """Return title, flair and text of a version, converted from HTML if there is no Markdown."""
    version = timeline.Version(raw, datetime.min, datetime.min, "")
    body = version.body or markup.convert(version.html, target="text")
    flair = version.flair if has_flair and version.title else ""
    return "\n\n".join(part for part in (version.title, flair, body) if part)


def build_revisions(
    captures: Sequence[Capture], thread_history: ThreadHistory, latest_thread: Thread
) -> Mapping[str, list[Revision]]:
    """Return the revisions of each post and comment by fullname; none for a single snapshot.

    At each snapshot a revision has what `quote --as-of` shows for that time. At the last snapshot
    that is `latest_thread`.
    """
    revisions: dict[str, list[Revision]] = {}
    vanished: set[str] = set()
    for number in range(len(captures) if len(captures) > 1 else 0):
        vanished = _find_vanished(thread_history, number, vanished)
        is_last = number == len(captures) - 1
        thread = (
            latest_thread
            if is_last
            else history.merge(thread_history.thread_id, captures[: number + 1])
        )
        comments: tuple[PostOrComment, ...] = (*thread.comments.values(),)
        for content in (thread.post, *comments) if thread.post else comments:
            fullname = content.fullname
            deletion_status = content.deletion_status or (
                timeline.VANISHED if fullname in vanished else None
            )
            earlier = revisions.get(fullname)
            if not earlier or not _is_same(earlier[-1], content, deletion_status):
                revisions.setdefault(fullname, []).append(
                    Revision(number, content, deletion_status)
                )
    return revisions


def _find_vanished(thread_history: ThreadHistory, number: int, previous: set[str]) -> set[str]:
    """Return the fullnames that have vanished by a snapshot, given those of the previous one."""
    vanished = set(previous)
    for event in thread_history.events:
        if event.capture_index == number:
            (vanished.add if event.kind == timeline.VANISHED else vanished.discard)(event.fullname)
    return vanished


def _is_same(revision: Revision, content: PostOrComment, deletion_status: str | None) -> bool:
    if revision.deletion_status != deletion_status:
        return False
    old_raw, new_raw = revision.content.raw, content.raw
    if old_raw is new_raw:
        return True
    keys = (*history.CONTENT_FIELDS[content.fullname[:2]], "score", "score_hidden", "hide_score")
    return all(old_raw.get(key) == new_raw.get(key) for key in keys)
