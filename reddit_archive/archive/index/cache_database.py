"""SQLite files that may be deleted at any time: made anew in one step, removed without trace."""

import errno
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from pathlib import Path

from reddit_archive import errors
from reddit_archive.files import durable_files, planted_links, regular_files

COMPANION_SUFFIXES = ("-journal", "-wal", "-shm")


@contextmanager
def rebuilding_database(
    path: Path, create_tables: Callable[[sqlite3.Connection], None], *, description: str
) -> Iterator[sqlite3.Connection]:
    """Give an empty database that takes the place of the file at `path` once all went well.

    It is made in the archive's tmp/. Raises StoreError, which says `what` could not be written.
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
    """Open a locked draft without SQLite's own locks, which may conflict with ours."""
    uri = f"{path.absolute().as_uri()}?nolock=1"
    return sqlite3.connect(uri, uri=True)


@contextmanager
def open_for_writing(
    path: Path,
    create_tables: Callable[[sqlite3.Connection], None],
    *,
    version: int,
    wait_seconds: float,
) -> Iterator[sqlite3.Connection]:
    """Open the file at `path` to change it in one transaction; one of another version is prepared.

    What is deleted is overwritten with zeros. Waits so long for another writer to end.
    """
    check(path)
    for suffix in ("", *COMPANION_SUFFIXES):
        if path.with_name(path.name + suffix).is_symlink():  # to a database of somebody else
            raise OSError(errno.ELOOP, "it is a link", str(path))
    with suppress(FileExistsError):  # SQLite would create it with 0644, whatever the umask allows
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o666))
    with closing(sqlite3.connect(path, timeout=wait_seconds)) as database:
        database.execute("PRAGMA secure_delete = ON")
        if database.execute("PRAGMA user_version").fetchone()[0] != version:
            create_tables(database)
        with database:
            yield database


def open_for_reading(
    path: Path, *, wait_seconds: float
) -> AbstractContextManager[sqlite3.Connection]:
    """Open the file at `path` without changing it.

    Raises sqlite3.Error, also if there is none, and OSError if it is not a regular file.
    """
    check(path)
    uri = f"{path.absolute().as_uri()}?mode=ro"
    return closing(sqlite3.connect(uri, uri=True, timeout=wait_seconds))


def check(path: Path) -> None:
    """Raise NotRegularError for a pipe or a device, on which SQLite would block."""
    for suffix in ("", *COMPANION_SUFFIXES):
        regular_files.check(path.with_name(path.name + suffix))


def remove(path: Path) -> None:
    """Remove a database and the files that SQLite keeps beside it.

    The database is removed last, so that an interrupted attempt is noticed and repeated.
    """
    for suffix in (*COMPANION_SUFFIXES, ""):
        durable_files.remove_tree(path.with_name(path.name + suffix))
