"""Export threads as an SQLite database, for example for Datasette.

The tables are posts, comments, versions (all texts of each post and comment) and snapshots. Times
are text in UTC; `lost` and `is_kept` mark texts that Reddit no longer shows.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import fields
from itertools import groupby
from operator import attrgetter, itemgetter
from pathlib import Path
from typing import Any

from reddit_archive import errors
from reddit_archive.archive.index import cache_database
from reddit_archive.export import json_values, rows
from reddit_archive.export.thread_data import ThreadData
from reddit_archive.files import durable_files, regular_files

APPLICATION_ID = 0x52415263
"""The `application_id` in the header of our databases; other databases are not overwritten."""
APPLICATION_ID_BYTES = slice(68, 72)
ROW_CLASSES: dict[str, type] = {
    "posts": rows.PostRow,
    "comments": rows.CommentRow,
    "versions": rows.VersionRow,
    "snapshots": rows.SnapshotRow,
}
COLUMN_NAMES = {
    table: [field.name for field in fields(row_class)] for table, row_class in ROW_CLASSES.items()
}
TableRow = tuple[str, list[Any]]
"""The name of a table, and the values of one row."""
SCHEMA = """
    CREATE TABLE posts (
        id TEXT PRIMARY KEY, subreddit TEXT, title TEXT, author TEXT, body TEXT, link TEXT,
        permalink TEXT NOT NULL, flair TEXT, created_at TEXT, edited_at TEXT, score INTEGER,
        comment_count INTEGER, is_stickied INTEGER NOT NULL, distinguished TEXT, lost TEXT,
        is_kept INTEGER NOT NULL, is_redacted INTEGER NOT NULL, first_seen TEXT NOT NULL,
        last_seen TEXT NOT NULL, versions INTEGER NOT NULL, is_complete INTEGER NOT NULL,
        missing INTEGER NOT NULL
    );
    CREATE TABLE comments (
        id TEXT PRIMARY KEY, post_id TEXT NOT NULL REFERENCES posts (id),
        parent_id TEXT REFERENCES comments (id), answers TEXT NOT NULL,
        position INTEGER NOT NULL, level INTEGER NOT NULL, author TEXT, body TEXT,
        permalink TEXT NOT NULL, flair TEXT, created_at TEXT, edited_at TEXT, score INTEGER,
        is_submitter INTEGER NOT NULL, is_stickied INTEGER NOT NULL, distinguished TEXT, lost TEXT,
        is_kept INTEGER NOT NULL, is_redacted INTEGER NOT NULL, first_seen TEXT NOT NULL,
        last_seen TEXT NOT NULL, versions INTEGER NOT NULL
    );
    CREATE TABLE versions (
        id TEXT PRIMARY KEY, post_id TEXT NOT NULL REFERENCES posts (id),
        comment_id TEXT REFERENCES comments (id), number INTEGER NOT NULL,
        is_latest INTEGER NOT NULL, is_overwrite INTEGER NOT NULL, title TEXT, author TEXT,
        flair TEXT, body TEXT NOT NULL, first_seen TEXT NOT NULL, last_seen TEXT NOT NULL,
        source TEXT NOT NULL
    );
    CREATE TABLE snapshots (
        digest TEXT PRIMARY KEY, post_id TEXT NOT NULL REFERENCES posts (id),
        captured_at TEXT NOT NULL, source TEXT NOT NULL, file TEXT NOT NULL,
        size_bytes INTEGER NOT NULL, parent TEXT, is_complete INTEGER NOT NULL,
        comments INTEGER NOT NULL, missing INTEGER NOT NULL
    );
"""
INDEXES = """
    CREATE INDEX posts_subreddit ON posts (subreddit, created_at);
    CREATE INDEX posts_author ON posts (author);
    CREATE INDEX posts_lost ON posts (lost) WHERE lost IS NOT NULL;
    CREATE INDEX comments_post ON comments (post_id, position);
    CREATE INDEX comments_parent ON comments (parent_id);
    CREATE INDEX comments_author ON comments (author);
    CREATE INDEX comments_lost ON comments (lost) WHERE lost IS NOT NULL;
    CREATE INDEX versions_post ON versions (post_id);
    CREATE INDEX versions_comment ON versions (comment_id, number);
    CREATE INDEX snapshots_post ON snapshots (post_id, captured_at);
"""


def iter_rows(thread_data: ThreadData) -> Iterator[TableRow]:
    """Yield the rows of a thread, table by table."""
    for table, table_rows in (
        ("posts", [rows.build_post(thread_data)]),
        ("comments", rows.iter_comments(thread_data)),
        ("versions", rows.iter_versions(thread_data)),
        ("snapshots", rows.iter_snapshots(thread_data)),
    ):
        get_values = attrgetter(*COLUMN_NAMES[table])
        for row in table_rows:
            yield table, [json_values.serialize(value) for value in get_values(row)]


def write(rows_by_thread: Iterable[Iterable[TableRow]], path: Path) -> int:
    """Write threads to a database, completely or not at all; return the number of threads.

    An earlier export is replaced. If two threads have the same comment, the first one gets it.
    Raises StoreError, also if the file exists and is not an earlier export.
    """
    _check_replaceable(path)
    with durable_files.atomic_path(path) as temp_path:
        try:
            return _fill_database(temp_path, rows_by_thread)
        except sqlite3.Error as error:
            raise errors.StoreError(
                f"can't write {path}: {error}", "Choose a file on a disk with more space."
            ) from error


def _fill_database(path: Path, rows_by_thread: Iterable[Iterable[TableRow]]) -> int:
    thread_count = 0
    with closing(cache_database.open_without_locks(path)) as database:
        database.isolation_level = None
        # An incomplete temp file is removed, so it needs no journal and no flushes of its own.
        database.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")
        database.executescript(f"{SCHEMA}; PRAGMA application_id = {APPLICATION_ID}")
        database.execute("BEGIN")
        for thread_rows in rows_by_thread:
            for table, table_rows in groupby(thread_rows, key=itemgetter(0)):
                _insert(database, table, (values for _, values in table_rows))
            thread_count += 1
        database.execute("COMMIT")
        database.executescript(f"{INDEXES}; ANALYZE")
    return thread_count


def _insert(database: sqlite3.Connection, table: str, values_by_row: Iterable[list[Any]]) -> None:
    names = COLUMN_NAMES[table]
    placeholders = ", ".join("?" * len(names))
    database.executemany(
        f"INSERT OR IGNORE INTO {table} ({', '.join(names)}) VALUES ({placeholders})", values_by_row
    )


def _check_replaceable(path: Path) -> None:
    with durable_files.translate_os_errors(path, "read"):
        if not path.exists():
            return
        with regular_files.open_binary(path) as file:
            header = file.read(APPLICATION_ID_BYTES.stop)
    if header and header[APPLICATION_ID_BYTES] != APPLICATION_ID.to_bytes(4, "big"):
        raise errors.StoreError(
            f"{path} exists, and is not an earlier export",
            "Choose another name, or remove the file.",
        )
