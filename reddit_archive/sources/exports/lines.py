"""Files of many lines, packed or not: read piece by piece, however large they are."""

import bz2
import gzip
import io
import lzma
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from reddit_archive import errors, quick_json, regular_files
from reddit_archive.sources.exports import kinds

PIECE_BYTES = 2**20
PACKED_BYTES = 2**11
HEAD_BYTES = 4 * 2**20
LONGEST_LINE_BYTES = 64 * 2**20
WIDEST_WINDOW_BYTES = 2**31
"""Pushshift packed its dumps with windows of 2 GiB; most programs refuse those unasked."""
ZSTD = b"\x28\xb5\x2f\xfd"
PACKED: dict[bytes, Callable[[IO[bytes]], Any]] = {
    b"\x1f\x8b": lambda file: gzip.GzipFile(fileobj=file),
    b"BZh": bz2.BZ2File,
    b"\xfd7zXZ\x00": lzma.LZMAFile,
}
MOST_TRIED = 20


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """Open a file, unpacked, by its first bytes. Raises NotAThread."""
    try:
        with regular_files.open_given(path) as file:
            start = file.read(6)
            file.seek(0)
            unpack = next((each for mark, each in PACKED.items() if start.startswith(mark)), None)
            if start.startswith(ZSTD):
                with _unpacked(file, path) as unpacked:
                    yield unpacked
            elif unpack is not None:
                with unpack(file) as unpacked:
                    yield unpacked
            else:
                yield file
    except (EOFError, lzma.LZMAError, OSError) as error:
        raise broken(path, error) from error


def is_packed(start: bytes) -> bool:
    return start.startswith((ZSTD, *PACKED))


@contextmanager
def _unpacked(file: IO[bytes], path: Path) -> Iterator[IO[bytes]]:
    try:
        import zstandard
    except ImportError:
        raise errors.ArchiveError(
            f"{path} is packed with Zstandard, which Python can't unpack by itself",
            "Run: pip install 'reddit-archive[dumps]'",
        ) from None
    with io.BufferedReader(_Zstd(file, zstandard), PIECE_BYTES) as unpacked:
        try:
            yield unpacked
        except zstandard.ZstdError as error:
            raise broken(path, error) from error


class _Zstd(io.RawIOBase):
    """Unpacks frame after frame; raises EOFError where the last of them is cut off.

    The package's own reader takes a file that is cut off for one that ends there. It reads little
    at a time, since one byte may stand for 32 KiB.
    """

    def __init__(self, file: IO[bytes], zstandard: Any) -> None:
        self._file = file
        self._unpacker = zstandard.ZstdDecompressor(max_window_size=WIDEST_WINDOW_BYTES)
        self._frame: Any = None
        self._ready = b""

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:
        while not self._ready and self._advance():
            pass
        size = min(len(into), len(self._ready))
        into[:size] = self._ready[:size]
        self._ready = self._ready[size:]
        return size

    def _advance(self) -> bool:
        """Unpack a bit more; tell whether there was more."""
        packed = self._frame.unused_data if self._frame and self._frame.eof else b""
        packed = packed or self._file.read(PACKED_BYTES)
        is_open = self._frame is not None and not self._frame.eof
        if not packed:
            if is_open:
                raise EOFError
            return False
        if not is_open:
            self._frame = self._unpacker.decompressobj()
        self._ready = self._frame.decompress(packed)
        return True


def broken(path: Path, error: Exception) -> errors.NotAThread:
    why = error.strerror.lower() if isinstance(error, OSError) and error.strerror else "damaged"
    if why == "damaged":
        return errors.NotAThread(
            f"{path} is cut off or damaged", "Fetch the file again; what came before it was read."
        )
    return errors.NotAThread(f"can't read {path}: {why}", "Check the file's name.")


def head(path: Path) -> bytes:
    """The first bytes of a file, unpacked. Raises NotAThread."""
    with opened(path) as file:
        return file.read(HEAD_BYTES)


def has_lines(start: bytes) -> bool:
    """Tell a file of one JSON value for each line from a file that is one value.

    A line here and there may be broken, so that several are tried.
    """
    lines = start.removeprefix(BOM_UTF8).split(b"\n", MOST_TRIED + 1)
    lines = [line for line in lines if line.strip()]
    return len(lines) > 1 and any(map(_is_record, lines[:MOST_TRIED]))


def _is_record(line: bytes) -> bool:
    return kinds.recognise_line(parse(line)) is not None


def blocks(file: IO[bytes]) -> Iterator[bytes]:
    """Give a file in blocks of whole lines; one too long to be a comment is cut."""
    rest = b""
    is_first = True
    while piece := file.read(PIECE_BYTES):
        piece, is_first = piece.removeprefix(BOM_UTF8) if is_first else piece, False
        end = piece.rfind(b"\n") + 1
        is_long = len(rest) >= LONGEST_LINE_BYTES
        if end:
            yield rest + piece[piece.find(b"\n") if is_long else 0 : end]
            rest = piece[end:]
        elif not is_long:
            rest += piece
    if rest:
        yield rest


def split(block: bytes) -> Iterator[bytes]:
    """Give the lines of a block that are not empty."""
    return filter(bytes.strip, block.split(b"\n"))


def parse(line: bytes) -> Any:
    """Read a line's JSON; None for a line that is none."""
    try:
        return quick_json.loads(line)
    except (ValueError, RecursionError):
        return None
