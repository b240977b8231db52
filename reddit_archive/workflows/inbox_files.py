"""Look through a folder of downloads for files with threads that are whole."""

import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from reddit_archive import errors
from reddit_archive.files import deep_json, regular_files
from reddit_archive.sources import decompress
from reddit_archive.sources.decompress import InputStream
from reddit_archive.sources.saved_json.files import MAX_BYTES
from reddit_archive.workflows import import_inputs

PARTIAL_SUFFIXES = (".crdownload", ".opdownload", ".part", ".partial", ".download", ".tmp")
"""Suffixes of unfinished downloads of Chromium, Opera, Firefox, curl and wget, Safari, and Edge."""
THREAD_SUFFIX = re.compile(
    r"\.(?:json|jsonl|ndjson|html?|mht|mhtml|warc|wacz)(?:\.(?:gz|bz2|xz|zst))?$", re.IGNORECASE
)
"""Names of files that are reported if they can't be read."""
REDDIT_MARKS = (b"t3_", b"/comments/")
"""Each thread contains one of these, in whatever format."""
ZIP_END = b"PK\x05\x06"
HEAD_BYTES, TAIL_BYTES = 2**12, 2**16
"""Archives write comments behind the end of a page."""

Content = Literal["whole", "cut off", "without end", "other"]
"""What a file contains: a thread; the beginning of one; a page without `</html>` that may be whole,
because SingleFile leaves it out and excerpts have none; something else."""


@dataclass(frozen=True, slots=True)
class FileState:
    """The state of a file at one look."""

    size_bytes: int
    modified_ns: int
    inode: int


def build_state(status: os.stat_result) -> FileState:
    """Return the state of a file with this status."""
    return FileState(status.st_size, status.st_mtime_ns, status.st_ino)


def list_files(folder: Path) -> dict[str, FileState]:
    """Return the regular files of a folder that may be finished, by name, oldest first.

    Folders, links, pipes, hidden files and unfinished downloads are left out. So is a file beside
    which its unfinished download lies: Firefox makes an empty file first.

    Raises:
        NotAThreadError: The folder can't be read.
    """
    try:
        with os.scandir(folder) as entries:
            by_name = {entry.name: entry for entry in entries}
    except OSError as error:
        reason = (error.strerror or "it can't be read").lower()
        raise errors.NotAThreadError(f"can't read {folder}: {reason}", "Check its name.") from None
    states: dict[str, FileState] = {}
    for name, entry in by_name.items():
        is_partial = any(f"{name}{suffix}" in by_name for suffix in PARTIAL_SUFFIXES)
        if is_partial or name.startswith(".") or name.lower().endswith(PARTIAL_SUFFIXES):
            continue
        try:
            status = entry.stat(follow_symlinks=False)
        except OSError:  # it vanished
            continue
        if stat.S_ISREG(status.st_mode):
            states[name] = build_state(status)
    return dict(sorted(states.items(), key=lambda item: (item[1].modified_ns, item[0])))


def may_have_thread(path: Path) -> bool:
    """Return whether a file may contain a thread, by its size, its name and its first bytes.

    Raises:
        OSError: The file can't be read.
    """
    try:
        with regular_files.open_binary(path) as file:
            is_small = os.fstat(file.fileno()).st_size <= MAX_BYTES
    except PermissionError:
        if THREAD_SUFFIX.search(path.name):
            raise
        return False
    return is_small and import_inputs.is_likely(path)


def detect_content(path: Path) -> Content:
    """Read a file, and detect whether it contains a thread, and whether all of it."""
    try:
        with decompress.open_stream(path) as stream:
            return _detect_in_stream(stream, path.suffix.lower())
    except errors.NotAThreadError:
        return "other"


def _detect_in_stream(stream: InputStream, suffix: str) -> Content:
    data = stream.read_all(MAX_BYTES)
    if data is not None and data.startswith(import_inputs.ZIP_START):
        return _detect_in_zip(data, suffix)
    if data is None or not any(mark in data for mark in REDDIT_MARKS):
        return "other"
    if stream.failure is not None:
        return "cut off"
    start = data[:64].lstrip()
    if start[:1] in (b"{", b"["):
        return _detect_in_json(data)
    head, tail = data[:HEAD_BYTES].lower(), data[-TAIL_BYTES:].lower()
    if start[:1] == b"<" and b"</html" not in tail:
        is_page = b"<html" in head or b"<!doctype" in head
        return "cut off" if is_page and b"singlefile" not in head else "without end"
    if b"multipart/related" in head and not tail.rstrip().endswith(b"--"):
        return "cut off"
    return "whole"


def _detect_in_zip(data: bytes, suffix: str) -> Content:
    """Detect a web archive (WACZ). Bags are left to `archive import`: they bring redactions."""
    if suffix != ".wacz":
        return "other"
    return "whole" if ZIP_END in data[-TAIL_BYTES:] else "cut off"


def _detect_in_json(data: bytes) -> Content:
    """Detect whether JSON is whole, by parsing it: half a file may end with a bracket, too."""
    documents = deep_json.load_documents(data.decode("utf-8", "replace"))
    if documents.is_cut_off:
        return "cut off"
    return "whole" if documents.values else "other"
