"""Checks of the archive's folder and of output files, before work starts."""

import os
import re
from contextlib import suppress
from pathlib import Path

from reddit_archive import errors
from reddit_archive.archive import store
from reddit_archive.files import durable_files, planted_links, temp_files

OWN_FOLDERS = ("threads", "tmp", "redactions")
OWN_FILE = re.compile(r"ARCHIVE|.*\.(?:sqlite3(?:-journal|-wal|-shm)?|log|key)")
"""Files of an archive in its folder. All other files there are the user's own."""


def require_archive(root: Path) -> Path:
    """Return the archive's folder. Raises NotArchivedError if there is no archive.

    Without this check a mistyped folder name looks like an empty archive.
    """
    if not store.is_archive(root):
        raise errors.NotArchivedError(
            f"there is no archive at {root.absolute()}",
            "Name its folder with --archive DIR, or `archive` in config.yaml. `archive save "
            "THREAD` creates one.",
        )
    return root


def check_writable(root: Path) -> None:
    """Raise StoreError if no thread can be saved here. Call this before sending requests."""
    store.check_format(root)
    threads = root / "threads"
    with durable_files.translate_os_errors(root):
        temp_files.check_writable(root / "tmp")
    planted_links.check(root / "tmp")
    if os.path.lexists(threads) and not (threads.is_dir() and os.access(threads, os.W_OK)):
        raise errors.StoreError(
            f"can't write to {threads}: it is not a writable folder",
            "Make it writable, or choose another archive with --archive DIR.",
        )


def describe_empty(root: Path) -> str:
    """Return the message for an empty archive."""
    return f"{root.absolute()} has no threads yet; `archive save THREAD` adds one."


def build_not_archived_error(root: Path, what: str, hint: str = "") -> errors.ArchiveError:
    """Build the error for something that is not in the archive, or for a missing archive."""
    try:
        require_archive(root)
    except errors.NotArchivedError as error:
        return error
    return errors.NotArchivedError(
        f"the archive {root.absolute()} has no {what}",
        hint or "`archive list` lists its threads; `archive save THREAD` adds one.",
    )


def prepare_output(root: Path, path: Path, *, is_folder: bool = False) -> None:
    """Check that an output file or folder may be written. Call this before any other work.

    Refuses files of the archive `root` and of other archives. Removes temp files that killed
    processes left behind. Raises StoreError.
    """
    check_owner(root, path)
    if is_folder:
        temp_files.remove_orphaned_temps(path)
    else:
        durable_files.remove_orphaned_temps_beside(
            [path, path.with_name(f"{path.stem}-media") / "_"]
        )


def check_owner(root: Path, path: Path) -> None:
    """Raise StoreError for a file that belongs to the archive `root` or to another archive."""
    real = Path(os.path.realpath(path))
    other_archives = (each for each in real.parents if (each / "ARCHIVE").is_file())
    for archive in (root, *other_archives):
        if _is_own(archive, real):
            raise errors.StoreError(
                f"can't write {path}: it belongs to the archive {archive}",
                "Choose a name outside the archive.",
            )


def _is_own(root: Path, path: Path) -> bool:
    """Return whether a path belongs to an archive, also through links or in another case."""
    folders = [root / name for name in OWN_FOLDERS]
    if any(_is_same(item, folder) for item in (path, *path.parents) for folder in folders):
        return True
    with suppress(OSError):
        own_files = [root / name for name in os.listdir(root) if OWN_FILE.fullmatch(name)]
        if any(_is_same(path, item) for item in own_files):
            return True
    is_inside = path.parent == Path(os.path.realpath(root)) or _is_same(path.parent, root)
    if is_inside and OWN_FILE.fullmatch(path.name):
        return True
    return any(path.is_relative_to(os.path.realpath(folder)) for folder in folders)


def _is_same(one: Path, other: Path) -> bool:
    with suppress(OSError):
        return os.path.samefile(one, other)
    return False
