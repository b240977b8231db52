"""What the exports of data share: arguments, options, reading threads and writing text."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import Any

import click

from reddit_archive.cli import terminal, worker_options
from reddit_archive.cli.arguments import complete_thread
from reddit_archive.export.result import ThreadSerializer
from reddit_archive.export.thread_data import ThreadData
from reddit_archive.workflows.export import serialize_threads, write_text

CHUNKS_PER_WRITE = 2_000
"""How many chunks of text one write to stdout joins."""
THREADS = click.argument("threads", metavar="[THREAD]...", nargs=-1, shell_complete=complete_thread)
FILE = click.argument("file", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
OUTPUT = click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write to FILE.",
)
PSEUDONYMS = click.option("--pseudonyms", is_flag=True, help="Replace user names with pseudonyms.")


@contextmanager
def open_thread_data(
    threads: tuple[str, ...], *, pseudonyms: bool, output: Path | None
) -> Iterator[Iterator[ThreadData]]:
    """Give the data of each thread, read by this process. See `open_serialized`."""
    one_process = {"workers": 1, "dask": None}
    with open_serialized(
        threads, lambda data: [data], one_process, pseudonyms=pseudonyms, output=output
    ) as outputs:
        yield chain.from_iterable(outputs)


@contextmanager
def open_serialized(
    threads: tuple[str, ...],
    serializer: ThreadSerializer,
    cli_options: Mapping[str, Any],
    *,
    pseudonyms: bool,
    output: Path | None,
    latest: bool = False,
) -> Iterator[Iterator[Iterable[Any]]]:
    """Give the output of a serializer for each thread; see `workflows.export.serialize_threads`."""
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


def write_serialized(
    threads: tuple[str, ...],
    serializer: ThreadSerializer,
    cli_options: Mapping[str, Any],
    *,
    pseudonyms: bool,
    output: Path | None,
    latest: bool = False,
    header: str = "",
) -> None:
    """Write a header and the output of a serializer that returns text; see `open_serialized`."""
    with open_serialized(
        threads, serializer, cli_options, pseudonyms=pseudonyms, output=output, latest=latest
    ) as outputs:
        write_chunks(chain([header], chain.from_iterable(outputs)), output)


def write_chunks(chunks: Iterable[str], output: Path | None) -> None:
    """Write chunks of text to a file, all or nothing, or to stdout as they come."""
    if output is not None:
        write_text(chunks, output)
        return
    chunks = iter(chunks)
    while block := list(islice(chunks, CHUNKS_PER_WRITE)):
        terminal.print_result("".join(block))
