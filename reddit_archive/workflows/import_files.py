"""Import threads from files: saved pages, exports, dumps and bags."""

import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from operator import attrgetter
from pathlib import Path

from reddit_archive import errors
from reddit_archive.archive import bags, forgotten_log, redact, shared_folder_check
from reddit_archive.archive.bags import Bag
from reddit_archive.archive.index import maintenance
from reddit_archive.archive.index.maintenance import IndexEntry
from reddit_archive.config import Settings
from reddit_archive.export.site import page_cache
from reddit_archive.parallel import ordered_map
from reddit_archive.sources.importers import ImportCollector, ImportFilter, ThreadChunk
from reddit_archive.workflows import import_inputs, import_store
from reddit_archive.workflows.archive_folder import check_writable
from reddit_archive.workflows.import_store import ChunkResult, ImportedCapture
from reddit_archive.workflows.reporter import Reporter

MAX_UNINDEXED_DOCUMENTS = 10_000
"""How many texts wait for the index. Fewer at once take more time; more keep workers waiting."""
MIN_CHUNK_BYTES = 2**20
NO_FILTER = ImportFilter()


@dataclass(frozen=True, slots=True)
class ImportedBag:
    """A bag of an import; the counts are of snapshots, and None if nothing was to be stored.

    `pending_thread_ids` are the stored threads that the bag would redact.
    """

    name: str
    thread_ids: tuple[str, ...] = ()
    new_count: int | None = None
    existing_count: int | None = None
    pending_thread_ids: tuple[str, ...] = ()


@dataclass(slots=True)
class ImportSummary:
    """What an import did.

    Attributes:
        source_count: The number of files and bags.
        bag_count: The number of bags that were imported.
        new_count: The number of captures that were stored.
        existing_count: The number of captures that were stored before.
        comment_count: The number of comments in all captures.
        thread_ids: The threads of all captures.
        failures: Why files were not imported, or only in part.
        skipped_counts: The number of lines without a readable post or comment, by file.
        skipped_nested_counts: The number of unreadable values among replies, by file.
        other_page_counts: The number of web pages in folders that show something else, by kind.
        warnings: Sentences for the user.
    """

    source_count: int = 0
    bag_count: int = 0
    new_count: int = 0
    existing_count: int = 0
    comment_count: int = 0
    thread_ids: set[str] = field(default_factory=set)
    failures: list[errors.ArchiveError] = field(default_factory=list)
    skipped_counts: dict[str, int] = field(default_factory=dict)
    skipped_nested_counts: dict[str, int] = field(default_factory=dict)
    other_page_counts: Counter[str] = field(default_factory=Counter)
    warnings: list[str] = field(default_factory=list)


def import_files(
    paths: Iterable[Path],
    settings: Settings,
    reporter: Reporter,
    *,
    import_filter: ImportFilter = NO_FILTER,
    large_window: bool = False,
    dry_run: bool = False,
    executor: Executor | None = None,
    on_import: Callable[[ImportedCapture | ImportedBag], None] = lambda _: None,
    on_restored: Callable[[str, str], None] = lambda thread_id, forgotten_at: None,
) -> ImportSummary:
    """Import threads from files and folders.

    Args:
        paths: Files, bags, or folders of them.
        settings: The settings.
        reporter: Receives progress.
        import_filter: Which threads to import.
        large_window: Whether small .zst files may use up to 2 GiB of memory.
        dry_run: Whether to report only what the files contain.
        executor: Reads and stores large files; None for this process alone.
        on_import: Receives each capture and each bag as it is imported.
        on_restored: Receives each forgotten thread that is stored again, and when it was forgotten.

    Raises:
        StoreError: The archive can't be written. Errors of single files are in the summary.
    """
    if not dry_run:
        check_writable(settings.archive)
    with (
        _open_temp_folder(settings.archive, dry_run) as folder,
        closing(ImportCollector(folder, import_filter, large_window=large_window)) as collector,
    ):
        run = _ImportRun(settings, dry_run, executor, on_import, on_restored)
        run.read(paths, collector, reporter)
        run.store(collector)
        run.summary.skipped_counts = dict(collector.skipped_counts)
        run.summary.skipped_nested_counts = dict(collector.skipped_nested_counts)
        run.summary.warnings = collector.warnings
    return run.summary


