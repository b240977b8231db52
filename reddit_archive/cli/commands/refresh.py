"""`refresh`: the quote blocks inside Markdown pages, renewed in place or checked."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from reddit_archive import errors
from reddit_archive.cli import options, terminal, worker_options
from reddit_archive.config import Settings, page_settings
from reddit_archive.files import durable_files, regular_files
from reddit_archive.model import reference
from reddit_archive.model.deletion import get_deletion_reason
from reddit_archive.quote import blocks as quote_blocks
from reddit_archive.quote.blocks import QuoteBlock
from reddit_archive.sources import registry
from reddit_archive.sources.base import Source
from reddit_archive.workflows import change_check, local_images, refresh, save
from reddit_archive.workflows.archive_folder import check_writable
from reddit_archive.workflows.inputs import Item, Wanted, unite
from reddit_archive.workflows.refresh import Answer, Page, Scope

SUFFIXES = (".md", ".markdown", ".mdown", ".mkd")
NO_BLOCK = (
    "There is no quote block in that: one begins with <!-- reddit: ADDRESS --> and ends with "
    "<!-- /reddit -->."
)
KEEP = "Remove the markers to keep this text, or replace it with --force."


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with a block.

    `kind` is "broken", "missing", "stale", "edited", "deleted", "failed" or "kept".
    """

    path: Path
    line: int
    kind: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.kind}: {self.message}"


@click.command(
    "refresh",
    short_help="Renew the quote blocks inside Markdown pages.",
    epilog=options.examples(
        "archive refresh examples/notes.md --check --offline",
    ),
)
@click.argument("paths", metavar="PAGE...", nargs=-1, required=True, type=Path)
@click.option("--check", is_flag=True, help="Write nothing; report what is wrong, and exit with 1.")
@click.option("--offline", is_flag=True, help="Send no requests; use stored threads only.")
@click.option("--force", is_flag=True, help="Also replace text that this program did not write.")
@click.option("--lost-ok", is_flag=True, help="With --check: accept texts that Reddit has lost.")
@click.option("--json", "as_json", is_flag=True, help="Print findings as JSON lines.")
@options.sourcing
@worker_options.shared
@options.common
def refresh_command(paths: tuple[Path, ...], **given: Any) -> None:
    """Renew the quotes between `<!-- reddit: URL --comment ID … -->` and `<!-- /reddit -->`.

    Threads that are not in the archive are saved first. Quotes that were edited by hand, and other
    text that this program did not write, are kept and reported with their line; the exit code is
    then 3. Everything outside the markers stays unchanged, to the byte. For a folder, all Markdown
    files in it are refreshed.
    """
    if given["check"] and given["force"]:
        raise click.UsageError("--check writes nothing, so --force has no effect. Leave one out.")
    settings = save.configured(worker_options.settings(given), given)
    pages = [_page(path, settings) for path in _files(paths)]
    with worker_options.executor(given) as executor:
        if given["check"]:
            findings = [found for each in pages for found in _broken(each.path, each.blocks)]
            findings += _checked(pages, settings, executor, given)
        else:
            findings = list(_renewed(pages, settings, executor, given))
    for finding in sorted(findings, key=lambda each: (str(each.path), each.line, each.kind)):
        _report(finding, as_json=given["as_json"])
    count = sum(len(each.blocks) for each in pages)
    if not count:
        terminal.say(NO_BLOCK)
    if findings and given["check"]:
        raise errors.BlocksOutdatedError(
            f"{terminal.counted(len(findings), 'fault')} in {terminal.counted(count, 'block')}",
            "Run `archive refresh` to add missing quotes and renew stale ones.",
        )
    if findings:
        raise errors.IncompleteThreadError(
            f"{terminal.counted(len(findings), 'block')} of {count} could not be renewed",
            "Their text is unchanged.",
        )


