"""`log` and `diff`: what happened to a thread, and how its texts changed."""

import re
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from reddit_archive import errors, history
from reddit_archive.archive import check_log, store
from reddit_archive.archive.snapshot_format import Snapshot, format_time
from reddit_archive.cli import change_report, options, terminal
from reddit_archive.history import ThreadHistory, timeline
from reddit_archive.model import completeness, reference
from reddit_archive.workflows import load
from reddit_archive.workflows.load import THREAD, moment, stored_reference

MINUTE = "%Y-%m-%d %H:%M"
DIGITS = 12
CHANGED = 1


@click.command(
    "log",
    short_help="Show what happened to a thread, and when.",
    epilog=options.examples(
        "archive log 9bread1",
        "archive log 9bread1 --json",
    ),
)
@THREAD
@click.option("--json", "as_json", is_flag=True, help="Print a machine-readable result.")
@options.common
def log_command(thread: str, as_json: bool) -> None:
    """Show when THREAD was saved and checked, and what changed, oldest first.

    First comes a line for each snapshot, with the changes since the previous one, and for each
    check. Imported snapshots are marked, because anybody can write anything into a bag. Then comes
    a line for each change: the times before and after it, its kind, the author, and the beginning
    of the text.
    """
    thread_id, shots, root = _stored(thread)
    past = history.trace(thread_id, (shot.capture for shot in shots))
    checks = check_log.read(store.thread_folder(root, thread_id))
    if as_json:
        _print_json(_log(past, shots, checks))
        return
    states = _completeness(thread_id, shots)
    rows = [
        _snapshot_row(number, shot, past, is_complete=is_complete)
        for number, (shot, is_complete) in enumerate(zip(shots, states, strict=True))
    ]
    for check in checks:
        when = str(check.get("checked_at", "")).replace("T", " ")[:16]
        rows.append((when, str(check.get("source", "")), str(check.get("result", "")), "", "", ""))
    columns = ("When (UTC)", "Source", "What", "Changed", "", "Snapshot")
    terminal.table(columns, sorted(rows, key=lambda row: row[0]))
    if past.events:
        terminal.result("\n")
        columns = ("After", "Before", "Change", "Who", "Id", "Text")
        terminal.table(columns, (change_report.build_row(event, past) for event in past.events))


def _stored(thread: str) -> tuple[str, tuple[Snapshot, ...], Path]:
    """The id, the whole snapshots and the archive of a thread. Raises NotArchived, DamageFound."""
    root = options.settings().archive
    thread_id = stored_reference(root, reference.parse(thread)).post_id or ""
    return thread_id, load.shots(root, thread_id, on_damage=terminal.damaged), root


def _completeness(thread_id: str, shots: Sequence[Snapshot]) -> list[bool]:
    """Tell for each snapshot whether the thread is complete with it and all before it."""
    found = completeness.iter_missing(thread_id, (shot.capture for shot in shots))
    return [completeness.is_complete(gaps) for gaps in found]


def _snapshot_row(
    number: int, shot: Snapshot, past: ThreadHistory, *, is_complete: bool
) -> tuple[str, ...]:
    taken = shot.capture
    counts = Counter(event.kind for event in past.events if event.capture_index == number)
    return (
        f"{taken.captured_at:{MINUTE}}",
        f"{taken.source}, imported" if taken.is_imported else taken.source,
        terminal.counted(sum(thing["kind"] == "t1" for thing in taken.things), "comment"),
        ", ".join(
            f"{counts[kind]} {change_report.describe_kind(kind)}"
            for kind in timeline.EVENT_KINDS
            if counts[kind]
        ),
        "complete" if is_complete else "incomplete",
        shot.digest[:DIGITS] if change_report.is_terminal() else shot.path.name,
    )


