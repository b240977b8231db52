"""A thread's row of the index, and whether it describes the thread as it is stored now."""

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from reddit_archive import errors
from reddit_archive.archive import check_log, store
from reddit_archive.archive.index import folder_times
from reddit_archive.archive.index.summary import ThreadSummary, build_line, summarize
from reddit_archive.archive.index.titles import compute_checksum
from reddit_archive.archive.redaction_ledger import Ledger
from reddit_archive.archive.snapshot_format import Snapshot
from reddit_archive.files import fast_json
from reddit_archive.history import ThreadHistory
from reddit_archive.model.redaction import find_crossposted

ThreadRow = tuple[str, int, int, str, str, bytes, int]
"""Thread ID, times of its folder (mtime and ctime) with the snapshots of the record, fingerprint of
what the ledger lists for it ("" for nothing), the line that `list` prints if the folder still has
these times ("" if there is none), a `ThreadRecord` as JSON, and the checksum of these two.

The others are compared with what is stored, so damage to them only costs time.
"""


class ThreadRecord(NamedTuple):
    """What the index knows of a thread.

    Attributes:
        snapshots: The fingerprint of the digests of its snapshots.
        crossposted: Fullnames of the posts that it crossposts.
        log_state: Size and time of its log of checks; "" if there is none.
        last_check: The last entry of that log.
        summary: The values of its `ThreadSummary`.
    """

    snapshots: str
    crossposted: str
    log_state: str
    last_check: dict[str, Any] | None
    summary: Sequence[Any]


def build(
    root: Path,
    thread_history: ThreadHistory,
    snapshots: Sequence[Snapshot],
    ledger: Ledger,
    other_crossposted: Iterable[str] = (),
) -> ThreadRow:
    """Build the row of a thread from all of its snapshots and their history.

    `other_crossposted` are crossposted posts of snapshots that were given without their things.
    """
    names = find_crossposted_posts(snapshots).union(other_crossposted)
    record = ThreadRecord(
        _compute_fingerprint(store.collect_digests(snapshots)),
        " ".join(sorted(names)),
        "",
        None,
        summarize(thread_history, snapshots),
    )
    levels = compute_levels(ledger, thread_history.thread_id, record)
    return _build(root, thread_history.thread_id, levels, record)


def find_crossposted_posts(snapshots: Iterable[Snapshot]) -> set[str]:
    """Return the fullnames of the posts that snapshots crosspost."""
    return {name for each in snapshots for name in find_crossposted(each.capture.things)}


def confirm(root: Path, row: ThreadRow) -> ThreadRow | None:
    """Return a row with the present times of the folder and last check; None if it is damaged."""
    thread_id, _, _, levels, *_ = row
    record = parse_record(row)
    return _build(root, thread_id, levels, record) if record else None


def _build(root: Path, thread_id: str, levels: str, record: ThreadRecord) -> ThreadRow:
    """Build a row; the times are unknown unless the folder has the snapshots of the record."""
    folder = store.thread_folder(root, thread_id)
    times = folder_times.pin(folder)
    log_state, last_check = read_log_state(root, thread_id), None
    try:
        last_check = check_log.read_last(folder) if log_state else None
        is_same = _has_same_snapshots(root, thread_id, record)
    except errors.StoreError:  # the log is damaged
        is_same = False
    record = record._replace(log_state=log_state, last_check=last_check)
    data = json.dumps(record).encode()
    times = times if is_same else folder_times.UNKNOWN
    line = "" if log_state else build_line(ThreadSummary._make(record.summary))
    return thread_id, *times, levels, line, data, compute_checksum(line, data)


def parse_record(row: ThreadRow) -> ThreadRecord | None:
    """Parse the record of a row; None if it is damaged."""
    if not is_valid(row):
        return None
    record = ThreadRecord._make(fast_json.loads_short(row[5]))
    return record if record.summary[0] == row[0] else None


def is_valid(row: ThreadRow) -> bool:
    """Return whether the line and the record of a row are as they were written."""
    try:
        return compute_checksum(row[4], row[5]) == row[6]
    except (TypeError, AttributeError, ValueError):  # a damaged value may have any type
        return False


def select_current(
    root: Path, rows: Iterable[ThreadRow], ledger: Ledger
) -> Iterator[tuple[ThreadRow, bool]]:
    """Yield the rows that describe a thread as it is stored and redacted now.

    Usually one `stat` of each folder tells so, which takes 3 µs; listing a folder takes 25.

    Yields:
        A row, and whether the times of the folder are those of the row.
    """
    prefix = os.path.join(root, "threads", "t3_")
    has_levels = bool(ledger.levels_by_thread)
    for row in rows:
        thread_id, mtime_ns, ctime_ns, levels, *_ = row
        try:
            status = os.stat(prefix + thread_id)
        except (OSError, TypeError, ValueError):
            continue
        is_same = status.st_mtime_ns == mtime_ns and status.st_ctime_ns == ctime_ns
        if is_same and not (levels or has_levels):
            yield row, True
        elif record := parse_record(row):
            is_redacted_same = levels == compute_levels(ledger, thread_id, record)
            if is_redacted_same and (is_same or _has_same_snapshots(root, thread_id, record)):
                yield row, is_same


def _has_same_snapshots(root: Path, thread_id: str, record: ThreadRecord) -> bool:
    return record.snapshots == _compute_fingerprint(store.list_digests(root, thread_id))


def compute_levels(ledger: Ledger, thread_id: str, record: ThreadRecord) -> str:
    """Compute the fingerprint of what the ledger lists for a thread; "" if that is nothing."""
    levels = ledger.select_levels(thread_id, record.crossposted.split())
    return store.compute_fingerprint((), levels) if levels else ""


def read_log_state(root: Path, thread_id: str) -> str:
    """Return the size and time of a thread's log of checks; "" if there is none.

    The log is appended to in place, so the times of its folder do not show that.
    """
    try:
        status = os.stat(store.thread_folder(root, thread_id) / check_log.FILE_NAME)
    except OSError:
        return ""
    return f"{status.st_size} {status.st_mtime_ns}"


def _compute_fingerprint(digests: Iterable[str]) -> str:
    return store.compute_fingerprint(digests, {})
