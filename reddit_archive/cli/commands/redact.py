"""`redact`: what was said, and by whom, goes; its place stays."""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from reddit_archive import errors
from reddit_archive.archive import check_log, redact, store
from reddit_archive.archive.index import summary
from reddit_archive.archive.redact import RedactionCriteria, RedactionResult
from reddit_archive.archive.snapshot_format import format_time
from reddit_archive.cli import completion, options, terminal
from reddit_archive.cli.commands import open as open_command
from reddit_archive.cli.commands.forget import ASKING, ask
from reddit_archive.cli.copies_report import copies_left, tell_removed
from reddit_archive.model import capture
from reddit_archive.model.redaction import RedactionLevels
from reddit_archive.workflows.load import stored_threads

UNITS = {"h": 1, "d": 24, "w": 7 * 24, "y": 365 * 24}


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
    "redact",
    short_help="Remove what was said, and by whom, and keep the rest.",
    epilog=options.examples(
        "archive redact --deleted --dry-run",
        "archive redact 9bread1 --author some-name --older-than 48h --yes",
        "archive redact --finish --yes",
    ),
)
@click.argument("thread", required=False, shell_complete=completion.threads)
@click.option("--deleted", is_flag=True, help="What was deleted or removed on Reddit.")
@click.option("--author", "authors", metavar="NAME", multiple=True, help="What NAME said.")
@click.option("--older-than", metavar="AGE", type=Age(), help="What was said before: 48h, 30d, 1y.")
@click.option("--gone", is_flag=True, help="What was said in threads that Reddit gives no more.")
@click.option("--viewer", is_flag=True, help="Data about you that an earlier version stored.")
@click.option("--finish", is_flag=True, help="What was redacted before and is still stored.")
@ASKING[0]
@ASKING[1]
@options.common
def redact_command(
    thread: str | None,
    deleted: bool,
    authors: tuple[str, ...],
    older_than: timedelta | None,
    gone: bool,
    viewer: bool,
    finish: bool,
    dry_run: bool,
    yes: bool,
) -> None:
    """Remove texts, authors, flairs, links and pictures from every snapshot of THREAD, or of all.

    What is removed must meet all the options that are given. Its place in the thread stays, quoted
    as "[redacted]"; saving the thread again brings nothing back. What other people quoted from it
    in their own comments stays, and so do names in other people's texts. Crossposts lose what they
    show of a post that goes.

    Of an account that was deleted while its text stayed, --deleted removes the name alone. Threads
    that are gone as a whole, like those of a community that went private, it leaves alone and
    counts, for they may come back. --gone redacts those.

    --viewer removes data about the logged-in user that versions before 1.1 stored: votes, saved and
    hidden marks, reports, moderators' notes. It removes no posts and no comments.

    Every redaction finishes earlier ones that were interrupted, or undone by copying older files
    back. --finish does only that, and applies redactions from imported bags.
    """
    if not (deleted or authors or older_than or gone or viewer or finish):
        every = "--deleted, --author NAME, --older-than AGE, --gone, --viewer or --finish"
        raise click.UsageError(f"say what to redact: {every}")
    root = options.settings().archive
    names = frozenset(name.lower().removeprefix("/").removeprefix("u/") for name in authors)
    before = capture.utc_now() - older_than if older_than else None
    wish = RedactionCriteria(
        is_deleted=deleted,
        authors=names,
        created_before=before,
        matches_all=gone,
        has_viewer=viewer,
    )
    threads = stored_threads(root, (thread,) if thread else ())
    lost = [each for each in threads if _is_gone(root, each)] if gone or deleted else []
    wanted = lost if gone else threads
    if finish:
        _tell_offers(root, threads)
    found = _redact(root, wanted, wish, dry_run, yes, accepting=finish)
    for redacted in found:
        if redacted.thread_id not in wanted:
            terminal.say(f"t3_{redacted.thread_id} passes on a post that is redacted.")
        terminal.result(f"t3_{redacted.thread_id}\t{_texts(redacted)}\t{_shots(redacted)}\n")
    copied = tell_removed(root, threads)
    if threads and not found and not copied:
        is_finishing = finish and not (deleted or authors or older_than or gone or viewer)
        nothing = "Nothing is left of what was redacted." if is_finishing else ""
        terminal.say(nothing or "There is nothing to redact.")
    if not gone:
        _tell_left_alone(root, lost, wish)
    if copied:
        raise copies_left(copied)


