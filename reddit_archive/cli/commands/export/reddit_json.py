"""`export json`: write threads as Reddit's JSON."""

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
from reddit_archive.export import reddit_json


@click.command(
    "json",
    epilog=options.format_examples(
        "archive export json 9bread1",
        "archive export json -o threads.ndjson",
    ),
)
@THREADS
@OUTPUT
@click.option(
    "--latest", is_flag=True, help="Write the latest state, with [deleted] for deleted texts."
)
@PSEUDONYMS
@worker_options.worker_options
@options.global_options
def json_command(
    threads: tuple[str, ...],
    output: Path | None,
    latest: bool,
    pseudonyms: bool,
    **cli_options: Any,
) -> None:
    """Write each THREAD, or all threads, as the JSON of its page on Reddit, one thread per line.

    The format is that of https://www.reddit.com/comments/ID.json, which other tools and `archive
    FILE` can read. Each text is the last one that its author wrote. For texts that Reddit no longer
    shows, `_lost` says what happened and `_seen_utc` when the text was last seen.
    """
    write_serialized(
        threads,
        reddit_json.iter_chunks,
        cli_options,
        pseudonyms=pseudonyms,
        output=output,
        latest=latest,
    )
