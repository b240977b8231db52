"""`fill`: fetch what is missing from stored threads."""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import click

from reddit_archive import errors
from reddit_archive.cli import json_output, options, terminal
from reddit_archive.cli.arguments import complete_thread
from reddit_archive.cli.command_settings import load_settings
from reddit_archive.cli.fill_report import (
    ABSENCE_HINT,
    build_gaps_json,
    describe_gaps,
    format_range,
    report_counts,
    report_result,
)
from reddit_archive.cli.source_options import override_sources, source_options
from reddit_archive.config import Settings
from reddit_archive.sources import registry
from reddit_archive.workflows.archive_folder import check_writable
from reddit_archive.workflows.fill import FillEstimate, FillResult, FillRun, estimate_all
from reddit_archive.workflows.fill_names import import_and_resolve, is_input
from reddit_archive.workflows.sources import format_progress, open_sources
from reddit_archive.workflows.wording import format_count


@click.command(
    "fill",
    epilog=options.format_examples(
        "archive fill 9bread1 --dry-run",
        "archive fill --all --dry-run",
    ),
)
@click.argument("names", metavar="[THREAD|FILE|DIR]...", nargs=-1, shell_complete=complete_thread)
@click.option("--all", "is_all", is_flag=True, help="Fill every stored thread that is incomplete.")
@source_options
@click.option(
    "--again", is_flag=True, help="Ask also for what the sources lacked in the last 7 days."
)
@click.option("--dry-run", is_flag=True, help="Show what is missing; send no request.")
@click.option("--require-complete", is_flag=True, help="Exit with 3 when something stays missing.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON line for each thread.")
@options.global_options
def fill_command(
    names: tuple[str, ...],
    is_all: bool,
    again: bool,
    dry_run: bool,
    require_complete: bool,
    as_json: bool,
    **cli_options: Any,
) -> None:
    """Fetch what is missing from stored threads, by ID, and say what stays missing and why.

    Missing are comments that a saved page names or counts and does not show, a missing post, and
    the times of comments from pages that show none. Files and folders are imported first, so one
    command turns half-saved pages into whole threads.

    With a key Reddit is asked, then Arctic Shift; without a key only Arctic Shift. What arrives
    becomes a snapshot of its own source, and what a page showed stays as it is. Redacted texts stay
    redacted. Comments that Reddit names and returns to nobody are withheld, and a thread without
    them is complete; `archive save --recover` looks for their texts. What Arctic Shift lacks stays
    missing, and is not requested again for 7 days.

    Prints a line for each thread: its ID, the outcome, what was added, what is still missing. With
    --all, complete threads get no line. Exits with 3 if a source failed for some threads, or in the
    middle of one; with 1 if nothing could be fetched for the only one.
    """
    if bool(names) == is_all:
        raise click.UsageError("name one or more threads, or give --all, but not both")
    settings = override_sources(load_settings(), cli_options)
    if dry_run and any(is_input(name, settings.archive) for name in names):
        raise click.UsageError(
            "--dry-run works with stored threads only; import the files first: archive import FILE"
        )
    thread_ids, failures = import_and_resolve(names, settings, terminal.reporter)
    if dry_run:
        _print_estimates(thread_ids, settings, asks_again=again, as_json=as_json)
        return
    check_writable(settings.archive)
    counts: Counter[str] = Counter()
    results: list[FillResult] = []
    try:
        for result in _fill_with_progress(thread_ids, settings, counts, asks_again=again):
            counts[result.status] += 1
            if result.status != "complete" or not is_all:
                report_result(result, as_json=as_json)
            results.append(result)
    finally:
        report_counts(counts, results)
    _raise_errors(results, failures, require_complete=require_complete)


def _fill_with_progress(
    thread_ids: Sequence[str], settings: Settings, counts: Counter[str], *, asks_again: bool
) -> Iterator[FillResult]:
    total = len(thread_ids)
    with terminal.progress(f"{format_count(total, 'thread')} …") as update:
        sources = partial(
            open_sources,
            settings,
            terminal.reporter,
            report_progress=lambda progress: update(
                f"{counts.total():,} of {total:,} threads · {format_progress(progress)}"
            ),
        )
        run = FillRun(sources, settings, terminal.reporter, asks_again=asks_again)
        for result in run.run(thread_ids):
            update(f"{counts.total() + 1:,} of {total:,} threads …")
            yield result


def _print_estimates(
    thread_ids: Sequence[str], settings: Settings, *, asks_again: bool, as_json: bool
) -> None:
    info = registry.choose(settings)
    estimates: list[FillEstimate] = []
    for found in estimate_all(
        thread_ids, info.name, settings.archive, terminal.reporter, asks_again=asks_again
    ):
        estimates.append(found)
        if as_json:
            json_output.print_json(
                {
                    "thread": f"t3_{found.thread_id}",
                    **build_gaps_json(found.gaps),
                    "source": info.name,
                    "min_requests": found.min_requests,
                    "max_requests": found.max_requests,
                }
            )
            continue
        requests = format_range(found.min_requests, found.max_requests)
        fields = (
            f"t3_{found.thread_id}",
            describe_gaps(found.gaps),
            f"{requests} to {info.label}",
        )
        terminal.print_result("\t".join(fields) + "\n")
    requests = format_range(
        sum(found.min_requests for found in estimates),
        sum(found.max_requests for found in estimates),
    )
    threads = format_count(len(estimates), "incomplete thread")
    terminal.status(f"{threads}, {requests} to {info.label}; nothing was fetched.")


def _raise_errors(
    results: Sequence[FillResult],
    failures: Sequence[errors.ArchiveError],
    *,
    require_complete: bool,
) -> None:
    """Raise an error if a source failed, or if files were not imported."""
    failed = [result for result in results if result.error is not None]
    if len(results) == 1 and failed and failed[0].status == "failed" and not failures:
        raise failed[0].error or errors.ArchiveError("nothing was fetched")
    for failure in failures:
        terminal.warn(f"{failure.message}.")
    if failed or failures:
        parts = [f"{len(failed)} of {len(results)} threads could not be filled"] if failed else []
        parts += (
            [f"{format_count(len(failures), 'file')} could not be imported"] if failures else []
        )
        raise errors.IncompleteThreadError(
            " and ".join(parts), "What arrived is stored; run it again to fetch the rest."
        )
    incomplete = [result for result in results if result.gaps and not result.gaps.is_empty]
    if require_complete and incomplete:
        raise errors.IncompleteThreadError(
            f"{len(incomplete)} of {len(results)} threads are not complete", ABSENCE_HINT
        )