@contextmanager
def _open_temp_folder(root: Path, dry_run: bool) -> Iterator[Path]:
    """Give a folder to sort what does not fit in memory; a dry run leaves the archive alone."""
    if not dry_run:
        yield root / "tmp"
        return
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@dataclass(slots=True)
class _ImportRun:
    settings: Settings
    dry_run: bool
    executor: Executor | None
    on_import: Callable[[ImportedCapture | ImportedBag], None]
    on_restored: Callable[[str, str], None]
    summary: ImportSummary = field(default_factory=ImportSummary)
    _entries: list[IndexEntry] = field(default_factory=list)

    def read(self, paths: Iterable[Path], collector: ImportCollector, reporter: Reporter) -> None:
        """Import bags at once, and collect the threads of all other files."""
        with reporter.progress("Reading …") as update:
            for path, found in _find_inputs(paths):
                self.summary.source_count += 1
                if isinstance(found, errors.ArchiveError):
                    self.summary.failures.append(found)
                    continue
                name = found.display_name if isinstance(found, Bag) else str(found)
                update(f"Reading {name} …")
                try:
                    if isinstance(found, Bag):
                        self._import_bag(found)
                    else:
                        collector.add_file(
                            found,
                            report_line_count=partial(_report_lines, update, name),
                            executor=self.executor,
                        )
                except errors.StoreError:
                    raise  # our own disk, not this file
                except errors.OtherPageError as error:
                    if path == found:
                        self.summary.failures.append(error)
                    else:  # a folder holds all kinds of pages
                        self.summary.other_page_counts[error.page_kind] += 1
                except errors.ArchiveError as error:
                    self.summary.failures.append(error)

    def _import_bag(self, bag: Bag) -> None:
        if self.dry_run:
            self.on_import(ImportedBag(bag.display_name))
        else:
            result = bags.restore_bag(self.settings.archive, bag)
            if result.new_count and not result.existing_count:
                self._log_restored(result.thread_ids)
            self.on_import(
                ImportedBag(
                    bag.display_name,
                    tuple(result.thread_ids),
                    result.new_count,
                    result.existing_count,
                    tuple(result.pending_thread_ids),
                )
            )
        self.summary.bag_count += 1

    def store(self, collector: ImportCollector) -> None:
        """Store what was collected, and index it."""
        try:
            for result in self._store_chunks(collector):
                self._add(result)
        finally:
            self._write_index()

    def _store_chunks(self, collector: ImportCollector) -> Iterator[ChunkResult]:
        root = self.settings.archive
        if self.dry_run:
            chunks = collector.iter_chunks(min_bytes=MIN_CHUNK_BYTES)
            yield from _map_chunks(import_store.preview_chunk, chunks, self.executor)
        elif self.settings.deleted != "keep":  # a policy needs one writer, and redacts each thread
            yield from map(partial(import_store.store_chunk, root, None), collector.iter_chunks())
        elif self.executor is None:
            chunks = collector.iter_chunks(min_bytes=MIN_CHUNK_BYTES)
            yield from map(partial(import_store.store_chunk, root, None), chunks)
        elif collector.item_count:
            with shared_folder_check.create_marker(root) as marker:
                chunks = collector.iter_chunks(min_bytes=MIN_CHUNK_BYTES)
                work = partial(import_store.store_chunk, root, marker)
                yield from _map_chunks(work, chunks, self.executor)

    def _add(self, result: ChunkResult) -> None:
        """Add a result to the summary and, many at a time, to the index."""
        self._log_restored(result.first_stored)
        self._entries += result.entries
        self.summary.failures += result.failed
        document_count = sum(len(entry.search_rows.documents) for entry in self._entries)
        if document_count > MAX_UNINDEXED_DOCUMENTS:
            self._write_index()
        if self.settings.deleted != "keep":
            self._write_index()  # before redactions remove texts from it
            for thread_id in {c.thread_id for c in result.captures if c.is_new}:
                changed_ids = redact.apply_policy(
                    self.settings.archive, thread_id, self.settings.deleted
                )
                page_cache.discard(changed_ids)
        for capture in result.captures:
            self.summary.thread_ids.add(capture.thread_id)
            self.summary.comment_count += capture.comment_count
            self.summary.new_count += capture.is_new is True
            self.summary.existing_count += capture.is_new is False
            self.on_import(capture)

    def _log_restored(self, thread_ids: Iterable[str]) -> None:
        """Log forgotten threads that are stored again, and report them."""
        root = self.settings.archive
        forgotten_times = forgotten_log.read(root)
        restored = [thread_id for thread_id in thread_ids if thread_id in forgotten_times]
        for thread_id in restored:
            self.on_restored(thread_id, forgotten_times[thread_id])
        forgotten_log.record_saved(root, *restored)

    def _write_index(self) -> None:
        if self._entries:
            maintenance.upsert(self.settings.archive, self._entries)
        self._entries.clear()


def _find_inputs(
    paths: Iterable[Path],
) -> Iterator[tuple[Path, Path | Bag | errors.ArchiveError]]:
    """Yield each path of the user with the files and bags in it."""
    for path in paths:
        for found in import_inputs.find_inputs(path):
            yield path, found


def _report_lines(update: Callable[[str], None], name: str, number: int) -> None:
    update(f"Reading {name} … {number:,} lines")


def _map_chunks(
    work: Callable[[ThreadChunk], ChunkResult],
    chunks: Iterator[ThreadChunk],
    executor: Executor | None,
) -> Iterator[ChunkResult]:
    return ordered_map.map_ordered(
        work,
        chunks,
        executor,
        max_local_items=ordered_map.MAX_LOCAL_MEGABYTES,
        count_bytes=attrgetter("size_bytes"),
    )
