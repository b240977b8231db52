"""Read the threads that lists, pages and exports name: files, folders or standard input."""

import io
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from reddit_archive import errors
from reddit_archive.files import regular_files
from reddit_archive.sources import decompress
from reddit_archive.sources.decompress import InputStream
from reddit_archive.workflows.inputs import (
    ListEntry,
    ListProblem,
    ThreadRequest,
    detect,
    merge_entries,
)
from reddit_archive.workflows.reporter import Reporter

MAX_BYTES = 100_000_000
SUFFIXES = (
    *(".txt", ".md", ".markdown", ".mdown", ".html", ".htm"),
    *(".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".yaml", ".yml"),
)
COMPRESSED_SUFFIXES = (".gz", ".bz2", ".xz", ".zst")


def read_lists(
    names: Sequence[str], reporter: Reporter
) -> tuple[list[ThreadRequest], list[ListProblem]]:
    """Read lists. Each thread is requested once, with all that the lists say about it.

    Args:
        names: Files, folders of files, or "-" for standard input.
        reporter: Receives a warning for each list that names no thread.

    Returns:
        The requests, and the entries that can't be understood.

    Raises:
        InvalidReferenceError: A list that the user named can't be read.
    """
    entries: list[ListEntry] = []
    problems: list[ListProblem] = []
    for name, data, error in _read_all(names):
        found = detect.read(data, name)
        found += [ListProblem(name, error.message, error.hint)] if error else []
        if not found and name in names:
            reporter.warn(f"{name} names no thread.")
        entries += [item for item in found if isinstance(item, ListEntry)]
        problems += [item for item in found if isinstance(item, ListProblem)]
    return merge_entries(entries), problems


def _read_all(names: Sequence[str]) -> Iterator[tuple[str, bytes, errors.ArchiveError | None]]:
    """Yield each list's name and bytes, and an error if the rest can't be read."""
    for name in names:
        if name == "-":
            data = sys.stdin.buffer.read(MAX_BYTES)
            stream = InputStream(io.BytesIO(data), "the input", len(data), large_window=False)
            yield "-", *_read(stream)
        elif Path(name).is_dir():
            files = sorted(p for p in regular_files.walk_files(Path(name)) if _is_likely(p))
            for file in (p for p in files if p.is_file()):
                try:
                    yield str(file), *_read_file(file)
                except errors.InvalidReferenceError as error:
                    yield str(file), b"", error
        else:
            yield name, *_read_file(Path(name))


def _is_likely(path: Path) -> bool:
    """Return whether a file in a folder may be a list, by its suffix."""
    suffixes = [suffix.lower() for suffix in path.suffixes[-2:]]
    is_compressed = len(suffixes) == 2 and suffixes[1] in COMPRESSED_SUFFIXES
    return bool(suffixes) and suffixes[0 if is_compressed else -1] in SUFFIXES


def _read_file(path: Path) -> tuple[bytes, errors.ArchiveError | None]:
    try:
        with decompress.open_stream(path) as stream:
            return _read(stream)
    except errors.NotAThreadError as error:
        raise errors.InvalidReferenceError(error.message, error.hint) from None


def _read(stream: InputStream) -> tuple[bytes, errors.ArchiveError | None]:
    data = stream.read_all(MAX_BYTES)
    if data is None:
        return b"", errors.InvalidReferenceError("it is too large for a list", "Split the list.")
    return data, stream.failure
