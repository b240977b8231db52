"""`forget`, `redact` and `reindex`: what is kept, and what goes."""

import re
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from reddit_archive import capture, catalogue, errors, forget, reference, store
from reddit_archive.cli import completing, opening, options, terminal, working
from reddit_archive.cli.shelf import THREAD, empty, opened, stored_reference, stored_threads
from reddit_archive.forget import Redaction, Wish

UNITS = {"h": 1, "d": 24, "w": 7 * 24, "y": 365 * 24}
ASKING = (
    click.option("--dry-run", is_flag=True, help="Say what would go, and change nothing."),
    click.option("--yes", is_flag=True, help="Do not ask; for scripts."),
)


class Age(click.ParamType[timedelta]):
    """A time span: 48h, 30d, 4w, 1y."""

    name = "age"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta:
        match = re.fullmatch(r"(\d{1,5})([hdwy])", str(value))
        if match is None:
            self.fail(f"'{value}' is no time span like 48h, 30d, 4w or 1y", param, ctx)
        return timedelta(hours=int(match[1]) * UNITS[match[2]])


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
    files = [path for path in folder.rglob("*") if path.is_file()]
    what = f"t3_{thread_id}, {terminal.counted(len(files), 'file')}"
    if dry_run and folder.is_dir():
        terminal.result(f"Would forget {what}.\n")
        return
    if folder.is_dir():
        _ask(f"Forget {what}?", yes)
    forget.drop(root, thread_id)
    opening.discard(root, [thread_id])
    terminal.say(f"Forgot {what}.")


@click.command(
    "redact",
    short_help="Remove what was said, and by whom, and keep the rest.",
    epilog=options.examples(
        "archive redact --deleted --dry-run",
        "archive redact 9bread1 --author some-name --older-than 48h --yes",
    ),
)
@click.argument("thread", required=False, shell_complete=completing.threads)
@click.option("--deleted", is_flag=True, help="What was deleted or removed on Reddit.")
@click.option("--author", "authors", metavar="NAME", multiple=True, help="What NAME said.")
@click.option("--older-than", metavar="AGE", type=Age(), help="What was said before: 48h, 30d, 1y.")
@ASKING[0]
@ASKING[1]
@options.common
def redact_command(
    thread: str | None,
    deleted: bool,
    authors: tuple[str, ...],
    older_than: timedelta | None,
    dry_run: bool,
    yes: bool,
) -> None:
    """Remove texts, authors, flairs, links and pictures from every snapshot of THREAD, or of all.

    What is removed must meet all the options that are given. Its place in the thread stays, quoted
    as "[redacted]"; saving the thread again brings nothing back. What other people quoted from it
    in their own comments stays, and so do names in other people's texts.

    Of an account that was deleted while its text stayed, --deleted removes the name alone.
    """
    if not (deleted or authors or older_than):
        raise click.UsageError("say what to redact: --deleted, --author NAME or --older-than AGE")
    root = options.settings().archive
    names = frozenset(name.lower().removeprefix("/").removeprefix("u/") for name in authors)
    before = capture.now() - older_than if older_than else None
    wish = Wish(deleted=deleted, authors=names, before=before)
    threads = stored_threads(root, (thread,) if thread else ())
    found = _redact(root, threads, wish, dry_run, yes)
    for each in found:
        terminal.result(f"t3_{each.thread_id}\t{_texts(each)}\t{_shots(each)}\n")
    if threads and not found:
        terminal.say("There is nothing to redact.")


def _redact(
    root: Path, threads: list[str], wish: Wish, dry_run: bool, yes: bool
) -> list[Redaction]:
    """Redact what is wished for, once that is confirmed; whole threads are left out if damaged."""

    def attempt(thread_id: str, is_trial: bool) -> Redaction | None:
        try:
            return forget.redact(root, thread_id, wish, is_trial=is_trial)
        except errors.DamageFound as error:
            damaged[thread_id] = error
            return None

    damaged: dict[str, errors.DamageFound] = {}
    with terminal.waiting("Reading …"):
        tried = (attempt(thread_id, is_trial=True) for thread_id in threads)
        found = [each for each in tried if each and each.snapshots]
    if found and not dry_run:
        texts = sum(len(each.levels) for each in found)
        where = terminal.counted(len(found), "thread")
        _ask(f"Redact {terminal.counted(texts, 'text')} in {where}? This can't be undone.", yes)
        for each in found:
            attempt(each.thread_id, is_trial=False)
        opening.discard(root, [each.thread_id for each in found])
    if not dry_run:
        forget.sweep(root)
    if len(damaged) == len(threads) == 1:
        raise next(iter(damaged.values()))
    for error in damaged.values():
        terminal.warn(f"Left as it is: {error.message}.")
    if damaged:
        raise errors.DamageFound(
            f"{terminal.counted(len(damaged), 'thread')} could not be redacted",
            "Restore the files named above from a backup, or remove them.",
        )
    return found


def _texts(found: Redaction) -> str:
    return terminal.counted(len(found.levels), "text")


def _shots(found: Redaction) -> str:
    return f"in {terminal.counted(found.snapshots, 'snapshot')}"


@click.command(
    "reindex",
    short_help="Make the index anew.",
    epilog=options.examples(
        "archive reindex",
    ),
)
@working.shared
@options.common
def reindex_command(**given: Any) -> None:
    """Make the index anew from the snapshots. It may be deleted at any time."""
    root = opened(working.settings(given).archive)
    with working.executor(given) as executor, terminal.waiting("Reading …"):
        count = catalogue.rebuild(root, on_damage=terminal.damaged, executor=executor)
    indexed = f"{terminal.counted(count, 'snapshot')} indexed."
    terminal.say(indexed if any(store.threads(root)) else empty(root))


def _ask(question: str, yes: bool) -> None:
    """Ask on a terminal. Raises UsageError where nobody can answer, ArchiveError for a no."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise click.UsageError(f"{question} Nobody is here to ask: --yes does it without asking.")
    if not click.confirm(terminal.printable(question), err=True):
        raise errors.ArchiveError("nothing was changed")
