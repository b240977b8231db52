"""Collect files of any known format, and yield their captures thread by thread."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from functools import partial
from pathlib import Path
from typing import Any

from reddit_archive import errors
from reddit_archive.model.capture import Capture
from reddit_archive.model.source_info import SAVED_PAGE
from reddit_archive.parallel import ordered_map
from reddit_archive.sources import decompress, saved_files
from reddit_archive.sources.decompress import InputStream
from reddit_archive.sources.importers import detect, ndjson_files, pushshift, record_filter
from reddit_archive.sources.importers.chunks import Origin, ThreadChunk, split_into_chunks
from reddit_archive.sources.importers.detect import DetectedThread
from reddit_archive.sources.importers.external_sort import Buckets
from reddit_archive.sources.importers.record_filter import ImportFilter
from reddit_archive.sources.saved_files import OpenFile
from reddit_archive.sources.saved_json import files
from reddit_archive.sources.saved_json.files import FileContents

MAX_SKIPPED_LINES = 1_000_000
"""After this number of unknown lines, a file with few known ones is not read further."""
FORMATS_HINT = (
    "`archive import` reads web pages and JSON of threads from a browser, the JSON of BDFR and "
    "gallery-dl, dumps with a post or comment per line (also .zst), and bags."
)


class ImportCollector:
    """Reads files, and yields captures of the threads in them.

    Attributes:
        skipped_counts: Lines and documents that are neither post nor comment, by file.
        skipped_nested_counts: Such values within posts and comments, by file.
        item_count: Posts and comments that match the filter.
        warnings: Sentences for the user about web pages.
    """

    def __init__(
        self, folder: Path, import_filter: ImportFilter, *, large_window: bool = False
    ) -> None:
        """Create a collector that stores data in `folder` if it does not fit in memory.

        `large_window` is passed to `decompress.open_stream`.
        """
        self._import_filter = import_filter
        self._large_window = large_window
        self._buckets = Buckets(folder)
        self._origins: list[Origin] = []
        self._damaged_origins: set[int] = set()
        self.skipped_counts: Counter[str] = Counter()
        self.skipped_nested_counts: Counter[str] = Counter()
        self.item_count = 0
        self.warnings: list[str] = []

    def add_file(
        self,
        path: Path,
        *,
        report_line_count: Callable[[int], None] = lambda _: None,
        executor: Executor | None = None,
    ) -> None:
        """Read the matching posts and comments of a file. `executor` parses lines in parallel.

        Raises NotAThreadError if nothing in the file can be read, IncompleteThreadError if it was
        read up to a damage, and StoreError for a full disk.
        """
        previous_count = self.item_count
        with decompress.open_stream(path, large_window=self._large_window) as stream:
            self._origins.append((str(path), files.get_modified_at(path)))
            start = stream.read(ndjson_files.HEAD_BYTES)
            stream.unread(start)
            if saved_files.is_web_page(start, path):
                self._add_web_pages(path, stream)
            elif ndjson_files.has_lines(start):
                self._add_lines(path, stream, report_line_count, executor)
            elif start or stream.failure is None:
                self._add_document(path, stream)
        if stream.failure is not None:
            self._damaged_origins.add(len(self._origins) - 1)
            if self.item_count == previous_count:
                raise stream.failure
            raise errors.IncompleteThreadError(
                f"{stream.failure.message}: only its first {self.item_count - previous_count:,} "
                "posts and comments were imported, and their threads are not complete",
                stream.failure.hint,
            )

    def iter_captures(self) -> Iterator[Capture]:
        """Yield the captures, thread by thread."""
        for chunk in self.iter_chunks():
            yield from chunk.iter_captures()

    def iter_chunks(self, *, min_bytes: int = 0) -> Iterator[ThreadChunk]:
        """Yield threads in chunks of at least `min_bytes`, from which captures are built."""
        return split_into_chunks(
            self._buckets.drain(),
            self._origins,
            is_date_filtered=self._import_filter.has_date_limits,
            damaged_origins=frozenset(self._damaged_origins),
            min_bytes=min_bytes,
        )

    def close(self) -> None:
        self._buckets.close()

    def _add_lines(
        self,
        path: Path,
        stream: InputStream,
        report_line_count: Callable[[int], None],
        executor: Executor | None,
    ) -> None:
        line_count = skipped_lines = 0
        filter_block = partial(record_filter.filter_block, self._import_filter, stream.max_values)
        blocks, few = ndjson_files.read_blocks(stream), ordered_map.MAX_LOCAL_MEGABYTES
        for filtered in ordered_map.map_ordered(
            filter_block, blocks, executor, max_local_items=few, count_bytes=len
        ):
            for thread_id, record in filtered.records:
                self._add_record(thread_id, record)
            for thread_id in filtered.damaged_threads:
                self._record_damage(thread_id)
            self.item_count += filtered.item_count
            self._count_skipped(path, filtered.skipped_lines, filtered.skipped_nested_count)
            line_count += filtered.line_count
            skipped_lines += filtered.skipped_lines
            if skipped_lines > max(MAX_SKIPPED_LINES, line_count * 9 // 10):
                stream.stop(errors.NotAThreadError(f"{path} is not a dump of Reddit", FORMATS_HINT))
            report_line_count(line_count)

    def _add_document(self, path: Path, stream: InputStream) -> None:
        data = files.read_all(stream, str(path), FORMATS_HINT)
        try:
            documents = files.parse(
                data, str(path), expected_format="known export", hint=FORMATS_HINT
            )
        except errors.NotAThreadError as error:
            raise (stream.failure or error) from None
        if documents.is_cut_off:
            stream.stop_as_truncated()
        self._add_values(path, documents.values, documents.unreadable_count)

    def _add_values(self, path: Path, values: Sequence[Any], unreadable_count: int) -> None:
        """Add JSON values. Raises NotAThreadError if no thread is in them."""
        detections = [detect.detect_threads(value) for value in values]
        if not any(detected.threads for detected in detections):
            raise errors.NotAThreadError(f"{path} contains no thread of Reddit", FORMATS_HINT)
        if unreadable_count:
            self._record_damage("")
        unknown_count = sum(not detected.threads for detected in detections)
        nested_count = sum(detected.skipped_count for detected in detections if detected.threads)
        self._count_skipped(path, unreadable_count + unknown_count, nested_count)
        for detection in detections:
            for detected in detection.threads:
                self._add_thread(path, detected)

    def _add_web_pages(self, path: Path, stream: InputStream) -> None:
        """Add the threads of the web pages in a file, each with the time at which it was saved."""
        display_name, modified_at = self._origins[-1]
        file = OpenFile(stream, display_name, modified_at, path)
        for item in saved_files.read(file):
            if isinstance(item, FileContents):
                self._origins.append((display_name, item.modified_at))
                self._add_values(path, item.values, item.skipped_count)
                continue
            self._origins.append((item.file.display_name, item.file.saved_at))
            self.warnings += saved_files.list_warnings(item)
            self._add_thread(
                path,
                DetectedThread(
                    item.thread.thread_id,
                    SAVED_PAGE,
                    item.thread.things,
                    request=item.request,
                ),
            )

    def _add_thread(self, path: Path, detected: DetectedThread) -> None:
        """Add the matching part of a thread."""
        matching = self._import_filter.apply(detected)
        if matching is None:
            return
        try:
            self._add_record(matching.thread_id, record_filter.encode_record(matching))
        except RecursionError:
            raise errors.NotAThreadError(
                f"{path} is not a known export: it nests too deep", FORMATS_HINT
            ) from None
        self.item_count += detect.count_items(matching)

    def _count_skipped(self, path: Path, skipped_count: int, skipped_nested_count: int) -> None:
        if skipped_count:
            self.skipped_counts[str(path)] += skipped_count
        if skipped_nested_count:
            self.skipped_nested_counts[str(path)] += skipped_nested_count

    def _record_damage(self, thread_id: str) -> None:
        """Record that data of a thread can't be read, or of an unknown thread."""
        if thread_id:
            self._add_record(
                thread_id,
                record_filter.encode_record(
                    DetectedThread(thread_id, pushshift.NAME, (), is_partial=True)
                ),
            )
        else:
            self._damaged_origins.add(len(self._origins) - 1)

    def _add_record(self, thread_id: str, record: bytes) -> None:
        self._buckets.add(thread_id, b"%d %b" % (len(self._origins) - 1, record))
