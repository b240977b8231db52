"""`forget` and `reindex`: a thread goes, and what was made of all the others is made anew."""

import sys
from typing import Any

import click

from reddit_archive import errors
from reddit_archive.archive import redact, store
from reddit_archive.archive.index import maintenance
from reddit_archive.cli import options, terminal, worker_options
from reddit_archive.cli.commands import open as open_command
from reddit_archive.cli.copies_report import build_error, report_removed_content
from reddit_archive.model import reference
from reddit_archive.workflows.archive_folder import empty, opened
from reddit_archive.workflows.load import THREAD, stored_reference

ASKING = (
    click.option("--dry-run", is_flag=True, help="Say what would go, and change nothing."),
    click.option("--yes", is_flag=True, help="Do not ask; for scripts."),
)


@click.command(
    "forget",
    short_help="Remove a thread from the archive.",
    epilog=options.examples(
        "archive forget 9bread1 --dry-run",
        "archive forget 9bread1 --yes",
    ),
)
@THREAD
@ASKING[0]
@ASKING[1]
@options.common
def forget_command(thread: str, dry_run: bool, yes: bool) -> None:
    """Remove THREAD with all of its snapshots, pictures and logs.

    What stays is a line in forgotten.log, with its id and the time. What names it still, like a
    list or a page, would have it stored anew, and be told so.
    """
    root = opened(options.settings().archive)
    thread_id = stored_reference(root, reference.parse(thread)).post_id or ""
    folder = store.thread_folder(root, thread_id)
    count = len(redact.list_files(root, thread_id)) if folder.is_dir() else 0
    what = f"t3_{thread_id}, {terminal.counted(count, 'file')}"
    is_stored = redact.has_thread(root, thread_id)
    if dry_run and is_stored:
        terminal.result(f"Would forget {what}.\n")
        return
    if is_stored:
        confirm(f"Forget {what}?", yes)
    open_command.discard(
        [thread_id]
    )  # first: if this is interrupted, `drop` may have nothing to do
    redact.forget_thread(root, thread_id)
    open_command.discard([thread_id])
    terminal.say(f"Forgot {what}.")
    if count := report_removed_content(root, [thread_id]):
        raise build_error(count)


@click.command(
    "reindex",
    short_help="Make the index anew.",
    epilog=options.examples(
        "archive reindex",
    ),
)
@worker_options.shared
@options.common
def reindex_command(**given: Any) -> None:
    """Make the index anew from the snapshots. It may be deleted at any time."""
    root = opened(worker_options.settings(given).archive)
    with worker_options.executor(given) as executor, terminal.waiting("Reading …"):
        count = maintenance.rebuild(root, on_damage=terminal.damaged, executor=executor)
    indexed = f"{terminal.counted(count, 'snapshot')} indexed."
    terminal.say(indexed if any(store.iter_thread_ids(root)) else empty(root))


def confirm(question: str, yes: bool) -> None:
    """Ask on a terminal. Raises UsageError where nobody can answer, ArchiveError for a no."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise click.UsageError(f"{question} Nobody is here to ask: --yes does it without asking.")
    if not click.confirm(terminal.printable(question), err=True):
        raise errors.ArchiveError("nothing was changed")
