"""Check which snapshots really replace the snapshots that they claim to replace.

Anybody who knows a digest can write it into `replaces`. A claim counts only if both snapshots were
read and the new one contains nothing that the old one lacks. This is rarely needed: only while
both files exist.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from reddit_archive.archive import snapshot_format
from reddit_archive.archive.snapshot_format import SnapshotHeader
from reddit_archive.archive.snapshot_reader import IncrementalReader, gc_paused
from reddit_archive.files import regular_files
from reddit_archive.model import replacement


@dataclass(frozen=True, slots=True)
class Claims:
    """Claims about existing snapshots, by digest.

    Attributes:
        proven: For each replaced snapshot, the redacted one that replaces it.
        pending: For each imported redaction that nobody accepted yet, the snapshot that it would
            replace. These claims are proven, too.
        false: For each snapshot with a false claim, the snapshot that it claims to replace.
    """

    proven: Mapping[str, str] = field(default_factory=dict)
    pending: Mapping[str, str] = field(default_factory=dict)
    false: Mapping[str, str] = field(default_factory=dict)


NO_CLAIMS = Claims()


def check_claims(headers: Sequence[SnapshotHeader]) -> Claims:
    """Check each claim to replace one of these snapshots. Raises StoreError."""
    headers_by_digest = {header.digest: header for header in headers}
    claimed_pairs = [*_iter_claimed_pairs(headers, headers_by_digest)]
    if not claimed_pairs:
        return NO_CLAIMS
    verdicts = [(old, new, _check_claim(old, new, headers_by_digest)) for old, new in claimed_pairs]
    false = {new.digest: old.digest for old, new, is_proven in verdicts if is_proven is False}
    while false_children := {
        new.digest: old.digest
        for old, new, _ in verdicts
        if new.digest not in false and new.parent in false and new.parent != old.parent
    }:
        false |= false_children
    proven_pairs = [
        (old, new) for old, new, is_proven in verdicts if is_proven and new.digest not in false
    ]
    return Claims(
        {old.digest: new.digest for old, new in proven_pairs if not new.is_pending},
        {new.digest: old.digest for old, new in proven_pairs if new.is_pending},
        false,
    )


def _iter_claimed_pairs(
    headers: Sequence[SnapshotHeader], headers_by_digest: Mapping[str, SnapshotHeader]
) -> Iterator[tuple[SnapshotHeader, SnapshotHeader]]:
    for new in headers:
        for digest in new.replaces:
            if digest in headers_by_digest and digest != new.digest:
                yield headers_by_digest[digest], new


def _check_claim(
    old: SnapshotHeader, new: SnapshotHeader, headers_by_digest: Mapping[str, SnapshotHeader]
) -> bool | None:
    """Return whether `new` is `old` after a redaction; None if one of them can't be read."""
    if not has_same_time_and_parent(old, new, headers_by_digest):
        return False
    return _is_redaction(old.path, new.path, _get_file_stamp(old.path), _get_file_stamp(new.path))


def has_same_time_and_parent(
    old: SnapshotHeader, new: SnapshotHeader, headers_by_digest: Mapping[str, SnapshotHeader]
) -> bool:
    """Return whether both have the same time and parent, or `new` has the parent's replacement."""
    if old.captured_at != new.captured_at:
        return False
    if old.parent is None or new.parent is None or old.parent == new.parent:
        return old.parent == new.parent
    parent = headers_by_digest.get(new.parent)
    if parent is None or not parent.source:  # missing or damaged
        return True
    return old.parent in parent.replaces


def _get_file_stamp(path: Path) -> tuple[int, int]:
    with snapshot_format.translate_read_errors(path):
        stat_result = path.stat()
    return stat_result.st_mtime_ns, stat_result.st_size


@lru_cache(maxsize=1024)
@gc_paused()
def _is_redaction(
    old_path: Path, new_path: Path, _old_stamp: tuple[int, int], _new_stamp: tuple[int, int]
) -> bool | None:
    reader = IncrementalReader()  # makes equal values the same object, which is quick to compare
    old_raw, new_raw = read_raw(old_path, reader), read_raw(new_path, reader)
    if old_raw is None or new_raw is None:
        return None
    return replacement.is_valid_replacement(old_raw, new_raw)


def read_raw(path: Path, reader: IncrementalReader | None = None) -> dict[str, Any] | None:
    """Read a snapshot's JSON; None if it can't be read or has a newer format."""
    with snapshot_format.translate_read_errors(path):
        data = regular_files.read_bytes(path)
    if snapshot_format.integrity_error(path, data) is not None:
        return None
    try:
        raw = (reader or IncrementalReader(has_cache=False)).parse(data)
        if not isinstance(raw, dict) or raw.get("format") != snapshot_format.FORMAT:
            return None
        snapshot_format.check_header(raw, data, path)
    except (ValueError, KeyError, RecursionError):
        return None
    return raw
