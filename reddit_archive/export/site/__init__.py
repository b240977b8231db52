"""Export threads as a static site with search, which a browser can open from the file system.

After `build`, the folder shows exactly the given threads. Threads that did not change since the
last build are neither read nor written.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from reddit_archive.archive import redaction_ledger, shared_folder_check, store
from reddit_archive.archive.store import DamagedFile
from reddit_archive.export.site import page_templates, render, search_index, thread_list
from reddit_archive.export.site.copyable_quotes import QuoteFormat, get_quotes_path
from reddit_archive.export.site.figures import MEDIA_FOLDER
from reddit_archive.export.site.output_folder import OutputFolder
from reddit_archive.export.site.render import RenderedThread
from reddit_archive.export.site.thread_list import ThreadListRow

__all__ = ["BuildResult", "QuoteFormat", "build"]

INDEX_PAGE = "index.html"


@dataclass(frozen=True, slots=True)
class BuildResult:
    """What `build` did. `index` is the page to open.

    `rendered_count` of the `thread_count` threads were rendered again. `written_count` and
    `removed_count` count files.
    """

    index: Path
    thread_count: int
    rendered_count: int
    written_count: int
    removed_count: int


def build(
    root: Path,
    folder: Path,
    thread_ids: Iterable[str],
    *,
    quote_format: QuoteFormat,
    pseudonym_key: bytes | None = None,
    executor: Executor | None = None,
    on_damage: Callable[[DamagedFile], None] = lambda _: None,
    on_thread: Callable[[int], None] = lambda _: None,
) -> BuildResult:
    """Write the pages of these threads to a folder, and remove the pages of all others.

    Args:
        root: The archive.
        folder: The site's folder.
        thread_ids: The threads of the site.
        quote_format: The format of the quotes that readers can copy.
        pseudonym_key: The key for pseudonyms, which then replace names.
        executor: Renders threads in parallel if there are many. Its workers must see the archive at
            the same path.
        on_damage: Called for each damaged file of the archive.
        on_thread: Called after each thread with the number of threads so far.

    Raises:
        StoreError: The folder can't be written, or contains something else.
    """
    output = OutputFolder(folder)
    output.open()
    builder = _SiteBuilder(root, output, quote_format, pseudonym_key, executor)
    ordered_ids = sorted(
        set(thread_ids), key=lambda thread_id: (search_index.get_shard_name(thread_id), thread_id)
    )
    for number, damaged_files in enumerate(builder.build(ordered_ids), 1):
        for damaged_file in damaged_files:
            on_damage(damaged_file)
        on_thread(number)
    builder.write_lists()
    output.close(builder.thread_records)
    return BuildResult(
        folder / INDEX_PAGE,
        len(builder.rows),
        builder.rendered_count,
        output.written_count,
        output.removed_count,
    )


class _SiteBuilder:
    """Writes the pages of threads, and reuses those of threads that did not change."""

    def __init__(
        self,
        root: Path,
        output: OutputFolder,
        quote_format: QuoteFormat,
        pseudonym_key: bytes | None,
        executor: Executor | None,
    ) -> None:
        self.rows: list[ThreadListRow] = []
        self.thread_records: dict[str, Any] = {}
        self.rendered_count = 0
        self._digests: dict[str, list[str]] = {}
        self._ledger = redaction_ledger.read(root) or redaction_ledger.NO_LEDGER
        self._root, self._output, self._quote_format, self._pseudonym_key = (
            root,
            output,
            quote_format,
            pseudonym_key,
        )
        self._executor = executor
        key_digest = hashlib.sha256(pseudonym_key).hexdigest() if pseudonym_key else ""
        self._render_settings = f"{page_templates.compute_digest()} {quote_format!r} {key_digest}"

    def build(self, thread_ids: list[str]) -> Iterator[tuple[DamagedFile, ...]]:
        """Write the pages and search texts of the threads; yield each thread's damaged files."""
        for name in page_templates.ASSETS:
            self._output.write(f"assets/{name}", page_templates.read_asset(name))
        shards: dict[str, list[str]] = {}
        for thread_id in thread_ids:
            shards.setdefault(search_index.get_shard_name(thread_id), []).append(thread_id)
            self._digests[thread_id] = sorted(store.list_digests(self._root, thread_id))
        search_lines: dict[str, str] = {}
        for name, members in shards.items():
            for thread_id, line in search_index.find_lines(self._output.read(name), members):
                if self._reuse_page(thread_id):
                    search_lines[thread_id] = line
        changed_ids = [
            name for members in shards.values() for name in members if name not in search_lines
        ]
        rendered_threads = render.render_threads(
            self._root, self._quote_format, self._pseudonym_key, changed_ids, self._executor
        )
        for name, members in shards.items():
            for thread_id in members:
                rendered = next(rendered_threads) if thread_id not in search_lines else None
                if (
                    self._executor is not None
                    and rendered is not None
                    and rendered.list_row is None
                    and not rendered.damaged_files
                ):
                    shared_folder_check.require_no_snapshots(self._root, thread_id)
                if rendered is not None and rendered.list_row is not None:
                    search_lines[thread_id] = rendered.search_line
                    self._write_page(rendered, rendered.list_row)
                yield rendered.damaged_files if rendered else ()
            if shard_lines := [
                search_lines.pop(thread_id) for thread_id in members if thread_id in search_lines
            ]:
                self._output.write(name, search_index.encode_lines(shard_lines))

    def write_lists(self) -> None:
        """Write the pages that list all threads."""
        list_pages = (
            (INDEX_PAGE, "By date", thread_list.group_by_month(self.rows)),
            ("subreddits.html", "By subreddit", thread_list.group_by_subreddit(self.rows)),
            ("lost.html", "Lost on Reddit", thread_list.select_deleted(self.rows)),
        )
        shards = sorted({search_index.get_shard_name(row.thread_id) for row in self.rows})
        for name, title, groups in list_pages:
            page = page_templates.render_template(
                "list.html",
                name=name,
                title=title,
                kinds=[(page_name, label) for page_name, label, _ in list_pages],
                groups=groups,
                rows=self.rows,
                shards=shards,
            )
            self._output.write(name, page)

    def _reuse_page(self, thread_id: str) -> bool:
        """Keep a thread's page if it is up to date; return whether it is."""
        record = self._output.thread_records.get(thread_id)
        if not isinstance(record, dict) or not isinstance(record.get("crossposts"), list):
            return False
        if record.get("proof") != self._compute_fingerprint(thread_id, record["crossposts"]):
            return False
        row, media_names = thread_list.parse_record(record.get("row")), record.get("pictures")
        if row is None or not isinstance(media_names, list):
            return False
        files = [
            thread_list.get_page_path(thread_id),
            get_quotes_path(thread_id),
            *map(str, media_names),
        ]
        if not all(map(self._output.has_file, files)):
            return False
        self.rows.append(row)
        self.thread_records[thread_id] = record
        for name in files:
            self._output.retain(name)
        return True

    def _write_page(self, rendered: RenderedThread, row: ThreadListRow) -> None:
        self._output.write(thread_list.get_page_path(rendered.thread_id), rendered.page)
        self._output.write(get_quotes_path(rendered.thread_id), rendered.quotes)
        media_names = [f"{MEDIA_FOLDER}/{path.name}" for path in rendered.media_paths]
        for path, name in zip(rendered.media_paths, media_names, strict=True):
            self._output.copy(path, name)
        self.rows.append(row)
        record = {
            "proof": self._compute_fingerprint(rendered.thread_id, rendered.crossposted),
            "crossposts": rendered.crossposted,
            "row": asdict(row),
            "pictures": media_names,
        }
        self.thread_records[rendered.thread_id] = record
        self.rendered_count += 1

    def _compute_fingerprint(self, thread_id: str, crossposted: Iterable[Any]) -> str:
        """Return a digest of what a page depends on: snapshots, redactions, templates, settings."""
        levels = self._ledger.select_levels(thread_id, map(str, crossposted))
        payload = json.dumps(
            [self._render_settings, self._digests[thread_id], sorted(levels.items())]
        )
        return hashlib.sha256(payload.encode()).hexdigest()
