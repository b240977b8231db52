"""Search: every text that was ever seen, deleted ones and former versions too, in SQLite's FTS5.

The file beside the index may be deleted at any time. Nothing of a thread is believed whose files
are others than its texts were read from, and no text that is not whole: those threads are read.
"""

import logging
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from reddit_archive import errors
from reddit_archive.archive import store
from reddit_archive.archive.index import cache_database, search_query, search_snippet, search_tables
from reddit_archive.archive.index.search_documents import Text
from reddit_archive.archive.index.search_query import Query
from reddit_archive.archive.index.search_snippet import Snippet
from reddit_archive.archive.index.search_tables import Damaged, Rows, Wanted
from reddit_archive.archive.index.summary import trace
from reddit_archive.archive.store import Damage

__all__ = [
    "Hit",
    "Query",
    "Rows",
    "Snippet",
    "Wanted",
    "find",
    "holds",
    "parse",
    "put",
    "rebuilding",
    "renew",
    "rows",
]

log = logging.getLogger(__name__)
parse = search_query.parse
rows = search_tables.rows

FILE = "search.sqlite3"
WAIT_SECONDS = 1.0
AGAIN = "`archive reindex` makes it anew"
FAILURES = (sqlite3.Error, OSError, errors.ArchiveError, Damaged)
OnDamage = Callable[[Damage], None]


@dataclass(frozen=True, slots=True)
class Hit:
    """A text that was found, and the line of it that shows why; the lower the score, the better."""

    text: Text
    snippet: Snippet
    score: float


def holds(root: Path, thread_id: str, digests: Iterable[str]) -> bool:
    """Tell whether it has the texts of a thread, made from these snapshots. Never raises."""
    try:
        with cache_database.reading(root / FILE, wait_seconds=WAIT_SECONDS) as database:
            return bool(search_tables.fresh(database, {thread_id: digests}))
    except (sqlite3.Error, OSError):
        return False


def renew(root: Path, thread_id: str, present: Callable[[], Sequence[Rows]]) -> None:
    """Take a thread's texts out, and those of the present in; leave no trace of what they were.

    A file that can't be changed is removed, and nobody is asked where there is none.
    """
    if not (root / FILE).exists():
        return
    try:
        entries = present()
        with _writing(root) as database:
            search_tables.drop(database, thread_id)
            for rows in entries:
                search_tables.replace(database, rows)
            search_tables.tidy(database)
        with closing(sqlite3.connect(root / FILE, timeout=WAIT_SECONDS)) as database:
            database.execute("VACUUM")  # SQLite leaves copies of rows where it has moved them
    except FAILURES as error:
        cache_database.remove(root / FILE)
        log.warning("the search index was removed (%s); %s", error, AGAIN)


def put(root: Path, entries: Iterable[Rows]) -> None:
    """Take threads in that were read before. Never raises: what goes wrong is a warning."""
    try:
        with _writing(root) as database:
            for rows in entries:
                search_tables.replace(database, rows)
    except FAILURES as error:
        log.warning("the search index was not updated (%s); %s", error, AGAIN)


@contextmanager
def rebuilding(root: Path) -> Iterator[Callable[[Rows], None]]:
    """Make it anew: give what takes in a thread's rows. It counts once all went well.

    Raises StoreError.
    """
    with cache_database.anew(
        root / FILE, search_tables.prepare, what="the search index"
    ) as database:
        yield partial(search_tables.replace, database)
        search_tables.tidy(database)


def find(root: Path, wanted: Wanted, *, limit: int, on_damage: OnDamage | None = None) -> list[Hit]:
    """Give the best hits, at most one for each post and comment. Changes nothing."""
    stored = {thread_id: store.names(root, thread_id) for thread_id in store.threads(root)}
    stored = {thread_id: names for thread_id, names in stored.items() if names}
    fresh, found = _found(root, wanted, limit, stored)
    unread = stored.keys() - fresh
    if unread:
        with closing(sqlite3.connect(":memory:")) as database:
            search_tables.prepare(database)
            for thread_id in sorted(unread):
                shots = store.legible(root, thread_id, on_damage=on_damage or _pass)
                if shots:
                    search_tables.replace(database, rows(trace(thread_id, shots), shots))
            found += search_tables.best(database, wanted, limit, set(unread))
    found.sort(key=lambda each: each[0])
    return [
        Hit(text, search_snippet.cut(wanted.query, text.body, text.title, text.beside), score)
        for score, text in found[:limit]
    ]


def _found(
    root: Path, wanted: Wanted, limit: int, stored: dict[str, set[str]]
) -> tuple[set[str], list[tuple[float, Text]]]:
    """Search the file: the threads that it holds as they are on disk, and what is found in them."""
    path = root / FILE
    try:
        if not path.exists():
            found: list[tuple[float, Text]] = []
            fresh: set[str] = set()
        else:
            with cache_database.reading(path, wait_seconds=WAIT_SECONDS) as database:
                fresh = search_tables.fresh(database, stored)
                found = search_tables.best(database, wanted, limit, fresh)
    except (sqlite3.Error, OSError, Damaged) as error:
        log.warning("the search index can't be read (%s), so the snapshots are; %s", error, AGAIN)
        return set(), []
    if behind := len(stored) - len(fresh):
        what = "1 thread was" if behind == 1 else f"{behind:,} threads were"
        log.warning("%s not in the search index, and read; %s", what, AGAIN)
    return fresh, found


def _writing(root: Path) -> AbstractContextManager[sqlite3.Connection]:
    file, version = root / FILE, search_tables.VERSION
    return cache_database.writing(
        file, search_tables.prepare, version=version, wait_seconds=WAIT_SECONDS
    )


def _pass(damage: Damage) -> None:
    """Leave it out: `verify` names it."""
