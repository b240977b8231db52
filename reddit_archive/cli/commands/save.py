"""`save`: fetch, store, quote."""

from pathlib import Path
from typing import Any

import click

from reddit_archive import errors
from reddit_archive.archive.snapshot_reader import gc_paused
from reddit_archive.cli import completion, options, terminal
from reddit_archive.cli.commands.quote import print_quote
from reddit_archive.cli.save_report import not_fetched, tell
from reddit_archive.config import Settings
from reddit_archive.model import reference
from reddit_archive.model.reference import Reference
from reddit_archive.quote import Selection
from reddit_archive.sources.base import FetchRequest
from reddit_archive.workflows import save
from reddit_archive.workflows.archive_folder import check_writable, prepare_output
from reddit_archive.workflows.load import Outcome

MOST_ADDRESSES = 3


@click.command(
    "save",
    short_help="Fetch a thread, store it, print the quote.",
    epilog=options.examples(
        "archive save examples/short.json --top 2",
        "archive save examples/everything.json --no-media --comment zdeep03 --replies all",
    ),
)
@click.argument(
    "thread", metavar="THREAD", nargs=-1, required=True, shell_complete=completion.threads
)
@options.selecting
@options.sourcing
@click.option(
    "--first-page",
    is_flag=True,
    help="Fetch little: the first page, or just --comment with what it answers.",
)
@click.option("--recover", is_flag=True, help="Look for lost texts in Arctic Shift.")
@click.option("--dry-run", is_flag=True, help="Say how many requests it takes; save nothing.")
@click.option("--require-complete", is_flag=True, help="Exit with 3 when comments are missing.")
@options.common
@gc_paused()
def save_command(
    thread: tuple[str, ...],
    first_page: bool,
    recover: bool,
    dry_run: bool,
    require_complete: bool,
    **given: Any,
) -> None:
    """Fetch THREAD, store a snapshot of it, and print the quote.

    The whole thread is saved; the quote is the post alone unless you select comments. Several saved
    files of one thread are put together.
    """
    settings = save.configured(options.settings(), given)
    if given["output"]:
        prepare_output(settings.archive, Path(given["output"]))
    wanted = options.selection(given)
    pointed = _references(thread)
    wish = FetchRequest(wanted.comments, is_whole=not first_page, reply_depth=wanted.replies)
    if dry_run:
        _estimate(pointed[0], wish, settings)
        return
    files = [each.file for each in pointed if each.file is not None]
    failures: tuple[errors.NotAThreadError, ...] = ()
    if files:
        outcome, failures = _save_files(files, settings)
    else:
        outcome, wanted = _save(pointed[0], wanted, wish, settings)
    if recover:
        outcome = save.recover(outcome, settings)
    try:
        print_quote(outcome, wanted, settings, given)
    finally:
        tell(outcome, wanted)
    if require_complete and not outcome.thread.is_complete:
        raise errors.IncompleteThreadError(
            f"the thread is not complete: {not_fetched(outcome.thread.missing_comments)}",
            "What came is saved; run it again to look for more.",
        )
    if failures:
        raise errors.IncompleteThreadError(
            f"{failures[0].message}; what comes before the damage is saved", failures[0].hint
        )


def _references(threads: tuple[str, ...]) -> list[Reference]:
    """Understand what names the thread: one reference, or several saved files."""
    pointed = [reference.parse(thread) for thread in threads]
    if len(pointed) > 1 and not all(each.file for each in pointed):
        raise click.UsageError(
            f"{len(pointed)} threads are given, and this takes one, or several saved files of one; "
            "for many: archive batch LIST"
        )
    return pointed


def _save(
    pointed: Reference, wanted: Selection, wish: FetchRequest, settings: Settings
) -> tuple[Outcome, Selection]:
    """Capture the thread and store it; what is no longer to be had comes from the archive.

    Gives back the selection with the comment that the reference turned out to name.
    """
    check_writable(settings.archive)
    with save.progress() as show:
        asked = save.source(settings, show=show)
        fetched = save.fetch(asked, pointed, wish, settings.archive)
    wanted = wanted.with_comment(fetched.pointed.comment_id)
    if fetched.taken is None:
        thread_id = fetched.pointed.post_id or ""
        return save.stored(settings.archive, thread_id, fetched.gone), wanted
    return save.keep(fetched.taken, settings), wanted


def _save_files(
    files: list[str], settings: Settings
) -> tuple[Outcome, tuple[errors.NotAThreadError, ...]]:
    """Save a thread from files. Also returns the errors of files that were read only in part."""
    from reddit_archive.sources import saved_json

    found = saved_json.load(*files)
    for shown, number in found.skipped_counts.items():
        parts = terminal.counted(number, "part")
        terminal.warn(f"{shown}: left out {parts} that can't be read; the thread is not complete.")
    outcome = save.keep(found.capture, settings)
    addresses = saved_json.list_missing_page_urls(found.capture)
    if not addresses and any(
        gap.parent.startswith("t3_") for gap in outcome.thread.missing_comments
    ):
        addresses = [saved_json.get_thread_page_url(found.capture.thread_id)]
    if addresses:
        terminal.say("To complete it, save these pages too and give all files together:")
        for address in addresses[:MOST_ADDRESSES]:
            terminal.say(f"  {address}")
        if len(addresses) > MOST_ADDRESSES:
            terminal.say(f"  and {len(addresses) - MOST_ADDRESSES} more")
    return outcome, found.failures


def _estimate(pointed: Reference, wish: FetchRequest, settings: Settings) -> None:
    """Print how many requests it would take, and how long."""
    if pointed.file is not None:
        terminal.result("A saved file takes no request.\n")
        return
    source = save.source(settings)
    found = source.estimate(source.resolve(pointed), wish)
    requests = f"{found.min_requests}"
    if found.min_requests < found.max_requests:
        requests = f"About {found.min_requests} to {found.max_requests}"
    noun = "request" if found.max_requests == 1 else "requests"
    least, most = (
        max(1, round(number * save.SECONDS_PER_REQUEST))
        for number in (found.min_requests, found.max_requests)
    )
    seconds = f"{least} s" if least == most else f"{least} to {most} s"
    counted = "" if found.total_comments is None else f" for {found.total_comments:,} comments"
    terminal.result(f"{requests} {noun}{counted}, about {seconds}; nothing was saved.\n")
