"""`export json`, `ndjson`, `sqlite` and `parquet`: threads as data."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reddit_archive import errors
from reddit_archive.archive import store
from reddit_archive.cli import completion, options, terminal, worker_options
from reddit_archive.files import durable_files
from reddit_archive.workflows.archive_folder import prepare_output
from reddit_archive.workflows.load import stored_threads
from reddit_archive.workflows.wording import format_count

if TYPE_CHECKING:
    from reddit_archive.export.result import ExportResult, ThreadSerializer
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
    """Give what `write` makes of each thread, in their order, by those who are `given` to work.

    `output` is the file to which the caller writes it.
    A thread that can't be read is named and left out; in the end that is a failure. Raises
    DamageFound, NewerFormat.
    """
    from reddit_archive.archive import pseudonyms as masks
    from reddit_archive.export import result as outlet

    root = worker_options.settings(given).archive
    if output is not None:
        prepare_output(root, output)
    wanted = stored_threads(root, threads, reporter=terminal.reporter)
    key = masks.read_or_create_key(root) if pseudonyms and wanted else None
    failed: list[ExportResult] = []
    with worker_options.executor(given) as executor, terminal.waiting("Reading …") as show:
        told = outlet.export_threads(
            root, wanted, write, pseudonym_key=key, is_latest_only=latest, executor=executor
        )
        yield _iter_outputs(root, told, len(wanted), failed, show)
    what = f"{format_count(len(failed), 'thread')} could not be read, and so left out"
    if failed and all(each.unsupported_format for each in failed):
        raise errors.NewerFormatError(
            what, "Install a newer reddit-archive; all others are written."
        )
    if failed:
        raise errors.DamageFoundError(
            what,
            "`archive verify` lists every damage; what could be read is written.",
        )


def _iter_outputs(
    root: Path,
    told: Iterable["ExportResult"],
    count: int,
    failed: list["ExportResult"],
    show: Callable[[str], None],
) -> Iterator[Iterable[Any]]:
    for number, each in enumerate(told, 1):
        show(f"Thread {number:,} of {count:,} …")
        for damage in each.damaged_files:
            terminal.damaged(damage)
        if each.unsupported_format is not None:
            terminal.warn(
                f"Left out: {each.unsupported_format.message}. {each.unsupported_format.hint}"
            )
        if each.output is not None:
            yield each.output
        elif store.list_digests(root, each.thread_id):
            failed.append(each)


def write_chunks(pieces: Iterable[str], output: Path | None) -> None:
    """Write pieces of text to a file, whole or not at all, or else to stdout as they come."""
    if output is not None:
        durable_files.replace_with_chunks(
            (piece.encode("utf-8", "replace") for piece in pieces), output
        )
        return
    pieces = iter(pieces)
    while block := list(islice(pieces, CHUNKS_PER_WRITE)):
        terminal.result("".join(block))
