"""`batch`: save every thread that lists, pages and exports name."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from reddit_archive import errors
from reddit_archive.archive import store
from reddit_archive.cli import json_output, options, terminal
from reddit_archive.cli.command_settings import load_settings
from reddit_archive.cli.forgotten_report import report_saved_again
from reddit_archive.cli.quote_options import build_quote_options, style_options
from reddit_archive.cli.source_options import override_sources, source_options
from reddit_archive.config import Settings
from reddit_archive.model import capture
from reddit_archive.sources.base import Progress
from reddit_archive.workflows import file_names
from reddit_archive.workflows.archive_folder import check_writable, prepare_output
from reddit_archive.workflows.batch import save_all
from reddit_archive.workflows.batch_quotes import write_quotes
from reddit_archive.workflows.batch_result import BatchResult
from reddit_archive.workflows.inputs import ListProblem, ThreadRequest
from reddit_archive.workflows.read_lists import read_lists
from reddit_archive.workflows.sources import format_progress, open_source
from reddit_archive.workflows.wording import format_count

STATUSES = ("new", "changed", "unchanged", "not due", "gone", "failed")


@click.command(
    "batch",
    epilog=options.format_examples(
        "archive batch examples/notes.md --dry-run",
    ),
)
@click.argument("lists", metavar="LIST...", nargs=-1, required=True)
@click.option("--due", is_flag=True, help="Only threads that are due for another check.")
@click.option("--retry-gone", is_flag=True, help="Also ask for threads that were gone lately.")
@click.option(
    "-o", "--output", metavar="DIR", help="Write a quote of each thread to a file in DIR."
)
@click.option(
    "--name",
    "template",
    metavar="TEMPLATE",
    default=file_names.DEFAULT_TEMPLATE,
    help=f"The name of each file (default: {file_names.DEFAULT_TEMPLATE}).",
)
@style_options
@source_options
@click.option("--dry-run", is_flag=True, help="Print the threads that are named; fetch nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON line for each thread.")
@options.global_options
def batch_command(
    lists: tuple[str, ...],
    due: bool,
    retry_gone: bool,
    output: str | None,
    template: str,
    dry_run: bool,
    as_json: bool,
    **cli_options: Any,
) -> None:
    """Save every thread that LIST names; fetch only what is new or has changed.

    A LIST is a text file (one thread per line, then options such as --comment ID), YAML, any
    Markdown or HTML page (its Reddit links), a CSV or JSON export (also Reddit's own), a folder of
    those, or - for stdin.

    Threads that are gone are asked for ever more rarely: after a day, two, four, up to half a year.
    """
    settings = override_sources(load_settings(), cli_options)
    if output:
        prepare_output(settings.archive, Path(output), is_folder=True)
    requests, problems = read_lists(lists, terminal.reporter)
    if dry_run:
        _print_requests(requests, problems, settings)
        return
    if requests:
        check_writable(settings.archive)
    counts: Counter[str] = Counter()
    for problem in problems:
        _report_problem(problem, as_json=as_json)
        counts["failed"] += 1
    results: list[BatchResult] = []
    try:
        for result in _save_with_progress(
            requests, settings, counts, only_due=due, retries_gone=retry_gone
        ):
            counts[result.status] += 1
            counts["deleted"] += result.newly_deleted_count
            counts["not requested"] += result.was_gone and not result.unavailable_reason
            results.append(result)
            _report(result, as_json=as_json)
        if output:
            defaults = build_quote_options(cli_options)
            for result, error in write_quotes(
                results, Path(output), template, defaults, settings, terminal.reporter
            ):
                counts["failed"] += 1
                terminal.warn(f"{_label(result)}: {error.message}")
    finally:
        if counts or not requests:
            _report_counts(counts)
    if counts["failed"]:
        total = sum(counts[status] for status in STATUSES)
        others = "All others are saved; r" if counts["failed"] < total else "R"
        raise errors.IncompleteThreadError(
            f"{counts['failed']} of {total} failed", f"{others}un it again to try these once more."
        )


def _save_with_progress(
    requests: Sequence[ThreadRequest],
    settings: Settings,
    counts: Counter[str],
    *,
    only_due: bool,
    retries_gone: bool,
) -> Iterator[BatchResult]:
    with _show_progress(len(requests), counts) as report_progress:
        source = open_source(settings, terminal.reporter, report_progress=report_progress)
        yield from save_all(
            requests,
            source,
            settings,
            terminal.reporter,
            only_due=only_due,
            retries_gone=retries_gone,
        )


def _report(result: BatchResult, *, as_json: bool) -> None:
    """Report one thread: with --json on stdout; on stderr only errors and deletions."""
    if as_json:
        record = {
            "thread": f"t3_{result.thread_id}" if result.thread_id else None,
            "status": result.status,
            "lost": result.newly_deleted_count,
            "origins": list(result.request.origins),
            "error": result.error.message if result.error else result.unavailable_reason or None,
        }
        json_output.print_json(record)
    report_saved_again(result.thread_id, result.forgotten_at)
    if result.error is not None:
        terminal.warn(f"{_label(result)}: {result.error.message}")
    elif result.unavailable_reason and not result.was_gone:
        terminal.status(f"{_label(result)}: {result.unavailable_reason}; it is kept here.")
    if result.newly_deleted_count > 0:
        count = result.newly_deleted_count
        texts = f"{format_count(count, 'text')} {'was' if count == 1 else 'were'}"
        terminal.warn(f"{_label(result)}: {texts} deleted on Reddit and kept here.")


def _report_problem(problem: ListProblem, *, as_json: bool) -> None:
    if as_json:
        record = {"status": "failed", "origins": [problem.origin], "error": problem.message}
        json_output.print_json(record)
    terminal.warn(f"{problem.origin}: {problem.message}")


def _label(result: BatchResult) -> str:
    name = f"t3_{result.thread_id}" if result.thread_id else "a thread"
    origin = f" ({result.request.origins[0]})" if result.request.origins else ""
    return f"{name}{origin}"


def _report_counts(counts: Counter[str]) -> None:
    """Report in one line how many threads have which status."""
    parts = [f"{counts[status]:,} {status}" for status in STATUSES if counts[status]]
    if skipped := counts["not requested"]:
        number = f"{skipped:,} " if skipped < counts["gone"] else ""
        note = f" ({number}not asked for again; --retry-gone asks)"
        parts = [f"{part}{note}" if part.endswith(" gone") else part for part in parts]
    if counts["deleted"] > 0:
        texts = format_count(counts["deleted"], "text")
        parts.append(f"{texts} deleted on Reddit and kept here")
    terminal.status(f"{', '.join(parts) or 'No thread is named'}.")


def _print_requests(
    requests: Sequence[ThreadRequest], problems: Sequence[ListProblem], settings: Settings
) -> None:
    """Print the threads that the lists name, and which of them are stored."""
    for problem in problems:
        terminal.warn(f"{problem.origin}: {problem.message}")
    rows = []
    for request in requests:
        reference = request.reference
        thread_id = reference.post_id
        is_stored = bool(thread_id and store.read_headers(settings.archive, thread_id))
        name = (
            f"t3_{thread_id}" if thread_id else reference.share_path or f"t1_{reference.comment_id}"
        )
        comment_count = len(request.options.selection.comments)
        rows.append((name, "stored" if is_stored else "new", comment_count, request.origins[0]))
    terminal.print_table(("Thread", "State", "Selected comments", "Named in"), rows)


@contextmanager
def _show_progress(total: int, counts: Counter[str]) -> Iterator[Callable[[Progress], None]]:
    """Show on a terminal how far the run is."""
    start = capture.utc_now()

    def format_line(progress: Progress) -> str:
        finished = sum(counts[status] for status in STATUSES)
        parts = [f"{finished:,} of {total:,} threads"]
        parts += [
            f"{counts[name]:,} {name}" for name in ("changed", "deleted", "failed") if counts[name]
        ]
        seconds = (capture.utc_now() - start).total_seconds()
        if finished:
            remaining_seconds = seconds / finished * (total - finished)
            parts.append(f"about {max(1, round(remaining_seconds / 60))} min left")
        return " · ".join([*parts, format_progress(progress)])

    with terminal.progress(f"{total:,} threads …") as update:
        yield lambda progress: update(format_line(progress))
