"""Move a file of the user into another folder, durably and without overwriting anything.

The file is linked to its new name, or copied if the folder is on another file system, and only then
removed from the old one. So an interrupt or a power cut leaves it in one of the two places, or in
both.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path

from reddit_archive.files import durable_files, regular_files

COPY_BYTES = 2**20


def move_into(path: Path, folder: Path, *, expected: os.stat_result) -> Path | None:
    """Move a file into a folder, which is created if it does not exist.

    If the name is taken there, a number is added: `thread (2).json`.

    Args:
        path: The file.
        folder: The folder.
        expected: The file's state; a file that changed since is not moved.

    Returns:
        The new path; None if the file changed or vanished meanwhile.

    Raises:
        StoreError: The folder or the file can't be written.
    """
    durable_files.make_folder(folder)
    with durable_files.translate_os_errors(folder):
        target = _link(path, folder) or _copy(path, folder)
        durable_files.sync_folder(folder)
    if target is None:
        return None
    with durable_files.translate_os_errors(path, "move"):
        if not _is_unchanged(path, expected):
            os.unlink(target)
            return None
        try:
            os.unlink(path)
        except OSError:
            os.unlink(target)  # the file stays where it was, and only there
            raise
        durable_files.sync_folder(path.parent)
    return target


def _link(path: Path, folder: Path) -> Path | None:
    """Give a file a second name in a folder; None if the file systems do not allow it."""
    for target in _iter_free_names(folder, path.name):
        try:
            os.link(path, target, follow_symlinks=False)
        except FileExistsError:
            continue
        except (OSError, NotImplementedError):
            return None
        return target
    return None


def _copy(path: Path, folder: Path) -> Path | None:
    """Copy a file with its time and mode into a folder; None if it vanished meanwhile."""
    try:
        source = regular_files.open_binary(path)
    except FileNotFoundError:
        return None
    with source:
        state = os.fstat(source.fileno())
        chunks = iter(lambda: source.read(COPY_BYTES), b"")
        mode = state.st_mode & 0o777
        with durable_files.write_temp_file(chunks, folder, mode=mode) as (temp_file, _):
            os.utime(temp_file.path, ns=(state.st_atime_ns, state.st_mtime_ns))
            for target in _iter_free_names(folder, path.name):
                if durable_files.link_if_new(temp_file.path, target):
                    return target
    return None


def _iter_free_names(folder: Path, name: str) -> Iterator[Path]:
    """Yield paths for a name that did not exist a moment ago."""
    stem, suffix = os.path.splitext(name)
    for number in count(1):
        target = folder / (name if number == 1 else f"{stem} ({number}){suffix}")
        if not os.path.lexists(target):
            yield target


def _is_unchanged(path: Path, expected: os.stat_result) -> bool:
    with suppress(OSError):
        state = os.lstat(path)
        return (state.st_ino, state.st_size, state.st_mtime_ns) == (
            expected.st_ino,
            expected.st_size,
            expected.st_mtime_ns,
        )
    return False
