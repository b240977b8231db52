"""Where an archive keeps its files, and which folder is an archive."""

import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

from reddit_archive import errors
from reddit_archive.archive import redaction_ledger, snapshot_format
from reddit_archive.files import durable_files, planted_links, regular_files, temp_files
from reddit_archive.model.capture import StoredMedia

THREAD_NAME = re.compile(r"t3_([0-9a-z]{1,13})")
MEDIA_FOLDER = "media"
MAX_TEMP_AGE_SECONDS = 24 * 3600


def is_archive(root: Path) -> bool:
    """Return whether a folder is an archive. An archive may be empty."""
    with snapshot_format.translate_read_errors(root):
        return (root / "ARCHIVE").is_file() or (root / "threads").is_dir()


def check_format(root: Path) -> None:
    """Raise StoreError if a newer version wrote this archive."""
    marker = root / "ARCHIVE"
    with snapshot_format.translate_read_errors(marker):
        if not marker.exists():
            return
        text = regular_files.read_text(marker).strip()
    if text != snapshot_format.FORMAT:
        raise errors.StoreError(
            f"{root} is an archive of the format {text[:40]!r}, which this version does not know",
            "Install a newer reddit-archive.",
        )


def initialize(root: Path) -> None:
    """Create the archive if it does not exist, and remove old temp files. Raises StoreError."""
    check_format(root)
    planted_links.check(root / "tmp")
    is_new = not is_archive(root)
    if not (root / "ARCHIVE").exists():
        durable_files.write_once(
            f"{snapshot_format.FORMAT}\n".encode(), root / "ARCHIVE", tmp=root / "tmp"
        )
    if is_new:
        redaction_ledger.create(root, {})
    temp_files.remove_orphaned_archive_temps(
        root / "tmp", written_before=time.time() - MAX_TEMP_AGE_SECONDS
    )


def iter_thread_ids(root: Path) -> Iterator[str]:
    """Yield the ids of all threads that have a folder, sorted."""
    check_format(root)
    folder = root / "threads"
    with snapshot_format.translate_read_errors(folder):
        names = os.listdir(folder) if folder.is_dir() else []
    for name in sorted(filter(THREAD_NAME.fullmatch, names)):
        yield name[3:]


def media_path(snapshot_path: Path, media: StoredMedia) -> Path:
    """Return the path of a picture in a snapshot."""
    return snapshot_path.parent / MEDIA_FOLDER / media.name


def list_media_paths(folder: Path) -> list[Path]:
    with snapshot_format.translate_read_errors(folder / MEDIA_FOLDER):
        has_folder = (folder / MEDIA_FOLDER).is_dir()
        return sorted((folder / MEDIA_FOLDER).iterdir()) if has_folder else []


def thread_folder(root: Path, thread_id: str) -> Path:
    if not THREAD_NAME.fullmatch(f"t3_{thread_id}"):
        raise errors.InvalidReferenceError(f"{thread_id!r} is not a thread ID")
    return root / "threads" / f"t3_{thread_id}"


def list_snapshot_paths(folder: Path, *, is_strict: bool = True) -> list[Path]:
    """Return the paths of a folder's snapshots, sorted; of all .json files unless `is_strict`."""
    names = (entry.name for entry in list_entries(folder))
    return [
        folder / name
        for name in names
        if name.endswith(".json")
        and (not is_strict or snapshot_format.SNAPSHOT_NAME.fullmatch(name))
    ]


def list_entries(folder: Path) -> list[os.DirEntry[str]]:
    """Return the entries of a folder, sorted by name; none if it does not exist."""
    with snapshot_format.translate_read_errors(folder):
        entries = [*os.scandir(folder)] if folder.is_dir() else []
    return sorted(entries, key=lambda entry: entry.name)


def list_digests(root: Path, thread_id: str) -> set[str]:
    """Return the digests in the names of a thread's snapshots. No file is read."""
    folder = thread_folder(root, thread_id)
    with snapshot_format.translate_read_errors(folder):
        names = os.listdir(folder) if folder.is_dir() else []
    matches = filter(None, map(snapshot_format.SNAPSHOT_NAME.fullmatch, names))
    return {match[2] for match in matches}


def find_thread(root: Path, fullname: str) -> str | None:
    """Return the ID of the thread with a post or comment, or None. Reads every snapshot."""
    needle = f'"{fullname}"'.encode()
    for thread_id in iter_thread_ids(root):
        for path in list_snapshot_paths(thread_folder(root, thread_id)):
            with snapshot_format.translate_read_errors(path):
                if needle in regular_files.read_bytes(path):
                    return thread_id
    return None
