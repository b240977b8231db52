"""The index's tables for search: every document and its words, for SQLite's FTS5.

FTS5 stores the words without the texts. Scripts without spaces are split into single characters.
Each document carries a checksum, since SQLite has none and would return a flipped bit as it is.
"""

import json
import sqlite3
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from reddit_archive.archive.index import search_documents, search_query
from reddit_archive.archive.index.search_documents import (
    Document,
    DocumentContext,
    DocumentText,
)
from reddit_archive.archive.snapshot_format import Snapshot
from reddit_archive.history import ThreadHistory

TABLES = ("documents", "contexts", "document_ranges", "words")
SCHEMA = (
    """
    CREATE TABLE documents (
        id INTEGER PRIMARY KEY, context_id INTEGER NOT NULL, fullname TEXT NOT NULL,
        author TEXT COLLATE NOCASE, created_at INTEGER, first_seen INTEGER NOT NULL,
        last_seen INTEGER, permalink TEXT, title TEXT NOT NULL, body TEXT NOT NULL,
        extra_text TEXT NOT NULL, checksum INTEGER NOT NULL
    )
    """,
    """
    CREATE TABLE contexts (
        id INTEGER PRIMARY KEY, thread_id TEXT NOT NULL, subreddit TEXT NOT NULL,
        is_deleted INTEGER NOT NULL, is_edited INTEGER NOT NULL, payload TEXT NOT NULL,
        checksum INTEGER NOT NULL
    )
    """,
    """
    CREATE TABLE document_ranges (
        thread_id TEXT PRIMARY KEY, first_id INTEGER NOT NULL, last_id INTEGER NOT NULL,
        checksum INTEGER NOT NULL
    ) WITHOUT ROWID
    """,
    """
    CREATE VIRTUAL TABLE words USING fts5 (
        title, body, extra_text, content = '',
        tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co So'"
    )
    """,
    "INSERT INTO words (words, rank) VALUES ('rank', 'bm25(2.0, 1.0, 0.5)')",
)
INSERT_WORDS = "INSERT INTO words (rowid, title, body, extra_text) VALUES (?, ?, ?, ?)"
DELETE_WORDS = (
    "INSERT INTO words (words, rowid, title, body, extra_text) VALUES ('delete', ?, ?, ?, ?)"
)


class DamagedRowError(Exception):
    """A row differs from what was written."""


@dataclass(frozen=True, slots=True)
class SearchRows:
    """A thread's documents, not yet numbered: each with the number of its context."""

    thread_id: str
    contexts: tuple[DocumentContext, ...]
    documents: tuple[tuple[int, DocumentText], ...]


def build_rows(thread_history: ThreadHistory, snapshots: Sequence[Snapshot]) -> SearchRows:
    """Build a thread's rows from its snapshots and their history; needs no database."""
    numbers: dict[DocumentContext, int] = {}
    documents = tuple(
        (numbers.setdefault(context, len(numbers)), text)
        for context, text in search_documents.iter_documents(thread_history, snapshots)
    )
    return SearchRows(thread_history.thread_id, tuple(numbers), documents)


def replace(database: sqlite3.Connection, search_rows: SearchRows) -> None:
    """Insert a thread's rows after deleting the existing ones. Raises DamagedRowError.

    The thread's documents get the next ids without gaps, and its contexts the first of these.
    """
    thread_id, documents = search_rows.thread_id, search_rows.documents
    delete_thread(database, thread_id)
    if not documents:
        return
    last_id: int = database.execute("SELECT coalesce(max(id), 0) FROM documents").fetchone()[0]
    first_id = last_id + 1
    database.executemany(
        f"INSERT INTO contexts VALUES ({', '.join('?' * 7)})",
        map(_build_context_row, count(first_id), search_rows.contexts),
    )
    rows = [
        (row_id, first_id + number, *text)
        for row_id, (number, text) in enumerate(documents, first_id)
    ]
    database.executemany(
        f"INSERT INTO documents VALUES ({', '.join('?' * 12)})",
        ((*row, _compute_checksum(*row)) for row in rows),
    )
    database.executemany(INSERT_WORDS, map(_build_words, rows))
    id_range = (thread_id, first_id, rows[-1][0])
    database.execute(
        "INSERT INTO document_ranges VALUES (?, ?, ?, ?)", (*id_range, _compute_checksum(*id_range))
    )


