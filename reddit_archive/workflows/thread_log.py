"""Load what `archive log` shows of a thread."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from reddit_archive import history
from reddit_archive.archive import store
from reddit_archive.archive.snapshot_format import Snapshot
from reddit_archive.archive.snapshot_list import MIN_SNAPSHOTS
from reddit_archive.archive.store import DamagedFile
from reddit_archive.history import ThreadHistory
from reddit_archive.history.incremental import CaptureSummary
from reddit_archive.model import completeness
from reddit_archive.workflows.load import load_snapshots


@dataclass(frozen=True, slots=True)
class ThreadLog:
    """The history of a thread, and its snapshots.

    Attributes:
        history: Its timelines may lack `scores`.
        snapshots: Its snapshots. Their captures may lack everything but time and source.
        summaries: A summary of each.
    """

    history: ThreadHistory
    snapshots: Sequence[Snapshot]
    summaries: Sequence[CaptureSummary]


def load_log(root: Path, thread_id: str, *, on_damage: Callable[[DamagedFile], None]) -> ThreadLog:
    """Load the log of a thread, from its checkpoint in the index if it has one.

    Raises NotArchivedError, DamageFoundError.
    """
    if loaded := _load_resumed(root, thread_id):
        return loaded
    snapshots = load_snapshots(root, thread_id, on_damage=on_damage)
    captures = [snapshot.capture for snapshot in snapshots]
    return ThreadLog(
        history.trace(thread_id, captures),
        snapshots,
        [
            CaptureSummary(
                sum(thing["kind"] == "t1" for thing in capture.things),
                completeness.is_complete(missing),
            )
            for capture, missing in zip(
                captures, completeness.iter_missing(thread_id, captures), strict=True
            )
        ],
    )


def _load_resumed(root: Path, thread_id: str) -> ThreadLog | None:
    if len(store.list_digests(root, thread_id)) < MIN_SNAPSHOTS:
        return None
    from reddit_archive.archive.index.resume import resume  # 6 ms, with SQLite

    resumed = resume(root, thread_id)
    summaries = resumed.history.summarize() if resumed else []
    if resumed is None or not summaries:
        return None
    return ThreadLog(resumed.history.trace(), resumed.list_outlines(), summaries)
