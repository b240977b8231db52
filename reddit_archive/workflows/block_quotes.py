"""Write the quotes for blocks of pages. Each thread is read once for all blocks that quote it, in
this process or by a worker. A worker reads the archive only: no pages, no network, no terminal.
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from itertools import groupby
from pathlib import Path

from reddit_archive import errors, quote
from reddit_archive.archive import link_cache, shared_folder_check
from reddit_archive.archive.snapshot_reader import gc_paused
from reddit_archive.archive.store import DamagedFile
from reddit_archive.config import QuoteSettings, Settings
from reddit_archive.model import reference as reference_model
from reddit_archive.model.capture import Thing
from reddit_archive.model.reference import Reference
from reddit_archive.parallel import ordered_map
from reddit_archive.quote.blocks.find import QuoteBlock
from reddit_archive.quote.blocks.options import QuoteOptions
from reddit_archive.workflows import change_check, local_images
from reddit_archive.workflows.load import (
    LoadedThread,
    load_snapshots,
    merge_snapshots,
    parse_time,
    resolve_reference,
)
from reddit_archive.workflows.quote import describe_omitted, find_target, write_quote
from reddit_archive.workflows.reporter import Reporter, warn_of_damage

THREADS_PER_CHUNK = 4
Position = tuple[int, int]
"""The numbers of a page, and of a block in it."""
Fault = tuple[str, str]
"""The kind of a finding, and a message."""
START_OF_TIME = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it was read, with the settings that apply to it."""

    path: Path
    text: str
    settings: Settings
    blocks: tuple[QuoteBlock, ...]

    @property
    def valid_blocks(self) -> list[QuoteBlock]:
        return [block for block in self.blocks if not block.problem]


@dataclass(frozen=True, slots=True)
class BlockRequest:
    """What a block quotes of a thread, and with which settings; `output` is its page."""

    position: Position
    options: QuoteOptions
    until: datetime | None
    quote_settings: QuoteSettings
    output: str


@dataclass(frozen=True, slots=True)
class ThreadJob:
    """A thread, and all blocks that quote it."""

    thread_id: str
    requests: tuple[BlockRequest, ...]


@dataclass(frozen=True, slots=True)
class CheckScope:
    """What to report about the quoted posts and comments in addition to the quote.

    Attributes:
        has_deleted: Which of them are deleted on Reddit.
        has_live: What Reddit returned of the others last time.
    """

    has_deleted: bool = False
    has_live: bool = False


@dataclass(frozen=True, slots=True)
class BlockResult:
    """What a block should show.

    Attributes:
        text: The quote.
        omitted: A description of the comments that are left out because of their score.
        fault: Why there is no quote.
        images: The archive's files of the images that the quote shows.
        deleted: The deletion status of quoted things that are deleted, by fullname.
        live: What Reddit returned of the other quoted things last time, by fullname.
    """

    text: str = ""
    omitted: str = ""
    fault: Fault | None = None
    images: tuple[Path, ...] = ()
    deleted: tuple[tuple[str, str], ...] = ()
    live: tuple[tuple[str, change_check.FieldValues], ...] = ()


@dataclass(frozen=True, slots=True)
class ThreadJobResult:
    """The results for the blocks of a job; `is_absent` if the archive has no such thread."""

    thread_id: str
    results: tuple[tuple[Position, BlockResult], ...]
    damaged_files: tuple[DamagedFile, ...] = ()
    is_absent: bool = False


def build_fault(error: errors.ArchiveError) -> Fault:
    """Return the finding for an error."""
    kind = "missing" if isinstance(error, errors.NotArchivedError) else "failed"
    return kind, error.message


def write_block_quotes(
    pages: Sequence[Page],
    settings: Settings,
    scope: CheckScope,
    executor: Executor | None,
    reporter: Reporter,
) -> Iterator[tuple[Page, dict[QuoteBlock, BlockResult]]]:
    """Yield the pages in order, each when all its valid blocks have a result.

    Raises StoreError if a worker does not see the archive.
    """
    links = link_cache.read(settings.archive)
    results: list[dict[QuoteBlock, BlockResult]] = [{} for _ in pages]
    requests: dict[str, list[BlockRequest]] = {}
    for page_number, page in enumerate(pages):
        for block_number, block in enumerate(page.blocks):
            if not block.problem:
                try:
                    thread_id, request = _build_request(
                        (page_number, block_number), page, block, links
                    )
                    requests.setdefault(thread_id, []).append(request)
                except errors.ArchiveError as error:
                    results[page_number][block] = BlockResult(fault=build_fault(error))
    jobs = [ThreadJob(thread_id, tuple(group)) for thread_id, group in requests.items()]
    job_results = _run_jobs(jobs, settings, scope, executor, reporter)
    for page_number, page in enumerate(pages):
        while len(results[page_number]) < len(page.valid_blocks):
            for (number, block_number), result in next(job_results).results:
                results[number][pages[number].blocks[block_number]] = result
        yield page, {block: results[page_number].pop(block) for block in page.valid_blocks}


