"""`list`: the threads of the archive, and what Reddit has since deleted."""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import click

from reddit_archive.archive import forgotten_log, store
from reddit_archive.archive.index import thread_table
from reddit_archive.archive.index.summary import (
    ThreadSummary,
    build_cells,
    unavailable_reason,
)
from reddit_archive.archive.index.thread_table import IndexedThread
from reddit_archive.cli import json_output, options, terminal
from reddit_archive.cli.command_settings import load_settings
from reddit_archive.cli.forgotten_report import report_returned
from reddit_archive.workflows.archive_folder import describe_empty, require_archive
from reddit_archive.workflows.wording import RETURNED_HINT, format_count

COLUMNS = ("Thread", "Subreddit", "Last snapshot", "Comments", "Deleted on Reddit", "Title")


class ListedThread(NamedTuple):
    """A thread of the archive.

    Attributes:
        summary: Its entry in the index.
        unavailable_reason: Why Reddit did not return the thread at the last check, if it did not.
        forgotten_at: When the thread was forgotten, if it was copied back since.
    """

    summary: ThreadSummary
    unavailable_reason: str | None
    forgotten_at: str | None

    @property
    def preserved_count(self) -> int:
        """The number of stored texts that Reddit no longer shows."""
        return self.summary.texts if self.unavailable_reason else self.summary.preserved


@click.command(
    "list",
    epilog=options.format_examples(
        "archive list",
        "archive list --lost",
        "archive list --json",
    ),
)
@click.option("--lost", is_flag=True, help="Only threads with texts that Reddit has since deleted.")
@click.option("--json", "as_json", is_flag=True, help="Print a machine-readable result.")
@options.global_options
def list_command(lost: bool, as_json: bool) -> None:
    """List saved threads: id, subreddit, date, comments, deleted on Reddit, title.

    The date is the date of the last snapshot. "Deleted on Reddit" counts the texts that Reddit no
    longer shows and the archive still has: `archive quote` quotes them, `archive log` shows what
    happened to them. If Reddit no longer returns a thread, all its texts count; `archive redact
    --deleted` leaves such threads unchanged.
    """
    root = require_archive(load_settings().archive)
    returned = forgotten_log.find_returned_threads(root)
    if not (lost or as_json or returned or sys.stdout.isatty()):
        lines = thread_table.list_lines(root, _format_line, on_damage=terminal.warn_damaged)
        if lines:
            terminal.print_result("\n".join(lines) + "\n")
            return
    threads = [
        thread for thread in _iter_threads(root, returned) if thread.preserved_count or not lost
    ]
    report_returned(returned)
    if returned:
        terminal.status(RETURNED_HINT)
    if as_json:
        json_output.print_json([_build_json(thread) for thread in threads], indent=2)
        return
    if not threads:
        if not any(store.iter_thread_ids(root)):
            terminal.status(describe_empty(root))
        elif lost:
            terminal.status("Reddit still shows everything that is saved here.")
    terminal.print_table(COLUMNS, map(_build_row, threads))


def _iter_threads(root: Path, returned: Mapping[str, str]) -> Iterator[ListedThread]:
    for thread in thread_table.iter_threads(root, on_damage=terminal.warn_damaged):
        yield _describe(thread, returned)


def _describe(thread: IndexedThread, returned: Mapping[str, str]) -> ListedThread:
    summary, check = thread
    reason = unavailable_reason(check, summary.last_snapshot) if check else None
    return ListedThread(summary, reason, returned.get(summary.thread_id))


def _format_line(thread: IndexedThread) -> str:
    return terminal.format_line(_build_row(_describe(thread, {})))


def _build_row(thread: ListedThread) -> tuple[Any, ...]:
    return build_cells(thread.summary, _describe_deleted(thread))


def _describe_deleted(thread: ListedThread) -> str:
    if thread.unavailable_reason:
        return f"all ({thread.unavailable_reason})"
    is_post_deleted = thread.summary.is_post_preserved
    comment_count = thread.preserved_count - is_post_deleted
    parts = ["post"] if is_post_deleted else []
    parts += [format_count(comment_count, "comment")] if comment_count else []
    return ", ".join(parts)


def _build_json(thread: ListedThread) -> dict[str, Any]:
    summary = thread.summary
    return {
        "thread": f"t3_{summary.thread_id}",
        "url": summary.url,
        "title": summary.title,
        "subreddit": summary.subreddit,
        "author": summary.author,
        "created_at": summary.created_at,
        "first_snapshot": summary.first_snapshot,
        "last_snapshot": summary.last_snapshot,
        "snapshots": summary.snapshots,
        "comments": summary.comments,
        "gone": thread.unavailable_reason,
        "post_lost": summary.post_deletion_status,
        "comments_lost": summary.deleted_comments,
        "kept": thread.preserved_count,
        "forgotten_at": thread.forgotten_at,
    }
