"""`reindex`: rebuild the index from the snapshots."""

from typing import Any

import click

from reddit_archive.archive import store
from reddit_archive.archive.index import maintenance
from reddit_archive.cli import options, terminal, worker_options
from reddit_archive.workflows.archive_folder import describe_empty, require_archive
from reddit_archive.workflows.wording import format_count


@click.command(
    "reindex",
    epilog=options.format_examples(
        "archive reindex",
    ),
)
@worker_options.worker_options
@options.global_options
def reindex_command(**cli_options: Any) -> None:
    """Rebuild the index from the snapshots. You can delete the index at any time."""
    root = require_archive(worker_options.load_settings(cli_options).archive)
    with worker_options.open_executor(cli_options) as executor, terminal.progress("Reading …"):
        count = maintenance.rebuild(root, on_damage=terminal.warn_damaged, executor=executor)
    if any(store.iter_thread_ids(root)):
        terminal.status(f"Indexed {format_count(count, 'snapshot')}.")
    else:
        terminal.status(describe_empty(root))
