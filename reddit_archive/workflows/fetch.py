"""Fetch a thread, from a source or from saved files."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from reddit_archive import errors
from reddit_archive.archive import add as archive_add
from reddit_archive.archive import check_log, snapshot_format, store
from reddit_archive.config import Settings
from reddit_archive.model import capture as capture_model
from reddit_archive.model.capture import Capture
from reddit_archive.model.deletion import get_deletion_reason
from reddit_archive.model.reference import Reference
from reddit_archive.model.source_info import is_live
from reddit_archive.sources.base import FILLED_KEY, Estimate, FetchInterrupted, FetchRequest, Source
from reddit_archive.workflows.archive_folder import check_writable
from reddit_archive.workflows.reporter import Reporter
from reddit_archive.workflows.wording import format_count


@dataclass(frozen=True, slots=True)
class FetchResult:
    """What a source returned for a reference.

    Attributes:
        reference: The reference, with the ids that the source found.
        captures: What it returned, oldest first: several for saved web pages, none if the source
            no longer has the thread.
        unavailable_reason: Why there is no capture.
        file_errors: The errors of saved files that could be read only in part.
    """

    reference: Reference
    captures: tuple[Capture, ...] = ()
    unavailable_reason: str = ""
    file_errors: tuple[errors.NotAThreadError, ...] = ()


def fetch(
    references: Sequence[Reference], request: FetchRequest, settings: Settings, reporter: Reporter
) -> FetchResult:
    """Fetch a thread from the source that the settings name, or read its saved files.

    Args:
        references: The thread, or several saved files of one thread.
        request: What to fetch of it.
        settings: The settings.
        reporter: Receives messages and progress.

    Raises:
        FetchError: The source does not return the thread, and the archive does not have it.
        LoginError: Reddit refuses the key.
        StoreError: The archive can't be written.
        NotAThreadError: A saved file contains no thread.
    """
    if files := _list_files(references):
        return _read_files(files, reporter)
    from reddit_archive.workflows.sources import format_progress, open_source  # 85 ms

    check_writable(settings.archive)
    with reporter.progress("Asking …") as update:
        source = open_source(
            settings, reporter, report_progress=lambda now: update(format_progress(now))
        )
        return fetch_from(source, references[0], request, settings.archive)


def fetch_from(
    source: Source, reference: Reference, request: FetchRequest, root: Path
) -> FetchResult:
    """Fetch a thread from a source. What arrived before an interrupt is stored in the archive.

    If the reference turns out to name a comment, this comment is fetched, too.

    Raises FetchError if the source has no such thread and the archive `root` does not either.
    """
    reference = source.resolve(reference)
    if reference.comment_id is not None:
        comment_ids = dict.fromkeys((*request.comment_ids, reference.comment_id))
        request = replace(request, comment_ids=tuple(comment_ids))
    thread_id = reference.post_id or ""
    previous_ids = _load_previous_comment_ids(root, thread_id, source.name)
    request = replace(request, previous_comment_ids=previous_ids)
    try:
        return FetchResult(reference, (source.fetch(reference, request),))
    except FetchInterrupted as interrupt:
        with suppress(errors.NotAThreadError):
            archive_add.add(root, interrupt.capture)
        raise
    except errors.ThreadUnavailableError as error:
        if not store.read_headers(root, thread_id):
            raise
        if not is_live(source.name):  # other sources do not have every thread of Reddit
            return FetchResult(reference, unavailable_reason=error.message)
        folder = store.thread_folder(root, thread_id)
        check_log.add(folder, capture_model.utc_now(), source.name, error.reason)
        return FetchResult(reference, unavailable_reason=f"Gone from Reddit: {error.message}")


def estimate(
    references: Sequence[Reference], request: FetchRequest, settings: Settings, reporter: Reporter
) -> Estimate | None:
    """Estimate how many requests a fetch takes; None for saved files, which take none."""
    if _list_files(references):
        return None
    from reddit_archive.workflows.sources import open_source  # 85 ms

    source = open_source(settings, reporter)
    return source.estimate(source.resolve(references[0]), request)


def _list_files(references: Sequence[Reference]) -> list[str]:
    return [reference.file for reference in references if reference.file is not None]


def _read_files(files: Sequence[str], reporter: Reporter) -> FetchResult:
    from reddit_archive.sources import saved_files  # 16 ms

    saved = saved_files.load(*files)
    for name, count in saved.skipped_counts.items():
        parts = format_count(count, "part")
        reporter.warn(f"{name}: left out {parts} that can't be read; the thread is not complete.")
    for warning in saved.warnings:
        reporter.warn(warning)
    reference = Reference(post_id=saved.thread_id)
    return FetchResult(reference, saved.captures, file_errors=saved.failures)


def _load_previous_comment_ids(root: Path, thread_id: str, source: str) -> tuple[str, ...]:
    """Return the ids of the comments that this source returned last time with their text.

    A snapshot that only filled gaps counts together with the one before it.
    """
    comment_ids: dict[str, None] = {}
    headers = [h for h in store.read_headers(root, thread_id) if h.source == source]
    with suppress(errors.ArchiveError):  # a damaged one is reported when it is read for the quote
        for header in reversed(headers):
            capture = snapshot_format.load(header.path).capture
            comments = (thing for thing in capture.things if thing["kind"] == "t1")
            shown = (c for c in comments if get_deletion_reason("t1", c["data"]) is None)
            fullnames = (capture_model.get_fullname(comment) for comment in shown)
            comment_ids |= {fullname[3:]: None for fullname in fullnames if fullname}
            if not capture.request.get(FILLED_KEY):
                break
    return tuple(comment_ids)
