"""Renew or check the quote blocks of Markdown pages."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

from reddit_archive import errors
from reddit_archive.config import Settings, page_settings
from reddit_archive.files import durable_files, regular_files
from reddit_archive.model import reference as reference_model
from reddit_archive.model.deletion import get_deletion_reason
from reddit_archive.quote.blocks import pages as quote_blocks
from reddit_archive.quote.blocks.find import QuoteBlock, find_blocks
from reddit_archive.sources import registry
from reddit_archive.sources.base import Source
from reddit_archive.workflows import change_check, local_images
from reddit_archive.workflows.archive_folder import check_writable
from reddit_archive.workflows.block_quotes import (
    BlockResult,
    CheckScope,
    Fault,
    Page,
    build_fault,
    write_block_quotes,
)
from reddit_archive.workflows.inputs import ListEntry, ThreadRequest, merge_entries
from reddit_archive.workflows.reporter import Reporter

SUFFIXES = (".md", ".markdown", ".mdown", ".mkd")
KEEP_HINT = "Remove the markers to keep this text, or replace it with --force."


@dataclass(frozen=True, slots=True)
class BlockFinding:
    """A problem with a block.

    `kind` is "broken", "missing", "stale", "edited", "deleted", "failed" or "kept".
    """

    path: Path
    line: int
    kind: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.kind}: {self.message}"


def read_pages(paths: Iterable[Path], settings: Settings) -> list[Page]:
    """Read pages, and all Markdown files of folders.

    Raises:
        InvalidReferenceError: A page can't be read.
        ConfigError: Its front matter or the settings for it are wrong.
    """
    return [_read_page(path, settings) for path in _find_files(paths)]


def _find_files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            files = regular_files.walk_files(path)
            pages = sorted(file for file in files if file.suffix.lower() in SUFFIXES)
            yield from (page for page in pages if page.is_file())  # some lock files are dead links
        else:
            yield path


def _read_page(path: Path, settings: Settings) -> Page:
    try:
        text = quote_blocks.decode(regular_files.read_bytes(path))
    except OSError as error:
        reason = (error.strerror or "it can't be read").lower()
        raise errors.InvalidReferenceError(
            f"can't read the page {path}: {reason}", "Check its name."
        ) from None
    blocks = tuple(find_blocks(text))
    if blocks:
        front_matter = quote_blocks.read_front_matter(text)
        settings = page_settings.apply_page_settings(settings, str(path), front_matter)
    return Page(path, text, settings, blocks)


def renew(
    pages: Sequence[Page],
    settings: Settings,
    executor: Executor | None,
    reporter: Reporter,
    *,
    is_offline: bool = False,
    is_forced: bool = False,
) -> Iterator[BlockFinding]:
    """Save the threads that the blocks quote, and write the pages that change.

    Args:
        pages: The pages, as they were read.
        settings: The settings.
        executor: Reads threads if there are many; None for this process alone.
        reporter: Receives messages.
        is_offline: Whether to use stored threads only.
        is_forced: Whether to replace text that this program did not write.

    Yields:
        The blocks that were not renewed.
    """
    durable_files.remove_orphaned_temps_beside(page.path for page in pages)
    if not is_offline:
        _save_threads(merge_entries(_iter_entries(pages)), settings, reporter)
    for page, results in write_block_quotes(pages, settings, CheckScope(), executor, reporter):
        findings = _renew_page(page, results, reporter, is_forced=is_forced)
        while findings is None:  # somebody edited the page in the meantime
            current = [_read_page(page.path, settings)]
            [(page, results)] = write_block_quotes(current, settings, CheckScope(), None, reporter)
            findings = _renew_page(page, results, reporter, is_forced=is_forced)
        yield from findings


def _iter_entries(pages: Sequence[Page]) -> Iterator[ListEntry]:
    """Yield the thread of each valid block; invalid references are reported when it is written."""
    for page in pages:
        for block in page.valid_blocks:
            try:
                reference = reference_model.parse(block.reference)
            except errors.InvalidReferenceError:
                continue
            if reference.file is None:
                yield ListEntry(reference, block.options, f"{page.path}:{block.line}")


def _save_threads(
    requests: Sequence[ThreadRequest], settings: Settings, reporter: Reporter
) -> None:
    """Fetch what is new or has changed. For threads that fail, blocks quote what is stored."""
    if not requests:
        return
    from reddit_archive.workflows.batch import save_all  # 145 ms, with PRAW
    from reddit_archive.workflows.sources import format_progress, open_source  # 90 ms

    check_writable(settings.archive)
    with reporter.progress("Asking …") as update:
        source = open_source(
            settings, reporter, report_progress=lambda now: update(format_progress(now))
        )
        for result in save_all(requests, source, settings, reporter):
            if result.error is not None:
                reporter.warn(f"{result.request.origins[0]}: {result.error.message}")


def _renew_page(
    page: Page, results: Mapping[QuoteBlock, BlockResult], reporter: Reporter, *, is_forced: bool
) -> list[BlockFinding] | None:
    """Write a page if its text changes.

    Returns the blocks that were not renewed, or None if the page is not as it was read.
    """
    faults: dict[QuoteBlock, Fault] = {}
    quotes: dict[QuoteBlock, str] = {}
    for block, result in results.items():
        must_keep = not is_forced and not result.fault
        foreign = _find_foreign_text(page, block, result.text) if must_keep else None
        fault = foreign or result.fault or _copy_images(result, page)
        if fault is not None:
            faults[block] = fault
        elif not quote_blocks.is_current(block, result.text):
            quotes[block] = result.text
            if result.omitted:
                reporter.status(f"{page.path}:{block.line}: {result.omitted}.")
    text = quote_blocks.replace_quotes(page.text, quotes) if quotes else page.text
    if text != page.text:
        if not durable_files.replace(
            quote_blocks.encode(text), page.path, expected=quote_blocks.encode(page.text)
        ):
            return None
        reporter.status(f"Renewed {page.path}.")
    renewed = Page(page.path, text, page.settings, tuple(find_blocks(text)))
    findings = find_broken([renewed])
    for old, new in zip(page.valid_blocks, renewed.valid_blocks, strict=True):
        if old in faults:  # line numbers in messages are those of the renewed page
            is_kept = faults[old][0] == "kept"
            foreign = _find_foreign_text(page, new, results[old].text) if is_kept else None
            findings.append(BlockFinding(page.path, new.line, *(foreign or faults[old])))
    return findings


def find_broken(pages: Iterable[Page]) -> list[BlockFinding]:
    """Return a finding for each block with broken markers or options."""
    return [
        BlockFinding(page.path, block.line, "broken", block.problem)
        for page in pages
        for block in page.blocks
        if block.problem
    ]


def _find_foreign_text(page: Page, block: QuoteBlock, text: str) -> Fault | None:
    """Return a fault if a block contains text that this program did not write."""
    reason = quote_blocks.explain_foreign_text(block, text, page.settings.styles.values())
    return ("kept", f"{reason}. {KEEP_HINT}") if reason else None


def _copy_images(result: BlockResult, page: Page) -> Fault | None:
    """Copy the images of a quote to its page's folder; return the fault if that failed."""
    try:
        local_images.copy_files(result.images, str(page.path))
    except errors.ArchiveError as error:
        return build_fault(error)
    return None


