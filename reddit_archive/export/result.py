"""Convert the threads of an archive for an export, in this process or by workers.

Only this process writes the output.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from reddit_archive import errors
from reddit_archive.archive import shared_folder_check, store
from reddit_archive.archive.store import DamagedFile
from reddit_archive.export.thread_data import ThreadData, build_thread_data
from reddit_archive.parallel import ordered_map

ThreadSerializer = Callable[[ThreadData], Iterable[Any]]


@dataclass(frozen=True, slots=True)
class ExportResult:
    """The output for a thread; None if no snapshot could be read, with the reasons."""

    thread_id: str
    output: Iterable[Any] | None
    damaged_files: tuple[DamagedFile, ...] = ()
    unsupported_format: errors.NewerFormatError | None = None


def export_threads(
    root: Path,
    thread_ids: Sequence[str],
    serialize: ThreadSerializer,
    *,
    pseudonym_key: bytes | None = None,
    is_latest_only: bool = False,
    executor: Executor | None = None,
) -> Iterator[ExportResult]:
    """Load threads and convert each one.

    Args:
        root: The archive.
        thread_ids: The threads, in the order of the output.
        serialize: Converts one thread to lines or rows.
        pseudonym_key: The key for pseudonyms, which then replace names.
        is_latest_only: Use only the last snapshot of each thread.
        executor: Converts several threads at once. Without it, or for a few threads, the output is
            converted while it is read.
    """
    export_one = partial(_export_thread, root, serialize, pseudonym_key, is_latest_only)
    if executor is None or len(thread_ids) <= ordered_map.MAX_LOCAL_THREADS:
        yield from map(export_one, thread_ids)
        return
    for result in ordered_map.map_ordered(
        partial(_export_to_list, export_one), thread_ids, executor, chunk_size=4
    ):
        if result.output is None and not result.damaged_files and result.unsupported_format is None:
            shared_folder_check.require_no_snapshots(root, result.thread_id)
        yield result


def _export_thread(
    root: Path,
    serialize: ThreadSerializer,
    pseudonym_key: bytes | None,
    is_latest_only: bool,
    thread_id: str,
) -> ExportResult:
    damaged_files: list[DamagedFile] = []
    try:
        snapshots = store.load_snapshots(root, thread_id, on_damage=damaged_files.append)
    except errors.NewerFormatError as error:
        return ExportResult(thread_id, None, tuple(damaged_files), error)
    if not snapshots:
        return ExportResult(thread_id, None, tuple(damaged_files))
    thread_data = build_thread_data(
        thread_id, snapshots[-1:] if is_latest_only else snapshots, pseudonym_key=pseudonym_key
    )
    return ExportResult(thread_id, serialize(thread_data), tuple(damaged_files))


def _export_to_list(export_one: Callable[[str], ExportResult], thread_id: str) -> ExportResult:
    result = export_one(thread_id)
    return result if result.output is None else replace(result, output=[*result.output])
