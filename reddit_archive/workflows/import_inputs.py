"""Finds the files and bags to import in the paths that a user names."""

from collections.abc import Iterator
from pathlib import Path

from reddit_archive import errors
from reddit_archive.archive import bags
from reddit_archive.archive.bags import Bag
from reddit_archive.files import regular_files
from reddit_archive.sources import decompress
from reddit_archive.sources.importers import FORMATS_HINT

ZIP_START = b"PK\x03\x04"
JSON_STARTS = ("{", "[")
JSON_SUFFIXES = frozenset((".json", ".jsonl", ".ndjson"))


def find_inputs(path: Path) -> Iterator[Path | Bag | errors.ArchiveError]:
    """Yield the file or bag at a path, or all in a folder; or an error if there is nothing."""
    try:
        if not path.is_dir():
            with regular_files.open_binary(path) as file:
                is_zip = file.read(len(ZIP_START)) == ZIP_START
            yield from bags.find_bags(path) if is_zip else [path]
            return
        if (path / "ARCHIVE").is_file():
            yield errors.NotAThreadError(
                f"{path} is an archive itself",
                "Copy its folder `threads` into the other archive's.",
            )
            return
        inputs = list(_walk(path))
    except errors.ArchiveError as error:
        yield error
        return
    except OSError as error:
        reason = (error.strerror or "it can't be read").lower()
        yield errors.NotAThreadError(f"can't read {path}: {reason}", "Check its name.")
        return
    yield from inputs
    if not inputs:
        yield errors.NotAThreadError(f"{path} contains nothing that can be imported", FORMATS_HINT)


def _walk(top: Path) -> Iterator[Path | Bag | errors.ArchiveError]:
    """Find the bags below a folder, and all files that may contain JSON.

    A bag that can't be read yields its error, so that the others are still imported.
    """
    for inner, folders, names in regular_files.walk(top):
        if "bagit.txt" in names:
            folders.clear()
            try:
                yield from bags.find_bags(inner)
            except errors.ArchiveError as error:
                yield error
            continue
        if "ARCHIVE" in names:  # most likely the one to import into
            folders.clear()
            continue
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (inner / name for name in names if is_likely(inner / name))


def is_likely(path: Path) -> bool:
    """Return whether a file may contain JSON; also for unreadable files, to report them."""
    if path.name.startswith(".") or not path.is_file():
        return False
    if path.suffix.lower() in JSON_SUFFIXES:
        return True
    try:
        with regular_files.open_binary(path) as file:
            start = file.read(64)
    except OSError:
        return True
    return decompress.is_compressed(start) or decompress.decode_start(start).startswith(JSON_STARTS)
