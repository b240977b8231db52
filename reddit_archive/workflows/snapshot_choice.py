"""Load two snapshots of a thread that are named by a date, a digest or a position."""

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from reddit_archive import errors, history
from reddit_archive.archive import layout, snapshot_format
from reddit_archive.archive.snapshot_format import Snapshot
from reddit_archive.archive.snapshot_reader import IncrementalReader
from reddit_archive.archive.store import DamagedFile
from reddit_archive.workflows.load import load_snapshots, parse_time
from reddit_archive.workflows.wording import format_count

LOG_HINT = "`archive log THREAD` shows the snapshots."


@dataclass(frozen=True, slots=True)
class SnapshotPair:
    """Two snapshots of a thread, and the number of all."""

    older: Snapshot
    newer: Snapshot
    snapshot_count: int


@dataclass(frozen=True, slots=True)
class _Choice:
    """A snapshot that can be chosen."""

    digests: tuple[str, ...]
    captured_at: datetime
    load: Callable[[], Snapshot]


def load_pair(
    root: Path,
    thread_id: str,
    start: str | None,
    end: str | None,
    *,
    on_damage: Callable[[DamagedFile], None],
) -> SnapshotPair:
    """Load two snapshots of a thread. The default is the last two.

    The others are read only if the index can't prove that they are intact.

    Raises:
        InvalidReferenceError: A name is not a date, a digest or -N.
        NotArchivedError: The archive has no such snapshot.
        DamageFoundError: All snapshots are damaged.
    """
    if choices := _list_proven(root, thread_id):
        pair = _choose_pair(choices, start, end)
        with suppress(errors.StoreError, errors.DamageFoundError):  # reported by reading all
            return _load_pair(pair, len(choices))
    snapshots = load_snapshots(root, thread_id, on_damage=on_damage)
    choices = [
        _Choice(each.digests, each.capture.captured_at, lambda each=each: each)  # type: ignore[misc]
        for each in snapshots
    ]
    return _load_pair(_choose_pair(choices, start, end), len(choices))


def _list_proven(root: Path, thread_id: str) -> list[_Choice]:
    if len(layout.list_digests(root, thread_id)) <= 2:
        return []  # there are no others
    from reddit_archive.archive.index import resume  # 6 ms, with SQLite

    reader = IncrementalReader(has_cache=False)
    return [
        _Choice(
            (header.digest,),
            header.captured_at,
            lambda header=header: snapshot_format.load_with_header(header, reader=reader),  # type: ignore[misc]
        )
        for header in resume.list_proven_headers(root, thread_id) or ()
    ]


def _choose_pair(
    choices: Sequence[_Choice], start: str | None, end: str | None
) -> tuple[_Choice, _Choice]:
    return (
        _choose(choices, start or f"-{min(2, len(choices))}"),
        _choose(choices, end or "-1"),
    )


def _load_pair(pair: tuple[_Choice, _Choice], snapshot_count: int) -> SnapshotPair:
    older, newer = pair
    return SnapshotPair(older.load(), newer.load(), snapshot_count)


def _choose(choices: Sequence[_Choice], text: str) -> _Choice:
    """Return the snapshot that FROM or TO names.

    Raises InvalidReferenceError, NotArchivedError.
    """
    if match := re.fullmatch(r"-([1-9]\d*)", text):
        if int(match[1]) > len(choices):
            stored = format_count(len(choices), "snapshot")
            raise errors.NotArchivedError(
                f"there is no snapshot {text}: the thread has {stored}", LOG_HINT
            )
        return choices[-int(match[1])]
    if match := re.fullmatch(r"(?:\d{8}T\d{6}Z-)?([0-9a-f]{4,64})(?:\.json)?", text.lower()):
        matches = [
            choice
            for choice in choices
            if any(digest.startswith(match[1]) for digest in choice.digests)
        ]
        if len(matches) == 1:
            return matches[0]
        number = f"{len(matches)} snapshots have" if matches else "no snapshot of this thread has"
        raise errors.NotArchivedError(f"{number} a digest that starts with {text}", LOG_HINT)
    try:
        time = parse_time(text)
    except errors.InvalidReferenceError:
        raise errors.InvalidReferenceError(
            f"{text!r} is not a date, a digest or -N", LOG_HINT
        ) from None
    return history.select_until(choices, time)[-1]