def check(
    pages: Sequence[Page],
    settings: Settings,
    executor: Executor | None,
    reporter: Reporter,
    *,
    is_offline: bool = False,
    accepts_deleted: bool = False,
) -> Iterator[BlockFinding]:
    """Compare each block with the archive, and what it quotes with Reddit; write nothing.

    Args:
        pages: The pages, as they were read.
        settings: The settings.
        executor: Reads threads if there are many; None for this process alone.
        reporter: Receives messages.
        is_offline: Whether to compare with the archive only.
        accepts_deleted: Whether quoted texts may be deleted on Reddit.

    Yields:
        What is wrong with which block.
    """
    quoting_blocks: dict[str, list[tuple[Page, QuoteBlock]]] = {}
    fingerprints: dict[str, int] = {}
    can_ask = not is_offline and registry.has_live_source(settings)
    scope = CheckScope(has_deleted=not accepts_deleted, has_live=can_ask)
    yield from find_broken(pages)
    for page, results in write_block_quotes(pages, settings, scope, executor, reporter):
        for block, result in results.items():
            for fault in _compare(page, block, result):
                yield BlockFinding(page.path, block.line, *fault)
            for name, values in result.live:
                fingerprints[name] = change_check.hash_values(values)
                quoting_blocks.setdefault(name, []).append((page, block))
    if not is_offline and not can_ask:
        reporter.status(
            "Without a key for Reddit, only the archive shows what was edited or deleted."
        )
    if can_ask and fingerprints:
        from reddit_archive.workflows.sources import open_source  # 90 ms

        faults = _compare_with_reddit(
            open_source(settings, reporter), fingerprints, accepts_deleted=accepts_deleted
        )
        for name, fault in faults:
            for page, block in quoting_blocks[name]:
                yield BlockFinding(page.path, block.line, *fault)


def _compare(page: Page, block: QuoteBlock, result: BlockResult) -> Iterator[Fault]:
    """Compare a block with the archive."""
    if result.fault is not None:
        yield result.fault
        return
    if not block.content.strip():
        yield "missing", "the quote is not there yet"
    elif _is_stale(page, block, result.text):
        foreign = _find_foreign_text(page, block, result.text)
        yield "stale", foreign[1] if foreign else "the archive gives another quote"
    for name, status in result.deleted:
        yield "deleted", f"{name} is {status} on Reddit"


def _is_stale(page: Page, block: QuoteBlock, text: str) -> bool:
    """Return whether a block shows another quote. Raises RenderMismatchError, as `renew` does."""
    return (
        not quote_blocks.has_quote(block, text)
        and quote_blocks.replace_quotes(page.text, {block: text}) != page.text
    )


def _compare_with_reddit(
    source: Source, fingerprints: Mapping[str, int], *, accepts_deleted: bool
) -> Iterator[tuple[str, Fault]]:
    """Yield the fullnames of things that were edited or deleted since they were saved."""
    things = source.look_up(sorted(fingerprints))
    for name, fingerprint in fingerprints.items():
        thing = things.get(name)
        if thing is None or get_deletion_reason(thing["kind"], thing["data"]) is not None:
            if not accepts_deleted:
                yield name, ("deleted", f"{name} is no longer shown by Reddit")
        elif change_check.compute_fingerprint(thing) != fingerprint:
            yield name, ("edited", f"{name} has changed on Reddit since it was saved")
