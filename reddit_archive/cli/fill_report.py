"""Messages about threads that were filled: what was added, and what is still missing and why."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from reddit_archive.cli import json_output, terminal
from reddit_archive.model.source_info import SOURCES
from reddit_archive.workflows.fill import FillResult, SourceAnswer
from reddit_archive.workflows.gaps import Gaps
from reddit_archive.workflows.wording import format_count

STATUSES = ("complete", "filled", "partly filled", "unchanged", "failed")
ABSENCE_HINT = (
    "That an archive lacks a comment does not mean that Reddit does. With a key (`archive login`) "
    "Reddit is asked, too; or save the page again in your browser and import it."
)


def format_range(low: int, high: int) -> str:
    """Write a number of requests, or an estimate."""
    return format_count(high, "request") if low == high else f"about {low:,} to {high:,} requests"


def describe_gaps(gaps: Gaps) -> str:
    """Describe what is missing; "" if nothing is."""
    parts = [] if gaps.has_post else ["the post"]
    if gaps.comment_count:
        parts.append(format_count(gaps.comment_count, "comment"))
    if unknown_count := sum(not count for count in gaps.unlisted.values()):
        parts.append(f"an unknown number of comments in {format_count(unknown_count, 'place')}")
    if gaps.undated:
        parts.append(f"the times of {format_count(len(gaps.undated), 'text')}")
    return ", ".join(parts)


def _describe_added(result: FillResult) -> str:
    parts = ["the post"] if result.has_new_post else []
    if result.comment_count:
        parts.append(format_count(result.comment_count, "comment"))
    if result.dated_count:
        parts.append(f"the times of {format_count(result.dated_count, 'text')}")
    return ", ".join(parts) or "nothing"


def _explain_missing(result: FillResult) -> str:
    """Say what is still missing and why; "" if nothing is."""
    gaps = result.gaps
    if gaps is None or gaps.is_empty:
        return ""
    reasons = [reason for answer in result.answers if (reason := _explain_answer(answer, gaps))]
    explanation = f" ({'; '.join(reasons)})" if reasons else ""
    return f"still missing: {describe_gaps(gaps)}{explanation}"


def _explain_answer(answer: SourceAnswer, gaps: Gaps) -> str:
    """Say what a source has of what was requested by name, or why it did not answer."""
    if answer.error or answer.reason:
        return answer.error.message if answer.error else answer.reason
    lacking = answer.unavailable & {*gaps.parents, *gaps.undated}
    requested = answer.requested | lacking
    parts = [f"{len(requested) - len(lacking):,} of {len(requested):,}"] if lacking else []
    parts += ["no others"] if gaps.unlisted else []
    return f"{SOURCES[answer.source].label} has {' and '.join(parts)}" if parts else ""


def report_result(result: FillResult, *, as_json: bool) -> None:
    """Print the line of a thread, and warn of errors."""
    if as_json:
        json_output.print_json(_build_json(result))
    else:
        missing = _explain_missing(result)
        has_changed = result.status not in ("complete", "failed")
        added = f"added: {_describe_added(result)}" if has_changed else ""
        fields = [f"t3_{result.thread_id}", result.status, added, missing]
        terminal.print_result("\t".join(fields).rstrip() + "\n")
    if result.error is not None and result.gaps is None:  # the line does not say why
        terminal.warn(f"t3_{result.thread_id}: {result.error.message}.")
    if result.gaps is not None and result.gaps.withheld_count:
        count = format_count(result.gaps.withheld_count, "comment")
        terminal.status(
            f"t3_{result.thread_id}: Reddit names {count} that it shows to nobody. "
            f"`archive save {result.thread_id} --recover` looks for the texts."
        )


def _build_json(result: FillResult) -> dict[str, Any]:
    gaps = result.gaps
    return {
        "thread": f"t3_{result.thread_id}",
        "status": result.status,
        "added_comments": result.comment_count,
        "added_post": result.has_new_post,
        "added_times": result.dated_count,
        "complete": gaps.is_empty if gaps else None,
        **(build_gaps_json(gaps) if gaps else {}),
        "sources": [
            {
                "source": answer.source,
                "requested": len(answer.requested),
                "unavailable": len(answer.unavailable & ({*gaps.parents, *gaps.undated}))
                if gaps
                else 0,
                "error": answer.error.message if answer.error else answer.reason or None,
            }
            for answer in result.answers
        ],
        "error": result.error.message if result.error else None,
    }


def build_gaps_json(gaps: Gaps) -> dict[str, Any]:
    """Describe what is missing as `--json` prints it."""
    return {
        "missing": gaps.comment_count,
        "missing_post": not gaps.has_post,
        "missing_times": len(gaps.undated),
        "withheld": gaps.withheld_count,
    }


def report_counts(counts: Counter[str], results: Sequence[FillResult]) -> None:
    """Report in one line how many threads have which outcome, and what was added."""
    parts = [f"{counts[status]:,} {status}" for status in STATUSES if counts[status]]
    comments = format_count(sum(result.comment_count for result in results), "comment")
    summary = f"{', '.join(parts)}; {comments} added" if parts else "There is nothing to fill"
    terminal.status(f"{summary}.")
    has_lacking = any(
        result.gaps is not None and not result.gaps.is_empty and not result.error
        for result in results
    )
    if has_lacking:
        terminal.status(ABSENCE_HINT)
