"""The archive as static pages that a browser opens from the file system, with search.

`build` makes a folder show exactly the threads that it is given; what did not change since the
last time is neither read nor written.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reddit_archive.archive import shared_folder_check, store
from reddit_archive.archive.store import Damage
from reddit_archive.export.site import page_templates, render, search_index, thread_list
from reddit_archive.export.site.copyable_quotes import Quoting
from reddit_archive.export.site.figures import FOLDER as MEDIA
from reddit_archive.export.site.output_folder import Folder
from reddit_archive.export.site.render import Drawing
from reddit_archive.export.site.thread_list import Row

__all__ = ["Built", "Quoting", "build"]

INDEX = "index.html"


@dataclass(frozen=True, slots=True)
class Built:
    """What `build` did: `fresh` threads were drawn anew, of all the `threads` of the site.

    `written` and `removed` count files; `index` is the page to open.
    """

    index: Path
    threads: int
    fresh: int
    written: int
    removed: int


def build(
    root: Path,
    folder: Path,
    threads: Iterable[str],
    *,
    quoting: Quoting,
    key: bytes | None = None,
    executor: Executor | None = None,
    on_damage: Callable[[Damage], None] = lambda _: None,
    on_thread: Callable[[int], None] = lambda _: None,
) -> Built:
    """Write the pages of these threads, and of no other, into a folder.

    With a `key` under pseudonyms. An `executor` draws where there are many; its workers must see
    the archive where this process does. Raises StoreError for a folder that holds something else.
    """
    out = Folder(folder)
    out.open()
    builder = _Builder(root, out, quoting, key, executor)
    wanted = sorted(set(threads), key=lambda name: (search_index.shard(name), name))
    for number, damages in enumerate(builder.build(wanted), 1):
        for damage in damages:
            on_damage(damage)
        on_thread(number)
    builder.lists()
    out.close(builder.noted)
    return Built(folder / INDEX, len(builder.rows), builder.fresh, out.written, out.removed)


class _Builder:
    def __init__(
        self,
        root: Path,
        out: Folder,
        quoting: Quoting,
        key: bytes | None,
        executor: Executor | None,
    ) -> None:
        self.rows: list[Row] = []
        self.noted: dict[str, Any] = {}
        self.fresh = 0
        self._root, self._out, self._quoting, self._key = root, out, quoting, key
        self._executor = executor
        hidden = hashlib.sha256(key).hexdigest() if key else ""
        self._manner = f"{page_templates.digest()} {quoting!r} {hidden}"

    def build(self, threads: list[str]) -> Iterator[tuple[Damage, ...]]:
        """Bring the threads up to date, giving for each what was damaged of it."""
        for name in page_templates.ASSETS:
            self._out.write(f"assets/{name}", page_templates.asset(name))
        shards: dict[str, list[str]] = {}
        for thread_id in threads:
            shards.setdefault(search_index.shard(thread_id), []).append(thread_id)
        proofs = {thread_id: self._proof(thread_id) for thread_id in threads}
        lines: dict[str, str] = {}
        for name, members in shards.items():
            for thread_id, line in search_index.lines(self._out.read(name), members):
                if self._keeps(thread_id, proofs[thread_id]):
                    lines[thread_id] = line
        fresh = [name for members in shards.values() for name in members if name not in lines]
        drawings = render.draw_all(self._root, self._quoting, self._key, fresh, self._executor)
        for name, members in shards.items():
            for thread_id in members:
                found = next(drawings) if thread_id not in lines else None
                if found is not None and found.row is None and not found.damages:
                    shared_folder_check.expect_nothing(self._root, thread_id)
                if found is not None and found.row is not None:
                    lines[thread_id] = found.line
                    self._write(found, found.row, proofs[thread_id])
                yield found.damages if found else ()
            if kept := [lines.pop(thread_id) for thread_id in members if thread_id in lines]:
                self._out.write(name, search_index.written(kept))

    def lists(self) -> None:
        """Write the pages that list all threads."""
        kinds = (
            (INDEX, "By date", thread_list.by_month(self.rows)),
            ("subreddits.html", "By subreddit", thread_list.by_subreddit(self.rows)),
            ("lost.html", "Lost on Reddit", thread_list.by_loss(self.rows)),
        )
        shards = sorted({search_index.shard(row.thread_id) for row in self.rows})
        for name, title, groups in kinds:
            page = page_templates.write(
                "list.html",
                name=name,
                title=title,
                kinds=[(kind, label) for kind, label, _ in kinds],
                groups=groups,
                rows=self.rows,
                shards=shards,
            )
            self._out.write(name, page)

    def _keeps(self, thread_id: str, proof: str) -> bool:
        """Keep a thread's page as it is; tell whether that is right."""
        noted = self._out.threads.get(thread_id)
        if not isinstance(noted, dict) or noted.get("proof") != proof:
            return False
        row, pictures = thread_list.read(noted.get("row")), noted.get("pictures")
        if row is None or not isinstance(pictures, list):
            return False
        files = [thread_list.page(thread_id), *map(str, pictures)]
        if not all(map(self._out.has, files)):
            return False
        self.rows.append(row)
        self.noted[thread_id] = noted
        for name in files:
            self._out.keep(name)
        return True

    def _write(self, found: Drawing, row: Row, proof: str) -> None:
        self._out.write(thread_list.page(found.thread_id), found.page)
        names = [f"{MEDIA}/{path.name}" for path in found.pictures]
        for path, name in zip(found.pictures, names, strict=True):
            self._out.copy(path, name)
        self.rows.append(row)
        said = {"proof": proof, "row": thread_list.noted(row), "pictures": names}
        self.noted[found.thread_id] = said
        self.fresh += 1

    def _proof(self, thread_id: str) -> str:
        """A page is what the thread's snapshots are, and how pages and quotes are written."""
        said = json.dumps([self._manner, sorted(store.names(self._root, thread_id))])
        return hashlib.sha256(said.encode()).hexdigest()
