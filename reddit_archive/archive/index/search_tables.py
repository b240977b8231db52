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
from reddit_archive.archive.index.search_documents import Text
from reddit_archive.archive.index.search_query import Query
from reddit_archive.archive.snapshot_format import Snapshot, write_time
from reddit_archive.archive.store import digests, fingerprint
from reddit_archive.files import fast_json
from reddit_archive.history import History

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
MATCHING = "SELECT words.rowid, words.rank FROM words"


class Damaged(Exception):
    """A row is not what was written."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is searched for, and in what: names without prefix, `since` and `until` included.

    What was written at no known time is not within any.
    """

    query: Query
    subreddits: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    lost: bool = False
    edited: bool = False


@dataclass(frozen=True, slots=True)
class Rows:
    """A thread's rows, to be numbered: of each text its keys, what it says, and its words."""

    thread_id: str
    digests: str
    texts: tuple[tuple[tuple[Any, ...], str, tuple[str, ...]], ...]


def prepare(database: sqlite3.Connection) -> None:
    """Make the tables; those of another version are taken out, with all that they held."""
    database.executescript(SCHEMA)


def rows(past: History, shots: Sequence[Snapshot]) -> Rows:
    """Make what `replace` writes, which is most of the work and needs no database.

    Of a thread's snapshots, and of the history that they tell.
    """
    said = tuple(
        (_keys(text), fast_json.dumps(tuple(text)).decode(), _searched(text))
        for text in search_documents.read(past, shots)
    )
    return Rows(past.thread_id, fingerprint(digests(shots)), said)


def replace(database: sqlite3.Connection, rows: Rows) -> None:
    """Put a thread's rows in the place of those that were there. Raises Damaged, as `drop`."""
    drop(database, rows.thread_id)
    last: int = database.execute("SELECT coalesce(max(id), 0) FROM texts").fetchone()[0]
    database.executemany(
        f"INSERT INTO texts VALUES ({', '.join('?' * 10)})",
        (
            (number, *keys, _proof(number, *keys, said), said)
            for number, (keys, said, _) in enumerate(rows.texts, last + 1)
        ),
    )
    database.executemany(
        "INSERT INTO words (rowid, title, body, beside) VALUES (?, ?, ?, ?)",
        ((number, *searched) for number, (_, _, searched) in enumerate(rows.texts, last + 1)),
    )
    row = (rows.thread_id, rows.digests, _proof(rows.thread_id, rows.digests))
    database.execute("INSERT INTO threads VALUES (?, ?, ?)", row)


def drop(database: sqlite3.Connection, thread_id: str) -> None:
    """Take a thread's rows out. Raises Damaged where what is there can't be taken out."""
    found = database.execute("SELECT * FROM texts WHERE thread_id = ?", (thread_id,)).fetchall()
    database.executemany(
        "INSERT INTO words (words, rowid, title, body, beside) VALUES ('delete', ?, ?, ?, ?)",
        ((row[0], *_searched(_text(row))) for row in found),
    )
    for table in ("texts", "threads"):
        database.execute(f"DELETE FROM {table} WHERE thread_id = ?", (thread_id,))


def tidy(database: sqlite3.Connection) -> None:
    """Write the words anew in one piece, so that none is left of a text that was taken out."""
    database.execute("INSERT INTO words (words) VALUES ('optimize')")


def fresh(database: sqlite3.Connection, stored: Mapping[str, Iterable[str]]) -> set[str]:
    """Tell of which threads the tables hold what is stored, by the names of the snapshots."""
    return {
        thread_id
        for thread_id, digests, proof in database.execute("SELECT * FROM threads")
        if thread_id in stored
        and proof == _proof(thread_id, digests)
        and digests == fingerprint(stored[thread_id])
    }


