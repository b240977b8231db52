"""Reading regular files and nothing else.

A pipe, a device or a socket that stands where a file should be is an error. Reading it could wait
for ever, or never end.
"""

import errno
import os
import re
import stat
from collections.abc import Iterator
from contextlib import suppress
from io import BufferedReader
from pathlib import Path

FLAGS = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
OWN_STREAM = re.compile(r"/dev/stdin|/dev/null|/(?:dev|proc/self)/fd/\d+")
"""What a shell hands over: standard input, and the pipe of a process substitution, `<(command)`."""


class NotRegularError(OSError):
    """Raised for a path that names something other than a regular file."""

    def __str__(self) -> str:
        return "it is not a regular file"


def open_binary(path: Path | str) -> BufferedReader:
    """Open a regular file for reading. Raises OSError; NotRegularError for a pipe and the like."""
    _check(os.stat(path).st_mode, path)  # before it is opened: to open some devices has effects
    handle = os.open(path, FLAGS)
    try:
        _check(os.fstat(handle).st_mode, path)  # again: another may have replaced it meanwhile
        return os.fdopen(handle, "rb")
    except BaseException:
        os.close(handle)
        raise


def open_given(path: Path | str) -> BufferedReader:
    """Open a file that the user named. A stream that the shell handed over may be a pipe."""
    if OWN_STREAM.fullmatch(str(path)):
        return open(path, "rb")
    return open_binary(path)


def read_bytes(path: Path | str) -> bytes:
    """Read a regular file. Raises OSError."""
    with open_binary(path) as file:
        return file.read()


def read_given(path: Path | str) -> bytes:
    """Read a file that the user named. Raises OSError."""
    with open_given(path) as file:
        return file.read()


def read_text(path: Path | str) -> str:
    """Read a regular file as UTF-8, with bytes that are not UTF-8 replaced. Raises OSError."""
    return read_bytes(path).decode("utf-8", "replace")


def check(path: Path) -> None:
    """Raise NotRegularError if something other than a regular file has this name."""
    with suppress(FileNotFoundError, NotADirectoryError):  # another may just have removed it
        _check(path.stat().st_mode, path)


def walk(top: Path) -> Iterator[tuple[Path, list[str], list[str]]]:
    """Yield each folder with the names of its folders and of all else in it, sorted.

    It is `os.walk` for folders of any depth, where Python 3.11 ends with a RecursionError. A link
    is not followed, and a folder that can't be read is empty. A folder that the caller removes from
    the list is left out.
    """
    waiting = [top]
    while waiting:
        folder = waiting.pop()
        folders: list[str] = []
        names: list[str] = []
        with suppress(OSError), os.scandir(folder) as entries:
            for entry in entries:
                (folders if entry.is_dir(follow_symlinks=False) else names).append(entry.name)
        folders.sort()
        yield folder, folders, sorted(names)
        waiting += [folder / name for name in reversed(folders)]


def files_below(top: Path) -> Iterator[Path]:
    """Yield all below a folder that is not a folder itself, links and pipes among them."""
    for folder, _, names in walk(top):
        yield from (folder / name for name in names)


def _check(mode: int, path: Path | str) -> None:
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(mode):
        raise NotRegularError(errno.EINVAL, "it is not a regular file", str(path))
