"""SQLite files that may be deleted at any time: made anew in one step, removed without trace."""

import os
import secrets
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from pathlib import Path

from reddit_archive import disk, errors, regular_files

BESIDE = ("-journal", "-wal", "-shm")


@contextmanager
def anew(
    path: Path, prepare: Callable[[sqlite3.Connection], None], *, what: str
) -> Iterator[sqlite3.Connection]:
    """Give an empty database that takes the place of the file at `path` once all went well.

    It is made in the archive's tmp/. Raises StoreError, which says `what` could not be written.
    """
    disk.make_folder(path.parent / "tmp")
    draft = path.parent / "tmp" / f".{os.getpid()}-{secrets.token_hex(8)}.part"
    try:
        with closing(sqlite3.connect(draft)) as database:
            database.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")
            prepare(database)
            yield database
            database.commit()
        for ending in BESIDE:  # a former one's journal would be played into this one
            path.with_name(path.name + ending).unlink(missing_ok=True)
        draft.replace(path)
    except (sqlite3.Error, OSError) as error:
        raise errors.StoreError(
            f"can't write {what}: {error}", "Close what has it open, and run it again."
        ) from error
    finally:
        with suppress(OSError):
            remove(draft)


@contextmanager
def writing(
    path: Path,
    prepare: Callable[[sqlite3.Connection], None],
    *,
    version: int,
    wait_seconds: float,
) -> Iterator[sqlite3.Connection]:
    """Open the file at `path` to change it in one transaction; one of another version is prepared.

    What is deleted is overwritten with zeros. Waits so long for another writer to end.
    """
    check(path)
    with closing(sqlite3.connect(path, timeout=wait_seconds)) as database:
        database.execute("PRAGMA secure_delete = ON")
        if database.execute("PRAGMA user_version").fetchone()[0] != version:
            prepare(database)
        with database:
            yield database


def reading(path: Path, *, wait_seconds: float) -> AbstractContextManager[sqlite3.Connection]:
    """Open the file at `path`, and change nothing.

    Raises sqlite3.Error, also if there is none, and OSError if it is not a regular file.
    """
    check(path)
    address = f"{path.absolute().as_uri()}?mode=ro"
    return closing(sqlite3.connect(address, uri=True, timeout=wait_seconds))


def check(path: Path) -> None:
    """Raise NotRegularError if SQLite would open a pipe or a device, and wait for it."""
    for ending in ("", *BESIDE):
        regular_files.check(path.with_name(path.name + ending))


def remove(path: Path) -> None:
    """Remove it with what SQLite keeps beside it; whatever else has its name, too."""
    for ending in ("", *BESIDE):
        disk.remove_tree(path.with_name(path.name + ending))
