"""What commands take from the archive: a thread by any of its names, merged from its snapshots."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from reddit_archive import errors, history
from reddit_archive.archive import store
from reddit_archive.archive.snapshot_format import Snapshot, format_time
from reddit_archive.archive.store import DamagedFile
from reddit_archive.cli import completion, terminal
from reddit_archive.model import reference
from reddit_archive.model.reference import Reference
from reddit_archive.model.thread import Thread
from reddit_archive.workflows.archive_folder import empty, not_stored, opened

THREAD = click.argument("thread", shell_complete=completion.threads)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A thread as the archive has it, and what became of asking for it again.

    `snapshots` are all of it, in order. `is_new` is None where nothing was fetched; `gone` says
    why Reddit no longer gives the thread.
    """

    thread: Thread
    snapshots: tuple[Snapshot, ...]
    is_new: bool | None = None
    gone: str | None = None


def load(root: Path, thread_id: str, *, until: datetime | None = None) -> Outcome:
    """Merge the snapshots of a thread, those until a moment. Raises NotArchived, DamageFound."""
    found = shots(root, thread_id, on_damage=terminal.damaged)
    return merged(thread_id, found, until=until)


def shots(
    root: Path,
    thread_id: str,
    *,
    on_damage: Callable[[DamagedFile], None],
    added: store.AddResult | None = None,
) -> tuple[Snapshot, ...]:
    """Read the snapshots of a thread that are whole. Raises NotArchived, DamageFound.

    What was just `added` is not read again.
    """
    found = store.load_snapshots(root, thread_id, on_damage=on_damage, add_result=added)
    if found:
        return found
    if store.read_headers(root, thread_id):
        raise errors.DamageFoundError(
            f"no whole snapshot of the thread {thread_id} is left", "Restore a backup."
        )
    raise not_stored(root, f"thread {thread_id}")


def merged(
    thread_id: str, found: tuple[Snapshot, ...], *, until: datetime | None = None
) -> Outcome:
    """Merge snapshots of a thread, those until a moment. Raises NotArchived where it had none."""
    if until is not None:
        captures = history.select_until((shot.capture for shot in found), until)
        found = tuple(shot for shot in found if any(shot.capture is each for each in captures))
    return Outcome(history.merge(thread_id, (shot.capture for shot in found)), found)


def stored_reference(root: Path, pointed: Reference) -> Reference:
    """Find out the post of a reference from what is on disk."""
    if pointed.file is not None:
        from reddit_archive.sources import saved_json

        return Reference(post_id=saved_json.read_capture(pointed.file).thread_id)
    if pointed.share_path is not None:
        raise errors.InvalidReferenceError(
            "a share link can't be followed without network",
            "Give the thread's id or address; `archive list` shows them.",
        )
    if pointed.post_id is None:
        thread_id = store.find_thread(root, f"t1_{pointed.comment_id}")
        if thread_id is None:
            hint = "Give the address of its thread to `archive save`."
            raise not_stored(root, f"comment {pointed.comment_id}", hint)
        return replace(pointed, post_id=thread_id)
    return pointed


def stored_threads(root: Path, given: tuple[str, ...]) -> list[str]:
    """The ids of what is given, or of all stored threads. Raises NotArchived."""
    if not given:
        found = list(store.iter_thread_ids(opened(root)))
        if not found:
            terminal.say(empty(root))
        return found
    pointed = [stored_reference(root, reference.parse(each)) for each in given]
    found = [each.post_id or "" for each in pointed]
    for thread_id in found:
        if not store.read_headers(root, thread_id):
            raise not_stored(root, f"thread {thread_id}")
    return list(dict.fromkeys(found))


def machine_readable(outcome: Outcome, text: str) -> dict[str, Any]:
    thread, last = outcome.thread, outcome.snapshots[-1].capture
    heading = thread.post_metadata
    return {
        "thread": f"t3_{thread.id}",
        "url": heading.permalink if heading else None,
        "title": heading.title if heading else None,
        "captured_at": format_time(last.captured_at),
        "source": last.source,
        "snapshot": str(outcome.snapshots[-1].path),
        "is_new": bool(outcome.is_new),
        "gone": outcome.gone,
        "comments": len(thread.comments),
        "missing": thread.missing_count,
        "withheld": sum(gap.count for gap in thread.missing_comments if gap.is_withheld),
        "complete": thread.is_complete,
        "quote": text,
    }


def moment(text: str, *, is_start: bool = False) -> datetime:
    """Read a time, in UTC unless it says otherwise, or a date, which means its end, or its start.

    Raises BadReference.
    """
    try:
        if "W" in text:  # a week, of which nobody would say when it ends
            raise ValueError
        at = datetime.fromisoformat(text)
        if re.fullmatch(r"\d{4}-?\d\d-?\d\d", text) and not is_start:
            at += timedelta(days=1, microseconds=-1)
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise errors.InvalidReferenceError(
            f"{text!r} is no date", "Write it like 2026-02-11 or 2026-02-11T09:30."
        ) from None
