"""`export csv`: write a table with one row for each post and comment."""

from pathlib import Path
from typing import Any

import click

from reddit_archive.cli import options, worker_options
from reddit_archive.cli.commands.export.data import (
    OUTPUT,
    PSEUDONYMS,
    THREADS,
    write_serialized,
)
from reddit_archive.export import csv_table


@click.command(
    "csv",
    epilog=options.format_examples(
        "archive export csv 9bread1",
        "archive export csv -o texts.csv",
    ),
)
@THREADS
@OUTPUT
@PSEUDONYMS
@worker_options.worker_options
@options.global_options
def csv_command(
    threads: tuple[str, ...], output: Path | None, pseudonyms: bool, **cli_options: Any
) -> None:
    """Write a row for each post and comment of each THREAD, or of all, with its last text.

    The file is UTF-8 with commas. A text that a spreadsheet would run as a formula has an
    apostrophe in front. `archive export ndjson` has all versions of each text.
    """
    write_serialized(
        threads,
        csv_table.iter_lines,
        cli_options,
        pseudonyms=pseudonyms,
        output=output,
        header=csv_table.write_header(),
    )
