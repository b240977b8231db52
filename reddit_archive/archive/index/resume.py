"""Load a thread from its checkpoint in the index and the snapshots since, without the others."""

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from reddit_archive import errors, history
from reddit_archive.archive import layout, redaction_ledger, snapshot_format, thread_headers
from reddit_archive.archive.index import checkpoint_table
from reddit_archive.archive.index.checkpoint_table import Checkpoint, MediaKey
from reddit_archive.archive.snapshot_format import Snapshot, SnapshotHeader
from reddit_archive.archive.snapshot_list import MIN_SNAPSHOTS
from reddit_archive.archive.snapshot_reader import IncrementalReader, gc_paused
from reddit_archive.archive.store import AddResult
from reddit_archive.history import checkpoint, incremental
from reddit_archive.history.incremental import IncrementalHistory
from reddit_archive.model import redacted_captures
from reddit_archive.model.capture import Capture, StoredMedia
from reddit_archive.model.redaction import find_crossposted

MAX_NEW_SNAPSHOTS = 4
UNUSABLE_ERRORS = (
    *(sqlite3.Error, OSError, errors.ArchiveError),
    *(ValueError, TypeError, LookupError, AttributeError, RecursionError),
)


@dataclass(frozen=True, slots=True)
class ResumedThread:
    """A thread whose earlier snapshots were not read.

    Attributes:
        history: What all of its snapshots add up to.
        headers: The headers of all of them, oldest first.
        loaded_snapshots: Those that were read, by index; the last one is always among them.
        crossposted: Fullnames of the posts that they crosspost.
        media: The media that they name, newest first.
    """

    history: IncrementalHistory
    headers: Sequence[SnapshotHeader]
    loaded_snapshots: dict[int, Snapshot]
    crossposted: frozenset[str]
    media: Sequence[MediaKey]

    @property
    def digests(self) -> set[str]:
        return {header.digest for header in self.headers}

    def list_outlines(self) -> list[Snapshot]:
        """Return all snapshots with their times, but without posts and comments."""
        thread_id = self.history.thread_id
        return [
            Snapshot(
                header.path,
                header.digest,
                header.parent,
                Capture(thread_id, header.captured_at, header.source, {}, ()),
                header.stamp[0],
                stamp=header.stamp,
            )
            for header in self.headers
        ]


def resume(
    root: Path, thread_id: str, *, add_result: AddResult | None = None
) -> ResumedThread | None:
    """Load a thread from its checkpoint; None if all of its snapshots must be read.

    Never raises. If a file is damaged, reading all snapshots reports it.

    Args:
        root: The archive.
        thread_id: The thread.
        add_result: The result of storing one of its snapshots just before.
    """
    with suppress(*UNUSABLE_ERRORS), gc_paused():
        return _resume(root, thread_id, add_result)
    return None


def list_proven_headers(root: Path, thread_id: str) -> list[SnapshotHeader] | None:
    """Return the headers of a thread's snapshots if the index proves that all are intact.

    They are then the snapshots that `store.load_snapshots` returns. Never raises.
    """
    with suppress(*UNUSABLE_ERRORS):
        found = _find_checkpoint(root, thread_id)
        if found is not None and len(found[0].files) == len(found[1]):
            return found[1]
    return None


def load_until(root: Path, thread_id: str, until: datetime) -> tuple[Snapshot, ...] | None:
    """Load a thread's snapshots up to a moment, if the index proves that the later ones are intact.

    Never raises. If a file is damaged, reading all snapshots reports it.
    """
    with suppress(*UNUSABLE_ERRORS), gc_paused():
        headers = history.select_until(list_proven_headers(root, thread_id) or (), until)
        loader = _SnapshotLoader(headers, IncrementalReader())
        return tuple(loader.load(index) for index in range(len(headers)))
    return None


