"""ZIP files that somebody else may have made: refused before they fill memory or disk."""

import lzma
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path

from reddit_archive import regular_files

MAX_BYTES = 4 * 2**30
FREE_BYTES = 16 * 2**20
"""So much may be unpacked from any file; more only in proportion to its size."""
MAX_RATIO = 100
"""JSON of Reddit's is packed to a fifth, of some pages to a fortieth; a bomb to a thousandth."""
MAX_MEMBERS = 100_000
ENTRY_MARK, ENTRY_BYTES = b"PK\x01\x02", 46
"""What each entry of the directory begins with, and how long it is at least."""
BLOCK_BYTES = 2**20
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
ENCRYPTED = 0x1
UNREADABLE = (
    *(OSError, EOFError, ValueError, OverflowError, RuntimeError, KeyError),
    *(struct.error, zlib.error, lzma.LZMAError, zipfile.BadZipFile, zipfile.LargeZipFile),
)
"""What Python's `zipfile` raises for damaged and hostile files."""


class DamagedError(Exception):
    """Raised for a ZIP file that can't be read, or that unpacks to far more than it should."""


def opened(path: Path) -> tuple[zipfile.ZipFile, list[str]]:
    """Open a ZIP file; return it with the names of the files in it.

    Raises DamagedError, OSError, and ValueError for a file that is no ZIP file.
    """
    with regular_files.open_binary(path) as file:
        if file.read(4) != b"PK\x03\x04":
            raise ValueError("it is no ZIP file")
        size = _size(file)
        if size > MAX_MEMBERS * ENTRY_BYTES and _count_entries(file) > MAX_MEMBERS:
            raise DamagedError(f"it has more than {MAX_MEMBERS:,} files")
    try:
        archive = zipfile.ZipFile(path)
    except UNREADABLE as error:
        raise DamagedError(f"its ZIP directory is damaged ({error})") from error
    _check(archive, size)
    return archive, [each.filename for each in archive.infolist() if not each.is_dir()]


def _size(file: BufferedReader) -> int:
    return file.seek(0, 2)


def _count_entries(file: BufferedReader) -> int:
    """Count what looks like entries of the directory, which is cheaper than to read it."""
    return sum(block.count(ENTRY_MARK) for block in _blocks(file))


def _blocks(file: BufferedReader) -> Iterator[bytes]:
    file.seek(0)
    end = b""
    while block := file.read(BLOCK_BYTES):
        yield end + block
        end = block[-len(ENTRY_MARK) + 1 :]


def _check(archive: zipfile.ZipFile, size: int) -> None:
    """Raise DamagedError for what no program that packs a bag writes."""
    entries = archive.infolist()
    names = [entry.filename for entry in entries]
    if len(set(names)) < len(names):
        raise DamagedError("it has two files of one name")
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > min(max(FREE_BYTES, MAX_RATIO * size), MAX_BYTES):
        raise DamagedError(f"it is too large: {size:,} bytes unpack to {unpacked:,}")
    if sum(entry.compress_size for entry in entries) > size:
        raise DamagedError("its files overlap")
    for entry in entries:
        if why := _fault(entry):
            raise DamagedError(f"{entry.filename[:200]!r} {why}")


def _fault(entry: zipfile.ZipInfo) -> str:
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if entry.flag_bits & ENCRYPTED:
        return "is encrypted"
    if entry.compress_type not in METHODS:
        return "is packed in a way that this program does not read"
    if stat.S_ISLNK(kind):
        return "is a link"
    if kind and not (stat.S_ISREG(kind) or stat.S_ISDIR(kind)):
        return "is not a regular file"
    return ""
