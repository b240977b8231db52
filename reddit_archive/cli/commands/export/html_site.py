"""`export html`: the archive as pages to read, in a folder that a browser opens."""

from pathlib import Path
from typing import Any

import click

from reddit_archive.cli import options, terminal, worker_options
from reddit_archive.workflows.archive_folder import prepare_output
from reddit_archive.workflows.load import stored_threads
from reddit_archive.workflows.wording import format_count


@click.command(
    "html",
    short_help="Pages to read and search in a browser, without server or network.",
    epilog=options.examples(
        "archive export html site",
        "archive export html site 9bread1 --pseudonyms",
    ),
)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.argument("threads", metavar="[THREAD]...", nargs=-1)
@click.option("--pseudonyms", is_flag=True, help="Put pseudonyms in place of names.")
@worker_options.shared
@options.common
def html_command(folder: Path, threads: tuple[str, ...], pseudonyms: bool, **given: Any) -> None:
    """Write each THREAD, or all, as a page in DIR, with lists, search and copies of the pictures.

    Prints the page to open. Run again, it writes what changed, and removes the pages of threads
    that are no longer in the archive or not among those named. It touches no other file in DIR.
    """
    from reddit_archive.archive import pseudonyms as naming
    from reddit_archive.export import site
    from reddit_archive.workflows.site_pages import build_quote_format

    settings = worker_options.settings(given)
    root = settings.archive
    prepare_output(root, folder, is_folder=True)
    wanted = stored_threads(root, threads, reporter=terminal.reporter)
    with worker_options.executor(given) as executor, terminal.waiting("Writing pages …") as now:
        built = site.build(
            root,
            folder,
            wanted,
            quote_format=build_quote_format(settings),
            pseudonym_key=naming.read_or_create_key(root) if pseudonyms and wanted else None,
            executor=executor,
            on_damage=terminal.damaged,
            on_thread=lambda number: now(f"Writing pages: {number:,} of {len(wanted):,} threads"),
        )
    terminal.say(
        f"{format_count(built.thread_count, 'thread')}, {built.rendered_count:,} of "
        "them new or changed; "
        f"{format_count(built.written_count, 'file')} written, {built.removed_count:,} removed."
    )
    terminal.result_path(built.index)
