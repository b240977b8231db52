"""Records sorted by their thread, in as much memory as one bucket takes, and in files for the rest.

The files have no name: nothing of them stays, however the program ends.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO
from zlib import crc32

from reddit_archive.files import durable_files

BITS = 6
DEEPEST = 4
BUCKET_BYTES = 24 * 2**20
PIECE_BYTES = 2**16


class Buckets:
    """Takes records of threads in any order, and gives them back thread by thread.

    A record is any bytes without a line end. What outgrows `most_bytes` goes to files in `folder`,
    64 of them, and a file that does so as well is sorted again, by further bits of the same sum.
    """

    def __init__(self, folder: Path, *, most_bytes: int = BUCKET_BYTES, depth: int = 0) -> None:
        self._folder = folder
        self._most_bytes = most_bytes
        self._depth = depth
        self._size = 0
        self._here: dict[str, list[bytes]] = {}
        self._files: list[IO[bytes]] = []

    def put(self, thread_id: str, record: bytes) -> None:
        """Take a record in. Raises StoreError when the disk is full."""
        if self._files:
            self._write(thread_id, record)
            return
        self._here.setdefault(thread_id, []).append(record)
        self._size += len(record)
        is_splittable = self._depth < DEEPEST and len(self._here) > 1
        if self._size > self._most_bytes and is_splittable:
            self._spill()

    def drain(self) -> Iterator[tuple[str, list[bytes]]]:
        """Give each thread and its records, in the order in which they came."""
        here, self._here = self._here, {}
        while here:
            thread_id = next(iter(here))
            yield thread_id, here.pop(thread_id)
        while self._files:
            with self._files.pop(0) as file, durable_files.explained(self._folder):
                inner = self._reread(file)
            yield from inner.drain()

    def close(self) -> None:
        for file in self._files:
            file.close()

    def _reread(self, file: IO[bytes]) -> "Buckets":
        inner = Buckets(self._folder, most_bytes=self._most_bytes, depth=self._depth + 1)
        file.flush()
        file.seek(0)
        for line in file:
            thread_id, _, record = line.rstrip(b"\n").partition(b" ")
            inner.put(thread_id.decode(), record)
        return inner

    def _spill(self) -> None:
        with durable_files.explained(self._folder):
            durable_files.make_folder(self._folder)
            self._files = [
                tempfile.TemporaryFile(dir=self._folder, buffering=PIECE_BYTES)  # noqa: SIM115 (`close`)
                for _ in range(2**BITS)
            ]
        here, self._here = self._here, {}
        for thread_id, records in here.items():
            for record in records:
                self._write(thread_id, record)

    def _write(self, thread_id: str, record: bytes) -> None:
        """Choose the file by bits of which no outer bucket has made use."""
        place = crc32(thread_id.encode()) >> BITS * self._depth & 2**BITS - 1
        try:
            self._files[place].write(b"%b %b\n" % (thread_id.encode(), record))
        except OSError:
            with durable_files.explained(self._folder):
                raise
