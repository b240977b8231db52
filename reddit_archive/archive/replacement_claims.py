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
from reddit_archive.archive.snapshot_format import Head
from reddit_archive.archive.snapshot_reader import Reader, uncollected
from reddit_archive.files import regular_files
from reddit_archive.model import replacement


@dataclass(frozen=True, slots=True)
class Claims:
    """Claims about existing snapshots, by digest.

    Attributes:
        proven: For each replaced snapshot, the redacted one that replaces it.
        offered: For each imported redaction that nobody accepted yet, the snapshot that it would
            replace. These claims are proven, too.
        false: For each snapshot with a false claim, the snapshot that it claims to replace.
    """

    proven: Mapping[str, str] = field(default_factory=dict)
    offered: Mapping[str, str] = field(default_factory=dict)
    false: Mapping[str, str] = field(default_factory=dict)


NO_CLAIMS = Claims()


def judge(heads: Sequence[Head]) -> Claims:
    """Check each claim to replace one of these snapshots. Raises StoreError."""
    present = {head.digest: head for head in heads}
    pairs = [*_pairs(heads, present)]
    if not pairs:
        return NO_CLAIMS
    verdicts = [(old, new, _verdict(old, new, present)) for old, new in pairs]
    false = {new.digest: old.digest for old, new, is_proven in verdicts if is_proven is False}
    while more := {
        new.digest: old.digest
        for old, new, _ in verdicts
        if new.digest not in false and new.parent in false and new.parent != old.parent
    }:
        false |= more
    true = [(old, new) for old, new, is_proven in verdicts if is_proven and new.digest not in false]
    return Claims(
        {old.digest: new.digest for old, new in true if not new.is_offered},
        {new.digest: old.digest for old, new in true if new.is_offered},
        false,
    )


def _pairs(heads: Sequence[Head], present: Mapping[str, Head]) -> Iterator[tuple[Head, Head]]:
    for new in heads:
        for digest in new.replaces:
            if digest in present and digest != new.digest:
                yield present[digest], new


def _verdict(old: Head, new: Head, present: Mapping[str, Head]) -> bool | None:
    """Return whether `new` is `old` after a redaction; None if one of them can't be read."""
    if not is_in_place(old, new, present):
        return False
    return _is_redaction(old.path, new.path, _stamp(old.path), _stamp(new.path))


def is_in_place(old: Head, new: Head, present: Mapping[str, Head]) -> bool:
    """Return whether both have the same time and parent, or `new` has the parent's replacement."""
    if old.captured_at != new.captured_at:
        return False
    if old.parent is None or new.parent is None or old.parent == new.parent:
        return old.parent == new.parent
    parent = present.get(new.parent)
    if parent is None or not parent.source:  # missing or damaged
        return True
    return old.parent in parent.replaces


def _stamp(path: Path) -> tuple[int, int]:
    with snapshot_format.reading(path):
        found = path.stat()
    return found.st_mtime_ns, found.st_size


@lru_cache(maxsize=1024)
@uncollected()
def _is_redaction(
    old: Path, new: Path, _old_stamp: tuple[int, int], _new_stamp: tuple[int, int]
) -> bool | None:
    reader = Reader()  # makes equal values the same object, which is quick to compare
    before, after = read_json(old, reader), read_json(new, reader)
    if before is None or after is None:
        return None
    return replacement.holds_nothing_new(before, after)


def read_json(path: Path, reader: Reader | None = None) -> dict[str, Any] | None:
    """Read a snapshot's JSON; None if it can't be read or has a newer format."""
    with snapshot_format.reading(path):
        data = regular_files.read_bytes(path)
    if snapshot_format.mismatch(path, data) is not None:
        return None
    try:
        raw = (reader or Reader(has_text=False)).parse(data)
        if not isinstance(raw, dict) or raw.get("format") != snapshot_format.FORMAT:
            return None
        snapshot_format.check_head(raw, data, path)
    except (ValueError, KeyError, RecursionError):
        return None
    return raw
