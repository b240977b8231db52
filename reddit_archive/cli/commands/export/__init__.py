"""`export`: threads on their way to other programs and other machines."""

from importlib import import_module
from pathlib import Path

import click

from reddit_archive.cli import completion, options, terminal
from reddit_archive.workflows.archive_folder import prepare_output
from reddit_archive.workflows.load import stored_threads

FORMATS = {
    "json": "reddit_archive.cli.commands.export.data",
    "ndjson": "reddit_archive.cli.commands.export.data",
    "sqlite": "reddit_archive.cli.commands.export.data",
    "parquet": "reddit_archive.cli.commands.export.data",
    "csl": "reddit_archive.cli.commands.export.citations",
    "bibtex": "reddit_archive.cli.commands.export.citations",
    "bag": "reddit_archive.cli.commands.export",
    "html": "reddit_archive.cli.commands.export.html_site",
}
"""Each form's module, of which `<form>_command` is imported when it is asked for."""


class FormatGroup(click.Group):
    """Loads a form's command at its first use."""

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
    short_help="Write threads in other forms.",
    epilog=options.examples(
        "archive export bag bags 9bread1",
    ),
)
@options.common
def export_command() -> None:
    """Write threads in forms that other programs read."""


@click.command(
    "bag",
    short_help="BagIt bags, to keep elsewhere or to import on another machine.",
    epilog=options.examples(
        "archive export bag bags",
    ),
)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.argument("threads", metavar="[THREAD]...", nargs=-1, shell_complete=completion.threads)
@options.common
def bag_command(folder: Path, threads: tuple[str, ...]) -> None:
    """Write each THREAD, or all, as a BagIt bag in DIR: its snapshots, pictures and checksums.

    Prints each bag's folder. Any BagIt program can check it; `archive import` takes it in.
    """
    from reddit_archive.archive import bags

    root = options.settings().archive
    prepare_output(root, folder, is_folder=True)
    for thread_id in stored_threads(root, threads, reporter=terminal.reporter):
        terminal.result_path(bags.write_bag(root, thread_id, folder))
