"""`export sqlite`: write threads to an SQLite database."""

from pathlib import Path
from typing import Any

import click

from reddit_archive.cli import options, terminal, worker_options
from reddit_archive.cli.commands.export.data import FILE, PSEUDONYMS, THREADS, open_serialized
from reddit_archive.export import sqlite
from reddit_archive.workflows.wording import format_count


@click.command(
    "sqlite",
    epilog=options.format_examples(
        "archive export sqlite threads.db",
        "archive export sqlite one.db 9bread1 --pseudonyms",
    ),
)
@FILE
@THREADS
@PSEUDONYMS
@worker_options.worker_options
@options.global_options
def sqlite_command(
    file: Path, threads: tuple[str, ...], pseudonyms: bool, **cli_options: Any
) -> None:
    """Write each THREAD, or all threads, to the SQLite database FILE. Replaces an earlier export.

    The tables are posts, comments, versions (all texts of each post and comment) and snapshots.
    """
    with open_serialized(
        threads, sqlite.iter_rows, cli_options, pseudonyms=pseudonyms, output=file
    ) as outputs:
        count = sqlite.write(outputs, file)
    terminal.status(f"Wrote {format_count(count, 'thread')} to {file}.")