def _broken(path: Path, found: Iterable[QuoteBlock]) -> Iterator[Finding]:
    for block in found:
        if block.problem:
            yield Finding(path, block.line, "broken", block.problem)


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            below = regular_files.walk_files(path)
            found = sorted(p for p in below if p.suffix.lower() in SUFFIXES)
            yield from (p for p in found if p.is_file())  # an editor's lock is a link to nothing
        else:
            yield path


def _page(path: Path, settings: Settings) -> Page:
    """Read a page. Raises BadReference, and ConfigError for its front matter."""
    try:
        text = quote_blocks.decode(regular_files.read_bytes(path))
    except OSError as error:
        why = (error.strerror or "it can't be read").lower()
        raise errors.InvalidReferenceError(
            f"can't read the page {path}: {why}", "Check its name."
        ) from None
    found = tuple(quote_blocks.find_blocks(text))
    own = (
        page_settings.apply_page_settings(settings, str(path), quote_blocks.read_front_matter(text))
        if found
        else settings
    )
    return Page(path, text, own, found)


def _wanted(pages: Sequence[Page]) -> Iterator[Item]:
    """The thread of every whole block; one that names none is found when it is written."""
    for each in pages:
        for block in each.blocks:
            if not block.problem:
                try:
                    pointed = reference.parse(block.reference)
                except errors.InvalidReferenceError:
                    continue
                if pointed.file is None:
                    yield Item(pointed, block.options, f"{each.path}:{block.line}")


def _renewed(
    pages: Sequence[Page],
    settings: Settings,
    executor: Executor | None,
    given: Mapping[str, Any],
) -> Iterator[Finding]:
    """Save the threads that the blocks need, and write the pages whose bytes change."""
    durable_files.remove_orphaned_temps_beside(each.path for each in pages)
    if not given["offline"]:
        _archive(unite(_wanted(pages)), settings)
    is_forced = given["force"]
    for each, answers in refresh.answered(pages, settings, Scope(), executor):
        findings = _renew(each, answers, is_forced=is_forced)
        while findings is None:  # somebody edited the page in the meantime
            again = [_page(each.path, settings)]
            [(each, answers)] = refresh.answered(again, settings, Scope(), None)
            findings = _renew(each, answers, is_forced=is_forced)
        yield from findings


def _renew(
    each: Page, answers: Mapping[QuoteBlock, Answer], *, is_forced: bool
) -> list[Finding] | None:
    """Write a page if its bytes change.

    Returns the blocks that were not renewed, or None if the page is not as it was read.
    """
    faults: dict[QuoteBlock, refresh.Fault] = {}
    quotes: dict[QuoteBlock, str] = {}
    for block, found in answers.items():
        kept = None if is_forced or found.fault else _kept(each, block, found.text)
        fault = kept or found.fault or _copied(found, each)
        if fault is not None:
            faults[block] = fault
        elif not quote_blocks.is_current(block, found.text):
            quotes[block] = found.text
    text = quote_blocks.replace_quotes(each.text, quotes) if quotes else each.text
    if text != each.text:
        if not durable_files.replace(
            quote_blocks.encode(text), each.path, expected=quote_blocks.encode(each.text)
        ):
            return None
        terminal.say(f"Renewed {each.path}.")
    after = quote_blocks.find_blocks(text)
    findings = [*_broken(each.path, after)]
    for old, new in zip(_whole(each.blocks), _whole(after), strict=True):
        if old in faults:  # lines in messages are those of the renewed page
            fault = _kept(each, new, answers[old].text) if faults[old][0] == "kept" else None
            findings.append(Finding(each.path, new.line, *(fault or faults[old])))
    return findings


def _whole(found: Iterable[QuoteBlock]) -> list[QuoteBlock]:
    return [block for block in found if not block.problem]


def _kept(each: Page, block: QuoteBlock, text: str) -> refresh.Fault | None:
    foreign = _foreign_text(each, block, text)
    return ("kept", f"{foreign}. {KEEP}") if foreign else None


def _foreign_text(each: Page, block: QuoteBlock, text: str) -> str:
    return quote_blocks.explain_foreign_text(block, text, each.settings.styles.values())


