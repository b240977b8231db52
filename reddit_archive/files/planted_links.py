"""Refuse links through which this program would change files that are not its own.

Anyone who can write to a shared archive or site can create such a link. One link is allowed: a
thread's folder, or the folder of all threads, may be a link to a folder on another disk.
"""

import os
from pathlib import Path

from reddit_archive import errors


def check(path: Path) -> None:
    """Raise StoreError if a folder or file of this program is a link."""
    if path.is_symlink():
        raise errors.StoreError(
            f"{path} is a link, and its target may belong to another user",
            "Nothing was changed there. Remove the link, and run the command again.",
        )


def check_thread(folder: Path) -> None:
    """Raise StoreError if a thread's folder is a link that was not made to move the folder.

    The target must have the same name and be outside of every archive. Otherwise a change to this
    thread would change another thread, or a thread of another archive.
    """
    if not folder.is_symlink():
        return
    target = Path(os.path.realpath(folder))
    is_moved = target.name == folder.name and target.parent != Path(os.path.realpath(folder.parent))
    if not is_moved or any((parent / "ARCHIVE").exists() for parent in target.parents):
        raise errors.StoreError(
            f"{folder} is a link to {target}, which is not this thread's folder on another disk",
            "Nothing was changed there. Remove the link, or link to a folder with the name "
            f"{folder.name} outside of every archive.",
        )
