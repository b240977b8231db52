"""The index: what `list` needs of every snapshot, in SQLite, so that no snapshot has to be read.

It may be deleted at any time. Reading believes no row that is not whole, and no thread whose files
are others than the rows name: those are read from their files.
"""

import hashlib
import json
import logging
import os
import secrets
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from reddit_archive import capture, disk, errors, snapshot, store
from reddit_archive.snapshot import Snapshot
from reddit_archive.store import Damage
from reddit_archive.thread import Post

log = logging.getLogger(__name__)

FILE = "index.sqlite3"
BESIDE = ("-journal", "-wal", "-shm")
VERSION = 1
WAIT_SECONDS = 1.0
SCHEMA = """
    CREATE TABLE snapshots (
        digest TEXT PRIMARY KEY, thread_id TEXT NOT NULL, captured_at TEXT NOT NULL,
        source TEXT NOT NULL, subreddit TEXT NOT NULL, title TEXT NOT NULL,
        comments INTEGER NOT NULL, proof TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX by_thread ON snapshots (thread_id);
"""
AGAIN = "`archive reindex` makes it anew"


@dataclass(frozen=True, slots=True)
class Row:
    """What the index knows of one snapshot; the time is written as in the snapshot."""

    digest: str
    thread_id: str
    captured_at: str
    source: str
    subreddit: str
    title: str
    comments: int

    @property
    def fields(self) -> tuple[str | int, ...]:
        return (
            *(self.digest, self.thread_id, self.captured_at, self.source),
            *(self.subreddit, self.title, self.comments),
        )

    @property
    def proof(self) -> str:
        """SQLite has no checksums: a flipped bit in a title would be shown as it is."""
        return hashlib.sha256(json.dumps(self.fields).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Entry:
    """A thread: its last title, and when it was last captured.

    `comments` are the most that one snapshot holds, `snapshots` how many there are.
    """

    thread_id: str
    subreddit: str
    title: str
    captured_at: str
    comments: int
    snapshots: int


def note(root: Path, *shots: Snapshot) -> None:
    """Take new snapshots into the index. Never raises: what goes wrong is a warning."""
    try:
        rows = [_row(shot) for shot in shots]
        with _writing(root) as database:
            _insert(database, rows)
    except (sqlite3.Error, OSError, errors.ArchiveError) as error:
        log.warning("the index was not updated (%s); %s", error, AGAIN)


def renew(root: Path, thread_id: str, *, is_gone: bool = False) -> None:
    """Take a thread's rows out, and those of its present snapshots in; leave no trace of others.

    With `is_gone` no rows come in. An index that can't be changed is removed.
    """
    if not (root / FILE).exists():
        return
    try:
        shots = () if is_gone else store.snapshots(root, thread_id, on_damage=_pass)
        with _writing(root) as database:
            database.execute("DELETE FROM snapshots WHERE thread_id = ?", (thread_id,))
            _insert(database, [_row(shot) for shot in shots])
        with closing(sqlite3.connect(root / FILE, timeout=WAIT_SECONDS)) as database:
            database.execute("VACUUM")  # SQLite leaves copies of rows where it has moved them
    except (sqlite3.Error, OSError, errors.ArchiveError) as error:
        _remove(root / FILE)
        log.warning("the index was removed (%s); %s", error, AGAIN)


def rebuild(root: Path, *, on_damage: Callable[[Damage], None] | None = None) -> int:
    """Make the index anew from every snapshot; tell how many it lists. Raises StoreError."""
    store.claim(root)
    disk.make_folder(root / "tmp")
    draft = root / "tmp" / f".{os.getpid()}-{secrets.token_hex(8)}.part"
    count = 0
    try:
        with closing(sqlite3.connect(draft)) as database:
            database.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")
            _prepare(database)
            for thread_id in store.threads(root):
                shots = store.snapshots(root, thread_id, on_damage=on_damage or _pass)
                _insert(database, [_row(shot) for shot in shots])
                count += len(shots)
            database.commit()
        for ending in BESIDE:  # a former index's journal would be played into this one
            (root / f"{FILE}{ending}").unlink(missing_ok=True)
        draft.replace(root / FILE)
    except (sqlite3.Error, OSError) as error:
        with suppress(OSError):
            _remove(draft)
        raise errors.StoreError(
            f"can't write the index: {error}", "Close what has it open, and run it again."
        ) from error
    return count


def threads(root: Path, *, on_damage: Callable[[Damage], None] | None = None) -> Iterator[Entry]:
    """Give every stored thread, by id: from the index where it is right, else from the files.

    Changes nothing.
    """
    known = _known(root)
    for thread_id in store.threads(root):
        rows = known.get(thread_id, [])
        heads = store.names(root, thread_id)
        if {row.digest for row in rows} != heads:
            shots = store.snapshots(root, thread_id, on_damage=on_damage or _pass)
            rows = [_row(shot) for shot in shots]
        if rows:
            yield _entry(thread_id, rows)


def _known(root: Path) -> dict[str, list[Row]]:
    """Read all whole rows, by thread."""
    path = root / FILE
    found: dict[str, list[Row]] = {}
    if not path.exists():
        return found
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
            database.execute(f"PRAGMA busy_timeout = {int(WAIT_SECONDS * 1000)}")
            for *fields, proof in database.execute("SELECT * FROM snapshots"):
                row = Row(*fields)
                if row.proof == proof:
                    found.setdefault(row.thread_id, []).append(row)
    except (sqlite3.Error, OSError, TypeError, ValueError) as error:
        log.warning("the index can't be read (%s), so the snapshots are; %s", error, AGAIN)
        return {}
    return found


def _entry(thread_id: str, rows: Iterable[Row]) -> Entry:
    rows = sorted(rows, key=lambda row: (row.captured_at, row.digest))
    shown = next((row for row in reversed(rows) if row.title), rows[-1])
    most = max(row.comments for row in rows)
    last = rows[-1].captured_at
    return Entry(thread_id, shown.subreddit, shown.title, last, most, len(rows))


def _row(shot: Snapshot) -> Row:
    taken = shot.capture
    names = {capture.fullname(thing) for thing in taken.things if thing["kind"] == "t1"}
    post = next(
        (
            Post(thing["data"])
            for thing in capture.plain(taken.things)
            if thing["kind"] == "t3" and capture.fullname(thing) == f"t3_{taken.thread_id}"
        ),
        None,
    )
    return Row(
        shot.digest,
        taken.thread_id,
        snapshot.write_time(taken.captured_at),
        taken.source,
        _storable(post.subreddit if post else ""),
        _storable(post.title if post else ""),
        len(names - {None}),
    )


def _storable(said: str) -> str:
    return said.encode("utf-8", "replace").decode()


def _insert(database: sqlite3.Connection, rows: Iterable[Row]) -> None:
    database.executemany(
        "INSERT OR REPLACE INTO snapshots VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [(*row.fields, row.proof) for row in rows],
    )


@contextmanager
def _writing(root: Path) -> Iterator[sqlite3.Connection]:
    """Open the index to change it in one transaction; what is deleted is overwritten with zeros."""
    with closing(sqlite3.connect(root / FILE, timeout=WAIT_SECONDS)) as database:
        database.execute("PRAGMA secure_delete = ON")
        if database.execute("PRAGMA user_version").fetchone()[0] != VERSION:
            _prepare(database)
        with database:
            yield database


def _prepare(database: sqlite3.Connection) -> None:
    database.executescript(f"{SCHEMA}; PRAGMA user_version = {VERSION}")


def _remove(path: Path) -> None:
    for ending in ("", *BESIDE):
        path.with_name(path.name + ending).unlink(missing_ok=True)


def _pass(damage: Damage) -> None:
    """Leave it out: `verify` names it."""
