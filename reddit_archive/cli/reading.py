"""`list` and `verify`: what the archive holds, and whether it is whole."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from reddit_archive import errors, history, store
from reddit_archive.cli import options, terminal
from reddit_archive.history import History
from reddit_archive.snapshot import Snapshot, write_time
from reddit_archive.store import Damage
from reddit_archive.thread import Post

DAY = "%Y-%m-%d"
UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Stored:
    """A thread of the archive. `gone` says why the last check got no answer, if it did not."""

    past: History
    shots: tuple[Snapshot, ...]
    gone: str | None

    @property
    def post(self) -> Post:
        """The post as it was last seen whole; an empty one where it never was."""
        latest = self.past.post.latest if self.past.post else None
        return Post(latest.raw if latest else {})

    @property
    def comments(self) -> int:
        return sum(1 for _ in self.past.comments)

    @property
    def kept(self) -> int:
        """How many texts are here that Reddit no longer shows."""
        lives = self.past.lives.values()
        return sum((life.latest is not None) if self.gone else life.is_kept for life in lives)

    @property
    def is_post_kept(self) -> bool:
        return self.past.post is not None and self.past.post.is_kept


@click.command(
    "list",
    short_help="List the stored threads, and what of them Reddit lost.",
    epilog=options.examples(
        "archive list",
        "archive list --lost",
        "archive list --json",
    ),
)
@click.option("--lost", is_flag=True, help="Only threads of which Reddit has lost something since.")
@click.option("--json", "as_json", is_flag=True, help="Print a machine-readable result.")
@options.common
def list_command(lost: bool, as_json: bool) -> None:
    """List the stored threads: id, subreddit, date, comments, what was lost, title.

    The date is that of the last snapshot. Lost is what Reddit showed once, no longer shows, and is
    kept here: `archive quote` still quotes it, `archive log` says what became of it.
    """
    found = [each for each in _stored(options.settings().archive) if each.kept or not lost]
    if as_json:
        terminal.result(json.dumps([_told(each) for each in found], indent=2) + "\n")
        return
    if not found:
        empty = "The archive is empty; `archive save THREAD` adds a thread."
        terminal.say("Nothing that is stored was lost on Reddit." if lost else empty)
    columns = ("Thread", "Subreddit", "Last snapshot", "Comments", "Lost, and kept here", "Title")
    terminal.table(columns, map(_row, found))


def _stored(root: Path) -> Iterator[Stored]:
    for thread_id in store.threads(root):
        shots = store.snapshots(root, thread_id, on_damage=terminal.damaged)
        if shots:
            past = history.trace(thread_id, (shot.capture for shot in shots))
            yield Stored(past, shots, _gone(root, thread_id, shots[-1]))


def _gone(root: Path, thread_id: str, last: Snapshot) -> str | None:
    """Why Reddit gave no answer at the last check; None where it did, or gave one since."""
    checks = store.checks(root, thread_id)
    result = str(checks[-1].get("result", "")) if checks else UNCHANGED
    is_old = checks and str(checks[-1].get("checked_at", "")) < write_time(last.capture.captured_at)
    return None if is_old or result == UNCHANGED else result


def _row(each: Stored) -> tuple[Any, ...]:
    if each.gone:
        lost = f"all ({each.gone})"
    else:
        number = each.kept - each.is_post_kept
        counted = terminal.counted(number, "comment") if number else ""
        lost = ", ".join(filter(None, ("post" if each.is_post_kept else "", counted)))
    when = f"{each.shots[-1].capture.captured_at:{DAY}}"
    post = each.post
    return f"t3_{each.past.thread_id}", post.subreddit, when, each.comments, lost, post.title


def _told(each: Stored) -> dict[str, Any]:
    post, life = each.post, each.past.post
    return {
        "thread": f"t3_{each.past.thread_id}",
        "url": post.permalink if post.raw else None,
        "title": post.title,
        "subreddit": post.subreddit,
        "author": life.author if life else None,
        "created_at": write_time(post.created_at) if post.created_at else None,
        "first_snapshot": write_time(each.shots[0].capture.captured_at),
        "last_snapshot": write_time(each.shots[-1].capture.captured_at),
        "snapshots": len(each.shots),
        "comments": each.comments,
        "gone": each.gone,
        "post_lost": life.lost if life else None,
        "comments_lost": sum(life.lost is not None for life in each.past.comments),
        "kept": each.kept,
    }


@click.command(
    "verify",
    short_help="Check every stored byte.",
    epilog=options.examples(
        "archive verify",
    ),
)
@options.common
def verify_command() -> None:
    """Check every byte of every snapshot and picture against the SHA-256 in its name.

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
            f"{damaged} of {count} files are damaged or missing",
            "Restore the files named above from a backup; nothing was changed.",
        )
    terminal.say(f"Checked {terminal.counted(count, 'file')}: all whole.")
