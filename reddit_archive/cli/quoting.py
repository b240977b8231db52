"""`save` and `quote`: the two ways to a quote."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click

from reddit_archive import capture, disk, errors, history, quote, reference, store
from reddit_archive.capture import Capture, Gap
from reddit_archive.cli import options, terminal
from reddit_archive.config import Quote, Settings
from reddit_archive.markup import targets
from reddit_archive.quote import Selection
from reddit_archive.reference import Reference
from reddit_archive.store import Added
from reddit_archive.thread import Thread

THREAD = click.argument("thread")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a thread: `added` is None where nothing was fetched, `gone` says why."""

    thread: Thread
    captures: tuple[Capture, ...]
    added: Added | None = None
    gone: str | None = None


@click.command(
    "save",
    short_help="Fetch a thread, store it, print the quote.",
    epilog=options.examples(
        "archive save examples/short.json --top 2",
        "archive save examples/everything.json --comment zdeep03 --context 1 --replies all",
    ),
)
@THREAD
@options.selecting
@click.option("--require-complete", is_flag=True, help="Exit with 3 when comments are missing.")
@options.common
def save_command(thread: str, require_complete: bool, **given: Any) -> None:
    """Fetch THREAD, store a snapshot of it, and print the quote.

    The whole thread is saved; the quote is the post alone unless you select comments.
    """
    settings = options.settings()
    wanted = options.selection(given)
    outcome, wanted = _save(reference.parse(thread), wanted, settings)
    try:
        _print(outcome, wanted, settings.quote, given)
    finally:
        _tell(outcome, wanted)
    if require_complete and outcome.thread.gaps:
        raise errors.Incomplete(
            f"the thread is not complete: {_missing(outcome.thread.gaps)}",
            "What came is saved; run it again to look for more.",
        )


@click.command(
    "quote",
    short_help="Print a quote from the archive, without network.",
    epilog=options.examples(
        "archive quote 9bread1 --all",
        "archive quote examples/short.json --comment zkeep03 --context 2 --no-post",
    ),
)
@THREAD
@options.selecting
@options.common
def quote_command(thread: str, **given: Any) -> None:
    """Print a quote of THREAD from what is stored, without network."""
    settings = options.settings()
    pointed = stored_reference(settings.archive, reference.parse(thread))
    wanted = options.selection(given).with_comment(pointed.comment_id)
    assert pointed.post_id is not None
    outcome = _load(settings.archive, pointed.post_id)
    _print(outcome, wanted, settings.quote, given)


def _save(pointed: Reference, wanted: Selection, settings: Settings) -> tuple[Outcome, Selection]:
    """Capture the thread and store it; what Reddit no longer gives comes from the archive.

    Gives back the selection with the comment that the reference turned out to name.
    """
    if pointed.file is not None:
        from reddit_archive.sources import saved

        return _keep(saved.read(pointed.file), settings.archive), wanted
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
    return _keep(taken, settings.archive), wanted


def _keep(taken: Capture, root: Path) -> Outcome:
    added = store.add(root, taken)
    return replace(_load(root, taken.thread_id), added=added)


def _fall_back(root: Path, pointed: Reference, gone: errors.Gone, source: str) -> Outcome:
    """Take a thread that Reddit no longer gives from the archive, and note that it is gone."""
    thread_id = pointed.post_id or ""
    if not store.heads(root, thread_id):
        raise gone
    outcome = _load(root, thread_id)
    store.note_check(root, thread_id, capture.now(), source, gone.reason)
    return replace(outcome, gone=gone.message)


def _load(root: Path, thread_id: str) -> Outcome:
    """Merge all snapshots of a thread. Raises NotArchived, DamageFound."""
    shots = store.snapshots(root, thread_id, on_damage=terminal.damaged)
    if not shots:
        if store.heads(root, thread_id):
            raise errors.DamageFound(
                f"no whole snapshot of the thread {thread_id} is left", "Restore a backup."
            )
        raise errors.NotArchived(
            f"the archive {root} holds no thread {thread_id}",
            "`archive list` shows what it holds; `archive save THREAD` adds one.",
        )
    captures = tuple(shot.capture for shot in shots)
    return Outcome(history.merge(thread_id, captures), captures)


def stored_reference(root: Path, pointed: Reference) -> Reference:
    """Find out the post of a reference from what is on disk."""
    if pointed.file is not None:
        from reddit_archive.sources import saved

        return Reference(post_id=saved.read(pointed.file).thread_id)
    if pointed.share_path is not None:
        raise errors.BadReference(
            "a share link can't be followed without network",
            "Give the thread's id or address; `archive list` shows them.",
        )
    if pointed.post_id is None:
        thread_id = store.find(root, f"t1_{pointed.comment_id}")
        if thread_id is None:
            raise errors.NotArchived(
                f"the archive {root} holds no comment {pointed.comment_id}",
                "Give the address of its thread to `archive save`.",
            )
        return replace(pointed, post_id=thread_id)
    return pointed


def _tell(outcome: Outcome, wanted: Selection) -> None:
    """Say what was saved, what is missing, what is gone, and how to quote more of it."""
    thread, last = outcome.thread, outcome.captures[-1]
    day = f"{last.captured_at:%Y-%m-%d %H:%M} UTC"
    count = _counted(len(thread.comments), "comment")
    if outcome.gone:
        terminal.warn(f"Gone from Reddit: {outcome.gone}. This is the snapshot of {day}.")
    elif outcome.added and outcome.added.is_new:
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
    parts = [_counted(number, "comment")] if number else []
    if branches:
        parts.append(f"what follows below {_counted(branches, 'deep comment')}")
    return f"{' and '.join(parts)} {'is' if number + branches == 1 else 'are'} not fetched"


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _print(outcome: Outcome, wanted: Selection, style: Quote, given: dict[str, Any]) -> None:
    """Write the quote to where it was asked for."""
    text = quote.render(
        outcome.thread,
        wanted,
        target=_target(given["target"] or style.target),
        deepest=style.deepest,
        is_literal=style.typography == "literal",
    )
    if given["output"]:
        disk.replace(text.encode("utf-8", "replace"), Path(given["output"]))
    if given["as_json"]:
        terminal.result(json.dumps(_machine_readable(outcome, text), indent=2) + "\n")
    elif not given["output"]:
        terminal.result(text)


def _target(name: str) -> str:
    if name not in targets.NAMES:
        raise click.UsageError(f"'{name}' is no target; there are {', '.join(targets.NAMES)}")
    return name


def _machine_readable(outcome: Outcome, text: str) -> dict[str, Any]:
    thread, last = outcome.thread, outcome.captures[-1]
    return {
        "thread": f"t3_{thread.id}",
        "url": thread.post.permalink if thread.post else None,
        "title": thread.post.title if thread.post else None,
        "captured_at": f"{last.captured_at:%Y-%m-%dT%H:%M:%SZ}",
        "source": last.source,
        "snapshot": str(outcome.added.snapshot.path) if outcome.added else None,
        "is_new": bool(outcome.added and outcome.added.is_new),
        "gone": outcome.gone,
        "comments": len(thread.comments),
        "missing": sum(gap.count for gap in thread.gaps),
        "complete": not thread.gaps,
        "quote": text,
    }
