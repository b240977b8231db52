"""Functions that damage a file of the index. Each takes its path."""

import random
import sqlite3
from pathlib import Path


def remove(path: Path) -> None:
    path.unlink()


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2 + 100])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def zero(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def scramble(path: Path) -> None:
    path.write_bytes(random.Random(1).randbytes(path.stat().st_size))


def scramble_end(path: Path) -> None:
    """Keep the first page, by which SQLite knows its files."""
    data = path.read_bytes()
    path.write_bytes(data[:4096] + random.Random(1).randbytes(len(data) - 4096))


def make_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def lock(path: Path) -> sqlite3.Connection:
    """Lock the database until the returned connection is closed."""
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("BEGIN EXCLUSIVE")
    return database


BREAKAGES = (remove, cut, empty, zero, scramble, scramble_end, make_folder)
