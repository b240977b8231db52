"""Notice by the times of a folder that its entries changed, without listing them.

Adding, removing or renaming an entry sets two times of a folder to the present: of its entries
(mtime) and of its status (ctime). Two changes may fall into the same tick of the clock. So `pin`
sets the first time back. Every later change makes both times equal again, and thus differs.
"""

import os
from pathlib import Path

from reddit_archive import errors
from reddit_archive.files import planted_links

FolderTimes = tuple[int, int]
"""Times of a folder in nanoseconds: mtime and ctime."""
UNKNOWN: FolderTimes = (0, 0)
"""Given instead of times that would not show every change."""
SET_BACK_NS = 4_000_000_000
"""Twice the tick of the clock of FAT, the slowest file system."""


def pin(folder: Path) -> FolderTimes:
    """Return a folder's times, such that any later change shows; UNKNOWN if that is impossible.

    Call this before listing the folder. Only its owner can set the time of a folder back.
    """
    if os.name == "nt":  # there ctime is the time of creation
        return UNKNOWN
    try:
        planted_links.check_thread(folder)
        status = os.stat(folder)
        if not _differ(status):
            os.utime(folder, ns=(status.st_atime_ns, status.st_mtime_ns - SET_BACK_NS))
            status = os.stat(folder)
        return (status.st_mtime_ns, status.st_ctime_ns) if _differ(status) else UNKNOWN
    except (OSError, errors.StoreError):
        return UNKNOWN


def _differ(status: os.stat_result) -> bool:
    return abs(status.st_ctime_ns - status.st_mtime_ns) >= SET_BACK_NS // 2
