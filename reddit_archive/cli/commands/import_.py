"""`import`: import threads from saved pages, exports of other tools, dumps and bags."""

from pathlib import Path
from typing import Any

import click

from reddit_archive import errors
from reddit_archive.archive.snapshot_format import format_time
from reddit_archive.cli import options, terminal, worker_options
from reddit_archive.cli.forgotten_report import report_saved_again
from reddit_archive.model import reference as reference_model
from reddit_archive.sources.importers import ImportFilter
from reddit_archive.workflows.import_files import ImportedBag, ImportSummary, import_files
from reddit_archive.workflows.import_store import ImportedCapture
from reddit_archive.workflows.load import parse_time
from reddit_archive.workflows.wording import format_count


@click.command(
    "import",
    epilog=options.format_examples(
        "archive import examples/short.json examples/poll.json",
        "archive import examples/dump.ndjson --subreddit breadlog --since 2024-01-01",
        "archive import examples/everything.json --thread 9bread2 --dry-run",
        "archive export bag bags 9bread1",
        "archive import bags/t3_9bread1",
    ),
)
@click.argument("paths", metavar="FILE|DIR...", nargs=-1, required=True, type=Path)
@click.option(
    "--thread", "threads", metavar="ID", multiple=True, help="Only this thread (repeatable)."
)
@click.option(
    "--subreddit",
    "subreddits",
    metavar="NAME",
    multiple=True,
    help="Only threads of this subreddit (repeatable).",
)
@click.option("--since", metavar="DATE", help="Only what was written on that day or later.")
@click.option("--until", metavar="DATE", help="Only what was written on that day or before.")
@click.option(
    "--large-window",
    is_flag=True,
    help="Allow small .zst files that need up to 2 GiB of memory.",
)
@click.option("--dry-run", is_flag=True, help="Show what would be imported; store nothing.")
@worker_options.worker_options
@options.global_options
def import_command(paths: tuple[Path, ...], dry_run: bool, **cli_options: Any) -> None:
    """Import threads from files. The format is detected automatically.

    Formats: web pages of threads, as browsers, SingleFile, ArchiveBox, the Wayback Machine and
    others save them (for WARC and WACZ: pip install 'reddit-archive[warc]'); threads as JSON, saved
    with a browser (several files of one thread are joined); the JSON of BDFR and gallery-dl; dumps
    of Pushshift and Arctic Shift with a post or comment on each line, also compressed (for .zst:
    pip install 'reddit-archive[dumps]'); and bags, as folders or ZIP files, if all checksums match.
    For a folder, all files in it are imported; web pages without a thread are counted and left out.

    A thread gets the time at which its source saw it. Snapshots that are stored already are not
    added again, and redacted texts stay redacted. A bag does not change stored threads: its
    redactions are reported, and `archive redact --finish` applies them. Lines and replies that
    can't be read are counted and left out, and their threads are marked as incomplete. If a file is
    damaged, everything before the damage is imported.
    """
    settings = worker_options.load_settings(cli_options)
    with worker_options.open_executor(cli_options) as executor:
        summary = import_files(
            paths,
            settings,
            terminal.reporter,
            import_filter=_build_filter(cli_options),
            large_window=cli_options["large_window"],
            dry_run=dry_run,
            executor=executor,
            on_import=_print_imported,
            on_restored=report_saved_again,
        )
    _report(summary, dry_run)
    _raise_errors(summary)


def _build_filter(cli_options: dict[str, Any]) -> ImportFilter:
    thread_ids = [reference_model.parse(text).post_id for text in cli_options["threads"]]
    if None in thread_ids:
        raise errors.InvalidReferenceError("--thread takes the id or the address of a thread")
    since, until = cli_options["since"], cli_options["until"]
    return ImportFilter(
        subreddits=frozenset(name.lower().removeprefix("r/") for name in cli_options["subreddits"]),
        thread_ids=frozenset(filter(None, thread_ids)),
        since=None if since is None else parse_time(since, is_start=True),
        until=None if until is None else parse_time(until),
    )


def _print_imported(imported: ImportedCapture | ImportedBag) -> None:
    """Print a line of fields for each capture and each bag."""
    if isinstance(imported, ImportedCapture):
        status = {True: "new", False: "known", None: "would be imported"}[imported.is_new]
        comments = format_count(imported.comment_count, "comment")
        fields = [f"t3_{imported.thread_id}", status, comments, imported.source]
        fields.append(format_time(imported.captured_at))
    elif imported.new_count is None:
        fields = [imported.name, "a bag"]
    else:
        for thread_id in imported.pending_thread_ids:
            terminal.warn(
                f"The bag redacts texts of t3_{thread_id} that are stored here. They stay "
                f"unchanged; run `archive redact {thread_id} --finish` to redact them here, too."
            )
        names = " ".join(f"t3_{thread_id}" for thread_id in imported.thread_ids)
        fields = [names, f"{imported.new_count} new", f"{imported.existing_count} known"]
    terminal.print_result("\t".join(fields) + "\n")


def _report(summary: ImportSummary, dry_run: bool) -> None:
    for name, number in summary.skipped_counts.items():
        lines = format_count(number, "line")
        terminal.warn(f"{name}: left out {lines} without a readable post or comment.")
    for name, number in summary.skipped_nested_counts.items():
        values = format_count(number, "value")
        terminal.warn(
            f"{name}: left out {values} among replies that can't be read; "
            "these threads are not complete."
        )
    for warning in summary.warnings:
        terminal.warn(warning)
    if summary.other_page_counts:
        pages = format_count(summary.other_page_counts.total(), "web page")
        most_common = summary.other_page_counts.most_common()
        kinds = ", ".join(f"{kind} ({count:,})" for kind, count in most_common)
        terminal.status(f"Left out {pages} without a thread: {kinds}.")
    if summary.thread_ids:
        threads = format_count(len(summary.thread_ids), "thread")
        comments = format_count(summary.comment_count, "comment")
        counts = f"{summary.new_count:,} new, {summary.existing_count:,} known"
        outcome = "nothing was stored" if dry_run else counts
        terminal.status(f"{threads} with {comments}: {outcome}.")
    elif not summary.failures and not summary.bag_count:
        terminal.status("The files contain nothing that you asked for.")


def _raise_errors(summary: ImportSummary) -> None:
    """Raise an error if files were not imported, or only in part."""
    if summary.failures and summary.source_count == 1:
        raise summary.failures[0]
    for error in summary.failures:
        terminal.warn(f"{error.message}.")
    if summary.failures:
        hints = dict.fromkeys(error.hint for error in summary.failures if error.hint)
        partial_count = sum(isinstance(e, errors.IncompleteThreadError) for e in summary.failures)
        failed_count = len(summary.failures) - partial_count
        parts = [
            f"{number} of {summary.source_count} {'was' if number == 1 else 'were'} {outcome}"
            for number, outcome in (
                (failed_count, "not imported"),
                (partial_count, "imported in part"),
            )
            if number
        ]
        raise errors.IncompleteThreadError(" and ".join(parts), " ".join(hints))
