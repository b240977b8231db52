"""`export html`: write the archive as a folder of pages for a browser."""

from pathlib import Path
from typing import Any

import click

from reddit_archive.archive.pseudonyms import read_or_create_key
from reddit_archive.cli import options, terminal, worker_options
from reddit_archive.cli.commands.export.data import PSEUDONYMS
from reddit_archive.export import site
from reddit_archive.workflows.archive_folder import prepare_output
from reddit_archive.workflows.load import resolve_threads
from reddit_archive.workflows.site_pages import build_quote_format
from reddit_archive.workflows.wording import format_count


@click.command(
    "html",
    epilog=options.format_examples(
        "archive export html site",
        "archive export html site 9bread1 --pseudonyms",
    ),
)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.argument("threads", metavar="[THREAD]...", nargs=-1)
@PSEUDONYMS
@worker_options.worker_options
@options.global_options
def html_command(
    folder: Path, threads: tuple[str, ...], pseudonyms: bool, **cli_options: Any
) -> None:
    """Write each THREAD, or all threads, as a page in DIR, with lists, search and pictures.

    Prints the page to open. Another run writes only what changed, and removes the pages of threads
    that are no longer in the archive or that this run does not export. It changes no other file in
    DIR.
    """
    settings = worker_options.load_settings(cli_options)
    root = settings.archive
    prepare_output(root, folder, is_folder=True)
    thread_ids = resolve_threads(root, threads, reporter=terminal.reporter)
    with (
        worker_options.open_executor(cli_options) as executor,
        terminal.progress("Writing pages …") as update,
    ):
        result = site.build(
            root,
            folder,
            thread_ids,
            quote_format=build_quote_format(settings),
            pseudonym_key=read_or_create_key(root) if pseudonyms and thread_ids else None,
            executor=executor,
            on_damage=terminal.warn_damaged,
            on_thread=lambda number: update(
                f"Writing pages: {number:,} of {len(thread_ids):,} threads"
            ),
        )
    terminal.status(
        f"{format_count(result.thread_count, 'thread')}, {result.rendered_count:,} new or changed; "
        f"{format_count(result.written_count, 'file')} written, {result.removed_count:,} removed."
    )
    terminal.print_path(result.index)
