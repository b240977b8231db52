"""Threads of an archive told one after the other, here or by workers; what each tells is written
by one process."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from reddit_archive import errors
from reddit_archive.archive import shared_folder_check, store
from reddit_archive.archive.store import Damage
from reddit_archive.export.thread_data import Known, learn
from reddit_archive.parallel import ordered_map

Write = Callable[[Known], Iterable[Any]]


@dataclass(frozen=True, slots=True)
class Told:
    """What was made of a thread, None where no snapshot of it could be read, and why not."""

    thread_id: str
    made: Iterable[Any] | None
    damages: tuple[Damage, ...] = ()
    newer: errors.NewerFormat | None = None


def tell(
    root: Path,
    threads: Sequence[str],
    write: Write,
    *,
    key: bytes | None = None,
    latest: bool = False,
    executor: Executor | None = None,
) -> Iterator[Told]:
    """Learn threads and write each: with a `key` under pseudonyms, or as it was seen last.

    Here what is made comes piece by piece; an `executor` makes all of it at once.
    """
    work = partial(_tell, root, write, key, latest)
    if executor is None or len(threads) <= ordered_map.FEW_THREADS:
        yield from map(work, threads)
        return
    for told in ordered_map.each(partial(_whole, work), threads, executor, at_once=4):
        if told.made is None and not told.damages and told.newer is None:
            shared_folder_check.expect_nothing(root, told.thread_id)
        yield told


def _tell(root: Path, write: Write, key: bytes | None, latest: bool, thread_id: str) -> Told:
    damages: list[Damage] = []
    try:
        shots = store.snapshots(root, thread_id, on_damage=damages.append)
    except errors.NewerFormat as error:
        return Told(thread_id, None, tuple(damages), error)
    if not shots:
        return Told(thread_id, None, tuple(damages))
    known = learn(thread_id, shots[-1:] if latest else shots, key=key)
    return Told(thread_id, write(known), tuple(damages))


def _whole(work: Callable[[str], Told], thread_id: str) -> Told:
    told = work(thread_id)
    return told if told.made is None else replace(told, made=[*told.made])
