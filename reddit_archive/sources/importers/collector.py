"""Files of any known form, taken in together and given back thread by thread."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from functools import partial
from pathlib import Path

from reddit_archive import errors
from reddit_archive.model.capture import Capture
from reddit_archive.parallel import ordered_map
from reddit_archive.sources import decompress
from reddit_archive.sources.decompress import Stream
from reddit_archive.sources.importers import detect, ndjson_files, pushshift, record_filter
from reddit_archive.sources.importers.chunks import Origin, Portion, portions
from reddit_archive.sources.importers.detect import Found
from reddit_archive.sources.importers.external_sort import Buckets
from reddit_archive.sources.importers.record_filter import Wanted
from reddit_archive.sources.saved_json import files

MAX_LEFT_OUT = 1_000_000
"""So many lines that are nothing known are read in the hope of others."""
HINT = (
    "It takes JSON of threads as a browser saves it, of BDFR, of gallery-dl, dumps with a post or "
    "comment on each line (also .zst), and bags."
)


class Intake:
    """Takes files, one after the other, and gives captures of the threads in them.

    `folder` is for data that does not fit in memory. By file, `left_out` counts the lines and
    documents that are neither post nor comment, and `nested_left_out` such values inside others.
    `taken` counts the posts and comments that match. `large_window` is an option of `unpacking`.
    """

    def __init__(self, folder: Path, wanted: Wanted, *, large_window: bool = False) -> None:
        self._wanted = wanted
        self._large_window = large_window
        self._buckets = Buckets(folder)
        self._origins: list[Origin] = []
        self._damaged: set[int] = set()
        self.left_out: Counter[str] = Counter()
        self.nested_left_out: Counter[str] = Counter()
        self.taken = 0

    def take(
        self,
        path: Path,
        *,
        show: Callable[[int], None] = lambda _: None,
        executor: Executor | None = None,
    ) -> None:
        """Take what is wanted of a file in. `executor` sorts lines, `show` is told their number.

        Raises NotAThread if nothing in the file can be read, Incomplete if it is damaged and was
        read up to the damage, and StoreError for a full disk.
        """
        taken = self.taken
        with decompress.opened(path, large_window=self._large_window) as stream:
            self._origins.append((str(path), files.changed_at(path)))
            start = stream.read(ndjson_files.HEAD_BYTES)
            stream.unread(start)
            if ndjson_files.has_lines(start):
                self._take_lines(path, stream, show, executor)
            elif start or stream.failure is None:
                self._take_whole(path, stream)
        if stream.failure is not None:
            self._damaged.add(len(self._origins) - 1)
            if self.taken == taken:
                raise stream.failure
            raise errors.Incomplete(
                f"{stream.failure.message}: only its first {self.taken - taken:,} posts and "
                "comments were imported, and their threads are not complete",
                stream.failure.hint,
            )

    def captures(self) -> Iterator[Capture]:
        """Give the captures of one thread after the other."""
        for portion in self.portions():
            yield from portion.captures()

    def portions(self, *, least_bytes: int = 0) -> Iterator[Portion]:
        """Give one thread after the other, or small ones together, to make captures of them."""
        return portions(
            self._buckets.drain(),
            self._origins,
            is_dated=self._wanted.is_dated,
            damaged=frozenset(self._damaged),
            least_bytes=least_bytes,
        )

    def close(self) -> None:
        self._buckets.close()

    def _take_lines(
        self,
        path: Path,
        stream: Stream,
        show: Callable[[int], None],
        executor: Executor | None,
    ) -> None:
        number = left_out = 0
        work = partial(record_filter.sort, self._wanted, stream.max_values)
        blocks, few = ndjson_files.blocks(stream), ordered_map.FEW_MEGABYTES
        for found in ordered_map.each(work, blocks, executor, few=few, weigh=len):
            for thread_id, record in found.records:
                self._put(thread_id, record)
            for thread_id in found.damaged:
                self._lose(thread_id)
            self.taken += found.count
            self._count(path, found.left_out, found.nested_left_out)
            number += found.lines
            left_out += found.left_out
            if left_out > max(MAX_LEFT_OUT, number * 9 // 10):
                stream.stop(errors.NotAThread(f"{path} is not a dump of Reddit", HINT))
            show(number)

    def _take_whole(self, path: Path, stream: Stream) -> None:
        data = files.read_all(stream, str(path), HINT)
        try:
            found = files.parse(data, str(path), what="known export", hint=HINT)
        except errors.NotAThread as error:
            raise (stream.failure or error) from None
        recognized = [detect.recognize(value) for value in found.values]
        if not any(each.found for each in recognized):
            raise errors.NotAThread(f"{path} holds no thread of Reddit", HINT)
        if found.left_out:
            self._lose("")
        if found.is_cut_off:
            stream.stop_cut_off()
        unknown = sum(not each.found for each in recognized)
        nested = sum(each.left_out for each in recognized if each.found)
        self._count(path, found.left_out + unknown, nested)
        wanted = (self._wanted.of(each) for several in recognized for each in several.found)
        for each in filter(None, wanted):
            try:
                self._put(each.thread_id, record_filter.packed(each))
            except RecursionError:
                raise errors.NotAThread(
                    f"{path} is no known export: it nests too deep", HINT
                ) from None
            self.taken += detect.count(each)

    def _count(self, path: Path, left_out: int, nested_left_out: int) -> None:
        if left_out:
            self.left_out[str(path)] += left_out
        if nested_left_out:
            self.nested_left_out[str(path)] += nested_left_out

    def _lose(self, thread_id: str) -> None:
        """Record that data of a thread can't be read, or of an unknown thread."""
        if thread_id:
            self._put(
                thread_id, record_filter.packed(Found(thread_id, pushshift.NAME, (), is_part=True))
            )
        else:
            self._damaged.add(len(self._origins) - 1)

    def _put(self, thread_id: str, record: bytes) -> None:
        self._buckets.put(thread_id, b"%d %b" % (len(self._origins) - 1, record))
