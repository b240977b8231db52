"""Read input files as UTF-8: decompressed, transcoded, and limited in size and memory.

A damaged file ends where the damage begins, so that everything before it can be read.
"""

import bz2
import codecs
import io
import json
import lzma
import zlib
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from reddit_archive import errors
from reddit_archive.files import fast_json, regular_files

PIECE_BYTES = 2**20
PACKED_BYTES = 2**9
"""Compressed bytes per step. In Zstandard one byte may decompress to 32 KiB."""
HEADER_BYTES = 18
"""The longest header of a Zstandard frame."""
MIN_UNPACKED_BYTES = 64 * 2**20
MAX_RATIO = 200
"""Reddit's JSON decompresses to 10 to 40 times its size, posts by bots to 80 times."""
MAX_WHOLE_RATIO = 12
"""For JSON values that must be in memory as a whole and are larger than MIN_UNPACKED_BYTES."""
LARGE_FILE_BYTES = 64 * 2**20
MIN_WINDOW_BYTES = 8 * 2**20
MAX_WINDOW_BYTES = 2**31
"""Pushshift's dumps have windows of 2 GiB. The default for smaller files is at most 128 MiB."""
DEFAULT_WINDOW_BYTES = 2**27
MIN_VALUES = 1_000_000
VALUES_PER_BYTE = 16
ZSTD = b"\x28\xb5\x2f\xfd"


@dataclass(frozen=True, slots=True)
class Codec:
    """A compression format: its first bytes, its decompressor, and the decompressor's errors."""

    magic: bytes
    decompressor: Callable[[bytes], Any]
    errors: tuple[type[Exception], ...]


CODECS = (
    Codec(b"\x1f\x8b", lambda _: zlib.decompressobj(31), (zlib.error,)),
    Codec(b"BZh", lambda _: bz2.BZ2Decompressor(), (OSError,)),
    Codec(b"\xfd7zXZ\x00", lambda _: lzma.LZMADecompressor(), (lzma.LZMAError,)),
)


class Stream:
    """The decompressed bytes of a file, as UTF-8 without a byte order mark.

    Reading never raises. If a file is cut off, damaged or too large, the stream ends there and
    `failure` says why. `max_bytes` and `max_values` limit a JSON value that is read as a whole;
    they are None for files that are not compressed.
    """

    def __init__(self, file: IO[bytes], shown: str, size: int, *, large_window: bool) -> None:
        self.failure: errors.NotAThread | None = None
        self.max_bytes: int | None = None
        self.max_values: int | None = None
        self._shown = shown
        codec = _codec(file.read(8), size, shown, large_window=large_window)
        file.seek(0)
        pieces = iter(lambda: file.read(PIECE_BYTES), b"")
        if codec is not None:
            self.max_bytes = max(MIN_UNPACKED_BYTES, MAX_WHOLE_RATIO * size)
            self.max_values = max(MIN_VALUES, VALUES_PER_BYTE * size)
            pieces = _bounded(_decompressed(file, codec), size, shown)
        self._pieces = _transcoded(pieces, shown)
        self._rest = b""

    def read(self, size: int) -> bytes:
        """Read this many bytes, or fewer at the end."""
        found = [self._rest]
        length = len(self._rest)
        while length < size and (piece := self._next()):
            found.append(piece)
            length += len(piece)
        data = b"".join(found)
        self._rest = data[size:]
        return data[:size]

    def _next(self) -> bytes:
        try:
            return next((piece for piece in self._pieces if piece), b"")
        except errors.NotAThread as error:
            self.failure = error
        except Exception as error:
            if isinstance(error, OSError) and error.strerror:
                self.failure = unreadable(self._shown, error)
            elif isinstance(error, (EOFError, *_damage())):
                self.failure = _damaged(self._shown)
            else:
                raise
        self._pieces = iter(())
        return b""

    def read_all(self, most: int) -> bytes | None:
        """Read the rest; None if it is larger than `most` bytes or than the file justifies."""
        if self.max_bytes is not None:
            most = min(most, self.max_bytes)
        data = self.read(most + 1)
        return None if len(data) > most or self.is_bomb(data) else data

    def is_bomb(self, data: bytes) -> bool:
        """Return whether these bytes hold too many JSON values for the file's size."""
        parts = (*fast_json.MARKS, b"\n")
        return self.max_values is not None and sum(map(data.count, parts)) > self.max_values

    def unread(self, data: bytes) -> None:
        """Put bytes back, to be read first by the next call."""
        self._rest = data + self._rest if self._rest else data

    def stop_cut_off(self) -> None:
        """Set `failure` because the text is cut off, unless there is a failure already."""
        if self.failure is None:
            self.stop(_damaged(self._shown))

    def stop(self, why: errors.NotAThread) -> None:
        """End the stream."""
        self.failure = why
        self._rest, self._pieces = b"", iter(())


@contextmanager
def opened(path: Path, *, large_window: bool = False) -> Iterator[Stream]:
    """Open a file. Raises NotAThread if it can't be read at all.

    `large_window` allows small Zstandard files that need 2 GiB of memory.
    """
    try:
        file: IO[bytes] = regular_files.open_user_file(path)
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from error
    with file:
        try:
            if not file.seekable():  # a stream from the shell
                file = io.BytesIO(file.read())
            size = file.seek(0, io.SEEK_END)
            file.seek(0)
            stream = Stream(file, str(path), size, large_window=large_window)
        except OSError as error:
            raise unreadable(path, error) from error
        yield stream


