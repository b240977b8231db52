"""Threads drawn as pages, several at a time where there are many: that is work for every core."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from reddit_archive.archive import store
from reddit_archive.archive.snapshot_reader import uncollected
from reddit_archive.archive.store import Damage
from reddit_archive.export.site import page_templates, search_index, thread_list
from reddit_archive.export.site.copyable_quotes import Quoting
from reddit_archive.export.site.thread_list import Row
from reddit_archive.export.site.thread_view import Drawer
from reddit_archive.parallel import ordered_map


@dataclass(frozen=True, slots=True)
class Drawing:
    """What is written of a thread: its page, its line of the search, its row of the lists.

    `row` is None where no snapshot is whole. `pictures` lie in the archive.
    """

    thread_id: str
    page: bytes
    line: str
    row: Row | None
    pictures: tuple[Path, ...]
    damages: tuple[Damage, ...]


@uncollected()
def draw(root: Path, quoting: Quoting, key: bytes | None, thread_id: str) -> Drawing:
    damages: list[Damage] = []
    shots = store.legible(root, thread_id, on_damage=damages.append)
    if not shots:
        return Drawing(thread_id, b"", "", None, (), tuple(damages))
    drawer = Drawer(thread_id, shots, quoting, key)
    return Drawing(
        thread_id,
        page_templates.write("thread.html", sheet=drawer.draw()),
        search_index.line(drawer),
        thread_list.row(drawer),
        tuple(sorted(set(drawer.pictures.paths.values()))),
        tuple(damages),
    )


def draw_all(
    root: Path,
    quoting: Quoting,
    key: bytes | None,
    threads: Sequence[str],
    executor: Executor | None,
) -> Iterator[Drawing]:
    """Draw threads, in their order."""
    work = partial(draw, root, quoting, key)
    return ordered_map.each(work, threads, executor, at_once=4, few=ordered_map.FEW_THREADS)
