"""Read regular files only.

A pipe, a device or a socket in place of a file is an error: reading it could block or never end.
"""

import errno
import os
import re
import stat
from collections.abc import Iterator
from contextlib import suppress
from io import BufferedReader
from pathlib import Path

NON_BLOCKING = getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
SHELL_STREAM = re.compile(r"/dev/stdin|/dev/null|/(?:dev|proc/self)/fd/\d+")
"""Streams that a shell passes as a path: standard input and process substitution, `<(command)`."""


class NotRegularError(OSError):
    """The path is a pipe, a device or a socket."""

    def __str__(self) -> str:
        return "it is not a regular file"


def open_binary(path: Path | str) -> BufferedReader:
    """Open a regular file for reading. Raises OSError; NotRegularError for a pipe and the like."""
    _check_mode(os.stat(path).st_mode, path)  # before open(), which has side effects on devices
    # With an opener, an interrupt inside of open() can't leave a handle open, or close it twice.
    file = open(path, "rb", opener=_open_non_blocking)  # noqa: SIM115
    try:
        _check_mode(os.fstat(file.fileno()).st_mode, path)  # again, as it may have been replaced
    except BaseException:
        file.close()
        raise
    return file


def _open_non_blocking(path: str, flags: int) -> int:
    return os.open(path, flags | NON_BLOCKING)


def open_user_file(path: Path | str) -> BufferedReader:
    """Open a file that the user named; a stream from the shell may be a pipe. Raises OSError."""
    if SHELL_STREAM.fullmatch(str(path)):
        return open(path, "rb")
    return open_binary(path)


def read_bytes(path: Path | str) -> bytes:
    """Read a regular file. Raises OSError."""
    with open_binary(path) as file:
        return file.read()


def read_user_file(path: Path | str) -> bytes:
    """Read a file that the user named. Raises OSError."""
    with open_user_file(path) as file:
        return file.read()


def read_text(path: Path | str) -> str:
    """Read a regular file as UTF-8 and replace invalid bytes. Raises OSError."""
    return read_bytes(path).decode("utf-8", "replace")


def check(path: Path) -> None:
    """Raise NotRegularError if this is not a regular file. A missing file is no error."""
    with suppress(FileNotFoundError, NotADirectoryError):
        _check_mode(path.stat().st_mode, path)


def walk(top: Path) -> Iterator[tuple[Path, list[str], list[str]]]:
    """Yield each folder, the names of its subfolders and the names of its other entries, sorted.

    Like `os.walk`, but without its RecursionError for deep folders in Python 3.11. Links are not
    followed. An unreadable folder counts as empty. The caller may remove names from the list of
    subfolders to skip them.
    """
    pending = [top]
    while pending:
        folder = pending.pop()
        folders: list[str] = []
        names: list[str] = []
        with suppress(OSError), os.scandir(folder) as entries:
            for entry in entries:
                (folders if entry.is_dir(follow_symlinks=False) else names).append(entry.name)
        folders.sort()
        yield folder, folders, sorted(names)
        pending += [folder / name for name in reversed(folders)]


def walk_files(top: Path) -> Iterator[Path]:
    """Yield everything below a folder except folders, including links and pipes."""
    for folder, _, names in walk(top):
        yield from (folder / name for name in names)


def _check_mode(mode: int, path: Path | str) -> None:
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(mode):
        raise NotRegularError(errno.EINVAL, "it is not a regular file", str(path))
