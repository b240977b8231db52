"""Options for commands that can run in several processes or on a Dask cluster."""

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import click

from reddit_archive.cli import command_settings
from reddit_archive.cli.options import Command, Number
from reddit_archive.config import Settings
from reddit_archive.parallel import executors

MAX_WORKERS = 8


def count_default_workers() -> int:
    """Return one process per core, but no more than one disk can serve."""
    return min(os.cpu_count() or 1, MAX_WORKERS)


def worker_options(command: Command) -> Command:
    """Add --workers and --dask to a command."""
    for option in (
        click.option(
            "--dask", metavar="ADDRESS", help="Use the Dask cluster with this scheduler address."
        ),
        click.option(
            "--workers",
            metavar="N",
            type=Number(1),
            help=f"Use N processes (default: one per core, at most {MAX_WORKERS}).",
        ),
    ):
        command = option(command)
    return command


def load_settings(cli_options: Mapping[str, Any]) -> Settings:
    """Load the settings; with --dask the archive's path is absolute, for other machines."""
    loaded = command_settings.load_settings()
    if cli_options["dask"]:
        return replace(loaded, archive=loaded.archive.absolute())
    return loaded


@contextmanager
def open_executor(cli_options: Mapping[str, Any]) -> Iterator[Executor | None]:
    """Open the executor that --workers or --dask selects; None for a single process.

    Raises UsageError if both options are given.
    """
    worker_count, address = cli_options["workers"], cli_options["dask"]
    if worker_count is not None and address is not None:
        raise click.UsageError("--workers and --dask can't be combined; give one of them")
    with executors.open_pool(worker_count or count_default_workers(), address) as pool:
        yield pool
