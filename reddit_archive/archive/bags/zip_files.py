"""Open ZIP files from untrusted sources; refuse those that would fill memory or disk."""

import lzma
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path

from reddit_archive.files import regular_files

MAX_BYTES = 4 * 2**30
MIN_LIMIT_BYTES = 16 * 2**20
"""Any file may unpack to this size. Larger sizes are allowed in proportion to the file's size."""
MAX_RATIO = 100
"""Reddit's JSON compresses by a factor of 5, some pages by 40, a ZIP bomb by 1,000."""
MAX_MEMBERS = 100_000
ENTRY_SIGNATURE, ENTRY_BYTES = b"PK\x01\x02", 46
"""The first bytes of each entry in the directory, and the smallest size of an entry."""
BLOCK_BYTES = 2**20
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
ENCRYPTED = 0x1
READ_ERRORS = (
    *(OSError, EOFError, ValueError, OverflowError, RuntimeError, KeyError),
    *(struct.error, zlib.error, lzma.LZMAError, zipfile.BadZipFile, zipfile.LargeZipFile),
)
"""The exceptions of Python's `zipfile` for damaged and hostile files."""


class DamagedError(Exception):
    """A ZIP file can't be read, or unpacks to far more than it should."""


def open_zip(path: Path) -> tuple[zipfile.ZipFile, list[str]]:
    """Open a ZIP file; return it with the names of the files in it.

    Raises DamagedError, OSError, and ValueError for a file that is not a ZIP file.
    """
    with regular_files.open_binary(path) as file:
        if file.read(4) != b"PK\x03\x04":
            raise ValueError("it is not a ZIP file")
        size = _size(file)
        if size > MAX_MEMBERS * ENTRY_BYTES and _count_entries(file) > MAX_MEMBERS:
            raise DamagedError(f"it has more than {MAX_MEMBERS:,} files")
    try:
        archive = zipfile.ZipFile(path)
    except READ_ERRORS as error:
        raise DamagedError(f"its ZIP directory is damaged ({error})") from error
    _check(archive, size)
    return archive, [each.filename for each in archive.infolist() if not each.is_dir()]


def _size(file: BufferedReader) -> int:
    return file.seek(0, 2)


def _count_entries(file: BufferedReader) -> int:
    """Count the signatures of directory entries, which is cheaper than reading the directory."""
    return sum(block.count(ENTRY_SIGNATURE) for block in _blocks(file))


def _blocks(file: BufferedReader) -> Iterator[bytes]:
    file.seek(0)
    end = b""
    while block := file.read(BLOCK_BYTES):
        yield end + block
        end = block[-len(ENTRY_SIGNATURE) + 1 :]


def _check(archive: zipfile.ZipFile, size: int) -> None:
    """Raise DamagedError for a ZIP file that no program writes when it packs a bag."""
    entries = archive.infolist()
    names = [entry.filename for entry in entries]
    if not all(names):
        raise DamagedError("it has a file without a name")
    if len(set(names)) < len(names):
        raise DamagedError("it has two files with the same name")
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > min(max(MIN_LIMIT_BYTES, MAX_RATIO * size), MAX_BYTES):
        raise DamagedError(f"it is too large: {size:,} bytes unpack to {unpacked:,}")
    if sum(entry.compress_size for entry in entries) > size:
        raise DamagedError("its files overlap")
    for entry in entries:
        if fault := _fault(entry):
            raise DamagedError(f"{entry.filename[:200]!r} {fault}")


def _fault(entry: zipfile.ZipInfo) -> str:
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if entry.flag_bits & ENCRYPTED:
        return "is encrypted"
    if entry.compress_type not in METHODS:
        return "is compressed with a method that this program does not read"
    if stat.S_ISLNK(kind):
        return "is a link"
    if kind and not (stat.S_ISREG(kind) or stat.S_ISDIR(kind)):
        return "is not a regular file"
    return ""
