"""Find the threads of share links and of single comments, which only a source knows."""

from collections.abc import Sequence
from pathlib import Path

from reddit_archive import errors
from reddit_archive.archive import link_cache
from reddit_archive.sources.base import Source
from reddit_archive.workflows.batch_result import FATAL_ERRORS, BatchResult, fail
from reddit_archive.workflows.inputs import ListEntry, ThreadRequest, merge_entries


def resolve_requests(
    requests: Sequence[ThreadRequest], source: Source, root: Path
) -> tuple[list[ThreadRequest], list[BatchResult]]:
    """Find the threads of share links and of single comments; the archive remembers them.

    Returns:
        The requests, merged if several name one thread, and the results of those that failed.
    """
    links = link_cache.read(root)
    entries: list[ListEntry] = []
    failed: list[BatchResult] = []
    for request in requests:
        reference, key = request.reference, link_cache.build_key(request.reference)
        try:
            if key is not None and key not in links:
                links[key] = source.resolve(reference)
                link_cache.record(root, [(key, links[key])])
        except errors.FetchError as error:
            if isinstance(error, FATAL_ERRORS):
                raise
            failed.append(fail(request, error))
            continue
        reference = reference if key is None else links[key]
        options = request.options.with_comment(reference.comment_id)
        entries += [ListEntry(reference, options, origin) for origin in request.origins]
    return merge_entries(entries), failed
