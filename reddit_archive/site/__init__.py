"""The archive as static pages that a browser opens from the file system, with search.

`build` makes a folder show exactly the threads that it is given; what did not change since the
last time is neither read nor written.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reddit_archive import store
from reddit_archive.site import listing, pages, search
from reddit_archive.site.folder import Folder
from reddit_archive.site.listing import Row
from reddit_archive.site.pictures import FOLDER as MEDIA
from reddit_archive.site.quotes import Quoting
from reddit_archive.site.sheet import Drawer
from reddit_archive.store import Damage

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
    on_damage: Callable[[Damage], None] | None = None,
    on_thread: Callable[[int], None] | None = None,
) -> Built:
    """Write the pages of these threads, and of no other, into a folder.

    With a `key` under pseudonyms. Raises StoreError for a folder that holds something else.
    """
    out = Folder(folder)
    out.open()
    builder = _Builder(root, out, quoting, key, on_damage)
    wanted = sorted(set(threads), key=lambda name: (search.shard(name), name))
    for number, _ in enumerate(builder.build(wanted), 1):
        if on_thread is not None:
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
        on_damage: Callable[[Damage], None] | None,
    ) -> None:
        self.rows: list[Row] = []
        self.noted: dict[str, Any] = {}
        self.fresh = 0
        self._root, self._out, self._quoting, self._key = root, out, quoting, key
        self._on_damage = on_damage
        hidden = hashlib.sha256(key).hexdigest() if key else ""
        self._manner = f"{pages.digest()} {quoting!r} {hidden}"

    def build(self, threads: list[str]) -> Iterator[str]:
        """Bring the threads up to date, which are in the order of the search's files."""
        for name in pages.ASSETS:
            self._out.write(f"assets/{name}", pages.asset(name))
        shards: dict[str, list[str]] = {}
        for thread_id in threads:
            shards.setdefault(search.shard(thread_id), []).append(thread_id)
        for name, members in shards.items():
            before = dict(search.lines(self._out.read(name), members))
            lines = []
            for thread_id in members:
                lines.append(self._thread(thread_id, before.get(thread_id)))
                yield thread_id
            if any(lines):
                self._out.write(name, search.written(line for line in lines if line))

    def lists(self) -> None:
        """Write the pages that list all threads."""
        kinds = (
            (INDEX, "By date", listing.by_month(self.rows)),
            ("subreddits.html", "By subreddit", listing.by_subreddit(self.rows)),
            ("lost.html", "Lost on Reddit", listing.by_loss(self.rows)),
        )
        shards = sorted({search.shard(row.thread_id) for row in self.rows})
        for name, title, groups in kinds:
            page = pages.write(
                "list.html",
                name=name,
                title=title,
                kinds=[(kind, label) for kind, label, _ in kinds],
                groups=groups,
                rows=self.rows,
                shards=shards,
            )
            self._out.write(name, page)

    def _thread(self, thread_id: str, line: str | None) -> str | None:
        """Keep a thread's page, or draw it anew; give its line of the search, None without one."""
        proof = self._proof(thread_id)
        noted = self._out.threads.get(thread_id)
        page = listing.page(thread_id)
        if line and isinstance(noted, dict) and noted.get("proof") == proof:
            row = listing.read(noted.get("row"))
            files = [page, *map(str, noted.get("media", []))]
            if row is not None and all(map(self._out.has, files)):
                self.rows.append(row)
                self.noted[thread_id] = noted
                for name in files:
                    self._out.keep(name)
                return line
        shots = store.snapshots(self._root, thread_id, on_damage=self._on_damage)
        if not shots:
            return None
        drawer = Drawer(thread_id, shots, self._quoting, self._key)
        self._out.write(page, pages.write("thread.html", sheet=drawer.draw()))
        files = sorted({f"{MEDIA}/{path.name}" for path in drawer.pictures.paths.values()})
        for path in set(drawer.pictures.paths.values()):
            self._out.copy(path, f"{MEDIA}/{path.name}")
        row = listing.row(drawer)
        self.rows.append(row)
        self.noted[thread_id] = {"proof": proof, "row": listing.noted(row), "media": files}
        self.fresh += 1
        return search.line(drawer)

    def _proof(self, thread_id: str) -> str:
        """A page is what the thread's snapshots are, and how pages and quotes are written."""
        said = json.dumps([self._manner, sorted(store.names(self._root, thread_id))])
        return hashlib.sha256(said.encode()).hexdigest()
