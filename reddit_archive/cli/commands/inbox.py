"""`inbox`: import the thread files in a folder."""

import shlex
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from reddit_archive import errors
from reddit_archive.archive import store
from reddit_archive.cli import json_output, options, terminal
from reddit_archive.cli.command_settings import load_settings
from reddit_archive.cli.save_report import build_fill_hint, describe_missing
from reddit_archive.config import Settings
from reddit_archive.workflows.archive_folder import check_owner, check_writable
from reddit_archive.workflows.inbox import Inbox, InboxResult
from reddit_archive.workflows.load import load_thread
from reddit_archive.workflows.wording import format_count

DEFAULT_SECONDS = 3


@click.command(
    "inbox",
    epilog=options.format_examples(
        "archive inbox .",
        "archive inbox . --move stored",
    ),
)
@click.argument("folder", metavar="DIR", type=Path)
@click.option("--watch", is_flag=True, help="Go on looking until Ctrl-C.")
@click.option(
    "--every",
    "seconds",
    metavar="SECONDS",
    type=options.Number(1),
    help=f"With --watch: the time between two looks (default: {DEFAULT_SECONDS}).",
)
@click.option(
    "--move",
    "move_to",
    metavar="DIR2",
    type=Path,
    help="Move files that are stored to DIR2; never overwrites a file.",
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON line for each file.")
@options.global_options
def inbox_command(
    folder: Path, watch: bool, seconds: int | None, move_to: Path | None, as_json: bool
) -> None:
    """Import every file in DIR that contains a thread, such as a browser's downloads.

    Prints the command that quotes each thread. Other files, folders in DIR, links and hidden files
    are passed over. A download is read when it is whole: files that change, unfinished downloads
    (.part, .crdownload, .download, .tmp, .partial) and files that are cut off wait. Nothing in DIR
    changes unless you give --move. A file that was imported before is known, and is not stored
    again. A thread that was forgotten comes back only from a file that was saved after that.

    With --watch, Ctrl-C is the normal end (exit code 0). Otherwise the command exits with 3 if a
    file is unfinished or could not be imported.
    """
    if seconds is not None and not watch:
        raise click.UsageError("--every needs --watch")
    settings = load_settings()
    _check_folders(folder, move_to, settings)
    check_writable(settings.archive)
    inbox = Inbox(folder, settings, terminal.reporter, move_to)
    counts: Counter[str] = Counter()
    failed_paths: set[Path] = set()  # A file that is whole later has not failed.
    try:
        for result in _iter_results(inbox, seconds or DEFAULT_SECONDS, is_watching=watch):
            failed_paths.discard(result.path)
            if result.error:
                failed_paths.add(result.path)
            else:
                counts[result.status] += 1
            _report(result, as_json=as_json)
            if result.status == "new":
                _report_missing(result, settings)
    except KeyboardInterrupt:
        if not watch:
            raise
    counts["failed"] = len(failed_paths)
    _report_counts(counts, len(inbox.others))
    if counts["failed"] and not watch:
        files = format_count(counts.total(), "file")
        raise errors.IncompleteThreadError(
            f"{counts['failed']} of {files} could not be imported completely",
            "Run it again when they are whole.",
        )


def _check_folders(folder: Path, move_to: Path | None, settings: Settings) -> None:
    """Raise an error for a folder that is missing or an archive."""
    if folder.is_file():
        raise errors.InvalidReferenceError(
            f"{folder} is a file, not a folder",
            f"`archive {shlex.quote(str(folder))}` saves the thread in it.",
        )
    if not folder.is_dir():
        raise errors.InvalidReferenceError(f"there is no folder {folder}", "Check its name.")
    if store.is_archive(folder):
        raise errors.InvalidReferenceError(
            f"{folder} is an archive itself", "Name the folder with your downloads."
        )
    if move_to is None:
        return
    check_owner(settings.archive, move_to / "_")
    if move_to.resolve() == folder.resolve():
        raise errors.InvalidReferenceError(
            f"{move_to} is the folder that is read", "Name another folder for --move."
        )


def _iter_results(inbox: Inbox, seconds: int, *, is_watching: bool) -> Iterator[InboxResult]:
    if not is_watching:
        yield from inbox.run_once()
        return
    terminal.status(f"Watching {inbox.folder} every {seconds} s. Ctrl-C ends it.")
    yield from inbox.watch(seconds)


def _report(result: InboxResult, *, as_json: bool) -> None:
    """Print the commands that quote the threads of a file, and a message about the file."""
    thread_ids = list(dict.fromkeys(capture.thread_id for capture in result.captures))
    commands = [_build_quote_command(thread_id) for thread_id in thread_ids]
    if as_json:
        json_output.print_json(_build_json(result, commands))
    else:
        terminal.print_result("".join(f"{command}\n" for command in commands))
    if result.captures:
        names = ", ".join(f"t3_{thread_id}" for thread_id in thread_ids)
        count = format_count(sum(c.comment_count for c in result.captures), "comment")
        moved = f"; moved to {result.moved_to}" if result.moved_to else ""
        terminal.status(f"{result.path.name}: {names}, {count}, {result.status}{moved}.")
    elif result.status == "forgotten":
        terminal.status(f"{result.path.name}: left out, because its thread was forgotten.")
    if result.error is not None:
        terminal.warn(f"{result.error.message}. {result.error.hint}".rstrip())


def _report_missing(result: InboxResult, settings: Settings) -> None:
    """Say what the thread of a file still lacks. Files with many threads are dumps."""
    thread_ids = {capture.thread_id for capture in result.captures}
    if len(thread_ids) != 1:
        return
    (thread_id,) = thread_ids
    thread = load_thread(settings.archive, thread_id, reporter=terminal.reporter).thread
    missing = describe_missing(thread.missing_comments)
    if missing or thread.post is None:
        missing = missing or "the post is missing"
        terminal.status(f"t3_{thread_id} is not complete: {missing}. {build_fill_hint(thread_id)}.")


def _build_quote_command(thread_id: str) -> str:
    """Return the command that quotes a thread of this archive."""
    stored = click.get_current_context().find_root().obj or {}
    words = ["archive", "quote", thread_id]
    for name in ("archive", "config"):
        words += [f"--{name}", str(stored[name])] if name in stored else []
    return shlex.join(words)


def _build_json(result: InboxResult, commands: list[str]) -> dict[str, Any]:
    return {
        "file": str(result.path),
        "status": result.status,
        "threads": [
            {
                "thread": f"t3_{capture.thread_id}",
                "comments": capture.comment_count,
                "is_new": capture.is_new,
            }
            for capture in result.captures
        ],
        "commands": commands,
        "moved_to": str(result.moved_to) if result.moved_to else None,
        "error": result.error.message if result.error else None,
    }


def _report_counts(counts: Counter[str], other_count: int) -> None:
    """Report in one line how many files have which outcome."""
    outcomes = ("new", "known", "forgotten", "failed")
    parts = [f"{counts[name]:,} {name}" for name in outcomes if counts[name]]
    files = f"{other_count:,} without a thread"
    terminal.status(f"{', '.join([*parts, files])}.")
