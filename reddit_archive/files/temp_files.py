"""Temp files and folders: written under a temporary name, and renamed when they are complete.

The process that writes a temp file holds a lock on it, and the system releases the lock when the
process ends. A temp file that can be locked is therefore orphaned, and may be removed. On file
systems without locks, the process ID in its name and the time of the last write decide.
"""

import os
import re
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import ModuleType

fcntl: ModuleType | None
try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

FILE_NAME = re.compile(r"\.(\d+)-[0-9a-f]{16}\.part")
FOLDER_NAME = re.compile(r"\.(\d+)-[0-9a-f]{16}\.part|\.t3_[0-9a-z]{1,13}-[0-9a-f]{8}\.part")
"""Releases up to 1.0 used the second form for bags."""
ORPHAN_AGE_SECONDS = 24 * 3600
"""Age from which a temp file counts as orphaned if locks do not work."""
WINDOWS_ORPHAN_AGE_SECONDS = 60
NOFOLLOW = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


def make_temp_name() -> str:
    """Return a unique name for a temp file or folder."""
    return f".{os.getpid()}-{os.urandom(8).hex()}.part"


def lock(handle: int, path: Path) -> bool:
    """Lock a new temp file before it is written; it stays locked until the handle is closed.

    Returns:
        False if another process removed the file before it was locked; then create a new one.
    """
    if fcntl is None:
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True  # no locks here: `_is_orphaned` uses the process ID and the age
    return os.path.lexists(path)


@contextmanager
def create_temp_folder(parent: Path) -> Iterator[Path]:
    """Create and lock a temp folder; remove it at the end, unless it was moved. Raises OSError."""
    import shutil  # 2 ms, and few commands use a temp folder

    path, handle = _make_temp_folder(parent)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
        if handle is not None:
            os.close(handle)


def _make_temp_folder(parent: Path) -> tuple[Path, int | None]:
    while True:
        path = parent / make_temp_name()
        os.mkdir(path)
        if fcntl is None:
            return path, None
        with suppress(FileNotFoundError):  # another process removed it before it could be locked
            handle = os.open(path, os.O_RDONLY)
            if lock(handle, path):
                return path, handle
            os.close(handle)
            os.rmdir(path)


def check_writable(folder: Path) -> None:
    """Check that a folder, or its nearest existing parent, is writable. Raises OSError.

    Writing is the only reliable test; it also detects disks that are mounted read-only. Temp files
    of killed processes are removed if they are older than a day.
    """
    while not os.path.lexists(folder) and folder.parent != folder:
        folder = folder.parent
    remove_orphaned_temps(folder, written_before=time.time() - ORPHAN_AGE_SECONDS)
    path = folder / make_temp_name()
    os.mkdir(path)
    os.rmdir(path)


def remove_orphaned_temps(folder: Path, *, written_before: float | None = None) -> None:
    """Remove orphaned temp files and folders from a folder that may contain the user's own files.

    Only files and folders with the exact form of a temp name are removed. Errors are ignored.

    Args:
        folder: The folder, without its subfolders.
        written_before: Remove only what was last written before this Unix time.
    """
    for entry in _iter_entries(folder):
        pattern = FOLDER_NAME if entry.is_dir(follow_symlinks=False) else FILE_NAME
        if pattern.fullmatch(entry.name):
            _remove_if_orphaned(entry, written_before)


def remove_orphaned_archive_temps(folder: Path, *, written_before: float | None = None) -> None:
    """Remove orphaned temp files from an archive's `tmp` folder, where every `*.part` is one.

    This includes journals of interrupted fetches, which are kept without a lock to resume later.
    """
    for entry in _iter_entries(folder):
        if entry.name.endswith(".part"):
            _remove_if_orphaned(entry, written_before)


def _iter_entries(folder: Path) -> Iterator["os.DirEntry[str]"]:
    with suppress(OSError):
        yield from [*os.scandir(folder)]


def _remove_if_orphaned(entry: "os.DirEntry[str]", written_before: float | None) -> None:
    with suppress(OSError):
        status = entry.stat(follow_symlinks=False)
        is_folder = stat.S_ISDIR(status.st_mode)
        if not (is_folder or stat.S_ISREG(status.st_mode)):
            return
        if written_before is not None and status.st_mtime >= written_before:
            return
        handle = _open_to_lock(entry.path)
        try:
            if _is_orphaned(entry.name, handle, status.st_mtime):
                _remove(entry.path, is_folder)
        finally:
            if handle is not None:
                os.close(handle)


def _remove(path: str, is_folder: bool) -> None:
    if is_folder:
        import shutil  # 2 ms, and few commands use a temp folder

        shutil.rmtree(path)
        return
    if os.name == "nt":  # Windows does not remove read-only files
        os.chmod(path, 0o600)
    os.unlink(path)


def _open_to_lock(path: str) -> int | None:
    """Open a temp file to lock it, for writing if possible, because locks on NFS require that."""
    if fcntl is None:
        return None
    try:
        return os.open(path, os.O_RDWR | NOFOLLOW)
    except OSError:
        return os.open(path, os.O_RDONLY | NOFOLLOW)


def _is_orphaned(name: str, handle: int | None, written_at: float) -> bool:
    """Return whether no process has this file; if so, it is locked until `handle` is closed."""
    age = time.time() - written_at
    if fcntl is None or handle is None:
        return age > WINDOWS_ORPHAN_AGE_SECONDS  # Windows does not remove open files
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        match = FILE_NAME.fullmatch(name)
        return match is None or age > ORPHAN_AGE_SECONDS or not _is_running(match[1])
    return True


def _is_running(process_id: str) -> bool:
    """Return whether another process on this machine has this process ID."""
    if int(process_id) == os.getpid():
        return False
    try:
        os.kill(int(process_id), 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True