def _tell_offers(root: Path, threads: Sequence[str]) -> None:
    """Report the threads that --finish redacts because an imported bag redacts them."""
    for thread_id in threads:
        with suppress(errors.DamageFoundError, errors.NewerFormatError):
            if count := redact.count_pending(root, thread_id):
                changed = terminal.counted(count, "snapshot")
                terminal.warn(
                    f"t3_{thread_id}: an imported bag or a copied file redacts texts in {changed}."
                )


def _is_gone(root: Path, thread_id: str) -> bool:
    checks = check_log.read(store.thread_folder(root, thread_id))
    heads = store.read_headers(root, thread_id) if checks else []
    return bool(heads and summary.unavailable_reason(checks, format_time(heads[-1].captured_at)))


def _redact(
    root: Path,
    threads: Sequence[str],
    wish: RedactionCriteria,
    dry_run: bool,
    yes: bool,
    *,
    accepting: bool,
) -> list[RedactionResult]:
    """Redact what is wished for, once that is confirmed; whole threads are left out if damaged.

    Posts that go take what crossposts show of them along, whichever threads are wanted.
    """

    def attempt(thread_id: str, posts: RedactionLevels, is_trial: bool) -> RedactionResult | None:
        mine = wish if thread_id in wanted else RedactionCriteria()
        try:
            return redact.redact(
                root,
                thread_id,
                mine,
                redacted_posts=posts,
                dry_run=is_trial,
                accept_pending=accepting and thread_id in wanted,
            )
        except (errors.DamageFoundError, errors.NewerFormatError) as error:
            damaged[thread_id] = error
            return None

    wanted = frozenset(threads)
    damaged: dict[str, errors.ArchiveError] = {}
    with terminal.waiting("Reading …"):
        tried = {each: attempt(each, {}, is_trial=True) for each in threads}
        posts = dict(post for each in tried.values() if each for post in each.post_levels.items())
        for each in redact.find_threads_crossposting(root, posts):
            tried[each] = attempt(each, posts, is_trial=True)
        found = [each for each in tried.values() if each and each.snapshot_count]
    if found and not dry_run:
        ask(_question(found, wish), yes)
        open_command.discard([redaction.thread_id for redaction in found])
        for redaction in found:
            attempt(redaction.thread_id, posts, is_trial=False)
        open_command.discard([redaction.thread_id for redaction in found])
    if not dry_run:
        redact.remove_orphaned_temps(root)
    _tell_damaged(damaged, threads)
    return found


def _question(found: Sequence[RedactionResult], wish: RedactionCriteria) -> str:
    texts = sum(len(each.levels) for each in found)
    where = terminal.counted(len(found), "thread")
    if texts:
        return f"Redact {terminal.counted(texts, 'text')} in {where}? This can't be undone."
    if wish.has_viewer:
        return f"Remove the viewer's fields from {where}? This can't be undone."
    return f"Take what was redacted before out of {where}? This can't be undone."


def _tell_damaged(damaged: dict[str, errors.ArchiveError], threads: Sequence[str]) -> None:
    """Raises DamageFound if there is any, NewerFormat if a newer version wrote all of them."""
    if [*damaged] == [*threads] and len(threads) == 1:
        raise damaged[threads[0]]
    for error in damaged.values():
        terminal.warn(f"Left as it is: {error.message}.")
    what = f"{terminal.counted(len(damaged), 'thread')} could not be redacted"
    if damaged and all(isinstance(error, errors.NewerFormatError) for error in damaged.values()):
        raise errors.NewerFormatError(what, "Install a newer reddit-archive, and run it again.")
    if damaged:
        raise errors.DamageFoundError(
            what,
            "Restore the files named above from a backup, or remove them.",
        )


def _tell_left_alone(root: Path, lost: Sequence[str], wish: RedactionCriteria) -> None:
    """Say of threads that are gone as a whole, and of which --deleted takes nothing for that."""
    everything = replace(wish, is_deleted=False, matches_all=True)
    count = 0
    for thread_id in lost:
        with suppress(errors.DamageFoundError, errors.NewerFormatError):
            count += bool(redact.redact(root, thread_id, everything, dry_run=True).levels)
    if count:
        one = count == 1
        terminal.say(
            f"{terminal.counted(count, 'thread')} {'is' if one else 'are'} gone from Reddit as a "
            f"whole, and {'was' if one else 'were'} left alone: `archive list --lost` names "
            f"{'it' if one else 'them'}, `archive redact --gone` redacts all that was said there."
        )


def _texts(found: RedactionResult) -> str:
    return terminal.counted(found.text_count, "text")


def _shots(found: RedactionResult) -> str:
    return f"in {terminal.counted(found.snapshot_count, 'snapshot')}"
