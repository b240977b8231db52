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

READ_BYTES = 2**20
COMPRESSED_READ_BYTES = 2**9
"""Compressed bytes per step. In Zstandard one byte may decompress to 32 KiB."""
HEADER_BYTES = 18
"""The longest header of a Zstandard frame."""
MIN_DECOMPRESSED_BYTES = 64 * 2**20
MAX_RATIO = 200
"""Reddit's JSON decompresses to 10 to 40 times its size, posts by bots to 80 times."""
MAX_DOCUMENT_RATIO = 12
"""For JSON values that are read as a whole and are larger than MIN_DECOMPRESSED_BYTES."""
LARGE_FILE_BYTES = 64 * 2**20
MIN_WINDOW_BYTES = 8 * 2**20
MAX_WINDOW_BYTES = 2**31
"""Pushshift's dumps have windows of 2 GiB. The default for smaller files is at most 128 MiB."""
DEFAULT_WINDOW_BYTES = 2**27
MIN_VALUES = 1_000_000
MAX_VALUES_PER_BYTE = 16
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"


@dataclass(frozen=True, slots=True)
class Codec:
    """A compression format: its first bytes, its decompressor, and the decompressor's errors."""

    magic: bytes
    create_decompressor: Callable[[bytes], Any]
    errors: tuple[type[Exception], ...]


CODECS = (
    Codec(b"\x1f\x8b", lambda _: zlib.decompressobj(31), (zlib.error,)),
    Codec(b"BZh", lambda _: bz2.BZ2Decompressor(), (OSError,)),
    Codec(b"\xfd7zXZ\x00", lambda _: lzma.LZMADecompressor(), (lzma.LZMAError,)),
)


class InputStream:
    """The decompressed bytes of a file, as UTF-8 without a byte order mark.

    Reading never raises. If a file is cut off, damaged or too large, the stream ends there and
    `failure` says why. `max_bytes` and `max_values` limit a JSON value that is read as a whole;
    they are None for files that are not compressed.
    """

    def __init__(
        self, file: IO[bytes], display_name: str, size: int, *, large_window: bool
    ) -> None:
        self.failure: errors.NotAThreadError | None = None
        self.max_bytes: int | None = None
        self.max_values: int | None = None
        self._display_name = display_name
        codec = _detect_codec(file.read(8), size, display_name, large_window=large_window)
        file.seek(0)
        chunks = iter(lambda: file.read(READ_BYTES), b"")
        if codec is not None:
            self.max_bytes = max(MIN_DECOMPRESSED_BYTES, MAX_DOCUMENT_RATIO * size)
            self.max_values = max(MIN_VALUES, MAX_VALUES_PER_BYTE * size)
            chunks = _limit_size(_decompress(file, codec), size, display_name)
        self._chunks = _transcode(chunks, display_name)
        self._buffer = b""

    def read(self, size: int) -> bytes:
        """Read this many bytes, or fewer at the end."""
        chunks = [self._buffer]
        length = len(self._buffer)
        while length < size and (chunk := self._read_chunk()):
            chunks.append(chunk)
            length += len(chunk)
        data = b"".join(chunks)
        self._buffer = data[size:]
        return data[:size]

    def _read_chunk(self) -> bytes:
        try:
            return next((chunk for chunk in self._chunks if chunk), b"")
        except errors.NotAThreadError as error:
            self.failure = error
        except Exception as error:
            if isinstance(error, OSError) and error.strerror:
                self.failure = unreadable_file_error(self._display_name, error)
            elif isinstance(error, (EOFError, *_decompression_errors())):
                self.failure = build_damaged_error(self._display_name)
            else:
                raise
        self._chunks = iter(())
        return b""

    def read_all(self, max_bytes: int) -> bytes | None:
        """Read the rest; None if it exceeds `max_bytes`, or what the file's size justifies."""
        if self.max_bytes is not None:
            max_bytes = min(max_bytes, self.max_bytes)
        data = self.read(max_bytes + 1)
        return None if len(data) > max_bytes or self.is_bomb(data) else data

    def is_bomb(self, data: bytes) -> bool:
        """Return whether these bytes hold too many JSON values for the file's size."""
        separators = (*fast_json.VALUE_PREFIXES, b"\n")
        return self.max_values is not None and sum(map(data.count, separators)) > self.max_values

    def unread(self, data: bytes) -> None:
        """Put bytes back, to be read first by the next call."""
        self._buffer = data + self._buffer if self._buffer else data

    def stop_as_truncated(self) -> None:
        """Set `failure` because the text is cut off, unless there is a failure already."""
        if self.failure is None:
            self.stop(build_damaged_error(self._display_name))

    def stop(self, failure: errors.NotAThreadError) -> None:
        """End the stream."""
        self.failure = failure
        self._buffer, self._chunks = b"", iter(())


@contextmanager
def open_stream(path: Path, *, large_window: bool = False) -> Iterator[InputStream]:
    """Open a file. Raises NotAThreadError if it can't be read at all.

    `large_window` allows small Zstandard files that need 2 GiB of memory.
    """
    try:
        file: IO[bytes] = regular_files.open_user_file(path)
    except (OSError, ValueError) as error:
        raise unreadable_file_error(path, error) from error
    with file:
        try:
            if not file.seekable():  # a stream from the shell
                file = io.BytesIO(file.read())
            size = file.seek(0, io.SEEK_END)
            file.seek(0)
            stream = InputStream(file, str(path), size, large_window=large_window)
        except OSError as error:
            raise unreadable_file_error(path, error) from error
        yield stream


def is_compressed(start: bytes) -> bool:
    return start.startswith((ZSTD_MAGIC, *(codec.magic for codec in CODECS)))


