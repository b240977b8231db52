"""`list`, `log` and `verify`: what the archive holds, and whether it is whole."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from reddit_archive import errors, history, reference, store
from reddit_archive.cli import options, terminal
from reddit_archive.cli.quoting import THREAD, stored_reference
from reddit_archive.store import Damage

MINUTE = "%Y-%m-%d %H:%M"


@click.command(
    "list",
    short_help="List the stored threads.",
    epilog=options.examples(
        "archive list",
    ),
)
@options.common
def list_command() -> None:
    """List the stored threads: id, subreddit, last snapshot, comments, title."""
    rows = list(_threads(options.settings().archive))
    if not rows:
        terminal.say("The archive is empty; `archive save THREAD` adds a thread.")
    terminal.table(("Thread", "Subreddit", "Last snapshot", "Comments", "Title"), rows)


def _threads(root: Path) -> Iterator[tuple[Any, ...]]:
    for thread_id in store.threads(root):
        shots = store.snapshots(root, thread_id, on_damage=terminal.damaged)
        if shots:
            thread = history.merge(thread_id, (shot.capture for shot in shots))
            post = thread.post
            when = f"{shots[-1].capture.captured_at:{MINUTE}}"
            where, title = (post.subreddit, post.title) if post else ("", "")
            yield f"t3_{thread_id}", where, when, len(thread.comments), title


@click.command(
    "log",
    short_help="Show when a thread was saved and checked.",
    epilog=options.examples(
        "archive log 9bread1",
    ),
)
@THREAD
@options.common
def log_command(thread: str) -> None:
    """Show when THREAD was saved and checked, oldest first.

    A line is a snapshot, with what it holds and its file, or a check and what came of it.
    """
    root = options.settings().archive
    pointed = stored_reference(root, reference.parse(thread))
    thread_id = pointed.post_id or ""
    shots = store.snapshots(root, thread_id, on_damage=terminal.damaged)
    if not shots:
        raise errors.NotArchived(
            f"the archive {root} holds no thread {thread_id}", "`archive list` shows what it holds."
        )
    rows = [
        (
            f"{shot.capture.captured_at:{MINUTE}}",
            shot.capture.source,
            f"{sum(thing['kind'] == 't1' for thing in shot.capture.things)} comments",
            "complete" if shot.capture.complete else "incomplete",
            shot.path.name,
        )
        for shot in shots
    ]
    for check in store.checks(root, thread_id):
        when = str(check.get("checked_at", "")).replace("T", " ")[:16]
        rows.append((when, str(check.get("source", "")), str(check.get("result", "")), "", ""))
    terminal.table(
        ("When (UTC)", "Source", "What", "", "Snapshot"), sorted(rows, key=lambda row: row[0])
    )


@click.command(
    "verify",
    short_help="Check every stored byte.",
    epilog=options.examples(
        "archive verify",
    ),
)
@options.common
def verify_command() -> None:
    """Check every byte of every snapshot against the SHA-256 in its name.

    Names each damaged file on stdout and exits with 4 if there is one. Changes nothing.
    """
    root = options.settings().archive
    damaged = count = 0
    with terminal.waiting("Checking …"):
        for found in store.verify(root):
            count += 1
            if isinstance(found, Damage):
                damaged += 1
                terminal.result(f"{found.path}: {found.what}\n")
    if damaged:
        raise errors.DamageFound(
            f"{damaged} of {count} snapshots are damaged",
            "Restore the files named above from a backup; nothing was changed.",
        )
    terminal.say(f"{count} snapshots, all whole.")
