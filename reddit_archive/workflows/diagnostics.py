"""Checks of `doctor` on this machine: the program, its settings, its parts, the archive."""

import os
import platform
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Literal

from reddit_archive import __version__, errors
from reddit_archive.archive import forgotten_log, layout, snapshot_format, store
from reddit_archive.archive.index import thread_table
from reddit_archive.config import Settings, key_settings
from reddit_archive.files import regular_files
from reddit_archive.model import capture
from reddit_archive.workflows.wording import RETURNED_HINT, format_count

State = Literal["ok", "note", "warn", "fail", "skip"]
SAMPLE_SIZE = 50
MAX_SAMPLE_BYTES = 5_000_000
MIN_FREE_BYTES = 1_000_000_000
VERIFY_HINT = "`archive verify` lists all damaged files; restore them from a backup."
OPTIONAL_PACKAGES = {
    "yt-dlp": ("yt_dlp", "save videos", "pip install 'reddit-archive[video]'"),
    "pyarrow": ("pyarrow", "write Parquet", "pip install 'reddit-archive[parquet]'"),
    "dask": ("distributed", "work on a cluster", "pip install 'reddit-archive[dask]'"),
    "zstandard": ("zstandard", "read .zst dumps", "pip install 'reddit-archive[dumps]'"),
    "warcio": ("warcio", "read web archives", "pip install 'reddit-archive[warc]'"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check, and what to do. `exit_code` is the exit code that it asks for."""

    check: str
    state: State
    message: str
    hint: str = ""
    exit_code: int = 0


def build_failure(check: str, error: errors.ArchiveError, *, is_needed: bool = True) -> Finding:
    """Build a finding for an error; a warning if the part is not needed."""
    code = error.exit_code if is_needed else 0
    return Finding(check, "fail" if is_needed else "warn", error.message, error.hint, code)


def check_program() -> Iterator[Finding]:
    """Report the version, which bug reports need."""
    where = f"Python {platform.python_version()} on {platform.system()}"
    yield Finding("program", "ok", f"reddit-archive {__version__}, {where}")


def check_settings(
    load: Callable[[], Settings], use: Callable[[Settings], None]
) -> Iterator[Finding]:
    """Check the settings. Passes them to `use` if they can be loaded."""
    try:
        loaded = load()
    except errors.ConfigError as error:
        yield build_failure("settings", error)
        return
    use(loaded)
    file, user_file = loaded.file, loaded.user_file
    if file is None:
        folder = f" or in {user_file.parent}" if user_file else ""
        yield Finding("settings", "ok", f"no config.yaml here{folder}: using the defaults")
    else:
        yield Finding("settings", "ok", str(file))
        if user_file and user_file.exists() and user_file.absolute() != file.absolute():
            yield Finding("settings", "note", f"{user_file} is not read: {file} is used instead")
    for key_file in key_settings.list_files(loaded):
        if os.name != "nt" and key_file.stat().st_mode & 0o077:
            what = f"other users of this computer can read your key in {key_file}"
            yield Finding("settings", "warn", what, f"chmod 600 {key_file}")


def check_packages(settings: Settings) -> Iterator[Finding]:
    """Check which optional packages are installed."""
    for name, (module, gain, how) in OPTIONAL_PACKAGES.items():
        if find_spec(module):
            yield Finding(name, "ok", f"installed; used to {gain}")
        else:
            yield Finding(name, "note", f"not installed; needed to {gain}", how)
    if shutil.which("ffmpeg"):
        yield Finding("ffmpeg", "ok", "installed; used to add sound to videos")
    else:
        what = "not installed; needed to add sound to videos"
        yield Finding("ffmpeg", "note", what, "Install it with your system's packages.")


def check_archive(settings: Settings) -> Iterator[Finding]:
    """Check the archive without changing it: its folder, a sample of its files, its index."""
    root = settings.archive
    try:
        yield from _check_folder(root)
        if os.path.isdir(root):  # false for a dead link or a name that is too long
            yield from _check_snapshots(root)
            yield from _find_returned(root)
            yield from _count_temp_files(root / "tmp")
            yield _check_index(root)
    except errors.ArchiveError as error:
        yield build_failure("archive", error)


def _check_folder(root: Path) -> Iterator[Finding]:
    there = next(each for each in (root, *root.absolute().parents) if os.path.lexists(each))
    if not os.path.isdir(there) or not os.access(there, os.W_OK | os.X_OK):
        what = f"{root.absolute()} can't be written"
        yield Finding("archive", "fail", what, "Give a folder with --archive DIR.", 1)
        return
    if there != root:
        yield Finding("archive", "ok", f"none yet at {root.absolute()}; the first save creates it")
    free = shutil.disk_usage(there).free
    is_tight = free < MIN_FREE_BYTES
    room = f"{free / 1e9:,.1f} GB free"
    todo = "Free some; without space, a save fails but loses nothing." if is_tight else ""
    yield Finding("space", "warn" if is_tight else "ok", room, todo)


def _check_snapshots(root: Path) -> Iterator[Finding]:
    """Count what is stored, and read the last snapshot of a sample of threads."""
    threads = list(store.iter_thread_ids(root))
    count = sum(len(store.list_digests(root, each)) for each in threads)
    what = f"{format_count(len(threads), 'thread')}, {format_count(count, 'snapshot')}"
    yield Finding("archive", "ok", f"{root.absolute()}: {what}")
    step = max(1, len(threads) // SAMPLE_SIZE)
    read, damaged, late = 0, list[str](), list[str]()
    for thread_id in islice(threads, 0, None, step):
        heads = store.read_headers(root, thread_id)
        path = heads[-1].path if heads else None
        late += [thread_id for head in heads[-1:] if head.captured_at > capture.utc_now()]
        if path is not None and path.stat().st_size <= MAX_SAMPLE_BYTES:
            with snapshot_format.translate_read_errors(path):
                wrong = snapshot_format.integrity_error(path, regular_files.read_bytes(path))
            read += 1
            damaged += [f"{path}: {wrong}"] if wrong else []
    if late:
        what = f"the last snapshot of t3_{late[0]} has a date in the future"
        yield Finding("clock", "warn", what, "Check the clock of this computer.")
    for each in damaged:
        yield Finding("health", "fail", each, VERIFY_HINT, errors.DamageFoundError.exit_code)
    if read and not damaged:
        what = f"{format_count(read, 'snapshot')} read, all intact"
        yield Finding("health", "ok", what, "`archive verify` checks every byte.")


def _find_returned(root: Path) -> Iterator[Finding]:
    for thread_id, at in forgotten_log.find_returned_threads(root).items():
        what = f"t3_{thread_id} was forgotten on {at[:10]}, and is here again"
        yield Finding("forgotten", "warn", what, RETURNED_HINT)


def _count_temp_files(folder: Path) -> Iterator[Finding]:
    """Count temp files of running or interrupted saves; old ones are removed automatically."""
    found = list(folder.glob(".*.part"))
    if found:
        old = time.time() - layout.MAX_TEMP_AGE_SECONDS
        aged = sum(each.stat().st_mtime < old for each in found if each.exists())
        files = format_count(len(found), "file")
        what = f"{files} in {folder}, from running or interrupted saves"
        todo = "The next save removes those older than a day." if aged else ""
        yield Finding("drafts", "note", what, todo)


def _check_index(root: Path) -> Finding:
    behind = thread_table.count_stale(root)
    if behind:
        what = f"lacks {format_count(behind, 'thread')}, which are read from their files"
        return Finding("index", "warn", what, "Run `archive reindex`.")
    return Finding("index", "ok", "contains every thread")
