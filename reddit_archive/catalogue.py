"""What the archive is looked up in: the index and the search, both of them disposable."""

from collections.abc import Callable
from pathlib import Path

from reddit_archive import index, search, store
from reddit_archive.rereading import uncollected
from reddit_archive.snapshot import Snapshot
from reddit_archive.store import Damage


def note(root: Path, *shots: Snapshot) -> None:
    """Take threads in, each with all of its snapshots. Never raises."""
    with uncollected():
        index.note(root, *shots)
        search.note(root, *shots)


def renew(root: Path, thread_id: str, *, is_gone: bool = False) -> None:
    """Take in a thread as it is now, or nothing, and leave no trace of what it was before."""
    index.renew(root, thread_id, is_gone=is_gone)
    search.renew(root, thread_id, is_gone=is_gone)


def rebuild(root: Path, *, on_damage: Callable[[Damage], None] | None = None) -> int:
    """Make both anew from every snapshot, read once; tell how many those are. Raises StoreError."""
    store.claim(root)
    with search.rebuilding(root) as take:
        return index.rebuild(root, on_damage=on_damage, on_thread=take)
