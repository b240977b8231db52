"""`export parquet`: write a row for each version of each text to a Parquet file."""

from pathlib import Path
from typing import Any

import click

from reddit_archive.cli import options, terminal, worker_options
from reddit_archive.cli.commands.export.data import FILE, PSEUDONYMS, THREADS, open_serialized
from reddit_archive.export import parquet
from reddit_archive.workflows.wording import format_count


@click.command(
    "parquet",
    epilog=options.format_examples(
        "archive export parquet texts.parquet",
    ),
)
@FILE
@THREADS
@PSEUDONYMS
@worker_options.worker_options
@options.global_options
def parquet_command(
    file: Path, threads: tuple[str, ...], pseudonyms: bool, **cli_options: Any
) -> None:
    """Write the rows of `archive export ndjson` to the Parquet file FILE.

    This needs pyarrow: pip install 'reddit-archive[parquet]'
    """
    with open_serialized(
        threads, parquet.iter_rows, cli_options, pseudonyms=pseudonyms, output=file
    ) as outputs:
        count = parquet.write(outputs, file)
    terminal.status(f"Wrote {format_count(count, 'row')} to {file}.")