def _log(past: ThreadHistory, shots: Sequence[Snapshot], checks: Sequence[Any]) -> dict[str, Any]:
    states = _completeness(past.thread_id, shots)
    return {
        "thread": f"t3_{past.thread_id}",
        "snapshots": [
            {
                **_named(shot),
                "file": str(shot.path),
                "comments": sum(thing["kind"] == "t1" for thing in shot.capture.things),
                "complete": is_complete,
                "changes": Counter(e.kind for e in past.events if e.capture_index == number),
            }
            for number, (shot, is_complete) in enumerate(zip(shots, states, strict=True))
        ],
        "checks": list(checks),
        "changes": [
            {**change_report.build_json(event, past), "snapshot": shots[event.capture_index].digest}
            for event in past.events
        ],
    }


def _named(shot: Snapshot) -> dict[str, Any]:
    taken = shot.capture
    return {
        "digest": shot.digest,
        "captured_at": format_time(taken.captured_at),
        "source": taken.source,
        "imported": taken.is_imported,
    }


def _print_json(value: Any) -> None:
    terminal.result_json(value, indent=2)


@click.command(
    "diff",
    short_help="Compare two snapshots of a thread, word by word.",
    context_settings={"ignore_unknown_options": True},  # so that -2 is a snapshot
    epilog=options.examples(
        "archive diff 9bread1",
        "archive diff 9bread1 --json",
    ),
)
@THREAD
@click.argument("start", metavar="[FROM", required=False)
@click.argument("end", metavar="[TO]]", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print a machine-readable result.")
@options.common
def diff_command(thread: str, start: str | None, end: str | None, as_json: bool) -> None:
    """Compare two snapshots of THREAD: what is new, edited, deleted or vanished. Scores are not.

    FROM and TO are a date or time in UTC (2026-02-11, 2026-02-11T09:30) for the last snapshot
    until then, the first digits of a snapshot's digest, or -N for the N-th from the end. Without
    them the last two are compared. Exits with 1 if there is a change, like diff.
    """
    thread_id, shots, _ = _stored(thread)
    if start is None and len(shots) == 1:
        terminal.say("There is one snapshot alone; nothing to compare it with yet.")
    older, newer = _find(shots, start or f"-{min(2, len(shots))}"), _find(shots, end or "-1")
    past = history.trace(thread_id, (older.capture, newer.capture))
    if as_json:
        _print_json(_diff(past, older, newer))
    else:
        for event in past.events:
            change_report.print_change(event, past)
    if past.events:
        sys.exit(CHANGED)


def _find(shots: Sequence[Snapshot], text: str) -> Snapshot:
    """The snapshot that FROM or TO names. Raises BadReference, NotArchived."""
    if match := re.fullmatch(r"-([1-9]\d*)", text):
        if int(match[1]) > len(shots):
            raise errors.NotArchivedError(
                f"there are {len(shots)} snapshots, so none is the {match[1]}-th from the end"
            )
        return shots[-int(match[1])]
    if match := re.fullmatch(r"(?:\d{8}T\d{6}Z-)?([0-9a-f]{4,64})(?:\.json)?", text.lower()):
        found = [shot for shot in shots if any(each.startswith(match[1]) for each in shot.digests)]
        if len(found) == 1:
            return found[0]
        raise errors.NotArchivedError(
            f"{len(found) or 'no'} snapshots of this thread have a digest that begins with {text}",
            "`archive log THREAD` shows them.",
        )
    try:
        at = moment(text)
    except errors.InvalidReferenceError as error:
        raise errors.InvalidReferenceError(
            f"{error.message}, and no digest", "`archive log THREAD` shows the snapshots."
        ) from None
    until = history.select_until((shot.capture for shot in shots), at)
    return next(shot for shot in shots if shot.capture is until[-1])


def _diff(past: ThreadHistory, older: Snapshot, newer: Snapshot) -> dict[str, Any]:
    return {
        "thread": f"t3_{past.thread_id}",
        "from": _named(older),
        "to": _named(newer),
        "changed": bool(past.events),
        "changes": [
            {**change_report.build_json(event, past), "words": change_report.compare_words(event)}
            for event in past.events
        ],
    }
