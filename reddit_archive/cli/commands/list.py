"""`list` and `verify`: what the archive holds, and whether it is whole."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from reddit_archive import errors
from reddit_archive.archive import check_log, store, stray_copies, verify
from reddit_archive.archive.index import thread_table
from reddit_archive.archive.index.summary import ThreadSummary, unavailable_reason
from reddit_archive.archive.store import DamagedFile
from reddit_archive.archive.stray_copies import StrayCopy
from reddit_archive.archive.verify import ImportedSnapshot, UnredactedCopy, UnsupportedFormat
from reddit_archive.cli import options, terminal, worker_options
from reddit_archive.cli.copies_report import build_error, report_copy
from reddit_archive.cli.save_report import RETURNED, tell_returned
from reddit_archive.workflows.archive_folder import empty, opened

DAY = len("2026-01-03")


@dataclass(frozen=True, slots=True)
class Listed:
    """A thread of the archive. `gone` says why the last check got no answer, if it did not.

    `forgotten_at` is set if the thread was forgotten, and came back by copying.
    """

    thread: ThreadSummary
    gone: str | None
    forgotten_at: str | None

    @property
    def kept(self) -> int:
        """How many texts are here that Reddit no longer shows."""
        return self.thread.texts if self.gone else self.thread.kept


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
    kept here: `archive quote` still quotes it, `archive log` says what became of it. Of a thread
    that is gone as a whole it is all; `archive redact --deleted` leaves that alone.
    """
    root = opened(options.settings().archive)
    returned = stray_copies.find_returned_threads(root)
    found = [each for each in _listed(root, returned) if each.kept or not lost]
    tell_returned(returned)
    if returned:
        terminal.say(RETURNED)
    if as_json:
        terminal.result_json([_told(each) for each in found], indent=2)
        return
    if not found:
        if not any(store.iter_thread_ids(root)):
            terminal.say(empty(root))
        elif lost:
            terminal.say("Nothing that is stored was lost on Reddit.")
    columns = ("Thread", "Subreddit", "Last snapshot", "Comments", "Lost, and kept here", "Title")
    terminal.table(columns, map(_row, found))


def _listed(root: Path, returned: Mapping[str, str]) -> Iterator[Listed]:
    for thread in thread_table.iter_summaries(root, on_damage=terminal.damaged):
        checks = check_log.read(store.thread_folder(root, thread.thread_id))
        lost = unavailable_reason(checks, thread.last_snapshot)
        yield Listed(thread, lost, returned.get(thread.thread_id))


def _row(each: Listed) -> tuple[Any, ...]:
    thread = each.thread
    if each.gone:
        lost = f"all ({each.gone})"
    else:
        number = each.kept - thread.is_post_kept
        counted = terminal.counted(number, "comment") if number else ""
        lost = ", ".join(filter(None, ("post" if thread.is_post_kept else "", counted)))
    when, count = thread.last_snapshot[:DAY], thread.comments
    return f"t3_{thread.thread_id}", thread.subreddit, when, count, lost, thread.title


def _told(each: Listed) -> dict[str, Any]:
    thread = each.thread
    return {
        "thread": f"t3_{thread.thread_id}",
        "url": thread.url,
        "title": thread.title,
        "subreddit": thread.subreddit,
        "author": thread.author,
        "created_at": thread.created_at,
        "first_snapshot": thread.first_snapshot,
        "last_snapshot": thread.last_snapshot,
        "snapshots": thread.snapshots,
        "comments": thread.comments,
        "gone": each.gone,
        "post_lost": thread.post_lost,
        "comments_lost": thread.comments_lost,
        "kept": each.kept,
        "forgotten_at": each.forgotten_at,
    }


@click.command(
    "verify",
    short_help="Check every stored byte.",
    epilog=options.examples(
        "archive verify",
    ),
)
@worker_options.shared
@options.common
def verify_command(**given: Any) -> None:
    """Check every byte of every snapshot and picture against the SHA-256 in its name.

    Names each damaged file on stdout and exits with 4 if there is one. Changes nothing. With exit
    code 1 it names files of a newer version, of which it checks the bytes, and files that hold what
    was redacted, as a copy from before brings them: `archive redact --finish` ends that. It also
    names copies of snapshots that other programs made, and says which of them to remove.
    """
    root = opened(worker_options.settings(given).archive)
    damaged = newer = left = count = copied = 0
    with worker_options.executor(given) as executor, terminal.waiting("Checking …"):
        for found in verify.verify(root, executor=executor):
            if isinstance(found, ImportedSnapshot):
                terminal.warn(f"{found.path} {found.description}.")
                continue
            if isinstance(found, StrayCopy):
                copied += found.has_removed_content
                report_copy(found)
                continue
            count += not isinstance(found, UnredactedCopy)
            damaged += isinstance(found, DamagedFile)
            newer += isinstance(found, UnsupportedFormat)
            left += isinstance(found, UnredactedCopy)
            if not isinstance(found, Path):
                terminal.result(terminal.printable(f"{found.path}: {found.description}") + "\n")
    returned = stray_copies.find_returned_threads(root)
    tell_returned(returned)
    finish = "`archive redact --finish` takes it out"
    if damaged:
        redacted = f" Of what was redacted, some is still here: {finish}." if left else ""
        if copied:
            redacted += f" {build_error(copied).hint}"
        raise errors.DamageFoundError(
            f"{damaged} of {count} files are damaged or missing",
            f"Restore the files named above from a backup; nothing was changed.{redacted}",
        )
    if left:  # whole, and so nothing to restore: a backup is where it may have come from
        raise errors.RedactionIncompleteError(
            f"what was redacted is still in {terminal.counted(left, 'file')}",
            f"{finish}; copies and backups may bring it back."
            + (f" {build_error(copied).hint}" if copied else ""),
        )
    if copied:
        raise build_error(copied)
    if returned:
        threads = terminal.counted(len(returned), "thread")
        raise errors.RedactionIncompleteError(
            f"{threads} that you had forgotten came back by copying", RETURNED
        )
    if newer:  # not damage, for which one would look for a backup; but not all was checked either
        raise errors.NewerFormatError(
            f"{newer} of {count} files are whole, but of a newer format: whether what they name is "
            "here was not checked",
            "Install a newer reddit-archive.",
        )
    if count:
        terminal.say(f"Checked {terminal.counted(count, 'file')}: all whole.")
    else:  # nothing must not pass for a whole archive
        terminal.warn(f"There is nothing to check: {root.absolute()} holds no snapshot.")
