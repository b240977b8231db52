"""`batch`: save every thread that lists, pages and exports name."""

import io
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reddit_archive import errors
from reddit_archive.archive import link_cache, store
from reddit_archive.archive.snapshot_reader import gc_paused
from reddit_archive.cli import options, terminal
from reddit_archive.cli.commands.quote import written
from reddit_archive.config import Settings
from reddit_archive.files import durable_files, regular_files
from reddit_archive.model import capture
from reddit_archive.sources import decompress
from reddit_archive.sources.base import Progress, Source
from reddit_archive.sources.decompress import InputStream
from reddit_archive.workflows import file_names, local_images, save
from reddit_archive.workflows.archive_folder import check_owner, check_writable, prepare_output
from reddit_archive.workflows.batch import FATAL, Result, Round
from reddit_archive.workflows.inputs import Item, Problem, Wanted, detect, unite
from reddit_archive.workflows.load import load, moment

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_BYTES = 100_000_000
LIKELY = (
    *(".txt", ".md", ".markdown", ".mdown", ".html", ".htm"),
    *(".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".yaml", ".yml"),
)
ORDER = ("new", "changed", "unchanged", "not due", "gone", "failed")


@click.command(
    "batch",
    short_help="Save every thread that a list, a page or an export names.",
    epilog=options.examples(
        "archive batch examples/notes.md --dry-run",
    ),
)
@click.argument("lists", metavar="LIST...", nargs=-1, required=True)
@click.option("--due", is_flag=True, help="Only those that it is time to look at again.")
@click.option("-o", "--output", metavar="DIR", help="Write a quote of each into DIR.")
@click.option(
    "--name",
    "template",
    metavar="TEMPLATE",
    default=file_names.DEFAULT,
    help=f"How its file is named (default: {file_names.DEFAULT}).",
)
@options.looking
@options.sourcing
@click.option("--dry-run", is_flag=True, help="Say what is named; ask for nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON line for each thread.")
@options.common
def batch_command(lists: tuple[str, ...], **given: Any) -> None:
    """Save every thread that LIST names; fetch only what is new or has changed.

    A LIST is a text file (a thread a line, then options such as --comment ID), YAML, any Markdown
    or HTML page (its Reddit links), a CSV or JSON export (also Reddit's own), a folder of those, or
    - for stdin.
    """
    settings = save.configured(options.settings(), given)
    if given["output"]:
        prepare_output(settings.archive, Path(given["output"]), is_folder=True)
    wanted, problems = _gather(lists)
    if given["dry_run"]:
        _list(wanted, problems, settings)
        return
    if wanted:
        check_writable(settings.archive)
    tally: Counter[str] = Counter()
    for problem in problems:
        _report_problem(problem, as_json=given["as_json"])
        tally["failed"] += 1
    done: list[Result] = []
    try:
        for result in _go(wanted, settings, tally, only_due=given["due"]):
            tally[result.status] += 1
            tally["lost"] += result.lost
            done.append(result)
            _report(result, as_json=given["as_json"])
        if given["output"]:
            tally["failed"] += _write_quotes(done, settings, given)
    finally:
        if tally or not wanted:
            _close(tally)
    if tally["failed"]:
        count = sum(tally[name] for name in ORDER)
        others = "All others are saved; r" if tally["failed"] < count else "R"
        raise errors.IncompleteThreadError(
            f"{tally['failed']} of {count} failed", f"{others}un it again to try these once more."
        )


def _gather(paths: Sequence[str]) -> tuple[list[Wanted], list[Problem]]:
    """Read all lists; the same thread named twice is wanted once."""
    items: list[Item] = []
    problems: list[Problem] = []
    for name, data, failure in _contents(paths):
        found = detect.read(data, name)
        found += [Problem(name, failure.message, failure.hint)] if failure else []
        if not found and name in paths:
            terminal.warn(f"{name} names no thread.")
        items += [each for each in found if isinstance(each, Item)]
        problems += [each for each in found if isinstance(each, Problem)]
    return unite(items), problems


def _contents(paths: Sequence[str]) -> Iterator[tuple[str, bytes, errors.ArchiveError | None]]:
    """Yield the name and the bytes of each list, and an error if the rest can't be read.

    Raises BadReference if a list that the user named can't be read at all.
    """
    for path in paths:
        if path == "-":
            data = sys.stdin.buffer.read(MOST_BYTES)
            stream = InputStream(io.BytesIO(data), "the input", len(data), large_window=False)
            yield "-", *_read(stream)
        elif Path(path).is_dir():
            below = regular_files.walk_files(Path(path))
            files = sorted(p for p in below if _is_likely(p))
            for file in (p for p in files if p.is_file()):
                try:
                    yield str(file), *_read_file(file)
                except errors.InvalidReferenceError as error:
                    yield str(file), b"", error
        else:
            yield path, *_read_file(Path(path))


def _is_likely(path: Path) -> bool:
    suffixes = [suffix.lower() for suffix in path.suffixes[-2:]]
    is_packed = len(suffixes) == 2 and suffixes[1] in (".gz", ".bz2", ".xz", ".zst")
    return bool(suffixes) and suffixes[0 if is_packed else -1] in LIKELY


def _read_file(path: Path) -> tuple[bytes, errors.ArchiveError | None]:
    try:
        with decompress.open_stream(path) as stream:
            return _read(stream)
    except errors.NotAThreadError as error:
        raise errors.InvalidReferenceError(error.message, error.hint) from None


def _read(stream: InputStream) -> tuple[bytes, errors.ArchiveError | None]:
    data = stream.read_all(MOST_BYTES)
    if data is None:
        return b"", errors.InvalidReferenceError("it is too large for a list", "Split the list.")
    return data, stream.failure


def _go(
    wanted: list[Wanted], settings: Settings, tally: Counter[str], *, only_due: bool
) -> Iterator[Result]:
    """Make the round, with a bar on a terminal."""
    with _bar(len(wanted), tally) as show:
        asked = save.source(settings, show=show)
        named, failed = resolved(wanted, asked, settings.archive)
        yield from failed
        yield from Round(asked, settings, only_due=only_due).go(named)


def resolved(wanted: list[Wanted], asked: Source, root: Path) -> tuple[list[Wanted], list[Result]]:
    """Find the threads of share links and of lone comments; what was found once is remembered."""
    known = link_cache.read(root)
    found: list[Item] = []
    failed: list[Result] = []
    for each in wanted:
        pointed, key = each.reference, link_cache.build_key(each.reference)
        try:
            if key is not None and key not in known:
                known[key] = asked.resolve(pointed)
                link_cache.record(root, [(key, known[key])])
        except errors.FetchError as error:
            if isinstance(error, FATAL):
                raise
            failed.append(Result(each, "failed", error=error))
            continue
        pointed = pointed if key is None else known[key]
        chosen = each.options.with_comment(pointed.comment_id)
        found += [Item(pointed, chosen, origin) for origin in each.origins]
    return unite(found), failed


def _write_quotes(done: list[Result], settings: Settings, given: dict[str, Any]) -> int:
    """Write the quote of each thread that is stored, where its bytes have changed; count faults."""
    failed = 0
    folder = Path(given["output"])
    stored = [each for each in done if each.thread_id and each.status != "failed"]
    posts = [
        (load(settings.archive, r.thread_id).thread.post_metadata, r.thread_id) for r in stored
    ]
    paths = [*file_names.paths(given["template"], posts)]
    durable_files.remove_orphaned_temps_beside(folder / path for path in paths)
    for result, path in zip(stored, paths, strict=True):
        try:
            _write_quote(result, folder / path, settings, given)
        except errors.ArchiveError as error:
            failed += 1
            terminal.warn(f"{_label(result)}: {error.message}")
    return failed


@gc_paused()
def _write_quote(result: Result, path: Path, settings: Settings, given: dict[str, Any]) -> None:
    check_owner(settings.archive, path)
    chosen = options.preferred(result.wanted.options, given)
    until = moment(chosen.as_of) if chosen.as_of is not None else None
    outcome = load(settings.archive, result.thread_id, until=until)
    durable_files.make_folder(path.parent)
    text = written(outcome, chosen, settings, output=str(path))
    local_images.copy(outcome, text, str(path))
    data = text.encode("utf-8", "replace")
    if not path.is_file() or regular_files.read_bytes(path) != data:
        durable_files.replace(data, path)


def _report(result: Result, *, as_json: bool) -> None:
    """Tell of one thread: on stdout for scripts; else what failed, was lost or is new."""
    if as_json:
        line = {
            "thread": f"t3_{result.thread_id}" if result.thread_id else None,
            "status": result.status,
            "lost": result.lost,
            "origins": list(result.wanted.origins),
            "error": result.error.message if result.error else result.said or None,
        }
        terminal.result_json(line)
    if result.error is not None:
        terminal.warn(f"{_label(result)}: {result.error.message}")
    elif result.said:
        terminal.say(f"{_label(result)}: {result.said}; it is kept here.")
    if result.lost > 0:
        texts = terminal.counted(result.lost, "text")
        terminal.warn(f"{_label(result)}: Reddit has lost {texts}, kept here.")


def _report_problem(problem: Problem, *, as_json: bool) -> None:
    if as_json:
        line = {"status": "failed", "origins": [problem.origin], "error": problem.message}
        terminal.result_json(line)
    terminal.warn(f"{problem.origin}: {problem.message}")


def _label(result: Result) -> str:
    name = f"t3_{result.thread_id}" if result.thread_id else "a thread"
    where = f" ({result.wanted.origins[0]})" if result.wanted.origins else ""
    return f"{name}{where}"


def _close(tally: Counter[str]) -> None:
    """Say in one line what became of all."""
    parts = [f"{tally[name]:,} {name}" for name in ORDER if tally[name]]
    lost = tally["lost"]
    if lost > 0:
        parts.append(f"{terminal.counted(lost, 'text')} lost on Reddit and kept here")
    terminal.say(f"{', '.join(parts) or 'Nothing is named'}.")


def _list(wanted: list[Wanted], problems: list[Problem], settings: Settings) -> None:
    """Print what the lists name, and what of it is stored."""
    for problem in problems:
        terminal.warn(f"{problem.origin}: {problem.message}")
    rows = []
    for each in wanted:
        pointed = each.reference
        thread_id = pointed.post_id
        is_stored = bool(thread_id and store.read_headers(settings.archive, thread_id))
        name = f"t3_{thread_id}" if thread_id else pointed.share_path or f"t1_{pointed.comment_id}"
        count = len(each.options.selection.comments)
        rows.append((name, "stored" if is_stored else "new", count, each.origins[0]))
    terminal.table(("thread", "is", "comments", "named in"), rows)


@contextmanager
def _bar(total: int, tally: Counter[str]) -> "Iterator[Callable[[Progress], None]]":
    """Show on a terminal how far the round is."""
    began = capture.utc_now()

    def line(done: Progress) -> str:
        finished = sum(tally[name] for name in ORDER)
        parts = [f"{finished:,} of {total:,} threads"]
        parts += [f"{tally[n]:,} {n}" for n in ("changed", "lost", "failed") if tally[n]]
        seconds = (capture.utc_now() - began).total_seconds()
        if finished:
            left = seconds / finished * (total - finished)
            parts.append(f"about {max(1, round(left / 60))} min left")
        return " · ".join([*parts, save.line(done)])

    with terminal.waiting(f"{total:,} threads …") as update:
        yield lambda done: update(line(done))
