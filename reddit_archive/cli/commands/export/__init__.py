"""`export`: write threads in formats for other programs and other archives."""

from importlib import import_module
from pathlib import Path

import click

from reddit_archive.cli import completion, options, terminal
from reddit_archive.workflows.archive_folder import prepare_output
from reddit_archive.workflows.load import resolve_threads

FORMATS = {
    "json": "reddit_archive.cli.commands.export.data",
    "ndjson": "reddit_archive.cli.commands.export.data",
    "csv": "reddit_archive.cli.commands.export.data",
    "sqlite": "reddit_archive.cli.commands.export.data",
    "parquet": "reddit_archive.cli.commands.export.data",
    "csl": "reddit_archive.cli.commands.export.citations",
    "bibtex": "reddit_archive.cli.commands.export.citations",
    "bag": "reddit_archive.cli.commands.export",
    "html": "reddit_archive.cli.commands.export.html_site",
}
"""The module of each format; it contains `<format>_command`."""


class FormatGroup(click.Group):
    """Imports the command of a format when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(FORMATS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in FORMATS:
            return None
        command: click.Command = getattr(import_module(FORMATS[cmd_name]), f"{cmd_name}_command")
        return command


@click.group(
    "export",
    cls=FormatGroup,
    short_help="Export threads in other formats.",
    epilog=options.format_examples(
        "archive export bag bags 9bread1",
    ),
)
@options.global_options
def export_command() -> None:
    """Export threads in formats that other programs can read."""


@click.command(
    "bag",
    short_help="BagIt bags, for storage elsewhere or import into another archive.",
    epilog=options.format_examples(
        "archive export bag bags",
    ),
)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.argument("threads", metavar="[THREAD]...", nargs=-1, shell_complete=completion.threads)
@options.global_options
def bag_command(folder: Path, threads: tuple[str, ...]) -> None:
    """Write each THREAD, or all threads, as a BagIt bag in DIR: snapshots, pictures, checksums.

    Prints the folder of each bag. Any BagIt program can check it, and `archive import` imports it.
    """
    from reddit_archive.archive import bags

    root = options.load_settings().archive
    prepare_output(root, folder, is_folder=True)
    for thread_id in resolve_threads(root, threads, reporter=terminal.reporter):
        terminal.print_path(bags.write_bag(root, thread_id, folder))
