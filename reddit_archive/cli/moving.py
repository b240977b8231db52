"""`export`: threads on their way to other programs and other machines."""

from pathlib import Path

import click

from reddit_archive import bag
from reddit_archive.cli import options, terminal
from reddit_archive.cli.keeping import stored_threads


@click.group(
    "export",
    short_help="Write threads in other forms.",
    epilog=options.examples(
        "archive export bag bags 9bread1",
    ),
)
@options.common
def export_command() -> None:
    """Write threads in forms that other programs read."""


@export_command.command(
    "bag",
    short_help="BagIt bags, to keep elsewhere or to import on another machine.",
    epilog=options.examples(
        "archive export bag bags",
    ),
)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.argument("threads", metavar="[THREAD]...", nargs=-1)
@options.common
def bag_command(folder: Path, threads: tuple[str, ...]) -> None:
    """Write each THREAD, or all, as a BagIt bag in DIR: its snapshots, pictures and checksums.

    Prints each bag's folder. Any BagIt program can check it; `archive import` takes it in.
    """
    root = options.settings().archive
    for thread_id in stored_threads(root, threads):
        terminal.result(f"{bag.export(root, thread_id, folder)}\n")
