"""Find the threads to fill: stored ones, and those in files and folders, which are imported."""

import os
from collections.abc import Iterable
from pathlib import Path

from reddit_archive import errors
from reddit_archive.archive import store
from reddit_archive.config import Settings
from reddit_archive.model import reference as reference_model
from reddit_archive.workflows.import_files import import_files
from reddit_archive.workflows.load import resolve_threads
from reddit_archive.workflows.reporter import Reporter


def import_and_resolve(
    names: Iterable[str], settings: Settings, reporter: Reporter
) -> tuple[list[str], list[errors.ArchiveError]]:
    """Return the ids of the threads that are named, or of all stored threads if none is.

    Files and folders are imported first.

    Returns:
        The ids, and the errors of files that were not imported, or only in part.

    Raises:
        NotArchivedError: The archive does not have a thread.
        NotAThreadError: The only file contains no thread.
        StoreError: The archive can't be written.
    """
    names = [*names]
    paths = [Path(name) for name in names if is_input(name, settings.archive)]
    threads = [name for name in names if Path(name) not in paths]
    if not paths:
        return resolve_threads(settings.archive, threads, reporter=reporter), []
    summary = import_files(paths, settings, reporter)
    if summary.failures and not summary.thread_ids and not threads:
        raise summary.failures[0]
    thread_ids = sorted(summary.thread_ids)
    if threads:
        thread_ids += resolve_threads(settings.archive, threads, reporter=reporter)
    return list(dict.fromkeys(thread_ids)), summary.failures


def is_input(name: str, root: Path) -> bool:
    """Return whether a name is that of a file or folder. A stored thread's id is not.

    Raises InvalidReferenceError if it is not a reference to a thread either.
    """
    has_path = os.path.exists(name)
    try:
        reference = reference_model.parse(name)
    except errors.InvalidReferenceError:
        if has_path:
            return True
        raise
    if reference.file is not None:
        return True
    is_stored = bool(reference.post_id and store.read_headers(root, reference.post_id))
    return has_path and not is_stored
