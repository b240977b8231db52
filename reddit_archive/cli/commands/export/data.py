"""`export json`, `ndjson`, `sqlite` and `parquet`: threads as data."""

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
"""So many pieces are printed together."""
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
PSEUDONYMS = click.option("--pseudonyms", is_flag=True, help="Put pseudonyms in place of names.")


@click.command(
    "json",
    short_help="Reddit's own JSON, for other tools.",
    epilog=options.examples(
        "archive export json 9bread1",
        "archive export json -o threads.ndjson",
    ),
)
@THREADS
@OUTPUT
@click.option("--latest", is_flag=True, help="As the last look found it, [deleted] for deleted.")
@PSEUDONYMS
@worker_options.shared
@options.common
def json_command(
    threads: tuple[str, ...], output: Path | None, latest: bool, pseudonyms: bool, **given: Any
) -> None:
    """Write each THREAD, or all, as the JSON of its page on Reddit: one line for each.

    It has the shape of https://www.reddit.com/comments/ID.json, which other tools read, and so does
    `archive FILE`. Each text is the last that was seen whole. What Reddit shows no longer has
    `_lost`, what became of it, and `_seen_utc`, when it was last seen.
    """
    from reddit_archive.export import reddit_json

    with open_serialized(
        threads, reddit_json.iter_chunks, given, pseudonyms=pseudonyms, latest=latest, output=output
    ) as found:
        write_chunks(chain.from_iterable(found), output)


@click.command(
    "ndjson",
    short_help="A line of JSON for each version of each text.",
    epilog=options.examples(
        "archive export ndjson 9bread1",
        "archive export ndjson -o texts.ndjson --pseudonyms",
    ),
)
@THREADS
@OUTPUT
@PSEUDONYMS
@worker_options.shared
@options.common
def ndjson_command(
    threads: tuple[str, ...], output: Path | None, pseudonyms: bool, **given: Any
) -> None:
    """Write a line of JSON for each version of each post and comment of each THREAD, or of all.

    `is_latest` marks the text that a quote shows, `lost` what Reddit shows no longer, and
    `is_overwrite` what was written over a text in order to wipe it.
    """
    from reddit_archive.export import ndjson

    with open_serialized(
        threads, ndjson.iter_lines, given, pseudonyms=pseudonyms, output=output
    ) as found:
        write_chunks(chain.from_iterable(found), output)


@click.command(
    "sqlite",
    short_help="A database, for Datasette and SQL.",
    epilog=options.examples(
        "archive export sqlite threads.db",
        "archive export sqlite one.db 9bread1 --pseudonyms",
    ),
)
@FILE
@THREADS
@PSEUDONYMS
@worker_options.shared
@options.common
def sqlite_command(file: Path, threads: tuple[str, ...], pseudonyms: bool, **given: Any) -> None:
    """Write each THREAD, or all, into the SQLite database FILE, in place of an earlier export.

    Its tables are posts, comments, versions (every text that each of them had) and snapshots.
    """
    from reddit_archive.export import sqlite

    with open_serialized(
        threads, sqlite.iter_rows, given, pseudonyms=pseudonyms, output=file
    ) as found:
        count = sqlite.write(found, file)
    terminal.say(f"Wrote {format_count(count, 'thread')} to {file}.")


@click.command(
    "parquet",
    short_help="A table for pandas, Polars, DuckDB.",
    epilog=options.examples(
        "archive export parquet texts.parquet",
    ),
)
@FILE
@THREADS
@PSEUDONYMS
@worker_options.shared
@options.common
def parquet_command(file: Path, threads: tuple[str, ...], pseudonyms: bool, **given: Any) -> None:
    """Write the rows of `archive export ndjson` into the Parquet file FILE.

    It needs pyarrow: pip install 'reddit-archive[parquet]'
    """
    from reddit_archive.export import parquet

    with open_serialized(
        threads, parquet.iter_rows, given, pseudonyms=pseudonyms, output=file
    ) as found:
        count = parquet.write(found, file)
    terminal.say(f"Wrote {format_count(count, 'row')} to {file}.")


@contextmanager
def open_thread_data(
    given: tuple[str, ...], *, pseudonyms: bool, output: Path | None
) -> Iterator[Iterator["ThreadData"]]:
    """Give what is known of the threads, one after the other. Raises what `telling` does."""
    alone = {"workers": 1, "dask": None}
    with open_serialized(
        given, lambda known: [known], alone, pseudonyms=pseudonyms, output=output
    ) as found:
        yield chain.from_iterable(found)


@contextmanager
def open_serialized(
    threads: tuple[str, ...],
    write: "ThreadSerializer",
    given: Mapping[str, Any],
    *,
    pseudonyms: bool,
    output: Path | None,
    latest: bool = False,
) -> Iterator[Iterator[Iterable[Any]]]:
    """Give what a serializer makes of each thread; see `workflows.export.serialize_threads`."""
    from reddit_archive.workflows.export import serialize_threads

    root = worker_options.settings(given).archive
    with (
        worker_options.executor(given) as executor,
        serialize_threads(
            root,
            threads,
            write,
            terminal.reporter,
            output=output,
            pseudonyms=pseudonyms,
            is_latest_only=latest,
            executor=executor,
        ) as outputs,
    ):
        yield outputs


def write_chunks(pieces: Iterable[str], output: Path | None) -> None:
    """Write pieces of text to a file, whole or not at all, or else to stdout as they come."""
    if output is not None:
        from reddit_archive.workflows.export import write_text

        write_text(pieces, output)
        return
    pieces = iter(pieces)
    while block := list(islice(pieces, CHUNKS_PER_WRITE)):
        terminal.result("".join(block))
