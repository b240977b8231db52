"""`open`: show a thread's page in the browser."""

import webbrowser
from pathlib import Path

import click

from reddit_archive import errors
from reddit_archive.cli import options, terminal
from reddit_archive.cli.arguments import thread_argument
from reddit_archive.cli.command_settings import load_settings
from reddit_archive.model import reference as reference_model
from reddit_archive.workflows.load import resolve_reference
from reddit_archive.workflows.site_pages import write_page


@click.command(
    "open",
    epilog=options.format_examples(
        "archive open 9bread1 --print",
        "archive open t1_zkeep03 --print",
    ),
)
@thread_argument
@click.option("--print", "is_printed", is_flag=True, help="Print the page's file; open nothing.")
@options.global_options
def open_command(thread: str, is_printed: bool) -> None:
    """Show the page of THREAD in the browser; for a comment's address, at that comment.

    The page is the one that `archive export html` writes. It needs no network.
    """
    settings = load_settings()
    reference = resolve_reference(settings.archive, reference_model.parse(thread))
    page = write_page(settings, reference.post_id or "", terminal.reporter)
    if is_printed:
        terminal.print_path(page)
    else:
        _show(page, f"#t1_{reference.comment_id}" if reference.comment_id else "")


def _show(page: Path, fragment: str) -> None:
    try:
        is_open = webbrowser.open(f"{page.as_uri()}{fragment}")
    except (webbrowser.Error, OSError):
        is_open = False
    if not is_open:
        raise errors.ArchiveError("no browser could be opened", f"The page is {page}")
    terminal.status(f"Opened {page}.")
