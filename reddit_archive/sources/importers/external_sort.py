"""Group records by thread with bounded memory, using temporary files.

The files have no name, so that they disappear however the program ends.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO
from zlib import crc32

from reddit_archive.files import durable_files

BITS_PER_LEVEL = 6
MAX_DEPTH = 4
MAX_BUCKET_BYTES = 24 * 2**20
BUFFER_BYTES = 2**16


class Buckets:
    """Receives records in any order, and yields them thread by thread.

    A record is bytes without a line end. Records beyond `max_bytes` go to 64 files in `folder`, by
    bits of a checksum of the thread's id. A file that is too large is split again by further bits.
    """

    def __init__(self, folder: Path, *, max_bytes: int = MAX_BUCKET_BYTES, depth: int = 0) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        self._depth = depth
        self._size = 0
        self._records_in_memory: dict[str, list[bytes]] = {}
        self._files: list[IO[bytes]] = []

    def add(self, thread_id: str, record: bytes) -> None:
        """Add a record. Raises StoreError if the disk is full."""
        if self._files:
            self._write(thread_id, record)
            return
        self._records_in_memory.setdefault(thread_id, []).append(record)
        self._size += len(record)
        is_splittable = self._depth < MAX_DEPTH and len(self._records_in_memory) > 1
        if self._size > self._max_bytes and is_splittable:
            self._spill()

    def drain(self) -> Iterator[tuple[str, list[bytes]]]:
        """Yield each thread with its records, in the order in which they were added."""
        records_by_thread, self._records_in_memory = self._records_in_memory, {}
        while records_by_thread:
            thread_id = next(iter(records_by_thread))
            yield thread_id, records_by_thread.pop(thread_id)
        while self._files:
            with self._files.pop(0) as file, durable_files.translate_os_errors(self._folder):
                inner = self._read_bucket(file)
            yield from inner.drain()

    def close(self) -> None:
        for file in self._files:
            file.close()

    def _read_bucket(self, file: IO[bytes]) -> "Buckets":
        inner = Buckets(self._folder, max_bytes=self._max_bytes, depth=self._depth + 1)
        file.flush()
        file.seek(0)
        for line in file:
            thread_id, _, record = line.rstrip(b"\n").partition(b" ")
            inner.add(thread_id.decode(), record)
        return inner

    def _spill(self) -> None:
        with durable_files.translate_os_errors(self._folder):
            durable_files.make_folder(self._folder)
            self._files = [
                tempfile.TemporaryFile(dir=self._folder, buffering=BUFFER_BYTES)  # noqa: SIM115 (`close`)
                for _ in range(2**BITS_PER_LEVEL)
            ]
        records_by_thread, self._records_in_memory = self._records_in_memory, {}
        for thread_id, records in records_by_thread.items():
            for record in records:
                self._write(thread_id, record)

    def _write(self, thread_id: str, record: bytes) -> None:
        """Write a record to the file that is chosen by bits that no outer bucket uses."""
        index = crc32(thread_id.encode()) >> BITS_PER_LEVEL * self._depth & 2**BITS_PER_LEVEL - 1
        try:
            self._files[index].write(b"%b %b\n" % (thread_id.encode(), record))
        except OSError:
            with durable_files.translate_os_errors(self._folder):
                raise