def is_packed(start: bytes) -> bool:
    return start.startswith((ZSTD, *(codec.magic for codec in CODECS)))


def decoded_start(start: bytes) -> str:
    """Decode the first bytes of a text file in its own encoding; ignore invalid bytes."""
    return start.decode(json.detect_encoding(start), "ignore").lstrip("\ufeff \t\r\n")


def unreadable(shown: object, error: Exception) -> errors.NotAThread:
    why = error.strerror.lower() if isinstance(error, OSError) and error.strerror else ""
    return errors.NotAThread(
        f"can't read {shown}: {why or 'the file cannot be opened'}", "Check the file's name."
    )


def _damaged(shown: str) -> errors.NotAThread:
    return errors.NotAThread(f"{shown} is cut off or damaged", "Fetch the file again.")


def _damage() -> tuple[type[Exception], ...]:
    return tuple(error for codec in (*CODECS, _zstd()) if codec for error in codec.errors)


def _codec(start: bytes, size: int, shown: str, *, large_window: bool) -> Codec | None:
    if not start.startswith(ZSTD):
        return next((codec for codec in CODECS if start.startswith(codec.magic)), None)
    codec = _zstd(shown, max_window(size, large_window=large_window))
    if codec is None:
        raise errors.ArchiveError(
            f"{shown} is compressed with Zstandard, which needs another package",
            "Run: pip install 'reddit-archive[dumps]'",
        )
    return codec


def max_window(size: int, *, large_window: bool) -> int:
    if large_window or size > LARGE_FILE_BYTES:
        return MAX_WINDOW_BYTES
    return min(DEFAULT_WINDOW_BYTES, max(MIN_WINDOW_BYTES, 16 * size))


def _zstd(shown: str = "", max_window: int = MIN_WINDOW_BYTES) -> Codec | None:
    """Return the codec for Zstandard; None if its package is not installed."""
    try:
        import zstandard
    except ImportError:
        return None

    def decompressor(start: bytes) -> Any:
        window = zstandard.get_frame_parameters(start).window_size
        if window > max_window:
            raise errors.NotAThread(
                f"{shown} needs {-(-window // 2**20):,} MB of memory to decompress, which is "
                "unusual for a file of its size",
                "If you trust the file: archive import --large-window FILE",
            )
        return zstandard.ZstdDecompressor(max_window_size=max_window).decompressobj()

    return Codec(ZSTD, decompressor, (zstandard.ZstdError,))


def _decompressed(file: IO[bytes], codec: Codec) -> Iterator[bytes]:
    """Decompress all members (or frames) of a file; ignore padding with zeros.

    Raises EOFError if the file is cut off or other data follows, and the codec's errors.
    """
    rest, unpacker, start = b"", None, 0
    while packed := rest or file.read(PACKED_BYTES):
        if unpacker is None:
            packed = packed.lstrip(b"\0") + file.read(HEADER_BYTES)
            start = file.tell() - len(packed)
            rest = b""
            if not packed:
                continue
            if not packed.startswith(codec.magic):
                raise EOFError
            unpacker = codec.decompressor(packed)
        try:
            piece = unpacker.decompress(packed)
        except codec.errors:
            yield from _salvaged(file, codec, start, file.tell() - len(packed), packed)
            raise
        yield piece
        rest = unpacker.unused_data if unpacker.eof else b""
        unpacker = None if unpacker.eof else unpacker
    if unpacker is not None:
        raise EOFError


def _salvaged(
    file: IO[bytes], codec: Codec, start: int, failed_at: int, packed: bytes
) -> Iterator[bytes]:
    """Decompress a damaged piece again, byte by byte up to the damage.

    A small file may consist of this piece alone. In a huge file this is not worth the time.
    """
    if failed_at - start > LARGE_FILE_BYTES:
        return
    file.seek(start)
    unpacker = codec.decompressor((file.read(failed_at - start) + packed)[:HEADER_BYTES])
    file.seek(start)
    while left := failed_at - file.tell():
        unpacker.decompress(file.read(min(left, PACKED_BYTES)))
    with suppress(*codec.errors):
        for at in range(len(packed)):
            yield unpacker.decompress(packed[at : at + 1])


def _bounded(pieces: Iterator[bytes], size: int, shown: str) -> Iterator[bytes]:
    """Raise NotAThread if a file decompresses to more than an export of its size can contain."""
    left = max(MIN_UNPACKED_BYTES, MAX_RATIO * size)
    for piece in pieces:
        left -= len(piece)
        if left < 0:
            raise errors.NotAThread(
                f"{shown} decompresses to more than {MAX_RATIO} times its size, unlike any export "
                "of Reddit",
                "If you trust the file, decompress it first.",
            )
        yield piece


def _transcoded(pieces: Iterator[bytes], shown: str) -> Iterator[bytes]:
    """Convert UTF-16 and UTF-32 to UTF-8. Invalid UTF-8 stays; it may be in one line only."""
    start = b""
    while len(start) < 4 and (piece := next(pieces, b"")):
        start += piece
    encoding = json.detect_encoding(start)
    if encoding.startswith("utf-8"):
        yield start.removeprefix(BOM_UTF8)
        yield from pieces
        return
    decoder = codecs.getincrementaldecoder(encoding)("surrogatepass")
    try:
        yield decoder.decode(start).encode("utf-8", "surrogatepass")
        for piece in pieces:
            yield decoder.decode(piece).encode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        hint = "Save it as text in UTF-8."
        raise errors.NotAThread(f"{shown} is not text", hint) from None
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise EOFError from None
