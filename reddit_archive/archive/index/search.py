"""Search every text that was ever stored: of posts and comments, deleted and previous ones too.

Threads that the index does not hold as they are stored now are read from their files, and so are
all threads if a document is damaged.
"""

import json
import logging
import sqlite3
from collections.abc import Callable, Iterator, Set
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from reddit_archive.archive import redaction_ledger, store
from reddit_archive.archive.index import (
    cache_database,
    search_documents,
    search_query,
    search_snippet,
    search_table,
    thread_row,
)
from reddit_archive.archive.index.search_documents import Document
from reddit_archive.archive.index.search_query import Query
from reddit_archive.archive.index.search_snippet import Snippet
from reddit_archive.archive.index.search_table import DamagedRowError
from reddit_archive.archive.index.summary import trace_snapshots
from reddit_archive.archive.index.thread_table import (
    REINDEX_HINT,
    VERSION,
    find_stale,
    ignore_damage,
    read_rows,
)
from reddit_archive.archive.index.titles import FILE_NAME
from reddit_archive.archive.snapshot_reader import gc_paused
from reddit_archive.archive.store import DamagedFile

log = logging.getLogger(__name__)
parse = search_query.parse

MATCH_STATEMENT = "SELECT words.rowid, words.rank FROM words"
JOIN_CLAUSE = (
    "CROSS JOIN documents ON documents.id = words.rowid"
    " CROSS JOIN contexts ON contexts.id = documents.context_id"
)


@dataclass(frozen=True, slots=True)
class SearchFilter:
    """Words to search for, and limits.

    Names have no prefix. `since` and `until` are inclusive, and exclude texts of unknown age.
    """

    query: Query
    subreddits: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    only_deleted: bool = False
    only_edited: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """A document that matches, and the snippet of it that shows why. A lower score is better."""

    document: Document
    snippet: Snippet
    score: float


@gc_paused()
def find(
    root: Path,
    search_filter: SearchFilter,
    *,
    limit: int,
    on_damage: Callable[[DamagedFile], None] | None = None,
) -> list[Hit]:
    """Return the best hits, at most one for each post or comment. Changes nothing."""
    stale_ids, results = _search_index(root, search_filter, limit)
    if stale_ids:
        with closing(sqlite3.connect(":memory:")) as database:
            for statement in search_table.SCHEMA:
                database.execute(statement)
            for thread_id in sorted(stale_ids):
                snapshots = store.load_readable(
                    root, thread_id, on_damage=on_damage or ignore_damage
                )
                if snapshots:
                    thread_history = trace_snapshots(thread_id, snapshots)
                    rows = search_table.build_rows(thread_history, snapshots)
                    search_table.replace(database, rows)
            results += _find_best(database, search_filter, limit, stale_ids)
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


def _search_index(
    root: Path, search_filter: SearchFilter, limit: int
) -> tuple[set[str], list[tuple[float, Document]]]:
    """Search the index; return the threads that it does not hold as they are stored, and hits."""
    path = root / FILE_NAME
    current_ids: set[str] = set()
    results: list[tuple[float, Document]] = []
    try:
        if path.exists():
            with cache_database.open_for_reading(path, version=VERSION) as database:
                current_ids = find_current(root, database)
                results = _find_best(database, search_filter, limit, current_ids)
    except (sqlite3.Error, OSError, UnicodeError, DamagedRowError) as error:
        log.warning("can't read the index (%s), so the snapshots are read; %s", error, REINDEX_HINT)
        return find_stale(root, set()), []
    if stale_ids := find_stale(root, current_ids):
        subject = "1 thread is" if len(stale_ids) == 1 else f"{len(stale_ids):,} threads are"
        log.warning("%s not in the index; run `archive reindex` for a faster search", subject)
    return stale_ids, results


def find_current(root: Path, database: sqlite3.Connection) -> set[str]:
    """Return the threads that the index holds as they are stored and redacted now."""
    ledger = redaction_ledger.read(root) or redaction_ledger.NO_LEDGER
    rows = thread_row.select_current(root, read_rows(database), ledger)
    return {row[0] for row, _ in rows}


def _find_best(
    database: sqlite3.Connection, search_filter: SearchFilter, limit: int, thread_ids: Set[str]
) -> list[tuple[float, Document]]:
    """Return the best hits in these threads, with their scores. Raises DamagedRowError."""
    if not search_filter.query:
        return []
    fts_query = search_query.format_for_fts5(search_filter.query)
    hits = list(islice(_iter_hits(database, search_filter, fts_query, thread_ids), limit))
    newest_ids = _find_newest_matches(database, fts_query, [row_id for _, row_id in hits])
    return [
        (score, search_table.read_document(database, newest_ids[row_id])) for score, row_id in hits
    ]


def _iter_hits(
    database: sqlite3.Connection, search_filter: SearchFilter, fts_query: str, thread_ids: Set[str]
) -> Iterator[tuple[float, int]]:
    """Yield the score and the row ID of the best matching version of each post or comment."""
    yielded: set[tuple[str, str]] = set()
    conditions, values = _build_conditions(search_filter)
    join_clause = JOIN_CLAUSE if conditions else ""
    where_clause = " AND ".join(("words MATCH ?", *conditions))
    hits = database.execute(
        f"{MATCH_STATEMENT} {join_clause} WHERE {where_clause} ORDER BY rank", (fts_query, *values)
    )
    for row_id, score in hits:
        item = search_table.read_item(database, row_id)
        if item is None:
            raise DamagedRowError("a document is missing")
        if item[0] in thread_ids and item not in yielded:
            yielded.add(item)
            yield score, row_id


def _find_newest_matches(
    database: sqlite3.Connection, fts_query: str, row_ids: list[int]
) -> dict[int, int]:
    """Map each found version to the newest matching version of the same post or comment.

    One query for all: each MATCH costs as much as the first.
    """
    siblings = [
        (row_id, newer_id)
        for row_id in row_ids
        for newer_id in search_table.find_newer_versions(database, row_id)
    ]
    newer_ids = json.dumps([newer_id for _, newer_id in siblings])
    matching_ids = set()
    if siblings:
        matching_rows = database.execute(
            "SELECT rowid FROM words WHERE words MATCH ?"
            " AND +rowid IN (SELECT value FROM json_each(?))",
            (fts_query, newer_ids),
        )
        matching_ids = {row_id for (row_id,) in matching_rows}
    newest_ids = {row_id: row_id for row_id in row_ids}
    for row_id, newer_id in siblings:
        if newer_id in matching_ids:
            newest_ids[row_id] = max(newest_ids[row_id], newer_id)
    return newest_ids


def _build_conditions(search_filter: SearchFilter) -> tuple[list[str], list[Any]]:
    conditions: list[str] = []
    values: list[Any] = []
    for column, names in (
        ("contexts.subreddit", search_filter.subreddits),
        ("documents.author", search_filter.authors),
    ):
        if names:
            conditions.append(f"{column} IN ({', '.join('?' * len(names))})")
            values += [search_documents.clean(name.lower()) for name in names]
    if search_filter.since:
        conditions.append("documents.created_at >= ?")
        values.append(search_documents.get_seconds(search_filter.since))
    if search_filter.until:
        conditions.append("documents.created_at <= ?")
        values.append(search_documents.get_seconds(search_filter.until))
    conditions += ["contexts.is_deleted"] if search_filter.only_deleted else []
    conditions += ["contexts.is_edited"] if search_filter.only_edited else []
    return conditions, values
