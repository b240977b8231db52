"""The index's tables for search: every document and its words, for SQLite's FTS5.

FTS5 stores the words without the texts. Scripts without spaces are split into single characters.
Each document carries a checksum, since SQLite has none and would return a flipped bit as it is.
"""

import hashlib
import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from reddit_archive.archive.index import search_documents, search_query
from reddit_archive.archive.index.search_documents import Document
from reddit_archive.archive.snapshot_format import Snapshot
from reddit_archive.files import fast_json
from reddit_archive.history import ThreadHistory

TABLES = ("documents", "words")
SCHEMA = (
    """
    CREATE TABLE documents (
        id INTEGER PRIMARY KEY, thread_id TEXT NOT NULL, fullname TEXT NOT NULL,
        subreddit TEXT NOT NULL, author TEXT NOT NULL, created_at TEXT NOT NULL,
        is_deleted INTEGER NOT NULL, is_edited INTEGER NOT NULL, checksum TEXT NOT NULL,
        payload TEXT NOT NULL
    )
    """,
    "CREATE INDEX documents_by_item ON documents (thread_id, fullname)",
    """
    CREATE VIRTUAL TABLE words USING fts5 (
        title, body, extra_text, content = '',
        tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co So'"
    )
    """,
    "INSERT INTO words (words, rank) VALUES ('rank', 'bm25(2.0, 1.0, 0.5)')",
)


class DamagedRowError(Exception):
    """A row differs from what was written."""


@dataclass(frozen=True, slots=True)
class SearchRows:
    """A thread's documents, not yet numbered: columns, payload as JSON, and words of each."""

    thread_id: str
    documents: tuple[tuple[tuple[Any, ...], str, tuple[str, ...]], ...]


def build_rows(thread_history: ThreadHistory, snapshots: Sequence[Snapshot]) -> SearchRows:
    """Build a thread's rows from its snapshots and their history; needs no database."""
    documents = tuple(
        (
            _build_columns(document),
            fast_json.dumps(tuple(document)).decode(),
            _build_words(document),
        )
        for document in search_documents.iter_documents(thread_history, snapshots)
    )
    return SearchRows(thread_history.thread_id, documents)


def replace(database: sqlite3.Connection, search_rows: SearchRows) -> None:
    """Insert a thread's rows after deleting the existing ones. Raises DamagedRowError."""
    delete_thread(database, search_rows.thread_id)
    last_id: int = database.execute("SELECT coalesce(max(id), 0) FROM documents").fetchone()[0]
    database.executemany(
        f"INSERT INTO documents VALUES ({', '.join('?' * 10)})",
        (
            (row_id, *columns, _compute_checksum(row_id, *columns, payload), payload)
            for row_id, (columns, payload, _) in enumerate(search_rows.documents, last_id + 1)
        ),
    )
    database.executemany(
        "INSERT INTO words (rowid, title, body, extra_text) VALUES (?, ?, ?, ?)",
        (
            (row_id, *words)
            for row_id, (_, _, words) in enumerate(search_rows.documents, last_id + 1)
        ),
    )


def delete_thread(database: sqlite3.Connection, thread_id: str) -> None:
    """Delete a thread's rows.

    Raises DamagedRowError: FTS5 deletes words only if it is told exactly what was inserted.
    """
    rows = database.execute("SELECT * FROM documents WHERE thread_id = ?", (thread_id,)).fetchall()
    database.executemany(
        "INSERT INTO words (words, rowid, title, body, extra_text) VALUES ('delete', ?, ?, ?, ?)",
        ((row[0], *_build_words(parse_row(row))) for row in rows),
    )
    database.execute("DELETE FROM documents WHERE thread_id = ?", (thread_id,))


def optimize(database: sqlite3.Connection) -> None:
    """Rewrite the words in one piece, so that no word of a deleted document is left."""
    database.execute("INSERT INTO words (words) VALUES ('optimize')")


def parse_row(row: Sequence[Any]) -> Document:
    """Parse a row of the table of documents. Raises DamagedRowError."""
    *columns, checksum, payload = row
    if checksum != _compute_checksum(*columns, payload):
        raise DamagedRowError("a document has a wrong checksum")
    return Document(*json.loads(payload))


def _build_columns(document: Document) -> tuple[Any, ...]:
    return (
        document.thread_id,
        document.fullname,
        document.subreddit.lower().removeprefix("r/"),
        (document.author or "").lower(),
        document.created_at or "",
        int(document.lost is not None),
        int(document.is_edited),
    )


def _build_words(document: Document) -> tuple[str, ...]:
    return (
        search_query.separate_words(document.title),
        search_query.separate_words(document.body),
        search_query.separate_words(document.beside),
    )


def _compute_checksum(*values: Any) -> str:
    return hashlib.sha256("\n".join(map(str, values)).encode()).hexdigest()[:16]
