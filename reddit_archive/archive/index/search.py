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
from reddit_archive.archive.index.search_documents import Document
from reddit_archive.archive.index.search_query import Query
from reddit_archive.archive.index.search_snippet import Snippet
from reddit_archive.archive.index.search_tables import DamagedRowError, SearchFilter, SearchRows
from reddit_archive.archive.index.summary import trace_snapshots
from reddit_archive.archive.store import DamagedFile

__all__ = [
    "Hit",
    "Query",
    "SearchFilter",
    "SearchRows",
    "Snippet",
    "build_rows",
    "find",
    "is_current",
    "parse",
    "rebuilding",
    "refresh",
    "upsert",
]

log = logging.getLogger(__name__)
parse = search_query.parse
build_rows = search_tables.build_rows

FILE_NAME = "search.sqlite3"
WAIT_SECONDS = 1.0
REINDEX_HINT = "`archive reindex` makes it anew"
INDEX_ERRORS = (sqlite3.Error, OSError, errors.ArchiveError, DamagedRowError)
DamageCallback = Callable[[DamagedFile], None]


@dataclass(frozen=True, slots=True)
class Hit:
    """A text that was found, and the line of it that shows why; the lower the score, the better."""

    document: Document
    snippet: Snippet
    score: float


def is_current(root: Path, thread_id: str, digests: Iterable[str]) -> bool:
    """Tell whether it has the texts of a thread, made from these snapshots. Never raises."""
    try:
        with cache_database.open_for_reading(
            root / FILE_NAME, wait_seconds=WAIT_SECONDS
        ) as database:
            return bool(search_tables.find_current(database, {thread_id: digests}))
    except (sqlite3.Error, OSError):
        return False


def refresh(
    root: Path, thread_id: str, build_current_rows: Callable[[], Sequence[SearchRows]]
) -> None:
    """Take a thread's texts out, and those of the present in; leave no trace of what they were.

    A file that can't be changed is removed, and nobody is asked where there is none.
    """
    if not (root / FILE_NAME).exists():
        return
    try:
        current_rows = build_current_rows()
        with _open_for_writing(root) as database:
            search_tables.delete_thread(database, thread_id)
            for search_rows in current_rows:
                search_tables.replace(database, search_rows)
            search_tables.optimize(database)
        with closing(sqlite3.connect(root / FILE_NAME, timeout=WAIT_SECONDS)) as database:
            database.execute("VACUUM")  # SQLite leaves copies of rows where it has moved them
    except INDEX_ERRORS as error:
        cache_database.remove(root / FILE_NAME)
        log.warning("the search index was removed (%s); %s", error, REINDEX_HINT)


def upsert(root: Path, entries: Iterable[SearchRows]) -> None:
    """Take threads in that were read before. Never raises: what goes wrong is a warning."""
    try:
        with _open_for_writing(root) as database:
            for search_rows in entries:
                search_tables.replace(database, search_rows)
    except INDEX_ERRORS as error:
        log.warning("the search index was not updated (%s); %s", error, REINDEX_HINT)


@contextmanager
def rebuilding(root: Path) -> Iterator[Callable[[SearchRows], None]]:
    """Make it anew: give what takes in a thread's rows. It counts once all went well.

    Raises StoreError.
    """
    with cache_database.rebuilding_database(
        root / FILE_NAME, search_tables.create_tables, description="the search index"
    ) as database:
        yield partial(search_tables.replace, database)
        search_tables.optimize(database)


def find(
    root: Path, search_filter: SearchFilter, *, limit: int, on_damage: DamageCallback | None = None
) -> list[Hit]:
    """Give the best hits, at most one for each post and comment. Changes nothing."""
    stored_digests = {
        thread_id: store.list_digests(root, thread_id) for thread_id in store.iter_thread_ids(root)
    }
    stored_digests = {
        thread_id: digests for thread_id, digests in stored_digests.items() if digests
    }
    current_ids, results = _search_file(root, search_filter, limit, stored_digests)
    stale_ids = stored_digests.keys() - current_ids
    if stale_ids:
        with closing(sqlite3.connect(":memory:")) as database:
            search_tables.create_tables(database)
            for thread_id in sorted(stale_ids):
                snapshots = store.load_readable(
                    root, thread_id, on_damage=on_damage or _ignore_damage
                )
                if snapshots:
                    search_tables.replace(
                        database, build_rows(trace_snapshots(thread_id, snapshots), snapshots)
                    )
            results += search_tables.find_best(database, search_filter, limit, set(stale_ids))
    results.sort(key=lambda result: result[0])
    return [
        Hit(
            document,
            search_snippet.build_snippet(
                search_filter.query, document.body, document.title, document.beside
            ),
            score,
        )
        for score, document in results[:limit]
    ]


def _search_file(
    root: Path, search_filter: SearchFilter, limit: int, stored_digests: dict[str, set[str]]
) -> tuple[set[str], list[tuple[float, Document]]]:
    """Search the file: the threads that it holds as they are on disk, and what is found in them."""
    path = root / FILE_NAME
    try:
        if not path.exists():
            results: list[tuple[float, Document]] = []
            current_ids: set[str] = set()
        else:
            with cache_database.open_for_reading(path, wait_seconds=WAIT_SECONDS) as database:
                current_ids = search_tables.find_current(database, stored_digests)
                results = search_tables.find_best(database, search_filter, limit, current_ids)
    except (sqlite3.Error, OSError, DamagedRowError) as error:
        log.warning(
            "the search index can't be read (%s), so the snapshots are; %s", error, REINDEX_HINT
        )
        return set(), []
    if stale_count := len(stored_digests) - len(current_ids):
        subject = "1 thread was" if stale_count == 1 else f"{stale_count:,} threads were"
        log.warning("%s not in the search index, and read; %s", subject, REINDEX_HINT)
    return current_ids, results


def _open_for_writing(root: Path) -> AbstractContextManager[sqlite3.Connection]:
    file, version = root / FILE_NAME, search_tables.VERSION
    return cache_database.open_for_writing(
        file, search_tables.create_tables, version=version, wait_seconds=WAIT_SECONDS
    )


def _ignore_damage(damage: DamagedFile) -> None:
    """Leave it out: `verify` names it."""
