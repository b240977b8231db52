"""The tables that are searched: threads, their texts, and the words of these.

The words are kept without the texts, parted for scripts that have no spaces. Each row of a text
carries a proof: SQLite has no checksums, and a flipped bit would be shown as it is.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from reddit_archive.archive.index import search_documents, search_query
from reddit_archive.archive.index.search_documents import Document
from reddit_archive.archive.index.search_query import Query
from reddit_archive.archive.snapshot_format import Snapshot, format_time
from reddit_archive.archive.store import collect_digests, compute_fingerprint
from reddit_archive.files import fast_json
from reddit_archive.history import ThreadHistory

VERSION = 1
SCHEMA = f"""
    DROP TABLE IF EXISTS threads; DROP TABLE IF EXISTS texts; DROP TABLE IF EXISTS words;
    CREATE TABLE threads (
        thread_id TEXT PRIMARY KEY, digests TEXT NOT NULL, proof TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE texts (
        id INTEGER PRIMARY KEY, thread_id TEXT NOT NULL, fullname TEXT NOT NULL,
        subreddit TEXT NOT NULL, author TEXT NOT NULL, created_at TEXT NOT NULL,
        is_lost INTEGER NOT NULL, is_edited INTEGER NOT NULL, proof TEXT NOT NULL,
        said TEXT NOT NULL
    );
    CREATE INDEX texts_of ON texts (thread_id, fullname);
    CREATE VIRTUAL TABLE words USING fts5 (
        title, body, beside, content = '',
        tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co So'"
    );
    INSERT INTO words (words, rank) VALUES ('rank', 'bm25(2.0, 1.0, 0.5)');
    PRAGMA user_version = {VERSION};
"""
MATCH_STATEMENT = "SELECT words.rowid, words.rank FROM words"


class DamagedRowError(Exception):
    """A row is not what was written."""


@dataclass(frozen=True, slots=True)
class SearchFilter:
    """What is searched for, and in what: names without prefix, `since` and `until` included.

    What was written at no known time is not within any.
    """

    query: Query
    subreddits: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    only_deleted: bool = False
    only_edited: bool = False


@dataclass(frozen=True, slots=True)
class SearchRows:
    """A thread's rows, to be numbered: of each text its keys, what it says, and its words."""

    thread_id: str
    digests: str
    documents: tuple[tuple[tuple[Any, ...], str, tuple[str, ...]], ...]


def create_tables(database: sqlite3.Connection) -> None:
    """Make the tables; those of another version are taken out, with all that they held."""
    database.executescript(SCHEMA)


def build_rows(thread_history: ThreadHistory, snapshots: Sequence[Snapshot]) -> SearchRows:
    """Make what `replace` writes, which is most of the work and needs no database.

    Of a thread's snapshots, and of the history that they tell.
    """
    documents = tuple(
        (_build_keys(document), fast_json.dumps(tuple(document)).decode(), _build_words(document))
        for document in search_documents.iter_documents(thread_history, snapshots)
    )
    return SearchRows(
        thread_history.thread_id, compute_fingerprint(collect_digests(snapshots)), documents
    )


def replace(database: sqlite3.Connection, search_rows: SearchRows) -> None:
    """Put a thread's rows in the place of those that were there. Raises Damaged, as `drop`."""
    delete_thread(database, search_rows.thread_id)
    last_id: int = database.execute("SELECT coalesce(max(id), 0) FROM texts").fetchone()[0]
    database.executemany(
        f"INSERT INTO texts VALUES ({', '.join('?' * 10)})",
        (
            (row_id, *keys, _compute_checksum(row_id, *keys, payload), payload)
            for row_id, (keys, payload, _) in enumerate(search_rows.documents, last_id + 1)
        ),
    )
    database.executemany(
        "INSERT INTO words (rowid, title, body, beside) VALUES (?, ?, ?, ?)",
        (
            (row_id, *words)
            for row_id, (_, _, words) in enumerate(search_rows.documents, last_id + 1)
        ),
    )
    row = (
        search_rows.thread_id,
        search_rows.digests,
        _compute_checksum(search_rows.thread_id, search_rows.digests),
    )
    database.execute("INSERT INTO threads VALUES (?, ?, ?)", row)


def delete_thread(database: sqlite3.Connection, thread_id: str) -> None:
    """Take a thread's rows out. Raises Damaged where what is there can't be taken out."""
    text_rows = database.execute("SELECT * FROM texts WHERE thread_id = ?", (thread_id,)).fetchall()
    database.executemany(
        "INSERT INTO words (words, rowid, title, body, beside) VALUES ('delete', ?, ?, ?, ?)",
        ((row[0], *_build_words(_parse_row(row))) for row in text_rows),
    )
    for table in ("texts", "threads"):
        database.execute(f"DELETE FROM {table} WHERE thread_id = ?", (thread_id,))


def optimize(database: sqlite3.Connection) -> None:
    """Write the words anew in one piece, so that none is left of a text that was taken out."""
    database.execute("INSERT INTO words (words) VALUES ('optimize')")


def find_current(
    database: sqlite3.Connection, stored_digests: Mapping[str, Iterable[str]]
) -> set[str]:
    """Tell of which threads the tables hold what is stored, by the names of the snapshots."""
    return {
        thread_id
        for thread_id, digests, checksum in database.execute("SELECT * FROM threads")
        if thread_id in stored_digests
        and checksum == _compute_checksum(thread_id, digests)
        and digests == compute_fingerprint(stored_digests[thread_id])
    }


def find_best(
    database: sqlite3.Connection, search_filter: SearchFilter, limit: int, thread_ids: Set[str]
) -> list[tuple[float, Document]]:
    """Give the best hits in these threads, with their scores. Raises Damaged."""
    if not search_filter.query:
        return []
    fts_query = search_query.format_for_fts5(search_filter.query)
    hits = list(islice(_iter_hits(database, search_filter, fts_query, thread_ids), limit))
    newest_ids = _find_newest_matches(database, fts_query, [row_id for _, row_id in hits])
    return [(score, _read_document(database, newest_ids[row_id])) for score, row_id in hits]


def _iter_hits(
    database: sqlite3.Connection, search_filter: SearchFilter, fts_query: str, thread_ids: Set[str]
) -> Iterator[tuple[float, int]]:
    """Score and number of the best version of each text that has the words."""
    yielded: set[str] = set()
    conditions, values = _build_conditions(search_filter)
    join_clause = "CROSS JOIN texts ON texts.id = words.rowid" if conditions else ""
    where_clause = " AND ".join(("words MATCH ?", *conditions))
    hits = database.execute(
        f"{MATCH_STATEMENT} {join_clause} WHERE {where_clause} ORDER BY rank", (fts_query, *values)
    )
    for row_id, score in hits:
        row = database.execute("SELECT thread_id, fullname FROM texts WHERE id = ?", (row_id,))
        thread_id, fullname = row.fetchone() or (None, None)
        if thread_id is None:
            raise DamagedRowError("a text is missing")
        if thread_id in thread_ids and f"{thread_id} {fullname}" not in yielded:
            yielded.add(f"{thread_id} {fullname}")
            yield score, row_id


def _find_newest_matches(
    database: sqlite3.Connection, fts_query: str, row_ids: list[int]
) -> dict[int, int]:
    """Find for each version that was found the newest one of the same text that has the words.

    All at once: each look at the words costs as much as the first.
    """
    siblings = database.execute(
        "SELECT one.id, other.id FROM texts AS one JOIN texts AS other USING (thread_id, fullname)"
        " WHERE one.id IN (SELECT value FROM json_each(?)) AND other.id > one.id",
        (json.dumps(row_ids),),
    ).fetchall()
    newer_ids = json.dumps([row_id for _, row_id in siblings])
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


def _read_document(database: sqlite3.Connection, row_id: int) -> Document:
    row = database.execute("SELECT * FROM texts WHERE id = ?", (row_id,)).fetchone()
    return _parse_row(row)


def _build_conditions(search_filter: SearchFilter) -> tuple[list[str], list[Any]]:
    conditions: list[str] = []
    values: list[Any] = []
    for column, names in (
        ("subreddit", search_filter.subreddits),
        ("author", search_filter.authors),
    ):
        if names:
            conditions.append(f"texts.{column} IN ({', '.join('?' * len(names))})")
            values += [search_documents.clean(name.lower()) for name in names]
    if search_filter.since or search_filter.until:
        conditions.append("texts.created_at BETWEEN ? AND ?")
        values.append(format_time(search_filter.since) if search_filter.since else "0")
        values.append(
            format_time(search_filter.until) if search_filter.until else "9999-12-31T23:59:59Z"
        )
    conditions += ["texts.is_lost"] if search_filter.only_deleted else []
    conditions += ["texts.is_edited"] if search_filter.only_edited else []
    return conditions, values


def _build_keys(document: Document) -> tuple[Any, ...]:
    return (
        document.thread_id,
        document.fullname,
        document.subreddit.lower().removeprefix("r/"),
        (document.author or "").lower(),
        document.created_at or "",
        int(document.lost is not None),
        int(document.is_edited),
    )


def _parse_row(row: Sequence[Any]) -> Document:
    *keys, checksum, payload = row
    if checksum != _compute_checksum(*keys, payload):
        raise DamagedRowError("a text is not what was written")
    return Document(*json.loads(payload))


def _build_words(document: Document) -> tuple[str, ...]:
    return (
        search_query.separate_words(document.title),
        search_query.separate_words(document.body),
        search_query.separate_words(document.beside),
    )


def _compute_checksum(*values: Any) -> str:
    return hashlib.sha256("\n".join(map(str, values)).encode()).hexdigest()[:16]
