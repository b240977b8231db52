"""`import`: what other tools have kept, dumps, saved pages and bags, taken into the archive."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reddit_archive import errors
from reddit_archive.archive import bags as bag_files
from reddit_archive.archive import redact, shared_folder_check
from reddit_archive.archive.bags import Bag
from reddit_archive.archive.index import maintenance
from reddit_archive.archive.index.maintenance import IndexEntry
from reddit_archive.archive.snapshot_format import format_time
from reddit_archive.cli import options, terminal, worker_options
from reddit_archive.cli.save_report import record_saved_again
from reddit_archive.config import Settings
from reddit_archive.export.site import page_cache
from reddit_archive.parallel import ordered_map
from reddit_archive.sources.importers import ImportCollector, ImportFilter, ThreadChunk
from reddit_archive.workflows import import_inputs, import_store
from reddit_archive.workflows.archive_folder import check_writable
from reddit_archive.workflows.import_store import Arrival, Stored
from reddit_archive.workflows.load import moment
from reddit_archive.workflows.wording import format_count

if TYPE_CHECKING:
    from concurrent.futures import Executor

MOST_FRESH = 10_000
"""So many texts wait for the index. Fewer at once take more time, and more keep workers waiting."""
PORTION_BYTES = 2**20


@dataclass(slots=True)
class _Came:
    """What came of an import so far."""

    of: int = 0
    bags: int = 0
    new: int = 0
    known: int = 0
    comments: int = 0
    threads: set[str] = field(default_factory=set)
    failed: list[errors.ArchiveError] = field(default_factory=list)
    fresh: list[IndexEntry] = field(default_factory=list)


@click.command(
    "import",
    short_help="Take in what you have: saved pages, exports, dumps, bags.",
    epilog=options.examples(
        "archive import examples/short.json examples/poll.json",
        "archive import examples/dump.ndjson --subreddit breadlog --since 2024-01-01",
        "archive import examples/everything.json --thread 9bread2 --dry-run",
        "archive export bag bags 9bread1",
        "archive import bags/t3_9bread1",
    ),
)
@click.argument("paths", metavar="FILE|DIR...", nargs=-1, required=True, type=Path)
@click.option("--thread", "threads", metavar="ID", multiple=True, help="Only this (repeatable).")
@click.option(
    "--subreddit", "subreddits", metavar="NAME", multiple=True, help="Only of it (repeatable)."
)
@click.option("--since", metavar="DATE", help="Only what was written from then on.")
@click.option("--until", metavar="DATE", help="Only what was written until then.")
@click.option(
    "--large-window",
    is_flag=True,
    help="Allow small .zst files that need up to 2 GiB of memory.",
)
@click.option("--dry-run", is_flag=True, help="Show what would be imported; store nothing.")
@worker_options.shared
@options.common
def import_command(paths: tuple[Path, ...], dry_run: bool, **given: Any) -> None:
    """Import threads from files. The format is detected automatically.

    Formats: threads as JSON, saved with a browser (several files of one thread are joined); the
    JSON of BDFR and gallery-dl; dumps of Pushshift and Arctic Shift with a post or comment on each
    line, also compressed (for .zst: pip install 'reddit-archive[dumps]'); and bags, as folders or
    ZIP files, if all checksums match. For a folder, all files in it are imported.

    A thread gets the time at which its source saw it. Snapshots that are stored already are not
    added again, and redacted texts stay redacted. A bag does not change stored threads: its
    redactions are reported, and `archive redact --finish` applies them. Lines and replies that
    can't be read are counted and left out, and their threads are marked as incomplete. If a file is
    damaged, everything before the damage is imported.
    """
    settings = worker_options.settings(given)
    if not dry_run:
        check_writable(settings.archive)
    wanted = _wanted(given)
    came = _Came()
    with (
        worker_options.executor(given) as executor,
        _space(settings.archive, dry_run) as folder,
        closing(ImportCollector(folder, wanted, large_window=given["large_window"])) as intake,
    ):
        _read(paths, intake, came, settings, dry_run, executor)
        try:
            for found in _stored(intake, settings, dry_run, executor):
                _take(found, came, settings)
        finally:
            _note(came, settings.archive)
        _tell(intake, came, dry_run)
    _fail(came)


def _wanted(given: dict[str, Any]) -> ImportFilter:
    from reddit_archive.model import reference

    threads = [reference.parse(text).post_id for text in given["threads"]]
    if None in threads:
        raise errors.InvalidReferenceError("--thread takes the id or the address of a thread")
    since, until = given["since"], given["until"]
    return ImportFilter(
        subreddits=frozenset(name.lower().removeprefix("r/") for name in given["subreddits"]),
        thread_ids=frozenset(filter(None, threads)),
        since=None if since is None else moment(since, is_start=True),
        until=None if until is None else moment(until),
    )


@contextmanager
def _space(root: Path, is_trial: bool) -> Iterator[Path]:
    """Where to sort what does not fit in memory: beside the archive, or nowhere near on trial."""
    if not is_trial:
        yield root / "tmp"
        return
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def _read(
    paths: tuple[Path, ...],
    intake: ImportCollector,
    came: _Came,
    settings: Settings,
    is_trial: bool,
    executor: "Executor | None",
) -> None:
    """Take bags in at once, and of all other files what is wanted into the intake."""
    with terminal.waiting("Reading …") as update:
        for found in (each for path in paths for each in import_inputs.find(path)):
            came.of += 1
            name = found.display_name if isinstance(found, Bag) else str(found)
            update(f"Reading {name} …")
            try:
                if isinstance(found, errors.ArchiveError):
                    raise found
                if isinstance(found, Bag):
                    terminal.result(_take_bag(settings.archive, found, is_trial))
                    came.bags += 1
                else:
                    intake.add_file(
                        found, report_line_count=partial(_progress, update, name), executor=executor
                    )
            except errors.StoreError as error:
                if not isinstance(found, errors.ArchiveError):
                    raise  # of our own disk, not of this file
                came.failed.append(error)
            except errors.ArchiveError as error:
                came.failed.append(error)


def _progress(update: Callable[[str], None], name: str, number: int) -> None:
    update(f"Reading {name} … {number:,} lines")


def _take_bag(root: Path, found: Bag, is_trial: bool) -> str:
    if is_trial:
        return f"{found.display_name}\ta bag\n"
    came = bag_files.restore_bag(root, found)
    if came.new_count and not came.existing_count:
        record_saved_again(root, *came.thread_ids)
    for thread_id in came.pending_thread_ids:
        terminal.warn(
            f"The bag redacts texts of t3_{thread_id} that are stored here. They stay unchanged; "
            f"run `archive redact {thread_id} --finish` to redact them here, too."
        )
    threads = " ".join(f"t3_{thread_id}" for thread_id in came.thread_ids)
    return f"{threads}\t{came.new_count} new\t{came.existing_count} known\n"


def _stored(
    intake: ImportCollector, settings: Settings, is_trial: bool, executor: "Executor | None"
) -> Iterator[Stored]:
    """Store portion after portion, or look at them on trial."""
    root = settings.archive
    least_bytes = PORTION_BYTES if executor else 0
    if is_trial:
        portions = intake.iter_chunks(min_bytes=least_bytes)
        yield from _spread(import_store.look_at, portions, executor)
    elif executor is None or settings.deleted != "keep":  # which is for one writer at a time
        yield from map(partial(import_store.keep, root, None), intake.iter_chunks())
    elif intake.item_count:
        with shared_folder_check.create_marker(root) as mark:
            portions = intake.iter_chunks(min_bytes=least_bytes)
            yield from _spread(partial(import_store.keep, root, mark), portions, executor)


def _spread(
    work: Callable[[ThreadChunk], Stored],
    portions: Iterator[ThreadChunk],
    executor: "Executor | None",
) -> Iterator[Stored]:
    weigh = attrgetter("size_bytes")
    return ordered_map.map_ordered(
        work, portions, executor, max_local_items=ordered_map.MAX_LOCAL_MEGABYTES, count_bytes=weigh
    )


def _take(found: Stored, came: _Came, settings: Settings) -> None:
    """Note what was stored in the index, many at a time, and print a line for each capture."""
    record_saved_again(settings.archive, *found.first)
    came.fresh += found.entries
    came.failed += found.failed
    if sum(len(entry.search_rows.documents) for entry in came.fresh) > MOST_FRESH:
        _note(came, settings.archive)
    if settings.deleted != "keep":
        _note(came, settings.archive)  # before what is redacted is taken out of the index
        for thread_id in {each.thread_id for each in found.arrivals if each.is_new}:
            changed = redact.apply_policy(settings.archive, thread_id, settings.deleted)
            page_cache.discard(changed)
    for arrival in found.arrivals:
        _show(arrival, came)


def _show(taken: Arrival, came: _Came) -> None:
    came.threads.add(taken.thread_id)
    came.comments += taken.comments
    came.new += taken.is_new is True
    came.known += taken.is_new is False
    what = {True: "new", False: "known", None: "would be taken"}[taken.is_new]
    comments = format_count(taken.comments, "comment")
    fields = (f"t3_{taken.thread_id}", what, comments, taken.source)
    terminal.result("\t".join((*fields, format_time(taken.captured_at))) + "\n")


def _note(came: _Came, root: Path) -> None:
    if came.fresh:
        maintenance.upsert(root, came.fresh)
    came.fresh.clear()


def _tell(intake: ImportCollector, came: _Came, is_trial: bool) -> None:
    for shown, number in intake.skipped_counts.items():
        lines = format_count(number, "line")
        terminal.warn(f"{shown}: left out {lines} without a readable post or comment.")
    for shown, number in intake.skipped_nested_counts.items():
        replies = format_count(number, "value")
        terminal.warn(
            f"{shown}: left out {replies} among replies that can't be read; "
            "these threads are not complete."
        )
    if came.threads:
        threads = format_count(len(came.threads), "thread")
        comments = format_count(came.comments, "comment")
        end = "nothing was stored" if is_trial else f"{came.new:,} new, {came.known:,} known"
        terminal.say(f"{threads} with {comments}: {end}.")
    elif not came.failed and not came.bags:
        terminal.say("Nothing of what you asked for is in it.")


def _fail(came: _Came) -> None:
    """Raise an error if files were not imported, or only in part."""
    if came.failed and came.of == 1:
        raise came.failed[0]
    for error in came.failed:
        terminal.warn(f"{error.message}.")
    if came.failed:
        hints = dict.fromkeys(error.hint for error in came.failed if error.hint)
        partly = sum(isinstance(error, errors.IncompleteThreadError) for error in came.failed)
        not_at_all = len(came.failed) - partly
        parts = [
            f"{number} of {came.of} {'was' if number == 1 else 'were'} {how}"
            for number, how in ((not_at_all, "not imported"), (partly, "imported in part"))
            if number
        ]
        raise errors.IncompleteThreadError(" and ".join(parts), " ".join(hints))
