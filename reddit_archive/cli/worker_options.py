"""Who works besides the program itself: the options of the commands that can be spread."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from reddit_archive.cli import options
from reddit_archive.cli.options import Command, Number

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from reddit_archive.config import Settings

MOST_WORKERS = 8


def cores() -> int:
    """So many processes make use of this machine; more than a few are held up by its disk."""
    return min(os.cpu_count() or 1, MOST_WORKERS)


def shared(command: Command) -> Command:
    """Add the options that say on how many processors, or machines, the work is done."""
    for option in (
        click.option(
            "--dask", metavar="ADDRESS", help="Work on the Dask cluster of this scheduler."
        ),
        click.option(
            "--workers",
            metavar="N",
            type=Number(1),
            help=f"Work with N processes (default: one a core, {MOST_WORKERS} at most).",
        ),
    ):
        command = option(command)
    return command


def settings(given: Mapping[str, Any]) -> "Settings":
    """The settings, with an archive that other machines can find."""
    loaded = options.settings()
    return replace(loaded, archive=loaded.archive.absolute()) if given["dask"] else loaded


@contextmanager
def executor(given: Mapping[str, Any]) -> "Iterator[Executor | None]":
    """What these options ask for. Raises UsageError for both of them."""
    number, address = given["workers"], given["dask"]
    if number is not None and address is not None:
        raise click.UsageError("--workers and --dask each say who works: give one of them")
    from reddit_archive.parallel import executors

    with executors.open_pool(number or cores(), address) as found:
        yield found
