"""SQLite files that may be deleted at any time: create, open, replace and remove them."""

import errno
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from reddit_archive import errors
from reddit_archive.files import durable_files, planted_links, regular_files

COMPANION_SUFFIXES = ("-journal", "-wal", "-shm")
WAIT_SECONDS = 1.0
"""Time that another program may keep the file locked before an attempt fails."""

CreateTables = Callable[[sqlite3.Connection], None]


@contextmanager
def rebuilding_database(
    path: Path, create_tables: CreateTables, *, description: str
) -> Iterator[sqlite3.Connection]:
    """Yield an empty database that replaces the file at `path` if the block succeeds.

    The new file is written in the archive's tmp/.

    Raises:
        StoreError: `description` can't be written.
    """
    tmp = path.parent / "tmp"
    planted_links.check(tmp)
    durable_files.make_folder(tmp)
    try:
        with durable_files.create_temp_file(tmp) as temp_file:
            with closing(open_without_locks(temp_file.path)) as database:
                database.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")
                create_tables(database)
                yield database
                database.commit()
            for suffix in COMPANION_SUFFIXES:  # SQLite would apply the journal of the old file
                path.with_name(path.name + suffix).unlink(missing_ok=True)
            temp_file.move(path)
    except (sqlite3.Error, OSError) as error:
        raise errors.StoreError(
            f"can't write {description}: {getattr(error, 'strerror', None) or error}",
            "Close the program that has it open, and try again.",
        ) from error


def open_without_locks(path: Path) -> sqlite3.Connection:
    """Open a locked temp file without SQLite's own locks, which may conflict with ours."""
    uri = f"{path.absolute().as_uri()}?nolock=1"
    return sqlite3.connect(uri, uri=True)


@contextmanager
def open_for_writing(
    path: Path, create_tables: CreateTables, *, version: int
) -> Iterator[sqlite3.Connection]:
    """Open the file at `path` and change it in one transaction; deleted bytes become zeros.

    `create_tables` prepares a new file or one of another version.

    Raises:
        sqlite3.Error: The file is damaged or stays locked.
        OSError: The file can't be written, is a link, or is not a regular file.
    """
    check(path)
    for suffix in ("", *COMPANION_SUFFIXES):
        if path.with_name(path.name + suffix).is_symlink():  # it may name another program's file
            raise OSError(errno.ELOOP, "it is a link", str(path))
    with suppress(FileExistsError):  # SQLite would create it with mode 0644, whatever the umask
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o666))
    with closing(sqlite3.connect(path, timeout=WAIT_SECONDS)) as database:
        database.execute("PRAGMA secure_delete = ON")
        with database:
            database.execute("BEGIN IMMEDIATE")
            if _read_version(database) != version:
                create_tables(database)
            yield database


@contextmanager
def open_for_reading(path: Path, *, version: int) -> Iterator[sqlite3.Connection]:
    """Open the file at `path` without changing it.

    Raises:
        sqlite3.Error: The file is missing, damaged, locked or of another version.
        OSError: It is not a regular file.
    """
    check(path)
    uri = f"{path.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(uri, uri=True, timeout=WAIT_SECONDS)) as database:
        if _read_version(database) != version:
            raise sqlite3.DatabaseError("another version wrote it")
        yield database


def compact(path: Path) -> None:
    """Rewrite the file at `path`: SQLite leaves copies of rows in places that it moved them from.

    Raises sqlite3.Error.
    """
    with closing(sqlite3.connect(path, timeout=WAIT_SECONDS)) as database:
        database.execute("VACUUM")


def check(path: Path) -> None:
    """Raise NotRegularError for a pipe or a device, on which SQLite would block."""
    for suffix in ("", *COMPANION_SUFFIXES):
        regular_files.check(path.with_name(path.name + suffix))


def remove(path: Path) -> None:
    """Remove a database and the files that SQLite keeps beside it.

    The database is removed last, so that an interrupted attempt is noticed and repeated.

    Raises:
        StoreError: One of the files can't be removed.
    """
    for suffix in (*COMPANION_SUFFIXES, ""):
        durable_files.remove_tree(path.with_name(path.name + suffix))


def _read_version(database: sqlite3.Connection) -> int:
    version: int = database.execute("PRAGMA user_version").fetchone()[0]
    return version
