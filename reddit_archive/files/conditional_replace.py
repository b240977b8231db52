"""Replace one of the user's files only if it still has the content that was read before."""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from reddit_archive.files import exchange, regular_files, temp_files

MoveCallback = Callable[[Path], None]
"""Renames the temp file to the path it is called with."""


def replace_if_unchanged(
    temp_path: Path, target: Path, expected: bytes, move: MoveCallback
) -> bool:
    """Replace `target` with the temp file if `target` has the expected bytes.

    The replaced file is read again, and restored if another program changed it in the meantime. Two
    cases are not detected: a program that still has the old file open and writes to it later; and,
    on file systems that can't exchange names, a program that replaces the file just before this
    function does.

    Returns:
        Whether the file was replaced.
    """
    if regular_files.read_bytes(target) != expected:
        return False
    if exchange.exchange(temp_path, target):
        if regular_files.read_bytes(temp_path) == expected:
            return True
        exchange.exchange(temp_path, target)
        return False
    return _replace_with_hard_link(target, expected, move)


def _replace_with_hard_link(target: Path, expected: bytes, move: MoveCallback) -> bool:
    """Keep the old file under a hard link, to read it again after the replacement.

    On file systems without hard links the old file is not read again.
    """
    previous = target.with_name(temp_files.make_temp_name())
    try:
        os.link(target, previous)
    except OSError as error:
        if error.errno not in exchange.UNSUPPORTED_ERRNOS:
            raise
        move(target)
        return True
    try:
        is_same = os.path.samefile(previous, target)
        if not is_same or regular_files.read_bytes(previous) != expected:
            return False
        move(target)
        if regular_files.read_bytes(previous) == expected:
            return True
        os.replace(previous, target)
        return False
    finally:
        with suppress(FileNotFoundError):
            os.unlink(previous)