def find_proven_media(root: Path, thread_id: str) -> list[StoredMedia] | None:
    """Return the media that a thread's snapshots name, newest first, if the index proves them.

    The last snapshots may name more. Never raises.
    """
    with suppress(*UNUSABLE_ERRORS):
        if found := _find_checkpoint(root, thread_id):
            return [StoredMedia(url, name, size, "") for url, name, size in found[0].media]
    return None


def _find_checkpoint(root: Path, thread_id: str) -> tuple[Checkpoint, list[SnapshotHeader]] | None:
    """Return a thread's checkpoint, and the headers of its files and of those since."""
    if len(layout.list_snapshot_paths(layout.thread_folder(root, thread_id))) < MIN_SNAPSHOTS:
        return None
    found = checkpoint_table.read(root, thread_id)
    headers = thread_headers.read_headers(root, thread_id) if found else []
    if (
        found is None
        or not found.matches(headers[: len(found.files)])
        or not _has_same_levels(root, thread_id, found, found.crossposted)
    ):
        return None
    return found, headers


def _has_same_levels(
    root: Path, thread_id: str, stored: Checkpoint, crossposted: Iterable[str]
) -> bool:
    """Return whether the same is redacted as when the checkpoint was made."""
    ledger = redaction_ledger.read(root) or redaction_ledger.NO_LEDGER
    levels = ledger.select_levels(thread_id, crossposted)
    return ledger.is_complete and dict(levels) == stored.levels


def _resume(root: Path, thread_id: str, add_result: AddResult | None) -> ResumedThread | None:
    found = _find_checkpoint(root, thread_id)
    if found is None:
        return None
    stored, headers = found
    old_count = len(stored.files)
    if len(headers) > old_count + MAX_NEW_SNAPSHOTS:
        return None
    reader = add_result.reader if add_result else IncrementalReader(has_cache=False)
    loader = _SnapshotLoader(headers, reader, add_result)
    incremental_history = checkpoint.from_json(
        thread_id,
        stored.parse_state(),
        stored.capture_times,
        lambda index: loader.load(index).capture,
    )
    crossposted = frozenset(stored.crossposted)
    new_captures = []
    for index in range(old_count, len(headers)):
        capture = loader.load(index).capture
        if (
            _may_be_duplicate(headers, index)
            or not incremental.may_continue_with(capture)
            or redacted_captures.hide_redacted((capture,), stored.levels)[0] is not capture
        ):
            return None
        incremental_history.add(capture)
        new_captures.append(capture)
        crossposted |= find_crossposted(capture.things)
    if not _has_same_levels(root, thread_id, stored, crossposted):
        return None
    for index in range(len(headers) - (2 if new_captures else 1), len(headers)):
        loader.load(index)  # for messages about the last snapshot, and about changes since
    media = checkpoint_table.list_media(new_captures, stored.media)
    return ResumedThread(incremental_history, headers, loader.loaded, crossposted, media)


@dataclass(slots=True)
class _SnapshotLoader:
    """Loads snapshots by their index, each once."""

    headers: Sequence[SnapshotHeader]
    reader: IncrementalReader
    add_result: AddResult | None = None
    loaded: dict[int, Snapshot] = field(default_factory=dict)

    def load(self, index: int) -> Snapshot:
        if index not in self.loaded:
            self.loaded[index] = self._load(self.headers[index])
        return self.loaded[index]

    def _load(self, header: SnapshotHeader) -> Snapshot:
        loaded = self.add_result.find(header) if self.add_result else None
        return loaded or snapshot_format.load_with_header(header, reader=self.reader)


def _may_be_duplicate(headers: Sequence[SnapshotHeader], index: int) -> bool:
    """Return whether a snapshot may repeat an earlier one that was saved at the same time."""
    header = headers[index]
    if header.is_imported:
        return True
    same_source = (h for h in reversed(headers[:index]) if h.source == header.source)
    previous = next(same_source, None)
    return previous is not None and previous.parent == header.parent