def _build_request(
    position: Position, page: Page, block: QuoteBlock, links: Mapping[str, Reference]
) -> tuple[str, BlockRequest]:
    """Return the thread of a block, and what to quote of it. Raises ArchiveError."""
    reference = reference_model.parse(block.reference)
    reference = links.get(link_cache.build_key(reference) or "", reference)
    if reference.post_id is None and reference.comment_id is not None:
        reference = resolve_reference(page.settings.archive, reference)
    if reference.post_id is None:
        raise errors.NotArchivedError(
            f"{block.reference} is not archived", "Run it without --offline."
        )
    options = block.options.with_comment(reference.comment_id)
    until = parse_time(options.as_of) if options.as_of is not None else None
    request = BlockRequest(position, options, until, page.settings.quote, str(page.path))
    return reference.post_id, request


def _run_jobs(
    jobs: Sequence[ThreadJob],
    settings: Settings,
    scope: CheckScope,
    executor: Executor | None,
    reporter: Reporter,
) -> Iterator[ThreadJobResult]:
    # Keys never leave this machine.
    settings = replace(settings, reddit={}, source_settings={}, pages={})
    for result in ordered_map.map_ordered(
        partial(run_job, settings, scope),
        jobs,
        executor,
        chunk_size=THREADS_PER_CHUNK,
        max_local_items=ordered_map.MAX_LOCAL_THREADS,
    ):
        for damaged_file in result.damaged_files:
            warn_of_damage(reporter)(damaged_file)
        if executor is not None and result.is_absent:
            shared_folder_check.require_no_snapshots(settings.archive, result.thread_id)
        yield result


@gc_paused()
def run_job(settings: Settings, scope: CheckScope, job: ThreadJob) -> ThreadJobResult:
    """Read a thread, and write all quotes of it."""
    damaged_files: list[DamagedFile] = []
    try:
        snapshots = load_snapshots(settings.archive, job.thread_id, on_damage=damaged_files.append)
    except errors.ArchiveError as error:
        failure = BlockResult(fault=build_fault(error))
        failures = tuple((request.position, failure) for request in job.requests)
        is_absent = isinstance(error, errors.NotArchivedError)
        return ThreadJobResult(job.thread_id, failures, tuple(damaged_files), is_absent)
    results: list[tuple[Position, BlockResult]] = []
    by_time = sorted(job.requests, key=lambda request: request.until or START_OF_TIME)
    for until, requests in groupby(by_time, key=lambda request: request.until):
        try:
            loaded = merge_snapshots(job.thread_id, snapshots, until=until)
        except errors.ArchiveError as error:
            failure = BlockResult(fault=build_fault(error))
            results += ((request.position, failure) for request in requests)
            continue
        live = _get_last_from_reddit(loaded) if scope.has_live else {}
        results += (
            (request.position, _write(settings, scope, loaded, live, request))
            for request in requests
        )
    return ThreadJobResult(job.thread_id, tuple(results), tuple(damaged_files))


def _write(
    settings: Settings,
    scope: CheckScope,
    loaded: LoadedThread,
    live: Mapping[str, Thing],
    request: BlockRequest,
) -> BlockResult:
    page_settings = replace(settings, quote=request.quote_settings)
    try:
        text = write_quote(loaded, request.options, page_settings, output=request.output)
        images = local_images.find_shown_images(loaded, text, request.output)
        is_checked = scope.has_deleted or scope.has_live
        statuses = _get_statuses(loaded, request.options, page_settings) if is_checked else {}
    except errors.ArchiveError as error:
        return BlockResult(fault=build_fault(error))
    deleted = tuple((name, status) for name, status in statuses.items() if status)
    return BlockResult(
        text,
        describe_omitted(loaded, request.options),
        images=images,
        deleted=deleted if scope.has_deleted else (),
        live=tuple(
            (name, change_check.get_field_values(live[name]))
            for name, status in statuses.items()
            if name in live and not status
        ),
    )


def _get_statuses(
    loaded: LoadedThread, options: QuoteOptions, settings: Settings
) -> dict[str, str | None]:
    """Return the deletion status of each quoted thing, by fullname."""
    items = quote.build_items(
        loaded.thread, options.selection, target=find_target(options, settings)
    )
    return {
        item.content.fullname: item.content.deletion_status
        for item in items
        if item.content is not None
    }


def _get_last_from_reddit(loaded: LoadedThread) -> dict[str, Thing]:
    """Return what Reddit returned last time, by fullname."""
    captures = [s.capture for s in loaded.snapshots if s.capture.source == "reddit"]
    return change_check.index_by_fullname(captures[-1]) if captures else {}
