"""Input files as a stream of UTF-8 bytes: decompressed, transcoded, and bounded in size and memory.

A damaged file ends where the damage begins: what was readable before it is not lost.
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

from reddit_archive import errors, quick_json, regular_files

PIECE_BYTES = 2**20
PACKED_BYTES = 2**9
"""Compressed bytes decompressed at a time: in Zstandard one byte may stand for 32 KiB."""
HEADER_BYTES = 18
"""The longest header of a Zstandard frame."""
MIN_UNPACKED_BYTES = 64 * 2**20
MAX_RATIO = 200
"""JSON of Reddit decompresses to 10 to 40 times its size, posts of bots to 80."""
MAX_WHOLE_RATIO = 12
"""For what has to be in memory as one piece and is larger than MIN_UNPACKED_BYTES."""
LARGE_FILE_BYTES = 64 * 2**20
MIN_WINDOW_BYTES = 8 * 2**20
MAX_WINDOW_BYTES = 2**31
"""Pushshift's dumps have windows of 2 GiB; smaller files need 128 MiB at most by default."""
DEFAULT_WINDOW_BYTES = 2**27
MIN_VALUES = 1_000_000
VALUES_PER_BYTE = 16
ZSTD = b"\x28\xb5\x2f\xfd"


@dataclass(frozen=True, slots=True)
class Codec:
    """A compression format: its first bytes, what makes a decompressor, and the errors of those."""

    magic: bytes
    decompressor: Callable[[bytes], Any]
    errors: tuple[type[Exception], ...]


CODECS = (
    Codec(b"\x1f\x8b", lambda _: zlib.decompressobj(31), (zlib.error,)),
    Codec(b"BZh", lambda _: bz2.BZ2Decompressor(), (OSError,)),
    Codec(b"\xfd7zXZ\x00", lambda _: lzma.LZMADecompressor(), (lzma.LZMAError,)),
)


class Stream:
    """The bytes of a file, decompressed, as UTF-8 without a byte order mark.

    Reading never raises: a file that is cut off, damaged or far larger than it should be ends
    there, and `failure` says why. `max_bytes` and `max_values` bound a JSON value of it that is
    read as one piece; where the file is not compressed its own size does.
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
        """Read so many bytes; fewer only at the end."""
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
        """Read the rest; None where that is more than `most` bytes, or than the file justifies."""
        if self.max_bytes is not None:
            most = min(most, self.max_bytes)
        data = self.read(most + 1)
        return None if len(data) > most or self.is_bomb(data) else data

    def is_bomb(self, data: bytes) -> bool:
        """Return whether these bytes hold more JSON values than the file justifies."""
        parts = (*quick_json.MARKS, b"\n")
        return self.max_values is not None and sum(map(data.count, parts)) > self.max_values

    def unread(self, data: bytes) -> None:
        """Put bytes back that the next call reads first."""
        self._rest = data + self._rest if self._rest else data

    def stop_cut_off(self) -> None:
        """Note that the text itself is cut off, whatever became of the file."""
        if self.failure is None:
            self.stop(_damaged(self._shown))

    def stop(self, why: errors.NotAThread) -> None:
        """Read no further."""
        self.failure = why
        self._rest, self._pieces = b"", iter(())


@contextmanager
def opened(path: Path, *, large_window: bool = False) -> Iterator[Stream]:
    """Open a file. Raises NotAThread where it can't be read at all.

    `large_window` allows a small Zstandard file to ask for 2 GiB of memory.
    """
    try:
        file: IO[bytes] = regular_files.open_given(path)
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from error
    with file:
        try:
            if not file.seekable():  # a stream that the shell handed over
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
    """Decode the first bytes of a text file, in whichever encoding, as far as that goes."""
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
            f"{shown} is packed with Zstandard, which Python can't unpack by itself",
            "Run: pip install 'reddit-archive[dumps]'",
        )
    return codec


def max_window(size: int, *, large_window: bool) -> int:
    if large_window or size > LARGE_FILE_BYTES:
        return MAX_WINDOW_BYTES
    return min(DEFAULT_WINDOW_BYTES, max(MIN_WINDOW_BYTES, 16 * size))


def _zstd(shown: str = "", max_window: int = MIN_WINDOW_BYTES) -> Codec | None:
    """Describe Zstandard; None where its package is not installed."""
    try:
        import zstandard
    except ImportError:
        return None

    def decompressor(start: bytes) -> Any:
        window = zstandard.get_frame_parameters(start).window_size
        if window > max_window:
            raise errors.NotAThread(
                f"{shown} asks for a window of {-(-window // 2**20):,} MB of memory, unusual for "
                "a file of its size",
                "If you trust the file: archive import --large-window FILE",
            )
        return zstandard.ZstdDecompressor(max_window_size=max_window).decompressobj()

    return Codec(ZSTD, decompressor, (zstandard.ZstdError,))


def _decompressed(file: IO[bytes], codec: Codec) -> Iterator[bytes]:
    """Decompress one member (or frame) after the other, and ignore padding with zeros.

    Raises EOFError where the file is cut off or something else follows, and the codec's errors.
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
    """Decompress a piece that failed again, byte by byte up to the damage.

    In a small file this is all there is. In a huge one it is not worth the time.
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
    """Raise NotAThread where more comes than such a file can hold."""
    left = max(MIN_UNPACKED_BYTES, MAX_RATIO * size)
    for piece in pieces:
        left -= len(piece)
        if left < 0:
            raise errors.NotAThread(
                f"{shown} is too large unpacked: more than {MAX_RATIO} times its size",
                "No export of Reddit is like that. If you trust the file, unpack it first.",
            )
        yield piece


def _transcoded(pieces: Iterator[bytes], shown: str) -> Iterator[bytes]:
    """Turn UTF-16 and UTF-32 into UTF-8; damaged UTF-8 stays as it is, for it may be one line."""
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
