"""What snapshots claim to replace, and which of these claims are proven.

Anybody who knows a digest can write it into `replaces`. A claim counts only once the replaced
snapshot was read and found to hold all that the other one holds. This is rarely needed: only while
both files are there.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from reddit_archive import regular_files, replacement, snapshot
from reddit_archive.rereading import Reader, uncollected
from reddit_archive.snapshot import Head


@dataclass(frozen=True, slots=True)
class Claims:
    """Claims about snapshots that are there, by digest.

    proven     the redacted snapshot that stands for each replaced one
    offered    proven as well, but imported and not accepted: it changes nothing until then
    false      what claims to replace a snapshot, and holds something that it does not hold
    """

    proven: Mapping[str, str] = field(default_factory=dict)
    offered: Mapping[str, str] = field(default_factory=dict)
    false: Mapping[str, str] = field(default_factory=dict)


NO_CLAIMS = Claims()


def judge(heads: Sequence[Head]) -> Claims:
    """Check each claim to replace a snapshot that is among these heads. Raises StoreError."""
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
    """Return whether `new` is `old` after a redaction; None where one of them can't be read."""
    if not is_in_place(old, new, present):
        return False
    return _is_redaction(old.path, new.path, _stamp(old.path), _stamp(new.path))


def is_in_place(old: Head, new: Head, present: Mapping[str, Head]) -> bool:
    """Return whether both have one time and one parent, or `new` has what replaces that parent."""
    if old.captured_at != new.captured_at:
        return False
    if old.parent is None or new.parent is None or old.parent == new.parent:
        return old.parent == new.parent
    parent = present.get(new.parent)
    if parent is None or not parent.source:  # not there, or damaged
        return True
    return old.parent in parent.replaces


def _stamp(path: Path) -> tuple[int, int]:
    with snapshot.reading(path):
        found = path.stat()
    return found.st_mtime_ns, found.st_size


@lru_cache(maxsize=1024)
@uncollected()
def _is_redaction(
    old: Path, new: Path, _old_stamp: tuple[int, int], _new_stamp: tuple[int, int]
) -> bool | None:
    reader = Reader()  # makes what is equal the same object, which is quick to compare
    before, after = read_json(old, reader), read_json(new, reader)
    if before is None or after is None:
        return None
    return replacement.holds_nothing_new(before, after)


def read_json(path: Path, reader: Reader | None = None) -> dict[str, Any] | None:
    """Read a snapshot's JSON; None for one that can't be read, or is of a newer format."""
    with snapshot.reading(path):
        data = regular_files.read_bytes(path)
    if snapshot.mismatch(path, data) is not None:
        return None
    try:
        raw = (reader or Reader(has_text=False)).parse(data)
        if not isinstance(raw, dict) or raw.get("format") != snapshot.FORMAT:
            return None
        snapshot.check_head(raw, data, path)
    except (ValueError, KeyError, RecursionError):
        return None
    return raw