def decode_start(start: bytes) -> str:
    """Decode the first bytes of a text file in its own encoding; ignore invalid bytes."""
    return start.decode(json.detect_encoding(start), "ignore").lstrip("\ufeff \t\r\n")


def unreadable_file_error(display_name: object, error: Exception) -> errors.NotAThreadError:
    reason = error.strerror.lower() if isinstance(error, OSError) and error.strerror else ""
    return errors.NotAThreadError(
        f"can't read {display_name}: {reason or 'the file cannot be opened'}",
        "Check the file's name.",
    )


def build_damaged_error(display_name: str) -> errors.NotAThreadError:
    return errors.NotAThreadError(f"{display_name} is cut off or damaged", "Fetch the file again.")


def _decompression_errors() -> tuple[type[Exception], ...]:
    return tuple(error for codec in (*CODECS, _get_zstd_codec()) if codec for error in codec.errors)


def _detect_codec(
    start: bytes, size: int, display_name: str, *, large_window: bool
) -> Codec | None:
    if not start.startswith(ZSTD_MAGIC):
        return next((codec for codec in CODECS if start.startswith(codec.magic)), None)
    codec = _get_zstd_codec(display_name, get_max_window(size, large_window=large_window))
    if codec is None:
        raise errors.ArchiveError(
            f"{display_name} is compressed with Zstandard, which needs another package",
            "Run: pip install 'reddit-archive[dumps]'",
        )
    return codec


def get_max_window(size: int, *, large_window: bool) -> int:
    if large_window or size > LARGE_FILE_BYTES:
        return MAX_WINDOW_BYTES
    return min(DEFAULT_WINDOW_BYTES, max(MIN_WINDOW_BYTES, 16 * size))


def _get_zstd_codec(display_name: str = "", max_window: int = MIN_WINDOW_BYTES) -> Codec | None:
    """Return the codec for Zstandard; None if its package is not installed."""
    try:
        import zstandard
    except ImportError:
        return None

    def create_decompressor(start: bytes) -> Any:
        window = zstandard.get_frame_parameters(start).window_size
        if window > max_window:
            raise errors.NotAThreadError(
                f"{display_name} needs {-(-window // 2**20):,} MB of memory to decompress, "
                "which is unusual for a file of its size",
                "If you trust the file, run: archive import --large-window FILE",
            )
        return zstandard.ZstdDecompressor(max_window_size=max_window).decompressobj()

    return Codec(ZSTD_MAGIC, create_decompressor, (zstandard.ZstdError,))


def _decompress(file: IO[bytes], codec: Codec) -> Iterator[bytes]:
    """Decompress all members (or frames) of a file; ignore padding with zeros.

    Raises EOFError if the file is cut off or other data follows, and the codec's errors.
    """
    unused, decompressor, member_start = b"", None, 0
    while compressed := unused or file.read(COMPRESSED_READ_BYTES):
        if decompressor is None:
            compressed = compressed.lstrip(b"\0") + file.read(HEADER_BYTES)
            member_start = file.tell() - len(compressed)
            unused = b""
            if not compressed:
                continue
            if not compressed.startswith(codec.magic):
                raise EOFError
            decompressor = codec.create_decompressor(compressed)
        try:
            chunk = decompressor.decompress(compressed)
        except codec.errors:
            yield from _decompress_until_damage(
                file, codec, member_start, file.tell() - len(compressed), compressed
            )
            raise
        yield chunk
        unused = decompressor.unused_data if decompressor.eof else b""
        decompressor = None if decompressor.eof else decompressor
    if decompressor is not None:
        raise EOFError


def _decompress_until_damage(
    file: IO[bytes], codec: Codec, member_start: int, failed_at: int, compressed: bytes
) -> Iterator[bytes]:
    """Decompress a damaged member again, byte by byte up to the damage.

    A small file may consist of this member only. In a huge file this is not worth the time.
    """
    if failed_at - member_start > LARGE_FILE_BYTES:
        return
    file.seek(member_start)
    decompressor = codec.create_decompressor(
        (file.read(failed_at - member_start) + compressed)[:HEADER_BYTES]
    )
    file.seek(member_start)
    while remaining := failed_at - file.tell():
        decompressor.decompress(file.read(min(remaining, COMPRESSED_READ_BYTES)))
    with suppress(*codec.errors):
        for index in range(len(compressed)):
            yield decompressor.decompress(compressed[index : index + 1])


def _limit_size(chunks: Iterator[bytes], size: int, display_name: str) -> Iterator[bytes]:
    """Raise NotAThreadError if a file decompresses to more than an export of its size contains."""
    remaining = max(MIN_DECOMPRESSED_BYTES, MAX_RATIO * size)
    for chunk in chunks:
        remaining -= len(chunk)
        if remaining < 0:
            raise errors.NotAThreadError(
                f"{display_name} decompresses to more than {MAX_RATIO} times its size, "
                "unlike any export of Reddit",
                "If you trust the file, decompress it first.",
            )
        yield chunk


def _transcode(chunks: Iterator[bytes], display_name: str) -> Iterator[bytes]:
    """Convert UTF-16 and UTF-32 to UTF-8. Invalid UTF-8 stays; it may be in one line only."""
    start = b""
    while len(start) < 4 and (chunk := next(chunks, b"")):
        start += chunk
    encoding = json.detect_encoding(start)
    if encoding.startswith("utf-8"):
        yield start.removeprefix(BOM_UTF8)
        yield from chunks
        return
    decoder = codecs.getincrementaldecoder(encoding)("surrogatepass")
    try:
        yield decoder.decode(start).encode("utf-8", "surrogatepass")
        for chunk in chunks:
            yield decoder.decode(chunk).encode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        hint = "Save it as text in UTF-8."
        raise errors.NotAThreadError(f"{display_name} is not text", hint) from None
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise EOFError from None
