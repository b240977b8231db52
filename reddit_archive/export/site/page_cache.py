"""Where `open` keeps the pages that it writes: the user's cache folder.

Reading a thread must not change its archive, so the pages lie outside it. They contain the
thread's texts; code that forgets or redacts a thread calls `discard`.
"""

import hashlib
import os
import sys
from collections.abc import Iterable
from pathlib import Path

from reddit_archive import __version__
from reddit_archive.files import durable_files

CACHE_NAME = "reddit-archive"


def get_folder(root: Path, thread_id: str) -> Path:
    """Return the folder of a thread's page; each archive and each version has its own."""
    archive_key = hashlib.sha256(os.fsencode(os.path.realpath(root))).hexdigest()[:16]
    return _cache_root() / CACHE_NAME / archive_key / f"t3_{thread_id}-{__version__}"


def make_folder(folder: Path) -> None:
    """Create the folder of a page, for this user alone: subreddits can be private.

    Raises StoreError.
    """
    with durable_files.translate_os_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        folder.parent.chmod(0o700)


def discard(thread_ids: Iterable[str]) -> None:
    """Remove the cached pages of threads that were redacted or forgotten. Raises StoreError.

    Folders are named by the archive's path, and the archive may have been moved. So this removes
    the pages of these threads for every archive; `open` writes them again when needed.
    """
    for thread_id in thread_ids:
        for folder in (_cache_root() / CACHE_NAME).glob(f"*/t3_{thread_id}-*"):
            durable_files.remove_tree(folder)


def _cache_root() -> Path:
    """Return the operating system's folder for the user's caches."""
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    variable = "LOCALAPPDATA" if sys.platform == "win32" else "XDG_CACHE_HOME"
    folder = os.environ.get(variable)
    return Path(folder) if folder and Path(folder).is_absolute() else Path.home() / ".cache"
