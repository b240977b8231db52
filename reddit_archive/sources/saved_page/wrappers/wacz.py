"""Read Reddit's pages in WACZ files: ZIP files with WARC files in their folder `archive`."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from reddit_archive import errors
from reddit_archive.files import regular_files, zip_files
from reddit_archive.sources.decompress import InputStream
from reddit_archive.sources.saved_page.page import JsonFile, PageFile
from reddit_archive.sources.saved_page.wrappers import warc

ZIP_START = b"PK\x03\x04"
WARC_SUFFIXES = (".warc", ".warc.gz", ".warc.zst", ".arc", ".arc.gz")


def is_wacz(path: Path) -> bool:
    """Return whether a file is a ZIP file with WARC files in it. A damaged one is not."""
    try:
        with regular_files.open_binary(path) as file:
            if file.read(len(ZIP_START)) != ZIP_START:
                return False
        zip_file, names = zip_files.open_zip(path)
    except (zip_files.DamagedZipError, OSError, ValueError):
        return path.suffix.lower() == ".wacz"
    zip_file.close()
    return any(map(_is_warc, names))


def iter_wacz_pages(
    path: Path, display_name: str, modified_at: datetime
) -> Iterator[PageFile | JsonFile]:
    """Yield Reddit's pages and JSON in a WACZ file, without unpacking it.

    Raises:
        NotAThreadError: The file is damaged, or a ZIP bomb. What can be read was yielded before.
        ArchiveError: The package `warcio` is not installed.
    """
    try:
        zip_file, names = zip_files.open_zip(path)
        with zip_file:
            for name in filter(_is_warc, names):
                size = zip_file.getinfo(name).file_size
                with zip_file.open(name) as member:
                    stream = InputStream(
                        member, f"{display_name}: {name}", size, large_window=False
                    )
                    yield from warc.iter_warc_pages(stream, f"{display_name}: {name}", modified_at)
    except zip_files.DamagedZipError as error:
        raise errors.NotAThreadError(
            f"{display_name} can't be read: {error}", "Fetch the file again."
        ) from None
    except zip_files.READ_ERRORS:
        raise errors.NotAThreadError(
            f"{display_name} is cut off or damaged", "Fetch the file again."
        ) from None


def _is_warc(name: str) -> bool:
    return name.lower().endswith(WARC_SUFFIXES)