def best(
    database: sqlite3.Connection, wanted: Wanted, limit: int, threads: Set[str]
) -> list[tuple[float, Text]]:
    """Give the best hits in these threads, with their scores. Raises Damaged."""
    if not wanted.query:
        return []
    match = search_query.expression(wanted.query)
    found = list(islice(_hits(database, wanted, match, threads), limit))
    newest = _newest(database, match, [number for _, number in found])
    return [(score, _read(database, newest[number])) for score, number in found]


def _hits(
    database: sqlite3.Connection, wanted: Wanted, match: str, threads: Set[str]
) -> Iterator[tuple[float, int]]:
    """Score and number of the best version of each text that has the words."""
    seen: set[str] = set()
    conditions, values = _conditions(wanted)
    joining = "CROSS JOIN texts ON texts.id = words.rowid" if conditions else ""
    where = " AND ".join(("words MATCH ?", *conditions))
    hits = database.execute(f"{MATCHING} {joining} WHERE {where} ORDER BY rank", (match, *values))
    for number, score in hits:
        row = database.execute("SELECT thread_id, fullname FROM texts WHERE id = ?", (number,))
        thread_id, fullname = row.fetchone() or (None, None)
        if thread_id is None:
            raise Damaged("a text is missing")
        if thread_id in threads and f"{thread_id} {fullname}" not in seen:
            seen.add(f"{thread_id} {fullname}")
            yield score, number


def _newest(database: sqlite3.Connection, match: str, numbers: list[int]) -> dict[int, int]:
    """Find for each version that was found the newest one of the same text that has the words.

    All at once: each look at the words costs as much as the first.
    """
    siblings = database.execute(
        "SELECT one.id, other.id FROM texts AS one JOIN texts AS other USING (thread_id, fullname)"
        " WHERE one.id IN (SELECT value FROM json_each(?)) AND other.id > one.id",
        (json.dumps(numbers),),
    ).fetchall()
    later = json.dumps([number for _, number in siblings])
    has_words = set()
    if siblings:
        rows = database.execute(
            "SELECT rowid FROM words WHERE words MATCH ?"
            " AND +rowid IN (SELECT value FROM json_each(?))",
            (match, later),
        )
        has_words = {number for (number,) in rows}
    newest = {number: number for number in numbers}
    for number, other in siblings:
        if other in has_words:
            newest[number] = max(newest[number], other)
    return newest


def _read(database: sqlite3.Connection, number: int) -> Text:
    row = database.execute("SELECT * FROM texts WHERE id = ?", (number,)).fetchone()
    return _text(row)


def _conditions(wanted: Wanted) -> tuple[list[str], list[Any]]:
    found: list[str] = []
    values: list[Any] = []
    for column, names in (("subreddit", wanted.subreddits), ("author", wanted.authors)):
        if names:
            found.append(f"texts.{column} IN ({', '.join('?' * len(names))})")
            values += [search_documents.clean(name.lower()) for name in names]
    if wanted.since or wanted.until:
        found.append("texts.created_at BETWEEN ? AND ?")
        values.append(write_time(wanted.since) if wanted.since else "0")
        values.append(write_time(wanted.until) if wanted.until else "9999-12-31T23:59:59Z")
    found += ["texts.is_lost"] if wanted.lost else []
    found += ["texts.is_edited"] if wanted.edited else []
    return found, values


def _keys(text: Text) -> tuple[Any, ...]:
    return (
        text.thread_id,
        text.fullname,
        text.subreddit.lower().removeprefix("r/"),
        (text.author or "").lower(),
        text.created_at or "",
        int(text.lost is not None),
        int(text.is_edited),
    )


def _text(row: Sequence[Any]) -> Text:
    *keys, proof, said = row
    if proof != _proof(*keys, said):
        raise Damaged("a text is not what was written")
    return Text(*json.loads(said))


def _searched(text: Text) -> tuple[str, ...]:
    return (
        search_query.spaced(text.title),
        search_query.spaced(text.body),
        search_query.spaced(text.beside),
    )


def _proof(*values: Any) -> str:
    return hashlib.sha256("\n".join(map(str, values)).encode()).hexdigest()[:16]
