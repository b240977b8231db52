"""`reindex`: rebuild the index from the snapshots."""

from typing import Any

import click

from reddit_archive.archive import store
from reddit_archive.archive.index import maintenance
from reddit_archive.cli import options, terminal, worker_options
from reddit_archive.workflows.archive_folder import empty, opened
from reddit_archive.workflows.wording import format_count


@click.command(
    "reindex",
    short_help="Rebuild the index.",
    epilog=options.examples(
        "archive reindex",
    ),
)
@worker_options.shared
@options.common
def reindex_command(**cli_options: Any) -> None:
    """Rebuild the index from the snapshots. You can delete the index at any time."""
    root = opened(worker_options.settings(cli_options).archive)
    with worker_options.executor(cli_options) as executor, terminal.waiting("Reading …"):
        count = maintenance.rebuild(root, on_damage=terminal.damaged, executor=executor)
    if any(store.iter_thread_ids(root)):
        terminal.say(f"Indexed {format_count(count, 'snapshot')}.")
    else:
        terminal.say(empty(root))
