"""Replacing a file of the user only if it is as it was read, whatever an editor does meanwhile."""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from reddit_archive.files import exchange, regular_files, temp_files

MoveCallback = Callable[[Path], None]
"""What gives the draft its final name."""


def replace_if_unchanged(
    temp_path: Path, target: Path, expected: bytes, move: MoveCallback
) -> bool:
    """Give the draft the name of a file that holds what it `was`; return whether it did.

    What was replaced is looked at again, and put back if another program changed it meanwhile. A
    program that opened the file before and writes into it after that look is not noticed. Where
    names can't be exchanged, nor is one that replaces the file right before this does.
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
    """Do it by a second name for the file, where there are links; else without a second look."""
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
