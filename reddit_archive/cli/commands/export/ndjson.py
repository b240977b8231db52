"""`export ndjson`: write a line of JSON for each version of each text."""

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
from reddit_archive.export import ndjson


@click.command(
    "ndjson",
    epilog=options.format_examples(
        "archive export ndjson 9bread1",
        "archive export ndjson -o texts.ndjson --pseudonyms",
    ),
)
@THREADS
@OUTPUT
@PSEUDONYMS
@worker_options.worker_options
@options.global_options
def ndjson_command(
    threads: tuple[str, ...], output: Path | None, pseudonyms: bool, **cli_options: Any
) -> None:
    """Write a line of JSON for each version of each post and comment of each THREAD, or of all.

    `is_latest` marks the text that a quote shows, `lost` a text that Reddit no longer shows, and
    `is_overwrite` a text with which a tool wiped the author's text.
    """
    write_serialized(threads, ndjson.iter_lines, cli_options, pseudonyms=pseudonyms, output=output)
