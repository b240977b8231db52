"""`save`: fetch, store, quote."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from reddit_archive import capture, errors, forget, index, reference, store
from reddit_archive.capture import Capture, Gap
from reddit_archive.cli import options, terminal
from reddit_archive.cli.quoting import print_quote
from reddit_archive.cli.shelf import THREAD, Outcome, load
from reddit_archive.config import Settings
from reddit_archive.quote import Selection
from reddit_archive.reference import Reference
from reddit_archive.thread import Thread


@click.command(
    "save",
    short_help="Fetch a thread, store it, print the quote.",
    epilog=options.examples(
        "archive save examples/short.json --top 2",
        "archive save examples/everything.json --no-media --comment zdeep03 --replies all",
    ),
)
@THREAD
@options.selecting
@click.option("--media/--no-media", default=None, help="Store its pictures too (default: yes).")
@click.option("--require-complete", is_flag=True, help="Exit with 3 when comments are missing.")
@options.common
def save_command(thread: str, media: bool | None, require_complete: bool, **given: Any) -> None:
    """Fetch THREAD, store a snapshot of it, and print the quote.

    The whole thread is saved; the quote is the post alone unless you select comments.
    """
    settings = options.settings()
    if media is not None:
        settings = replace(settings, media=replace(settings.media, save=media))
    wanted = options.selection(given)
    outcome, wanted = _save(reference.parse(thread), wanted, settings)
    try:
        print_quote(outcome, wanted, settings, given)
    finally:
        _tell(outcome, wanted)
    if require_complete and outcome.thread.gaps:
        raise errors.Incomplete(
            f"the thread is not complete: {_missing(outcome.thread.gaps)}",
            "What came is saved; run it again to look for more.",
        )


def _save(pointed: Reference, wanted: Selection, settings: Settings) -> tuple[Outcome, Selection]:
    """Capture the thread and store it; what Reddit no longer gives comes from the archive.

    Gives back the selection with the comment that the reference turned out to name.
    """
    if pointed.file is not None:
        from reddit_archive.sources import saved

        return _keep(saved.read(pointed.file), settings), wanted
    from reddit_archive.sources.reddit import Reddit
    from reddit_archive.sources.reddit.requestor import Patience

    patience = Patience(settings.tries, settings.first_wait_seconds)
    source = Reddit(settings.reddit, patience=patience, say=terminal.say)
    with terminal.waiting("Asking Reddit …"):
        pointed = source.resolve(pointed)
        wanted = wanted.with_comment(pointed.comment_id)
        try:
            taken = source.fetch(pointed, comments=wanted.comments)
        except errors.Gone as gone:
            return _fall_back(settings.archive, pointed, gone, source.name), wanted
    return _keep(taken, settings), wanted


def _keep(taken: Capture, settings: Settings) -> Outcome:
    """Store a capture, its pictures first; without them if that is broken off."""
    root, thread_id = settings.archive, taken.thread_id
    taken = forget.keep_out(root, taken)
    if settings.media.save:
        try:
            taken = _with_media(taken, settings)
        except BaseException:
            store.add(root, taken)
            raise
    added = store.add(root, taken)
    is_new = added.is_new
    index.note(root, added.snapshot)
    forget.apply_policy(root, thread_id, settings.deleted)
    del taken, added  # a thread of 100,000 comments is large enough once
    return replace(load(root, thread_id), is_new=is_new)


def _with_media(taken: Capture, settings: Settings) -> Capture:
    from reddit_archive import media

    limits = media.Limits(
        file_bytes=settings.media.file_bytes, thread_bytes=settings.media.thread_bytes
    )
    with terminal.waiting("Fetching pictures …"):
        kept = media.save(
            settings.archive,
            taken.thread_id,
            media.wanted(taken.things),
            say=terminal.say,
            limits=limits,
        )
    return replace(taken, media=kept.media, media_gaps=kept.gaps)


def _fall_back(root: Path, pointed: Reference, gone: errors.Gone, source: str) -> Outcome:
    """Take a thread that Reddit no longer gives from the archive, and note that it is gone."""
    thread_id = pointed.post_id or ""
    if not store.heads(root, thread_id):
        raise gone
    outcome = load(root, thread_id)
    store.note_check(root, thread_id, capture.now(), source, gone.reason)
    return replace(outcome, gone=gone.message)


def _tell(outcome: Outcome, wanted: Selection) -> None:
    """Say what was saved, what is missing, what is gone, and how to quote more of it."""
    thread, last = outcome.thread, outcome.snapshots[-1].capture
    day = f"{last.captured_at:%Y-%m-%d %H:%M} UTC"
    count = terminal.counted(len(thread.comments), "comment")
    if outcome.gone:
        terminal.warn(f"Gone from Reddit: {outcome.gone}. This is the snapshot of {day}.")
    elif outcome.is_new:
        terminal.say(f"Saved t3_{thread.id} with {count}.")
    else:
        terminal.say(f"Nothing new in t3_{thread.id} since {day}; {count}.")
    if thread.post and thread.post.lost and not outcome.gone:
        terminal.warn(f"The post was {thread.post.lost}{_kept(thread)}.")
    if thread.gaps:
        terminal.warn(f"Not complete: {_missing(thread.gaps)}.")
    if wanted.is_post_alone and thread.comments:
        terminal.say("To quote comments too: --all, --top N or --comment ID.")


def _kept(thread: Thread) -> str:
    assert thread.post is not None
    return "; the quote is its last stored text" if thread.post.is_kept else ""


def _missing(gaps: tuple[Gap, ...]) -> str:
    """Say what is known to exist and is not here: "12 comments and the replies of 1 more are"."""
    number = sum(gap.count for gap in gaps)
    branches = sum(gap.count == 0 for gap in gaps)
    parts = [terminal.counted(number, "comment")] if number else []
    if branches:
        parts.append(f"what follows below {terminal.counted(branches, 'deep comment')}")
    return f"{' and '.join(parts)} {'is' if number + branches == 1 else 'are'} not fetched"
