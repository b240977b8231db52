"""What the snapshots of a thread tell, put so that a page can show any of them and every change."""

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
"""What is done to raw data before anybody sees it: nothing, or pseudonyms."""


@dataclass(frozen=True, slots=True)
class Revision:
    """How a post or comment stood from the snapshot number `since` on, until the next phase."""

    snapshot_number: int
    content: PostOrComment
    deletion_status: str | None


@dataclass(frozen=True, slots=True)
class ChangeView:
    """Something that happened between two looks; `after` is None where that is not known."""

    kind: str
    after: datetime | None
    before: datetime


@dataclass(frozen=True, slots=True)
class VersionView:
    """A text that somebody published, compared with the one before it word by word."""

    number: int
    is_overwrite: bool
    first_seen: datetime
    last_seen: datetime
    parts: tuple[DiffPart, ...]


@dataclass(frozen=True, slots=True)
class HistoryView:
    """All versions of a post or comment, and all that happened to it, oldest first."""

    versions: tuple[VersionView, ...]
    changes: tuple[ChangeView, ...]


def build_history(item_timeline: ItemTimeline, pseudonymize: Pseudonymizer) -> HistoryView | None:
    """Tell what became of a post or comment; None where nothing did."""
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
    """Every title and text that was ever seen of a post or comment, the newest last."""
    raws = (pseudonymize(version.raw) for version in item_timeline.versions)
    return list(dict.fromkeys(_extract_text(raw, has_flair=False) for raw in raws))


def _extract_text(raw: Raw, *, has_flair: bool = True) -> str:
    """The title, flair and text of a version, as typed, or as read where only HTML is known."""
    version = timeline.Version(raw, datetime.min, datetime.min, "")
    body = version.body or markup.convert(version.html, target="text")
    flair = version.flair if has_flair and version.title else ""
    return "\n\n".join(part for part in (version.title, flair, body) if part)


def build_revisions(
    captures: Sequence[Capture], thread_history: ThreadHistory, latest_thread: Thread
) -> Mapping[str, list[Revision]]:
    """Tell how each post and comment stood at each snapshot, by fullname.

    At every snapshot it is what `quote --as-of` would show then; at the last one that is `merged`.
    Nothing is told where there is but one snapshot.
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
    """What has vanished by a snapshot, given what had by the one before it."""
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
