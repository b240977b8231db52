"""Links in place of folders, through which this program would change files that are not its own.

Whoever can write into a shared archive or site can plant one. What is allowed is to keep a thread's
folder, or all of them, on another disk and to put a link in its place.
"""

import os
from pathlib import Path

from reddit_archive import errors


def check(path: Path) -> None:
    """Raise StoreError if a link stands where a folder or file of this program belongs."""
    if path.is_symlink():
        raise errors.StoreError(
            f"{path} is a link, and what it leads to may belong to somebody else",
            "Nothing was changed there. Remove the link, and run it again.",
        )


def check_thread(folder: Path) -> None:
    """Raise StoreError if a thread's folder is a link to something other than that folder moved.

    It has to lead to a folder of the same name, outside of every archive: another archive's thread,
    or another thread of this one, is not to be changed in this one's place.
    """
    if not folder.is_symlink():
        return
    target = Path(os.path.realpath(folder))
    is_moved = target.name == folder.name and target.parent != Path(os.path.realpath(folder.parent))
    if not is_moved or any((parent / "ARCHIVE").exists() for parent in target.parents):
        raise errors.StoreError(
            f"{folder} is a link to {target}, which is not this thread's folder on another disk",
            f"Nothing was changed there. Remove the link, or let it lead to a folder {folder.name} "
            "outside of every archive.",
        )
