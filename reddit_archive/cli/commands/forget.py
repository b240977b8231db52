"""`forget`: remove a thread from the archive."""

import click

from reddit_archive.archive import redact, store
from reddit_archive.cli import options, terminal
from reddit_archive.cli.arguments import thread_argument
from reddit_archive.cli.command_settings import load_settings
from reddit_archive.cli.confirmation import confirm, confirmation_options
from reddit_archive.export.site import page_cache
from reddit_archive.model import reference
from reddit_archive.workflows import removed_copies
from reddit_archive.workflows.archive_folder import require_archive
from reddit_archive.workflows.load import resolve_reference
from reddit_archive.workflows.wording import format_count


@click.command(
    "forget",
    epilog=options.format_examples(
        "archive forget 9bread1 --dry-run",
        "archive forget 9bread1 --yes",
    ),
)
@thread_argument
@confirmation_options
@options.global_options
def forget_command(thread: str, dry_run: bool, yes: bool) -> None:
    """Remove THREAD with all its snapshots, pictures and logs.

    A line with its id and the time stays in forgotten.log. If a list or a page still names the
    thread, `batch` and `refresh` store it again, and report that.
    """
    root = require_archive(load_settings().archive)
    thread_id = resolve_reference(root, reference.parse(thread)).post_id or ""
    folder = store.thread_folder(root, thread_id)
    count = len(redact.list_files(root, thread_id)) if folder.is_dir() else 0
    description = f"t3_{thread_id}, {format_count(count, 'file')}"
    is_stored = redact.has_thread(root, thread_id)
    if dry_run and is_stored:
        terminal.print_result(f"Would forget {description}.\n")
        return
    if is_stored:
        confirm(f"Forget {description}?", is_confirmed=yes)
    # Also before: after an interruption, `forget_thread` may find nothing left to do.
    page_cache.discard([thread_id])
    redact.forget_thread(root, thread_id)
    page_cache.discard([thread_id])
    terminal.status(f"Forgot {description}.")
    if copies := removed_copies.find_removed_copies(root, [thread_id]):
        for copy in copies:
            terminal.warn(f"{copy.path} {copy.description}.")
        raise removed_copies.build_error(len(copies))
