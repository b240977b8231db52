"""Serialize stored threads for exports; a thread that can't be read is left out and reported."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from reddit_archive import errors
from reddit_archive.archive import pseudonyms as pseudonyms_module
from reddit_archive.archive import store
from reddit_archive.export.result import ExportResult, ThreadSerializer, export_threads
from reddit_archive.files import durable_files
from reddit_archive.workflows.archive_folder import prepare_output
from reddit_archive.workflows.load import resolve_threads
from reddit_archive.workflows.reporter import Reporter, warn_of_damage
from reddit_archive.workflows.wording import format_count


@contextmanager
def serialize_threads(
    root: Path,
    names: Sequence[str],
    serialize: ThreadSerializer,
    reporter: Reporter,
    *,
    output: Path | None = None,
    pseudonyms: bool = False,
    is_latest_only: bool = False,
    executor: Executor | None = None,
) -> Iterator[Iterator[Iterable[Any]]]:
    """Give what a serializer makes of each thread, in their order.

    Args:
        root: The archive.
        names: The threads, or none for all.
        serialize: Makes the output of a thread.
        reporter: Receives progress, and a warning for each damaged file.
        output: The file to which the caller writes.
        pseudonyms: Whether to replace names with pseudonyms.
        is_latest_only: Whether to leave earlier versions out.
        executor: Reads threads if there are many; None for this process alone.

    Raises:
        DamageFoundError: At the end, if threads were left out.
        NewerFormatError: At the end, if threads were left out that a newer version wrote.
        NotArchivedError: The archive does not have a thread.
        StoreError: The output can't be written.
    """
    if output is not None:
        prepare_output(root, output)
    thread_ids = resolve_threads(root, names, reporter=reporter)
    has_key = pseudonyms and bool(thread_ids)
    failed: list[ExportResult] = []
    with reporter.progress("Reading …") as update:
        results = export_threads(
            root,
            thread_ids,
            serialize,
            pseudonym_key=pseudonyms_module.read_or_create_key(root) if has_key else None,
            is_latest_only=is_latest_only,
            executor=executor,
        )
        yield _iter_outputs(root, results, len(thread_ids), failed, reporter, update)
    message = f"{format_count(len(failed), 'thread')} could not be read and were left out"
    if failed and all(result.unsupported_format for result in failed):
        raise errors.NewerFormatError(
            message, "Install a newer reddit-archive; all others are written."
        )
    if failed:
        raise errors.DamageFoundError(
            message, "`archive verify` lists all damaged files; what could be read is written."
        )


def _iter_outputs(
    root: Path,
    results: Iterable[ExportResult],
    count: int,
    failed: list[ExportResult],
    reporter: Reporter,
    update: Callable[[str], None],
) -> Iterator[Iterable[Any]]:
    for number, result in enumerate(results, 1):
        update(f"Thread {number:,} of {count:,} …")
        for damaged_file in result.damaged_files:
            warn_of_damage(reporter)(damaged_file)
        if error := result.unsupported_format:
            reporter.warn(f"Left out: {error.message}. {error.hint}")
        if result.output is not None:
            yield result.output
        elif store.list_digests(root, result.thread_id):
            failed.append(result)


def write_text(parts: Iterable[str], output: Path) -> None:
    """Write parts of a text to a file, completely or not at all. Raises StoreError."""
    durable_files.replace_with_chunks((part.encode("utf-8", "replace") for part in parts), output)