def delete_thread(database: sqlite3.Connection, thread_id: str) -> None:
    """Delete a thread's rows.

    Raises DamagedRowError: FTS5 deletes words only if it is told exactly what was inserted.
    """
    id_range = _find_range(database, thread_id)
    if id_range is None:
        return
    rows = database.execute("SELECT * FROM documents WHERE id BETWEEN ? AND ?", id_range).fetchall()
    for row in rows:
        _check(row)
    database.executemany(DELETE_WORDS, map(_build_words, rows))
    for table in ("documents", "contexts"):
        database.execute(f"DELETE FROM {table} WHERE id BETWEEN ? AND ?", id_range)
    database.execute("DELETE FROM document_ranges WHERE thread_id = ?", (thread_id,))


def read_document(database: sqlite3.Connection, row_id: int) -> Document:
    """Read a document. Raises DamagedRowError."""
    row = _read_row(database, "documents", row_id)
    *_, payload, _ = _read_row(database, "contexts", row[1])
    context = DocumentContext._make(json.loads(payload))
    return search_documents.build_document(context, DocumentText._make(row[2:-1]))


def find_newer_versions(database: sqlite3.Connection, row_id: int) -> list[int]:
    """Return the ids of the newer versions of the same post or comment, which follow it."""
    newer_ids: list[int] = []
    item = read_item(database, row_id)
    while read_item(database, row_id + len(newer_ids) + 1) == item:
        newer_ids.append(row_id + len(newer_ids) + 1)
    return newer_ids


def read_item(database: sqlite3.Connection, row_id: int) -> tuple[str, str] | None:
    """Read the thread ID and the fullname of a document; None if there is none."""
    item: tuple[str, str] | None = database.execute(
        "SELECT thread_id, fullname FROM documents"
        " JOIN contexts ON contexts.id = context_id WHERE documents.id = ?",
        (row_id,),
    ).fetchone()
    return item


def optimize(database: sqlite3.Connection) -> None:
    """Rewrite the words in one piece, so that no word of a deleted document is left."""
    database.execute("INSERT INTO words (words) VALUES ('optimize')")


def _find_range(database: sqlite3.Connection, thread_id: str) -> tuple[int, int] | None:
    row = database.execute(
        "SELECT * FROM document_ranges WHERE thread_id = ?", (thread_id,)
    ).fetchone()
    if row is None:
        return None
    _check(row)
    return row[1], row[2]


def _read_row(database: sqlite3.Connection, table: str, row_id: int) -> tuple[Any, ...]:
    row = database.execute(f"SELECT * FROM {table} WHERE id = ?", (row_id,)).fetchone()
    if row is None:
        raise DamagedRowError("a document is missing")
    _check(row)
    return tuple(row)


def _check(row: Sequence[Any]) -> None:
    if row[-1] != _compute_checksum(*row[:-1]):
        raise DamagedRowError("a document has a wrong checksum")


def _build_context_row(row_id: int, context: DocumentContext) -> tuple[Any, ...]:
    row = (
        row_id,
        context.thread_id,
        context.subreddit.lower().removeprefix("r/"),
        int(context.lost is not None),
        int(context.is_edited),
        json.dumps(context),
    )
    return (*row, _compute_checksum(*row))


def _build_words(row: Sequence[Any]) -> tuple[Any, ...]:
    title, body, extra_text = map(search_query.separate_words, row[8:11])
    return row[0], title, body, extra_text


def _compute_checksum(*values: Any) -> int:
    return zlib.crc32(("%s\n" * len(values) % values).encode())
