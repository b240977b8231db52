"""Work that tests give to executors: an import, and the quotes of pages."""

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from functools import partial
from pathlib import Path
from typing import Any

from reddit_archive.archive import shared_folder_check
from reddit_archive.config import Settings
from reddit_archive.parallel import ordered_map
from reddit_archive.quote.blocks import pages as quote_blocks
from reddit_archive.sources.importers import ImportCollector, ImportFilter, ThreadChunk
from reddit_archive.workflows import block_quotes, import_store
from reddit_archive.workflows.log_reporter import LogReporter
from tests.support.exports import comment, post, write_lines

THREADS = [f"a{number:02}" for number in range(48)]


class LazyExecutor(Executor):
    """Runs a task when its result is requested, and counts waiting tasks."""

    workers = 2

    def __init__(self) -> None:
        self.waiting = self.max_waiting = 0

    def submit(self, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        self.waiting += 1
        self.max_waiting = max(self.max_waiting, self.waiting)
        executor = self

        class LazyFuture(Future[Any]):
            def result(self, timeout: float | None = None) -> Any:
                executor.waiting -= 1
                return work(*args, **kwargs)

        return LazyFuture()


def call(function: Callable[[Any], Any], item: Any) -> Any:
    return function(item)


def import_dump(
    folder: Path, executor: Executor | None, run: Callable[..., Any] = call
) -> dict[str, bytes]:
    """Import a dump of many threads; return the stored files. `run` calls the import of a chunk."""
    root = folder / "archive"
    with shared_folder_check.create_marker(root) as marker:
        store_chunk = partial(run, partial(import_store.store_chunk, root, marker))
        results = list(ordered_map.map_ordered(store_chunk, _build_chunks(folder), executor))
    captures = [capture for result in results for capture in result.captures]
    assert [capture.thread_id for capture in captures if capture.is_new] == THREADS
    assert [entry.thread_id for result in results for entry in result.entries] == THREADS
    return {str(path.relative_to(root)): path.read_bytes() for path in root.glob("threads/*/*")}


def _build_chunks(folder: Path) -> list[ThreadChunk]:
    """Write a dump and read it in chunks, one for each thread."""
    records = [
        record for name in THREADS for record in (post(name), comment(1, name), comment(2, name))
    ]
    collector = ImportCollector(folder, ImportFilter())
    collector.add_file(write_lines(folder / "dump.ndjson", *records))
    return list(collector.iter_chunks())


def iter_page_quotes(folder: Path, executor: Executor | None, **settings: Any) -> Iterator[Any]:
    """Yield what the blocks of each page in `folder`/pages show."""
    loaded = Settings(archive=folder / "archive", **settings)
    pages = []
    for path in sorted((folder / "pages").iterdir()):
        text = quote_blocks.decode(path.read_bytes())
        blocks = tuple(quote_blocks.find_blocks(text))
        pages.append(block_quotes.Page(path, text, loaded, blocks))
    scope = block_quotes.CheckScope(has_deleted=True, has_live=True)
    quotes = block_quotes.write_block_quotes(pages, loaded, scope, executor, LogReporter())
    return (results for _, results in quotes)
