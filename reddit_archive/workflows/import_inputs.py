"""Find the files and bags to import in the paths that a user names."""

from collections.abc import Iterator
from pathlib import Path

from reddit_archive import errors
from reddit_archive.archive import bags
from reddit_archive.archive.bags import Bag
from reddit_archive.files import regular_files
from reddit_archive.sources import decompress
from reddit_archive.sources.importers import FORMATS_HINT
from reddit_archive.sources.saved_page import wrappers

ZIP_START = b"PK\x03\x04"
JSON_STARTS = ("{", "[")
KNOWN_SUFFIXES = frozenset(
    (
        *(".json", ".jsonl", ".ndjson"),
        *(".html", ".htm", ".xhtml", ".mhtml", ".mht", ".webarchive", ".warc", ".wacz"),
    )
)
PAGE_SUFFIXES = (".html", ".htm", ".xhtml")
COMPANION_SUFFIXES = (
    *("_files", ".files", "_file", "_fichiers", "_archivos", "_arquivos", "_ficheiros"),
    *("-Dateien", "_Dateien", "_bestanden", "-filer", "_filer", "_tiedostot", "_pliki"),
    *("_soubory", "_elemei", "_dosyalar", "_datoteke", "_fitxers", "_failid", "_fails"),
    *("_bylos", "_fajlovi", "_fitxategiak"),
)
"""Ends of the names of the folders in which browsers put a page's pictures, in their languages."""
ARCHIVEBOX_FILES = frozenset(("index.html", "index.json", "index.jsonl", "headers.json"))
ARCHIVEBOX_FOLDERS = frozenset(("git", "htmltotext", "media", "mercury", "readability"))
"""What ArchiveBox adds to the forms of a page. They contain no thread."""


def find_inputs(path: Path) -> Iterator[Path | Bag | errors.ArchiveError]:
    """Yield the file or bag at a path, or all in a folder; or an error if there is nothing."""
    try:
        if not path.is_dir():
            with regular_files.open_binary(path) as file:
                is_zip = file.read(len(ZIP_START)) == ZIP_START
            yield from bags.find_bags(path) if is_zip and not wrappers.is_wacz(path) else [path]
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
    """Find the bags below a folder, and all files that may contain JSON or a web page.

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
        companions = _find_companions(inner, folders, names)
        folders[:] = [
            name for name in folders if not name.startswith(".") and name not in companions
        ]
        yield from (
            inner / name for name in names if name not in companions and is_likely(inner / name)
        )


def _find_companions(inner: Path, folders: list[str], names: list[str]) -> set[str]:
    """Return the entries of a folder that browsers and tools put beside the pages they save."""
    stems = {
        name[: -len(suffix)]
        for name in names
        for suffix in PAGE_SUFFIXES
        if name.lower().endswith(suffix)
    }
    companions = {
        name
        for name in folders
        for suffix in COMPANION_SUFFIXES
        if name.endswith(suffix) and name[: -len(suffix)] in stems
    }
    if wrappers.is_archivebox_snapshot(inner, names):
        companions |= ARCHIVEBOX_FILES | ARCHIVEBOX_FOLDERS
    if "asset.bin" in names:  # the page, as Karakeep stores it
        companions.add("metadata.json")
    return companions


def is_likely(path: Path) -> bool:
    """Return whether a file may contain a thread; also for unreadable files, to report them."""
    if path.name.startswith(".") or not path.is_file():
        return False
    if path.suffix.lower() in KNOWN_SUFFIXES:
        return True
    try:
        with regular_files.open_binary(path) as file:
            start = file.read(64)
    except OSError:
        return True
    if decompress.is_compressed(start) or wrappers.is_web_page(start):
        return True
    return decompress.decode_start(start).startswith(JSON_STARTS)
