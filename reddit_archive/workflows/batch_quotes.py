"""Write the quote of each thread of a batch run to a file of its own."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from reddit_archive import errors
from reddit_archive.archive import store
from reddit_archive.archive.snapshot_reader import gc_paused
from reddit_archive.config import Settings
from reddit_archive.files import durable_files, regular_files
from reddit_archive.model.content import Post
from reddit_archive.quote.blocks.options import QuoteOptions
from reddit_archive.workflows import file_names, local_images
from reddit_archive.workflows.archive_folder import check_owner
from reddit_archive.workflows.batch_result import BatchResult
from reddit_archive.workflows.load import load_thread, parse_time
from reddit_archive.workflows.quote import describe_omitted, write_quote
from reddit_archive.workflows.reporter import Reporter


def write_quotes(
    results: Sequence[BatchResult],
    folder: Path,
    template: str,
    defaults: QuoteOptions,
    settings: Settings,
    reporter: Reporter,
) -> Iterator[tuple[BatchResult, errors.ArchiveError]]:
    """Write the quotes of all stored threads, where their bytes change; yield those that fail.

    Args:
        results: The results of a batch run.
        folder: Where to write.
        template: How the files are named; see `file_names`.
        defaults: The target, style and images for threads whose list does not say them.
        settings: The settings.
        reporter: Receives warnings.
    """
    stored = [
        result
        for result in results
        if result.thread_id
        and result.status != "failed"
        and store.read_headers(settings.archive, result.thread_id)
    ]
    posts = [
        (_load_post(settings, result.thread_id, reporter), result.thread_id) for result in stored
    ]
    paths = [*file_names.build_paths(template, posts)]
    durable_files.remove_orphaned_temps_beside(folder / path for path in paths)
    for result, path in zip(stored, paths, strict=True):
        options = result.request.options.with_defaults(defaults)
        try:
            _write_quote(result.thread_id, options, folder / path, settings, reporter)
        except errors.ArchiveError as error:
            yield result, error


def _load_post(settings: Settings, thread_id: str, reporter: Reporter) -> Post | None:
    return load_thread(settings.archive, thread_id, reporter=reporter).thread.post_metadata


@gc_paused()
def _write_quote(
    thread_id: str, options: QuoteOptions, path: Path, settings: Settings, reporter: Reporter
) -> None:
    check_owner(settings.archive, path)
    until = parse_time(options.as_of) if options.as_of is not None else None
    loaded = load_thread(settings.archive, thread_id, until=until, reporter=reporter)
    durable_files.make_folder(path.parent)
    text = write_quote(loaded, options, settings, output=str(path))
    if omitted := describe_omitted(loaded, options):
        reporter.status(f"{path}: {omitted}.")
    local_images.copy_images(loaded, text, str(path))
    data = text.encode("utf-8", "replace")
    if not path.is_file() or regular_files.read_bytes(path) != data:
        durable_files.replace(data, path)
