"""The index: what `list` tells of every thread, in SQLite, so that no snapshot has to be read.

It may be deleted at any time. Reading believes no row that is not whole, and none of a thread whose
files are others than the row was made from: those are read themselves.
"""

import json
import logging
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from dataclasses import fields
from pathlib import Path

from reddit_archive import errors
from reddit_archive.archive import store
from reddit_archive.archive.index import cache_database
from reddit_archive.archive.index.summary import Summary, summarise, trace
from reddit_archive.archive.index.titles import FILE
from reddit_archive.archive.index.titles import proof as _proof
from reddit_archive.archive.snapshot_format import Snapshot
from reddit_archive.archive.store import Damage
from reddit_archive.history import History

log = logging.getLogger(__name__)

VERSION = 2
WAIT_SECONDS = 1.0
SCHEMA = """
    CREATE TABLE threads (
        thread_id TEXT PRIMARY KEY, digests TEXT NOT NULL, summary TEXT NOT NULL,
        proof TEXT NOT NULL
    ) WITHOUT ROWID;
"""
AGAIN = "`archive reindex` makes it anew"

Row = tuple[str, str, str]
"""A thread's id, the digest of its snapshots' digests, and its summary as JSON."""


def holds(root: Path, thread_id: str, digests: Iterable[str]) -> bool:
    """Tell whether it has a whole row of a thread, made from these snapshots. Never raises."""
    asked = "SELECT * FROM threads WHERE thread_id = ?"
    with suppress(sqlite3.Error, OSError):
        with cache_database.reading(root / FILE, wait_seconds=WAIT_SECONDS) as database:
            found = database.execute(asked, (thread_id,)).fetchone()
        is_whole = found is not None and found[3] == _proof(found[:3])
        return is_whole and found[1] == store.fingerprint(digests)
    return False


def put(root: Path, rows: Iterable[Row]) -> None:
    """Take threads in. Never raises: what goes wrong is a warning."""
    try:
        with _writing(root) as database:
            _insert(database, rows)
    except (sqlite3.Error, OSError, errors.ArchiveError) as error:
        log.warning("the index was not updated (%s); %s", error, AGAIN)


def renew(root: Path, thread_id: str, present: Callable[[], Sequence[Row]]) -> None:
    """Take a thread's row out, and what it is at present in; leave no trace of what it was.

    An index that can't be changed is removed, and nobody is asked where there is none.
    """
    if not (root / FILE).exists():
        return
    try:
        rows = present()
        with _writing(root) as database:
            database.execute("DELETE FROM threads WHERE thread_id = ?", (thread_id,))
            _insert(database, rows)
        with closing(sqlite3.connect(root / FILE, timeout=WAIT_SECONDS)) as database:
            database.execute("VACUUM")  # SQLite leaves copies of rows where it has moved them
    except (sqlite3.Error, OSError, errors.ArchiveError) as error:
        cache_database.remove(root / FILE)
        log.warning("the index was removed (%s); %s", error, AGAIN)


@contextmanager
def rebuilding(root: Path) -> Iterator[Callable[[Row], None]]:
    """Make the index anew: give what takes in a thread's row. It counts once all went well.

    Raises StoreError.
    """
    with cache_database.anew(root / FILE, _prepare, what="the index") as database:
        yield lambda row: _insert(database, [row])


def threads(root: Path, *, on_damage: Callable[[Damage], None] | None = None) -> Iterator[Summary]:
    """Give every stored thread, by id: from the index where it is right, else from the files.

    Changes nothing.
    """
    known = _known(root)
    for thread_id in store.threads(root):
        digests, summary = known.get(thread_id, ("", None))
        if summary is None or digests != store.fingerprint(store.names(root, thread_id)):
            shots = store.legible(root, thread_id, on_damage=on_damage or _pass)
            summary = summarise(trace(thread_id, shots), shots) if shots else None
        if summary is not None:
            yield summary


def behind(root: Path) -> int:
    """Count the threads that the index does not list as they are on disk. Changes nothing."""
    known = _known(root)
    return sum(
        known[thread_id][0] != store.fingerprint(store.names(root, thread_id))
        if thread_id in known
        else bool(store.names(root, thread_id))
        for thread_id in store.threads(root)
    )


def _known(root: Path) -> dict[str, tuple[str, Summary]]:
    """Read all whole rows, by thread."""
    path = root / FILE
    found: dict[str, tuple[str, Summary]] = {}
    if not path.exists():
        return found
    try:
        with cache_database.reading(path, wait_seconds=WAIT_SECONDS) as database:
            for thread_id, digests, said, proof in database.execute("SELECT * FROM threads"):
                if proof == _proof((thread_id, digests, said)):
                    found[thread_id] = digests, Summary(**json.loads(said))
    except (sqlite3.Error, OSError, TypeError, ValueError) as error:
        log.warning("the index can't be read (%s), so the snapshots are; %s", error, AGAIN)
        return {}
    return found


def row(past: History, shots: Sequence[Snapshot]) -> Row:
    """Make the row of a thread, of all its snapshots and the history that they tell."""
    summary = summarise(past, shots)
    said = json.dumps({field.name: getattr(summary, field.name) for field in fields(summary)})
    return past.thread_id, store.fingerprint(store.digests(shots)), said


def _insert(database: sqlite3.Connection, rows: Iterable[Row]) -> None:
    database.executemany(
        "INSERT OR REPLACE INTO threads VALUES (?, ?, ?, ?)",
        [(*row, _proof(row)) for row in rows],
    )


def _writing(root: Path) -> AbstractContextManager[sqlite3.Connection]:
    return cache_database.writing(root / FILE, _prepare, version=VERSION, wait_seconds=WAIT_SECONDS)


def _prepare(database: sqlite3.Connection) -> None:
    """Make the table; one of another version is taken out, with all that it held."""
    database.executescript("DROP TABLE IF EXISTS snapshots; DROP TABLE IF EXISTS threads")
    database.executescript(f"{SCHEMA}; PRAGMA user_version = {VERSION}")


def _pass(damage: Damage) -> None:
    """Leave it out: `verify` names it."""
