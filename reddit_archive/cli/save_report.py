"""Messages about a saved thread: what was saved, what is missing and why, what is deleted."""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from reddit_archive import history
from reddit_archive.cli import change_report, terminal
from reddit_archive.cli.forgotten_report import report_saved_again
from reddit_archive.history import timeline
from reddit_archive.model.capture import Capture, MissingComments
from reddit_archive.model.source_info import SAVED_PAGE, SOURCES, TIME_OF_FILE_KEY
from reddit_archive.workflows.wording import format_count

if TYPE_CHECKING:
    from reddit_archive.quote import Selection
    from reddit_archive.workflows.load import LoadedThread

MAX_PAGE_URLS = 3


def report_save(loaded: "LoadedThread", selection: "Selection") -> None:
    """Report what was saved, what is missing, what is deleted, and how to quote more of it."""
    thread, last = loaded.thread, loaded.snapshots[-1].capture
    day = f"{last.captured_at:%Y-%m-%d %H:%M} UTC"
    comments = format_count(len(thread.comments), "comment")
    report_saved_again(thread.id, loaded.forgotten_at)
    if loaded.unavailable_reason:
        terminal.warn(f"{loaded.unavailable_reason}. This is the snapshot of {day}.")
    elif loaded.is_new:
        terminal.status(f"Saved t3_{thread.id} with {comments}{_describe_origin(last)}.")
        _report_changes(loaded)
    else:
        terminal.status(f"Nothing new in t3_{thread.id} since {day}; {comments}.")
    if thread.post and thread.post.deletion_status and not loaded.unavailable_reason:
        quoted = "; the quote is its last stored text" if thread.post.is_preserved else ""
        terminal.warn(f"The post was {thread.post.deletion_status}{quoted}.")
    _report_missing(loaded)
    if selection.is_post_only and thread.comments:
        terminal.status("To quote comments too: --all, --top N or --comment ID.")


def _describe_origin(capture: Capture) -> str:
    """Say where a capture comes from, if it does not show what Reddit shows now."""
    info, day = SOURCES.get(capture.source), f"{capture.captured_at:%Y-%m-%d}"
    if info is None or info.is_live:
        return ""
    if not info.may_omit_comments:
        return f", as {info.label} saw it on {day}"
    time_note = " (the time of the file)" if TIME_OF_FILE_KEY in capture.request else ""
    return f" from a page that was saved on {day}{time_note}"


def report_missing_pages(urls: Sequence[str]) -> None:
    """Name the pages that complete a thread from saved files."""
    if not urls:
        return
    terminal.status("To complete it, save these pages too and give all files together:")
    for url in urls[:MAX_PAGE_URLS]:
        terminal.status(f"  {url}")
    if len(urls) > MAX_PAGE_URLS:
        terminal.status(f"  and {len(urls) - MAX_PAGE_URLS} more")


def _report_changes(loaded: "LoadedThread") -> None:
    """Report what changed since the previous snapshot."""
    if len(loaded.snapshots) < 2:
        return
    previous, last = (snapshot.capture for snapshot in loaded.snapshots[-2:])
    counts = Counter(
        event.kind for event in history.trace(loaded.thread.id, (previous, last)).events
    )
    changes = ", ".join(
        f"{counts[kind]} {change_report.describe_kind(kind)}"
        for kind in timeline.EVENT_KINDS
        if counts[kind]
    )
    if changes:
        since = f"{previous.captured_at:{change_report.MINUTE}} UTC"
        terminal.status(f"Since {since}: {changes}. `archive diff {loaded.thread.id}` shows it.")


def _report_missing(loaded: "LoadedThread") -> None:
    """Report what was not fetched, what Reddit withholds, and what is deleted."""
    thread, last = loaded.thread, loaded.snapshots[-1].capture
    if missing := describe_missing(thread.missing_comments):
        terminal.warn(f"Not complete: {missing}.")
    if thread.post is None:
        terminal.warn("The post itself is missing.")
    if thread.post is None or (missing and last.source == SAVED_PAGE):
        terminal.status(f"{build_fill_hint(thread.id)}.")
    withheld = sum(m.count for m in thread.missing_comments if m.is_withheld)
    if withheld:
        comments = format_count(withheld, "comment")
        terminal.status(
            f"Reddit names {comments} that it shows to nobody; usually they were removed."
        )
    total = thread.post.comment_count if thread.post else None
    if total is None or loaded.unavailable_reason:
        return
    if "comments" in last.request and not thread.is_complete:
        terminal.status(f"Of {format_count(total, 'comment')}, only the requested ones are here.")
    elif thread.is_complete and (absent := total - len(thread.comments) - withheld) > 0:
        comments = format_count(absent, "comment")
        terminal.status(
            f"Reddit counts {comments} more but does not show them; usually they were deleted."
        )


def build_fill_hint(thread_id: str) -> str:
    """Say which command fetches what a saved page lacks."""
    return f"`archive fill {thread_id}` fetches what is missing"


def describe_missing(missing_comments: tuple[MissingComments, ...]) -> str:
    """Describe the missing comments that could be fetched; "" if there are none."""
    fetchable = tuple(missing for missing in missing_comments if not missing.is_withheld)
    number = sum(missing.count for missing in fetchable)
    uncounted = [missing for missing in fetchable if missing.count == 0]
    branches = sum(missing.parent.startswith("t1_") for missing in uncounted)
    others = len(uncounted) - branches
    parts = [format_count(number, "comment")] if number else []
    if branches:
        parts.append(f"the replies below {format_count(branches, 'deep comment')}")
    if others:
        parts.append("an unknown number of comments")
    verb = "is" if number + branches + others == 1 else "are"
    listed = " and ".join([part for part in (", ".join(parts[:-1]), *parts[-1:]) if part])
    return f"{listed} {verb} not fetched" if parts else ""
