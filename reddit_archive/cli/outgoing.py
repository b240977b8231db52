"""`export json`, `ndjson`, `sqlite` and `parquet`: threads as data."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reddit_archive import disk, errors, store
from reddit_archive.cli import completing, options, terminal
from reddit_archive.cli.shelf import stored_threads

if TYPE_CHECKING:
    from reddit_archive.outlets.known import Known

BLOCK = 2_000
"""So many pieces are printed together."""
THREADS = click.argument(
    "threads", metavar="[THREAD]...", nargs=-1, shell_complete=completing.threads
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
@options.common
def json_command(
    threads: tuple[str, ...], output: Path | None, latest: bool, pseudonyms: bool
) -> None:
    """Write each THREAD, or all, as the JSON of its page on Reddit: one line for each.

    It has the shape of https://www.reddit.com/comments/ID.json, which other tools read, and so does
    `archive FILE`. Each text is the last that was seen whole. What Reddit shows no longer has
    `_lost`, what became of it, and `_seen_utc`, when it was last seen.
    """
    from reddit_archive.outlets import listing

    with reading(threads, pseudonyms=pseudonyms, latest=latest) as found:
        put((piece for known in found for piece in listing.write(known)), output)


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
@options.common
def ndjson_command(threads: tuple[str, ...], output: Path | None, pseudonyms: bool) -> None:
    """Write a line of JSON for each version of each post and comment of each THREAD, or of all.

    `is_latest` marks the text that a quote shows, `lost` what Reddit shows no longer, and
    `is_overwrite` what was written over a text in order to wipe it.
    """
    from reddit_archive.outlets import lines

    with reading(threads, pseudonyms=pseudonyms) as found:
        put(lines.write(found), output)


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
@options.common
def sqlite_command(file: Path, threads: tuple[str, ...], pseudonyms: bool) -> None:
    """Write each THREAD, or all, into the SQLite database FILE, in place of an earlier export.

    Its tables are posts, comments, versions (every text that each of them had) and snapshots.
    """
    from reddit_archive.outlets import database

    with reading(threads, pseudonyms=pseudonyms) as found:
        count = database.write(found, file)
    terminal.say(f"Wrote {terminal.counted(count, 'thread')} to {file}.")


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
@options.common
def parquet_command(file: Path, threads: tuple[str, ...], pseudonyms: bool) -> None:
    """Write the rows of `archive export ndjson` into the Parquet file FILE.

    It needs pyarrow: pip install 'reddit-archive[parquet]'
    """
    from reddit_archive.outlets import parquet

    with reading(threads, pseudonyms=pseudonyms) as found:
        count = parquet.write(found, file)
    terminal.say(f"Wrote {terminal.counted(count, 'row')} to {file}.")


@contextmanager
def reading(
    given: tuple[str, ...], *, pseudonyms: bool, latest: bool = False
) -> Iterator[Iterator["Known"]]:
    """Give what is known of the threads, one after the other, or of each as it was seen last.

    A thread that can't be read is named and left out; in the end that is a failure. Raises
    DamageFound.
    """
    from reddit_archive import pseudonyms as masks

    root = options.settings().archive
    threads = stored_threads(root, given)
    if not threads:
        terminal.say(f"{root.absolute()} holds no thread yet; `archive save THREAD` adds one.")
    key = masks.key(root) if pseudonyms and threads else None
    failed: list[str] = []
    with terminal.waiting("Reading …") as show:
        yield _known(root, threads, key=key, latest=latest, failed=failed, show=show)
    if failed:
        raise errors.DamageFound(
            f"{terminal.counted(len(failed), 'thread')} could not be read, and so left out",
            "`archive verify` lists every damage; what could be read is written.",
        )


def _known(
    root: Path,
    threads: list[str],
    *,
    key: bytes | None,
    latest: bool,
    failed: list[str],
    show: Callable[[str], None],
) -> Iterator["Known"]:
    from reddit_archive.outlets.known import learn

    for number, thread_id in enumerate(threads, 1):
        show(f"Thread {number:,} of {len(threads):,} …")
        try:
            shots = store.snapshots(root, thread_id, on_damage=terminal.damaged)
        except errors.NewerFormat as error:
            terminal.warn(f"Left out: {error.message}. {error.hint}")
            shots = ()
        if shots:
            yield learn(thread_id, shots[-1:] if latest else shots, key=key)
        elif store.names(root, thread_id):
            failed.append(thread_id)


def put(pieces: Iterable[str], output: Path | None) -> None:
    """Write pieces of text to a file, whole or not at all, or else to stdout as they come."""
    if output is not None:
        disk.replace_pieces((piece.encode("utf-8", "replace") for piece in pieces), output)
        return
    pieces = iter(pieces)
    while block := list(islice(pieces, BLOCK)):
        terminal.result("".join(block))
