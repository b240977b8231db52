"""`export json`, `ndjson`, `csv`, `sqlite` and `parquet`: export threads as data."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reddit_archive.cli import completion, options, terminal, worker_options
from reddit_archive.workflows.wording import format_count

if TYPE_CHECKING:
    from reddit_archive.export.result import ThreadSerializer
    from reddit_archive.export.thread_data import ThreadData

CHUNKS_PER_WRITE = 2_000
"""How many chunks of text one write to stdout joins."""
THREADS = click.argument(
    "threads", metavar="[THREAD]...", nargs=-1, shell_complete=completion.threads
)
FILE = click.argument("file", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
OUTPUT = click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write to FILE.",
)
PSEUDONYMS = click.option("--pseudonyms", is_flag=True, help="Replace user names with pseudonyms.")


@click.command(
    "json",
    short_help="Reddit's JSON, for other tools.",
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
    from reddit_archive.export import reddit_json

    with open_serialized(
        threads,
        reddit_json.iter_chunks,
        cli_options,
        pseudonyms=pseudonyms,
        latest=latest,
        output=output,
    ) as outputs:
        write_chunks(chain.from_iterable(outputs), output)


@click.command(
    "ndjson",
    short_help="One line of JSON per version of each text.",
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
    from reddit_archive.export import ndjson

    with open_serialized(
        threads, ndjson.iter_lines, cli_options, pseudonyms=pseudonyms, output=output
    ) as outputs:
        write_chunks(chain.from_iterable(outputs), output)


@click.command(
    "csv",
    short_help="A table for spreadsheets, with one row per text.",
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
    from reddit_archive.export import csv_table

    with open_serialized(
        threads, csv_table.iter_lines, cli_options, pseudonyms=pseudonyms, output=output
    ) as outputs:
        write_chunks(chain([csv_table.write_header()], chain.from_iterable(outputs)), output)


@click.command(
    "sqlite",
    short_help="An SQLite database, for SQL and Datasette.",
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
    from reddit_archive.export import sqlite

    with open_serialized(
        threads, sqlite.iter_rows, cli_options, pseudonyms=pseudonyms, output=file
    ) as outputs:
        count = sqlite.write(outputs, file)
    terminal.status(f"Wrote {format_count(count, 'thread')} to {file}.")


@click.command(
    "parquet",
    short_help="A Parquet file, for pandas, Polars and DuckDB.",
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
    from reddit_archive.export import parquet

    with open_serialized(
        threads, parquet.iter_rows, cli_options, pseudonyms=pseudonyms, output=file
    ) as outputs:
        count = parquet.write(outputs, file)
    terminal.status(f"Wrote {format_count(count, 'row')} to {file}.")


@contextmanager
def open_thread_data(
    threads: tuple[str, ...], *, pseudonyms: bool, output: Path | None
) -> Iterator[Iterator["ThreadData"]]:
    """Give the data of each thread, read by this process. See `open_serialized`."""
    one_process = {"workers": 1, "dask": None}
    with open_serialized(
        threads, lambda data: [data], one_process, pseudonyms=pseudonyms, output=output
    ) as outputs:
        yield chain.from_iterable(outputs)


@contextmanager
def open_serialized(
    threads: tuple[str, ...],
    serializer: "ThreadSerializer",
    cli_options: Mapping[str, Any],
    *,
    pseudonyms: bool,
    output: Path | None,
    latest: bool = False,
) -> Iterator[Iterator[Iterable[Any]]]:
    """Give the output of a serializer for each thread; see `workflows.export.serialize_threads`."""
    from reddit_archive.workflows.export import serialize_threads

    root = worker_options.load_settings(cli_options).archive
    with (
        worker_options.open_executor(cli_options) as executor,
        serialize_threads(
            root,
            threads,
            serializer,
            terminal.reporter,
            output=output,
            pseudonyms=pseudonyms,
            is_latest_only=latest,
            executor=executor,
        ) as outputs,
    ):
        yield outputs


def write_chunks(chunks: Iterable[str], output: Path | None) -> None:
    """Write chunks of text to a file, all or nothing, or to stdout as they come."""
    if output is not None:
        from reddit_archive.workflows.export import write_text

        write_text(chunks, output)
        return
    chunks = iter(chunks)
    while block := list(islice(chunks, CHUNKS_PER_WRITE)):
        terminal.print_result("".join(block))
