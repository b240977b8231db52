"""Render threads as pages, in parallel if there are many."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from reddit_archive.archive import store
from reddit_archive.archive.snapshot_reader import gc_paused
from reddit_archive.archive.store import DamagedFile
from reddit_archive.export.site import page_templates, search_index, thread_list
from reddit_archive.export.site.copyable_quotes import QuoteFormat
from reddit_archive.export.site.thread_list import ThreadListRow
from reddit_archive.export.site.thread_view import ThreadViewBuilder
from reddit_archive.model.redaction import find_crossposted
from reddit_archive.parallel import ordered_map


@dataclass(frozen=True, slots=True)
class RenderedThread:
    """A thread's page, its quotes, its line in the search index, and its row in the lists.

    `list_row` is None if no snapshot could be read. `media_paths` are files in the archive.
    `crossposted` are the fullnames of the posts that the thread crossposts.
    """

    thread_id: str
    page: bytes
    quotes: bytes
    search_line: str
    list_row: ThreadListRow | None
    media_paths: tuple[Path, ...]
    damaged_files: tuple[DamagedFile, ...]
    crossposted: tuple[str, ...] = ()


@gc_paused()
def render_thread(
    root: Path, quote_format: QuoteFormat, pseudonym_key: bytes | None, thread_id: str
) -> RenderedThread:
    damaged_files: list[DamagedFile] = []
    snapshots = store.load_readable(root, thread_id, on_damage=damaged_files.append)
    if not snapshots:
        return RenderedThread(thread_id, b"", b"", "", None, (), tuple(damaged_files))
    builder = ThreadViewBuilder(thread_id, snapshots, quote_format, pseudonym_key)
    return RenderedThread(
        thread_id,
        page_templates.render_template("thread.html", view=builder.build()),
        builder.quote_writer.build_script(),
        search_index.build_line(builder),
        thread_list.build_row(builder),
        tuple(sorted(set(builder.media.paths.values()))),
        tuple(damaged_files),
        tuple(sorted({name for s in snapshots for name in find_crossposted(s.capture.things)})),
    )


def render_threads(
    root: Path,
    quote_format: QuoteFormat,
    pseudonym_key: bytes | None,
    thread_ids: Sequence[str],
    executor: Executor | None,
) -> Iterator[RenderedThread]:
    """Render threads, and yield them in the given order."""
    render_one = partial(render_thread, root, quote_format, pseudonym_key)
    return ordered_map.map_ordered(
        render_one,
        thread_ids,
        executor,
        chunk_size=4,
        max_local_items=ordered_map.MAX_LOCAL_THREADS,
    )
