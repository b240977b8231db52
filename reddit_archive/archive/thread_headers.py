"""The headers of a thread's snapshots, in order, without snapshots that others replace."""

import os
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from reddit_archive import errors
from reddit_archive.archive import (
    import_log,
    layout,
    replacement_claims,
    snapshot_format,
    snapshot_order,
)
from reddit_archive.archive.replacement_claims import Claims
from reddit_archive.archive.snapshot_format import FileStamp, SnapshotHeader
from reddit_archive.model.capture import utc_now

MAX_READS = 20

ResultT = TypeVar("ResultT")


def read_headers(
    root: Path, thread_id: str, *, accept_pending: bool = False
) -> list[SnapshotHeader]:
    """Read the headers of a thread's snapshots, sorted by time, with corrected times.

    Three kinds of snapshots are left out: those with a redacted replacement, those that falsely
    claim to replace another one, and imported redactions that nobody accepted. With
    `accept_pending` the last kind is included. Raises StoreError.
    """
    headers, claims = read_headers_with_claims(root, thread_id, accept_pending=accept_pending)
    trusted_headers = [header for header in headers if header.digest not in claims.false]
    return snapshot_order.topological_order(
        trusted_headers, {**claims.proven, **claims.pending}, now=utc_now()
    )


def read_headers_with_claims(
    root: Path, thread_id: str, *, accept_pending: bool = False
) -> tuple[list[SnapshotHeader], Claims]:
    """Read the headers of all of a thread's snapshots, and check which ones they replace."""
    layout.check_format(root)

    def read() -> tuple[list[SnapshotHeader], Claims]:
        headers = _read_headers(root, thread_id)
        if accept_pending:
            headers = [replace(header, is_pending=False) for header in headers]
        return headers, replacement_claims.check_claims(headers)

    return retry_if_removed(read)


def _read_headers(root: Path, thread_id: str) -> list[SnapshotHeader]:
    folder = layout.thread_folder(root, thread_id)
    entries = layout.list_entries(folder)
    headers = [
        _read_entry_header(entry)
        for entry in entries
        if snapshot_format.SNAPSHOT_NAME.fullmatch(entry.name)
    ]
    if not any(entry.name == import_log.FILE_NAME for entry in entries):
        return headers
    return import_log.add_import_times(headers, folder)


def _read_entry_header(entry: os.DirEntry[str]) -> SnapshotHeader:
    with snapshot_format.translate_read_errors(entry.path):
        stat_result = entry.stat()
    stamp = stat_result.st_size, stat_result.st_mtime_ns, stat_result.st_ctime_ns
    return _read_cached_header(entry.path, stamp)


@lru_cache(maxsize=4096)
def _read_cached_header(path: str, stamp: FileStamp) -> SnapshotHeader:
    """Read a header once per run. Nobody rewrites a snapshot."""
    return snapshot_format.read_header(Path(path), stamp)


def retry_if_removed(read: Callable[[], ResultT]) -> ResultT:
    """Call `read` again if another command removed a file meanwhile: a redaction, or `forget`.

    The replacement of such a file is written before the file is removed.
    """
    for _ in range(MAX_READS):
        try:
            return read()
        except errors.StoreError as error:
            if not is_file_removed_error(error):
                raise
    return read()


def is_file_removed_error(error: errors.StoreError) -> bool:
    """Return whether reading failed because the file was removed."""
    return isinstance(error.__cause__, FileNotFoundError)
