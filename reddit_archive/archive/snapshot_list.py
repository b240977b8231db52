"""A thread's snapshots. Only the last ones are in memory, until the program needs another one."""

from collections.abc import Callable, Mapping, Sequence
from typing import overload

from reddit_archive.archive.snapshot_format import Snapshot

MIN_SNAPSHOTS = 6
"""A thread with fewer is always read whole. Reading six of 500 comments takes 25 ms."""


class SnapshotList(Sequence[Snapshot]):
    """A thread's snapshots, oldest first.

    Args:
        size: Their number.
        loaded: Those that are in memory, by index.
        load_all: Reads all of them. It is called when another one is needed.
    """

    def __init__(
        self,
        size: int,
        loaded: Mapping[int, Snapshot],
        load_all: Callable[[], Sequence[Snapshot]],
    ) -> None:
        self._size = size
        self._loaded = loaded
        self._load_all = load_all
        self._all: Sequence[Snapshot] | None = None

    def __len__(self) -> int:
        return self._size if self._all is None else len(self._all)

    @overload
    def __getitem__(self, index: int) -> Snapshot: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Snapshot]: ...
    def __getitem__(self, index: int | slice) -> Snapshot | Sequence[Snapshot]:
        if self._all is None:
            positions = range(self._size)[index]
            if isinstance(positions, int) and positions in self._loaded:
                return self._loaded[positions]
            if isinstance(positions, range) and all(i in self._loaded for i in positions):
                return tuple(self._loaded[i] for i in positions)
            self._all = self._load_all()
        return self._all[index]
