"""`save`: fetch a thread, store it, print the quote."""

import shlex
from pathlib import Path
from typing import Any

import click

from reddit_archive import errors
from reddit_archive.archive.snapshot_reader import gc_paused
from reddit_archive.cli import options, terminal
from reddit_archive.cli.arguments import threads_argument
from reddit_archive.cli.command_settings import load_settings
from reddit_archive.cli.commands.quote import print_quote
from reddit_archive.cli.named_comments import join_comments
from reddit_archive.cli.quote_options import build_quote_options, selection_options
from reddit_archive.cli.save_report import (
    build_fill_hint,
    describe_missing,
    report_missing_pages,
    report_save,
)
from reddit_archive.cli.source_options import override_sources, source_options
from reddit_archive.config import Settings
from reddit_archive.model import reference as reference_model
from reddit_archive.model.reference import Reference
from reddit_archive.model.source_info import SAVED_PAGE
from reddit_archive.sources.base import SECONDS_PER_REQUEST, Estimate
from reddit_archive.workflows.archive_folder import prepare_output
from reddit_archive.workflows.fetch import estimate
from reddit_archive.workflows.load import LoadedThread
from reddit_archive.workflows.save import SaveRequest, save


@click.command(
    "save",
    epilog=options.format_examples(
        "archive save examples/short.json --top 2",
        "archive save examples/everything.json --no-media --comment zdeep03 --replies all",
    ),
)
@threads_argument
@selection_options
@source_options
@click.option(
    "--first-page",
    is_flag=True,
    help="Fetch only the first page, or only --comment with its ancestors.",
)
@click.option("--recover", is_flag=True, help="Look for deleted texts in Arctic Shift.")
@click.option("--dry-run", is_flag=True, help="Estimate the number of requests; save nothing.")
@click.option("--require-complete", is_flag=True, help="Exit with 3 when comments are missing.")
@options.global_options
@gc_paused()
def save_command(
    thread: tuple[str, ...],
    first_page: bool,
    recover: bool,
    dry_run: bool,
    require_complete: bool,
    **cli_options: Any,
) -> None:
    """Fetch THREAD, store a snapshot of it, and print the quote.

    The whole thread is saved; the quote is the post alone unless you select comments. The addresses
    of several comments of one thread select each of them. Several saved files of one thread are
    joined.
    """
    settings = override_sources(load_settings(), cli_options)
    if cli_options["output"]:
        prepare_output(settings.archive, Path(cli_options["output"]))
    references, comment_ids = _parse_references(thread)
    request = SaveRequest(
        references,
        build_quote_options(cli_options).with_comments(comment_ids),
        is_whole=not first_page,
        is_recovering=recover,
        output=cli_options["output"],
    )
    if dry_run:
        _print_estimate(request, settings)
        return
    result = save(request, settings, terminal.reporter)
    report_missing_pages(result.missing_page_urls)
    try:
        print_quote(result.loaded, result.options, result.require_quote(), settings, cli_options)
    finally:
        report_save(result.loaded, result.options.selection)
    thread_model = result.loaded.thread
    if require_complete and not thread_model.is_complete:
        raise errors.IncompleteThreadError(
            f"the thread is not complete: {describe_missing(thread_model.missing_comments)}",
            _choose_completion_hint(result.loaded),
        )
    if result.file_errors:
        error = result.file_errors[0]
        raise errors.IncompleteThreadError(
            f"{error.message}; everything before the damage is saved", error.hint
        )


def _choose_completion_hint(loaded: LoadedThread) -> str:
    """Say how to complete a thread. Reading a saved page again would bring nothing."""
    if loaded.snapshots[-1].capture.source == SAVED_PAGE:
        return f"What the page shows is saved; {build_fill_hint(loaded.thread.id)}."
    return "What was fetched is saved; run it again to fetch more."


def _parse_references(names: tuple[str, ...]) -> tuple[tuple[Reference, ...], tuple[str, ...]]:
    """Return one reference with comments of it, or the references of several saved files."""
    references = tuple(_parse_reference(name) for name in names)
    if len(references) > 1 and all(reference.file for reference in references):
        return references, ()
    joined, comment_ids = join_comments(references)
    return (joined,), comment_ids


def _parse_reference(name: str) -> Reference:
    """Return a reference. A name that is no address can be a file with any extension."""
    path = Path(name).expanduser()
    try:
        reference = reference_model.parse(name)
    except errors.InvalidReferenceError:
        if not path.exists():
            raise
        reference = Reference(file=name)
    if reference.file is not None and path.is_dir():
        raise errors.InvalidReferenceError(
            f"{name} is a folder",
            f"`archive import {shlex.quote(name)}` imports the threads in it.",
        )
    return reference


def _print_estimate(request: SaveRequest, settings: Settings) -> None:
    found = estimate(request.references, request.fetch_request, settings, terminal.reporter)
    terminal.print_result(
        f"{_describe_estimate(found) if found else 'Reading a saved file takes no request.'}\n"
    )


def _describe_estimate(found: Estimate) -> str:
    """Describe how many requests a fetch takes, and how long."""
    low, high = found.min_requests, found.max_requests
    requests = f"{low}" if low == high else f"About {low} to {high}"
    noun = "request" if high == 1 else "requests"
    min_seconds, max_seconds = (
        max(1, round(number * SECONDS_PER_REQUEST)) for number in (low, high)
    )
    seconds = str(min_seconds) if min_seconds == max_seconds else f"{min_seconds} to {max_seconds}"
    comments = "" if found.total_comments is None else f" for {found.total_comments:,} comments"
    return f"{requests} {noun}{comments}, about {seconds} s; nothing was saved."
