"""What the archive is looked up in: the index and the search, both of them disposable."""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from reddit_archive import errors, history
from reddit_archive.archive import shared_folder_check, store
from reddit_archive.archive.index import search, summary, thread_table
from reddit_archive.archive.snapshot_format import Snapshot
from reddit_archive.archive.snapshot_reader import uncollected
from reddit_archive.archive.store import Damage
from reddit_archive.files import drafts
from reddit_archive.history import Sights
from reddit_archive.parallel import ordered_map

if TYPE_CHECKING:
    from concurrent.futures import Executor

log = logging.getLogger(__name__)

AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Entry:
    """What the index and the search keep of a thread: made anywhere, written by one process."""

    row: thread_table.Row
    texts: search.Rows

    @property
    def thread_id(self) -> str:
        return self.texts.thread_id


def note(root: Path, thread_id: str, shots: Sequence[Snapshot], seen: Sights | None = None) -> None:
    """Take a thread in, with all of its snapshots. Never raises: what goes wrong is a warning.

    One that has others besides is left as it is, to be read from its files until `reindex`. Give
    what is `seen` in them already, if it was looked at.
    """
    digests = store.digests(shots)
    held = (each.holds(root, thread_id, digests) for each in (thread_table, search))
    try:
        if store.names(root, thread_id) == digests and not all(held):
            put(root, [learn(thread_id, shots, seen)])
            _follow(root, thread_id, digests)
    except (OSError, errors.ArchiveError) as error:
        log.warning("the index was not updated (%s); `archive reindex` makes it anew", error)


def learn(thread_id: str, shots: Sequence[Snapshot], seen: Sights | None = None) -> Entry:
    """Make the entry of a thread, of all its snapshots, and of what is `seen` in them."""
    past = history.trace(thread_id, seen) if seen else summary.trace(thread_id, shots)
    return Entry(thread_table.row(past, shots), search.rows(past, shots))


def put(root: Path, entries: Iterable[Entry]) -> None:
    """Write entries, each of a thread of its own. Never raises."""
    entries = [*entries]
    thread_table.put(root, (entry.row for entry in entries))
    search.put(root, (entry.texts for entry in entries))


def renew(root: Path, thread_id: str, *, is_gone: bool = False) -> None:
    """Take in a thread as it is now, or nothing, and leave no trace of what it was before."""

    @cache
    def present() -> Entry | None:
        shots = () if is_gone else store.snapshots(root, thread_id, on_damage=lambda _: None)
        return learn(thread_id, shots) if shots else None

    thread_table.renew(root, thread_id, lambda: [entry.row] if (entry := present()) else [])
    search.renew(root, thread_id, lambda: [entry.texts] if (entry := present()) else [])


def _follow(root: Path, thread_id: str, digests: Iterable[str]) -> None:
    """Take out what another run redacted or forgot while these snapshots were taken in.

    Such a run writes the index as it stood; what was added meanwhile is read from its files.
    """
    names = store.names(root, thread_id)
    if not names.issuperset(digests):
        renew(root, thread_id, is_gone=not names)


def rebuild(
    root: Path,
    *,
    on_damage: Callable[[Damage], None] = lambda _: None,
    executor: "Executor | None" = None,
) -> int:
    """Make both anew from every snapshot, read once; tell how many those are. Raises StoreError.

    Threads are read by the `executor`, where there is one and there are many; its workers must see
    the archive where this process does.
    """
    store.claim(root)
    drafts.sweep(root / "tmp")
    count = 0
    read: dict[str, tuple[str, ...]] = {}
    with thread_table.rebuilding(root) as put_row, search.rebuilding(root) as put_rows:
        threads = store.threads(root)
        for found in ordered_map.each(
            partial(_read, root), threads, executor, few=ordered_map.FEW_THREADS, at_once=AT_ONCE
        ):
            for damage in found.damages:
                on_damage(damage)
            if found.entry is None and not found.damages:
                shared_folder_check.expect_nothing(root, found.thread_id)
            if found.entry is not None:
                put_row(found.entry.row)
                put_rows(found.entry.texts)
            read[found.thread_id] = found.digests
            count += found.snapshots
    for thread_id, digests in read.items():
        _follow(root, thread_id, digests)
    return count


@dataclass(frozen=True, slots=True)
class _Read:
    """A thread that was read: so many snapshots of it, and those that are damaged.

    `digests` are of the files that it had when that began.
    """

    thread_id: str
    digests: tuple[str, ...]
    entry: Entry | None
    snapshots: int
    damages: tuple[Damage, ...]


@uncollected()
def _read(root: Path, thread_id: str) -> _Read:
    damages: list[Damage] = []
    digests = tuple(store.names(root, thread_id))
    shots = store.legible(root, thread_id, on_damage=damages.append)
    entry = learn(thread_id, shots) if shots else None
    return _Read(thread_id, digests, entry, len(shots), tuple(damages))