def _copied(found: Answer, each: Page) -> refresh.Fault | None:
    """Copy the pictures of a quote to its page's folder; return why that failed, if it did."""
    try:
        local_images.put(found.pictures, str(each.path))
    except errors.ArchiveError as error:
        return refresh.fault(error)
    return None


def _archive(wanted: list[Wanted], settings: Settings) -> None:
    """Fetch what is new or has moved; what fails is said, and the block takes what is stored."""
    if not wanted:
        return
    from reddit_archive.cli.commands.batch import resolved  # these two load PRAW
    from reddit_archive.workflows.batch import Round

    check_writable(settings.archive)
    with save.progress() as show:
        asked = save.source(settings, show=show)
        named, failed = resolved(wanted, asked, settings.archive)
        for result in (*failed, *Round(asked, settings).go(named)):
            if result.error is not None:
                terminal.warn(f"{result.wanted.origins[0]}: {result.error.message}")


def _checked(
    pages: Sequence[Page], settings: Settings, executor: Executor | None, given: Mapping[str, Any]
) -> Iterator[Finding]:
    """Compare every block with the archive, and what it quotes with Reddit; write nothing."""
    lost_ok, is_offline = given["lost_ok"], given["offline"]
    quoted: dict[str, list[tuple[Page, QuoteBlock]]] = {}
    said: dict[str, int] = {}
    scope = Scope(lost=not lost_ok, live=not is_offline and _has_live(settings))
    for each, answers in refresh.answered(pages, settings, scope, executor):
        for block, found in answers.items():
            if found.fault is not None:
                yield Finding(each.path, block.line, *found.fault)
                continue
            if not block.content.strip():
                yield Finding(each.path, block.line, "missing", "the quote is not there yet")
            elif _is_stale(each, block, found.text):
                foreign = _foreign_text(each, block, found.text)
                what = f"{foreign}. {KEEP}" if foreign else "the archive gives another quote"
                yield Finding(each.path, block.line, "stale", what)
            for name, lost in found.lost:
                yield Finding(each.path, block.line, "deleted", f"{name} is {lost} on Reddit")
            for name, words in found.live:
                said[name] = change_check.number(words)
                quoted.setdefault(name, []).append((each, block))
    asked = None if is_offline else _live(settings)
    if asked is not None and said:
        yield from _moved(asked, said, quoted, lost_ok=lost_ok)


def _is_stale(each: Page, block: QuoteBlock, text: str) -> bool:
    """Raises Unfaithful, as writing the page would."""
    return (
        not quote_blocks.has_quote(block, text)
        and quote_blocks.replace_quotes(each.text, {block: text}) != each.text
    )


def _has_live(settings: Settings) -> bool:
    return registry.has_live_source(settings)


def _live(settings: Settings) -> Source | None:
    """The source that tells what has become of a text, where there is a key for it."""
    if not _has_live(settings):
        terminal.say("Without a key for Reddit only the archive tells what was edited or deleted.")
        return None
    return save.source(settings)


def _moved(
    asked: Source,
    said: dict[str, int],
    quoted: dict[str, list[tuple[Page, QuoteBlock]]],
    *,
    lost_ok: bool,
) -> Iterator[Finding]:
    found = asked.look_up(sorted(said))
    for name, was in said.items():
        thing = found.get(name)
        is_lost = thing is None or get_deletion_reason(thing["kind"], thing["data"]) is not None
        if is_lost and lost_ok:
            continue
        if is_lost:
            kind, message = "deleted", f"{name} is no longer shown by Reddit"
        elif thing is not None and change_check.state(thing) != was:
            kind, message = "edited", f"{name} has changed on Reddit since it was saved"
        else:
            continue
        for each, block in quoted[name]:
            yield Finding(each.path, block.line, kind, message)


def _report(finding: Finding, *, as_json: bool) -> None:
    if as_json:
        line = {
            "page": str(finding.path),
            "line": finding.line,
            "kind": finding.kind,
            "message": finding.message,
        }
        terminal.result_json(line)
    else:
        terminal.result(f"{terminal.printable(str(finding))}\n")
