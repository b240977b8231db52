"""`log` and `diff`: what happened to a thread, and how its texts changed."""

import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from reddit_archive import history
from reddit_archive.archive import check_log, store
from reddit_archive.archive.snapshot_format import Snapshot, format_time
from reddit_archive.cli import change_report, json_output, options, terminal
from reddit_archive.cli.arguments import thread_argument
from reddit_archive.cli.command_settings import load_settings
from reddit_archive.history import ThreadHistory, timeline
from reddit_archive.history.incremental import CaptureSummary
from reddit_archive.model import reference
from reddit_archive.model.capture import Capture
from reddit_archive.workflows.load import resolve_reference
from reddit_archive.workflows.snapshot_choice import load_pair
from reddit_archive.workflows.thread_log import ThreadLog, load_log
from reddit_archive.workflows.wording import format_count

MINUTE = "%Y-%m-%d %H:%M"
DIGEST_LENGTH = 12
CHANGED_EXIT_CODE = 1


@click.command(
    "log",
    epilog=options.format_examples(
        "archive log 9bread1",
        "archive log 9bread1 --json",
    ),
)
@thread_argument
@click.option("--json", "as_json", is_flag=True, help="Print a machine-readable result.")
@options.global_options
def log_command(thread: str, as_json: bool) -> None:
    """Show when THREAD was saved and checked, and what changed, oldest first.

    The first list has a line for each snapshot, with the changes since the previous one, and for
    each check. It marks imported snapshots, because anybody can write anything into a bag. For a
    saved web page it names the kind: old (old.reddit.com, and www.reddit.com until 2018), new
    (2018 to 2024), new-with-state (the same with its scripts), or shreddit (today's
    www.reddit.com). The second list has a line for each change: the times between which it
    happened, its kind, the author, the id, the beginning of the text and, if the thread has several
    sources, the source that showed the change.
    """
    thread_id, root = _resolve_thread(thread)
    log = load_log(root, thread_id, on_damage=terminal.warn_damaged)
    thread_history, snapshots = log.history, log.snapshots
    checks = check_log.read(store.thread_folder(root, thread_id))
    if as_json:
        _print_json(_build_log_json(log, checks))
        return
    changes = _count_changes(thread_history)
    rows = [
        _build_snapshot_row(snapshot, summary, changes[number])
        for number, (snapshot, summary) in enumerate(zip(snapshots, log.summaries, strict=True))
    ]
    for check in checks:
        time = str(check.get("checked_at", "")).replace("T", " ")[:16]
        source = change_report.describe_source_name(str(check.get("source", "")))
        rows.append((time, source, str(check.get("result", "")), "", "", ""))
    columns = ("Time (UTC)", "Source", "Result", "Changes", "Thread is", "Snapshot")
    terminal.print_table(columns, sorted(rows, key=lambda row: row[0]))
    if thread_history.events:
        terminal.print_result("\n")
        _print_changes(thread_history, snapshots)


def _print_changes(thread_history: ThreadHistory, snapshots: Sequence[Snapshot]) -> None:
    """Print a row for each change, with its source if there are several."""
    columns = ["After", "Before", "Change", "Author", "Id", "Text"]
    rows = [change_report.build_row(event, thread_history) for event in thread_history.events]
    sources = [change_report.describe_source(snapshot.capture) for snapshot in snapshots]
    if len(set(sources)) < 2:
        terminal.print_table(columns, rows)
        return
    rows = [
        (*row, sources[event.capture_index])
        for row, event in zip(rows, thread_history.events, strict=True)
    ]
    terminal.print_table([*columns, "Source"], rows, folding=2)


def _resolve_thread(thread: str) -> tuple[str, Path]:
    """Return the id of a thread, and the archive. Raises NotArchivedError."""
    root = load_settings().archive
    return resolve_reference(root, reference.parse(thread)).post_id or "", root


def _count_changes(thread_history: ThreadHistory) -> defaultdict[int, Counter[str]]:
    """Count the changes of each kind by the index of the capture that shows them."""
    changes: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for event in thread_history.events:
        changes[event.capture_index][event.kind] += 1
    return changes


