"""Load stored threads by any of their names, merged from their snapshots."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reddit_archive import errors, history
from reddit_archive.archive import layout, store
from reddit_archive.archive.snapshot_format import Snapshot, format_time
from reddit_archive.archive.snapshot_list import MIN_SNAPSHOTS, SnapshotList
from reddit_archive.archive.store import DamagedFile
from reddit_archive.history import ThreadHistory
from reddit_archive.model import reference as reference_model
from reddit_archive.model.reference import Reference
from reddit_archive.model.thread import Thread
from reddit_archive.workflows.archive_folder import (
    build_not_archived_error,
    describe_empty,
    require_archive,
)
from reddit_archive.workflows.reporter import Reporter, warn_of_damage

if TYPE_CHECKING:
    from reddit_archive.archive.index.resume import ResumedThread
    from reddit_archive.history.incremental import IncrementalHistory


@dataclass(frozen=True, slots=True)
class LoadedThread:
    """A thread as the archive has it, and what a fetch just before found.

    Attributes:
        thread: The thread, merged from `snapshots`.
        snapshots: Its snapshots, oldest first.
        resumed_history: What they add up to, if not all of them were read.
        is_new: Whether the fetch stored a new snapshot; None without a fetch.
        unavailable_reason: Why the source no longer returns the thread, if it does not.
        forgotten_at: When the thread had been forgotten that the fetch stored again.
    """

    thread: Thread
    snapshots: Sequence[Snapshot]
    is_new: bool | None = None
    unavailable_reason: str | None = None
    forgotten_at: str = ""
    resumed_history: "IncrementalHistory | None" = None

    def trace(self) -> ThreadHistory:
        """Return the thread's history. Its timelines may lack `scores`."""
        if self.resumed_history is not None:
            return self.resumed_history.trace()
        return history.trace(self.thread.id, (snapshot.capture for snapshot in self.snapshots))


def load_thread(
    root: Path, thread_id: str, *, reporter: Reporter, until: datetime | None = None
) -> LoadedThread:
    """Load a thread, from the snapshots taken until a moment if one is given.

    Raises:
        NotArchivedError: The archive has no snapshot of it, or none from before that moment.
        DamageFoundError: All snapshots are damaged.
    """
    on_damage = warn_of_damage(reporter)
    if loaded := _load_resumed(root, thread_id, until, on_damage):
        return loaded
    snapshots = load_snapshots(root, thread_id, on_damage=on_damage)
    return merge_snapshots(thread_id, snapshots, until=until)


def _load_resumed(
    root: Path,
    thread_id: str,
    until: datetime | None,
    on_damage: Callable[[DamagedFile], None],
) -> LoadedThread | None:
    """Load a thread with the help of the index; None if all of its snapshots must be read."""
    if len(store.list_digests(root, thread_id)) < MIN_SNAPSHOTS:
        return None
    from reddit_archive.archive.index import resume  # 6 ms, with SQLite

    if until is not None:
        snapshots = resume.load_until(root, thread_id, until)
        return merge_snapshots(thread_id, snapshots) if snapshots else None
    resumed = resume.resume(root, thread_id)
    return build_resumed(root, resumed, on_damage=on_damage) if resumed else None


def load_snapshots(
    root: Path,
    thread_id: str,
    *,
    on_damage: Callable[[DamagedFile], None],
    add_result: store.AddResult | None = None,
) -> tuple[Snapshot, ...]:
    """Load the intact snapshots of a thread.

    Args:
        root: The archive.
        thread_id: The thread.
        on_damage: Receives each damaged file.
        add_result: The result of storing one of them just before, so that it is not read again.

    Raises:
        NotArchivedError: The archive has no snapshot of the thread.
        DamageFoundError: All snapshots are damaged.
    """
    snapshots = store.load_snapshots(root, thread_id, on_damage=on_damage, add_result=add_result)
    if snapshots:
        return snapshots
    if store.read_headers(root, thread_id):
        raise errors.DamageFoundError(
            f"all snapshots of the thread {thread_id} are damaged", "Restore a backup."
        )
    raise build_not_archived_error(root, f"thread {thread_id}")


