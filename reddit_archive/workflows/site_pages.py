"""Pages of the HTML site: how their quotes are written, and the page of a single thread."""

from pathlib import Path

from reddit_archive import errors
from reddit_archive.archive import store
from reddit_archive.config import Settings
from reddit_archive.export import site
from reddit_archive.export.site import QuoteFormat, page_cache, thread_list
from reddit_archive.quote.blocks.options import DEFAULT_OPTIONS
from reddit_archive.workflows.archive_folder import build_not_archived_error
from reddit_archive.workflows.quote import find_style, find_target
from reddit_archive.workflows.reporter import Reporter, warn_of_damage


def write_page(settings: Settings, thread_id: str, reporter: Reporter) -> Path:
    """Write the page that `export html` writes for a thread, and return its path.

    Raises:
        NotArchivedError: The archive does not have the thread.
        DamageFoundError: All its snapshots are damaged.
        StoreError: The cache can't be written.
    """
    root = settings.archive
    if not store.list_digests(root, thread_id):
        raise build_not_archived_error(root, f"thread {thread_id}")
    folder = page_cache.get_folder(root, thread_id)
    page_cache.make_folder(folder)
    with reporter.progress("Writing the page …"):
        result = site.build(
            root,
            folder,
            [thread_id],
            quote_format=build_quote_format(settings),
            on_damage=warn_of_damage(reporter),
        )
    if not result.thread_count:
        raise errors.DamageFoundError(
            f"all snapshots of the thread {thread_id} are damaged", "Restore a backup."
        )
    return folder / thread_list.get_page_path(thread_id)


def build_quote_format(settings: Settings) -> QuoteFormat:
    """Return how pages write the quotes that readers copy: as `archive quote` writes them.

    Raises InvalidOptionsError for an unknown style or target.
    """
    style = find_style(DEFAULT_OPTIONS, settings)
    return QuoteFormat(
        find_target(DEFAULT_OPTIONS, settings),
        style,
        settings.quote.deepest,
        settings.quote.typography == "literal",
        (style.images or settings.quote.images) == "embed",
    )