def _build_snapshot_row(
    snapshot: Snapshot, summary: CaptureSummary, counts: Counter[str]
) -> tuple[str, ...]:
    capture = snapshot.capture
    source = change_report.describe_source(capture)
    return (
        f"{capture.captured_at:{MINUTE}}",
        f"{source}, imported" if capture.is_imported else source,
        format_count(summary.comment_count, "comment"),
        ", ".join(
            f"{counts[kind]} {change_report.describe_kind(kind)}"
            for kind in timeline.EVENT_KINDS
            if counts[kind]
        ),
        "complete" if summary.is_complete else "incomplete",
        snapshot.digest[:DIGEST_LENGTH] if change_report.is_terminal() else snapshot.path.name,
    )


def _build_log_json(log: ThreadLog, checks: Sequence[Any]) -> dict[str, Any]:
    thread_history, snapshots = log.history, log.snapshots
    changes = _count_changes(thread_history)
    return {
        "thread": f"t3_{thread_history.thread_id}",
        "snapshots": [
            {
                **_describe_snapshot(snapshot),
                "file": str(snapshot.path),
                "comments": summary.comment_count,
                "complete": summary.is_complete,
                "changes": changes[number],
            }
            for number, (snapshot, summary) in enumerate(zip(snapshots, log.summaries, strict=True))
        ],
        "checks": list(checks),
        "changes": [
            {
                **change_report.build_json(event, thread_history),
                "snapshot": snapshots[event.capture_index].digest,
                **_describe_source(snapshots[event.capture_index].capture),
            }
            for event in thread_history.events
        ],
    }


def _describe_snapshot(snapshot: Snapshot) -> dict[str, Any]:
    capture = snapshot.capture
    return {
        "digest": snapshot.digest,
        "captured_at": format_time(capture.captured_at),
        **_describe_source(capture),
        "imported": capture.is_imported,
    }


def _describe_source(capture: Capture) -> dict[str, Any]:
    return {
        "source": capture.source,
        "source_label": change_report.build_source_label(capture),
        "page_kinds": change_report.list_page_kinds(capture),
    }


def _print_json(value: Any) -> None:
    json_output.print_json(value, indent=2)


@click.command(
    "diff",
    context_settings={"ignore_unknown_options": True},  # -2 is a snapshot, not an option
    epilog=options.format_examples(
        "archive diff 9bread1",
        "archive diff 9bread1 --json",
    ),
)
@thread_argument
@click.argument("start", metavar="[FROM", required=False)
@click.argument("end", metavar="[TO]]", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print a machine-readable result.")
@options.global_options
def diff_command(thread: str, start: str | None, end: str | None, as_json: bool) -> None:
    """Show what is new, edited, deleted or vanished between two snapshots of THREAD.

    FROM and TO are a date or time in UTC (2026-02-11, 2026-02-11T09:30), for the last snapshot
    until then; the first digits of a snapshot's digest; or -N, for the N-th snapshot from the end.
    The default is the last two snapshots. Scores are not compared. Exits with 1 if there is a
    change, like diff.
    """
    thread_id, root = _resolve_thread(thread)
    pair = load_pair(root, thread_id, start, end, on_damage=terminal.warn_damaged)
    older, newer = pair.older, pair.newer
    if start is None and pair.snapshot_count == 1:
        terminal.status(
            "The thread has only one snapshot. There is nothing to compare it with yet."
        )
    thread_history = history.trace(thread_id, (older.capture, newer.capture))
    if as_json:
        _print_json(_build_diff_json(thread_history, older, newer))
    else:
        for event in thread_history.events:
            change_report.print_change(event, thread_history)
    if thread_history.events:
        sys.exit(CHANGED_EXIT_CODE)


def _build_diff_json(
    thread_history: ThreadHistory, older: Snapshot, newer: Snapshot
) -> dict[str, Any]:
    return {
        "thread": f"t3_{thread_history.thread_id}",
        "from": _describe_snapshot(older),
        "to": _describe_snapshot(newer),
        "changed": bool(thread_history.events),
        "changes": [
            {
                **change_report.build_json(event, thread_history),
                "words": change_report.compare_words(event),
            }
            for event in thread_history.events
        ],
    }