def build_resumed(
    root: Path, resumed: "ResumedThread", *, on_damage: Callable[[DamagedFile], None]
) -> LoadedThread:
    """Build a thread of which only the last snapshots were read; others are read on demand."""
    thread_id = resumed.history.thread_id
    snapshots = SnapshotList(
        len(resumed.headers),
        resumed.loaded_snapshots,
        lambda: load_snapshots(root, thread_id, on_damage=on_damage),
    )
    return LoadedThread(resumed.history.merge(), snapshots, resumed_history=resumed.history)


def merge_snapshots(
    thread_id: str, snapshots: tuple[Snapshot, ...], *, until: datetime | None = None
) -> LoadedThread:
    """Merge snapshots of a thread, those taken until a moment if one is given.

    Raises NotArchivedError if all are from after that moment.
    """
    if until is not None:
        captures = history.select_until((snapshot.capture for snapshot in snapshots), until)
        snapshots = tuple(
            snapshot
            for snapshot in snapshots
            if any(snapshot.capture is capture for capture in captures)
        )
    captures_of_all = (snapshot.capture for snapshot in snapshots)
    return LoadedThread(history.merge(thread_id, captures_of_all), snapshots)


def resolve_reference(root: Path, reference: Reference) -> Reference:
    """Complete a reference with the post's id, from the archive or a saved file.

    Raises:
        InvalidReferenceError: It is a share link, which only the network resolves.
        NotArchivedError: It names a comment that the archive does not have.
    """
    if reference.file is not None:
        from reddit_archive.sources import saved_files  # 16 ms

        return Reference(post_id=saved_files.load(reference.file).thread_id)
    if reference.share_path is not None:
        raise errors.InvalidReferenceError(
            "a share link can't be followed without network",
            "Give the thread's id or address; `archive list` shows them.",
        )
    if reference.post_id is None:
        thread_id = layout.find_thread(root, f"t1_{reference.comment_id}")
        if thread_id is None:
            hint = "Give the address of its thread to `archive save`."
            raise build_not_archived_error(root, f"comment {reference.comment_id}", hint)
        return replace(reference, post_id=thread_id)
    return reference


def resolve_threads(root: Path, names: Iterable[str], *, reporter: Reporter) -> list[str]:
    """Return the ids of the threads that are named, or of all stored threads if none is.

    Raises NotArchivedError for a thread that the archive does not have.
    """
    names = tuple(names)
    if not names:
        stored_ids = list(store.iter_thread_ids(require_archive(root)))
        if not stored_ids:
            reporter.status(describe_empty(root))
        return stored_ids
    references = [resolve_reference(root, reference_model.parse(name)) for name in names]
    thread_ids = [reference.post_id or "" for reference in references]
    for thread_id in thread_ids:
        if not store.read_headers(root, thread_id):
            raise build_not_archived_error(root, f"thread {thread_id}")
    return list(dict.fromkeys(thread_ids))


def build_json(loaded: LoadedThread, text: str) -> dict[str, Any]:
    """Describe a thread and its quote as `--json` prints it."""
    thread, last = loaded.thread, loaded.snapshots[-1].capture
    post = thread.post_metadata
    return {
        "thread": f"t3_{thread.id}",
        "url": post.permalink if post else None,
        "title": post.title if post else None,
        "captured_at": format_time(last.captured_at),
        "source": last.source,
        "snapshot": str(loaded.snapshots[-1].path),
        "is_new": bool(loaded.is_new),
        "gone": loaded.unavailable_reason,
        "comments": len(thread.comments),
        "missing": thread.missing_count,
        "withheld": sum(m.count for m in thread.missing_comments if m.is_withheld),
        "complete": thread.is_complete,
        "quote": text,
    }


def parse_time(text: str, *, is_start: bool = False) -> datetime:
    """Read a time or a date; in UTC unless it names another time zone.

    A date means its last microsecond, with `is_start` its first.

    Raises InvalidReferenceError.
    """
    try:
        if "W" in text:  # an ISO week, whose end is not obvious
            raise ValueError
        at = datetime.fromisoformat(text)
        if re.fullmatch(r"\d{4}-?\d\d-?\d\d", text) and not is_start:
            at += timedelta(days=1, microseconds=-1)
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise errors.InvalidReferenceError(
            f"{text!r} is not a date", "Write it like 2026-02-11 or 2026-02-11T09:30."
        ) from None
