"""Open ZIP files from untrusted sources; refuse those that would fill memory or disk."""

import lzma
import os
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
SUPPORTED_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
ENCRYPTED_FLAG = 0x1
READ_ERRORS = (
    *(OSError, EOFError, ValueError, OverflowError, RuntimeError, KeyError),
    *(struct.error, zlib.error, lzma.LZMAError, zipfile.BadZipFile, zipfile.LargeZipFile),
)
"""The exceptions of Python's `zipfile` for damaged and hostile files."""


class DamagedZipError(Exception):
    """A ZIP file can't be read, or unpacks to far more than it should."""


def open_zip(path: Path) -> tuple[zipfile.ZipFile, list[str]]:
    """Open a ZIP file; return it with the names of the files in it.

    Raises DamagedZipError, OSError, and ValueError for a file that is not a ZIP file.
    """
    with regular_files.open_binary(path) as file:
        if file.read(4) != b"PK\x03\x04":
            raise ValueError("it is not a ZIP file")
        size = file.seek(0, os.SEEK_END)
        if size > MAX_MEMBERS * ENTRY_BYTES and _count_entries(file) > MAX_MEMBERS:
            raise DamagedZipError(f"it has more than {MAX_MEMBERS:,} files")
    try:
        zip_file = zipfile.ZipFile(path)
    except READ_ERRORS as error:
        raise DamagedZipError(f"its ZIP directory is damaged ({error})") from error
    _check_entries(zip_file, size)
    return zip_file, [entry.filename for entry in zip_file.infolist() if not entry.is_dir()]


def _count_entries(file: BufferedReader) -> int:
    """Count the signatures of directory entries, which is cheaper than reading the directory."""
    return sum(block.count(ENTRY_SIGNATURE) for block in _iter_blocks(file))


def _iter_blocks(file: BufferedReader) -> Iterator[bytes]:
    file.seek(0)
    tail = b""
    while block := file.read(BLOCK_BYTES):
        yield tail + block
        tail = block[-len(ENTRY_SIGNATURE) + 1 :]


def _check_entries(zip_file: zipfile.ZipFile, size: int) -> None:
    """Raise DamagedZipError for a ZIP file that no program writes when it packs a bag."""
    entries = zip_file.infolist()
    names = [entry.filename for entry in entries]
    if not all(names):
        raise DamagedZipError("it has a file without a name")
    if len(set(names)) < len(names):
        raise DamagedZipError("it has two files with the same name")
    unpacked_bytes = sum(entry.file_size for entry in entries)
    if unpacked_bytes > min(max(MIN_LIMIT_BYTES, MAX_RATIO * size), MAX_BYTES):
        raise DamagedZipError(f"it is too large: {size:,} bytes unpack to {unpacked_bytes:,}")
    if sum(entry.compress_size for entry in entries) > size:
        raise DamagedZipError("its files overlap")
    for entry in entries:
        if fault := _describe_fault(entry):
            raise DamagedZipError(f"{entry.filename[:200]!r} {fault}")


def _describe_fault(entry: zipfile.ZipInfo) -> str:
    file_type = stat.S_IFMT(entry.external_attr >> 16)
    if entry.flag_bits & ENCRYPTED_FLAG:
        return "is encrypted"
    if entry.compress_type not in SUPPORTED_METHODS:
        return "is compressed with a method that this program does not read"
    if stat.S_ISLNK(file_type):
        return "is a link"
    if file_type and not (stat.S_ISREG(file_type) or stat.S_ISDIR(file_type)):
        return "is not a regular file"
    return ""
