"""`export bag`: write threads as BagIt bags."""

from pathlib import Path

import click

from reddit_archive.archive import bags
from reddit_archive.cli import options, terminal
from reddit_archive.cli.arguments import complete_thread
from reddit_archive.cli.command_settings import load_settings
from reddit_archive.workflows.archive_folder import prepare_output
from reddit_archive.workflows.load import resolve_threads


@click.command(
    "bag",
    epilog=options.format_examples(
        "archive export bag bags",
    ),
)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.argument("threads", metavar="[THREAD]...", nargs=-1, shell_complete=complete_thread)
@options.global_options
def bag_command(folder: Path, threads: tuple[str, ...]) -> None:
    """Write each THREAD, or all threads, as a BagIt bag in DIR: snapshots, pictures, checksums.

    Prints the folder of each bag. Any BagIt program can check it, and `archive import` imports it.
    """
    root = load_settings().archive
    prepare_output(root, folder, is_folder=True)
    for thread_id in resolve_threads(root, threads, reporter=terminal.reporter):
        terminal.print_path(bags.write_bag(root, thread_id, folder))
