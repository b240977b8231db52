"""`refresh`: the quote blocks inside Markdown pages, renewed in place or checked."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from reddit_archive import disk, errors, links, page, quote, reference
from reddit_archive.batch import Item, Wanted, recheck, unite
from reddit_archive.cli import fetching, options, pictures, terminal
from reddit_archive.cli.batching import resolved
from reddit_archive.cli.quoting import target_of, written
from reddit_archive.cli.rounds import Round
from reddit_archive.cli.shelf import Outcome, load, moment
from reddit_archive.config import Settings, pages
from reddit_archive.losses import lost_text
from reddit_archive.page import Block
from reddit_archive.reference import Reference
from reddit_archive.sources import Source

SUFFIXES = (".md", ".markdown", ".mdown", ".mkd")
NO_BLOCK = (
    "There is no quote block in that: one begins with <!-- reddit: ADDRESS --> and ends with "
    "<!-- /reddit -->."
)


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it was read, with the settings that hold for it."""

    path: Path
    text: str
    settings: Settings
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with a block: "broken", "missing", "stale", "edited", "deleted" or "failed"."""

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
@click.option("--offline", is_flag=True, help="Ask no source; take what is stored.")
@click.option("--lost-ok", is_flag=True, help="With --check: a text that Reddit lost is no fault.")
@click.option("--json", "as_json", is_flag=True, help="Print findings as JSON lines.")
@options.sourcing
@options.common
def refresh_command(paths: tuple[Path, ...], **given: Any) -> None:
    """Renew the quotes between `<!-- reddit: URL --comment ID … -->` and `<!-- /reddit -->`.

    Threads are archived as far as they are not yet. All else in a page stays as it is, to the byte.
    A folder stands for the Markdown files in it.
    """
    settings = fetching.configured(options.settings(), given)
    pages = [_page(path, settings) for path in _files(paths)]
    findings = [
        Finding(each.path, block.line, "broken", block.problem)
        for each in pages
        for block in each.blocks
        if block.problem
    ]
    if given["check"]:
        findings += _checked(pages, settings, is_offline=given["offline"], lost_ok=given["lost_ok"])
    else:
        findings += _renewed(pages, settings, is_offline=given["offline"])
    for finding in sorted(findings, key=lambda each: (str(each.path), each.line, each.kind)):
        _report(finding, as_json=given["as_json"])
    count = sum(len(each.blocks) for each in pages)
    if not count:
        terminal.say(NO_BLOCK)
    if findings and given["check"]:
        raise errors.Stale(
            f"{terminal.counted(len(findings), 'fault')} in {terminal.counted(count, 'block')}",
            "`archive refresh` renews what is missing or stale.",
        )
    if findings:
        raise errors.Incomplete(
            f"{terminal.counted(len(findings), 'block')} of {count} could not be renewed",
            "They are as they were.",
        )


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            found = sorted(p for p in path.rglob("*") if p.suffix.lower() in SUFFIXES)
            yield from (p for p in found if p.is_file())  # an editor's lock is a link to nothing
        else:
            yield path


def _page(path: Path, settings: Settings) -> Page:
    """Read a page. Raises BadReference, and ConfigError for its front matter."""
    try:
        text = page.decode(path.read_bytes())
    except OSError as error:
        why = (error.strerror or "it can't be read").lower()
        raise errors.BadReference(f"can't read the page {path}: {why}", "Check its name.") from None
    blocks = tuple(page.blocks(text))
    own = pages.in_page(settings, str(path), page.front_matter(text)) if blocks else settings
    return Page(path, text, own, blocks)


def _wanted(pages: Sequence[Page]) -> Iterator[Item]:
    """The thread of every whole block; one that names none is found when it is written."""
    for each in pages:
        for block in each.blocks:
            if not block.problem:
                try:
                    pointed = reference.parse(block.reference)
                except errors.BadReference:
                    continue
                if pointed.file is None:
                    yield Item(pointed, block.options, f"{each.path}:{block.line}")


def _renewed(pages: Sequence[Page], settings: Settings, *, is_offline: bool) -> Iterator[Finding]:
    """Archive what the blocks need, and write the pages whose bytes change."""
    if not is_offline:
        _archive(unite(_wanted(pages)), settings)
    known = links.known(settings.archive)
    for each in pages:
        failures: list[Finding] = []
        while not _renew(each, known, failures):  # somebody has edited it meanwhile
            failures.clear()
            each = _page(each.path, settings)
        yield from failures


def _renew(each: Page, known: dict[str, Reference], failures: list[Finding]) -> bool:
    """Write a page if its bytes change; tell whether it was still what we have read."""
    quotes: dict[Block, str] = {}
    for block in each.blocks:
        if not block.problem:
            try:
                quotes[block] = _quote(each, block, known)
            except errors.ArchiveError as error:
                failures.append(_failure(each, block, error))
    text = page.renew(each.text, quotes)
    if text == each.text:
        return True
    if not disk.replace(page.encode(text), each.path, was=page.encode(each.text)):
        return False
    terminal.say(f"Renewed {each.path}.")
    return True


def _archive(wanted: list[Wanted], settings: Settings) -> None:
    """Fetch what is new or has moved; what fails is said, and the block takes what is stored."""
    if not wanted:
        return
    with fetching.progress() as show:
        asked = fetching.source(settings, show=show)
        named, failed = resolved(wanted, asked, settings.archive)
        for result in (*failed, *Round(asked, settings).go(named)):
            if result.error is not None:
                terminal.warn(f"{result.wanted.origins[0]}: {result.error.message}")


def _quote(each: Page, block: Block, known: dict[str, Reference]) -> str:
    outcome, chosen = _stored(each, block, known)
    text = written(outcome, chosen, each.settings, output=str(each.path))
    pictures.copy(outcome, text, str(each.path))
    return text


def _stored(each: Page, block: Block, known: dict[str, Reference]) -> tuple[Outcome, page.Options]:
    """The block's thread from the archive, and what to quote. Raises ArchiveError."""
    pointed = reference.parse(block.reference)
    pointed = known.get(links.key(pointed) or "", pointed)
    if pointed.post_id is None:
        raise errors.NotArchived(f"{block.reference} is not archived", "Leave --offline out.")
    chosen = block.options.with_comment(pointed.comment_id)
    until = moment(chosen.as_of) if chosen.as_of is not None else None
    return load(each.settings.archive, pointed.post_id, until=until), chosen


def _checked(
    pages: Sequence[Page], settings: Settings, *, is_offline: bool, lost_ok: bool
) -> Iterator[Finding]:
    """Compare every block with the archive, and what it quotes with Reddit; write nothing."""
    known = links.known(settings.archive)
    quoted: dict[str, list[tuple[Page, Block]]] = {}
    said: dict[str, int] = {}
    for each in pages:
        for block in each.blocks:
            if block.problem:
                continue
            try:
                outcome, chosen = _stored(each, block, known)
                text = written(outcome, chosen, each.settings, output=str(each.path))
            except errors.ArchiveError as error:
                yield _failure(each, block, error)
                continue
            if not block.content.strip():
                yield Finding(each.path, block.line, "missing", "the quote is not there yet")
            elif page.renew(each.text, {block: text}) != each.text:
                yield Finding(each.path, block.line, "stale", "the archive gives another quote")
            names = _names(outcome, chosen, each.settings)
            if not lost_ok:
                yield from _lost(each, block, outcome, names)
            for name, state in _states(outcome, names).items():
                said[name] = state
                quoted.setdefault(name, []).append((each, block))
    asked = None if is_offline else _live(settings)
    if asked is not None and said:
        yield from _moved(asked, said, quoted, lost_ok=lost_ok)


def _names(outcome: Outcome, chosen: page.Options, settings: Settings) -> set[str]:
    """The post and the comments, by fullname, that a quote shows."""
    target = target_of(chosen, settings)
    items = quote.items(outcome.thread, chosen.selection, target=target)
    return {item.said.fullname for item in items if item.said is not None}


def _states(outcome: Outcome, names: set[str]) -> dict[str, int]:
    """What these said when Reddit was last asked; those that are lost already left out."""
    live = [shot.capture for shot in outcome.snapshots if shot.capture.source == "reddit"]
    known = recheck.states(live[-1]) if live else {}
    thread = outcome.thread
    said = {each.fullname: each for each in (thread.post, *thread.comments.values()) if each}
    return {n: known[n] for n in names if n in known and not (said[n].lost if n in said else None)}


def _lost(each: Page, block: Block, outcome: Outcome, names: set[str]) -> Iterator[Finding]:
    thread = outcome.thread
    for said in (thread.post, *thread.comments.values()):
        if said is not None and said.fullname in names and said.lost:
            message = f"{said.fullname} is {said.lost} on Reddit"
            yield Finding(each.path, block.line, "deleted", message)


def _live(settings: Settings) -> Source | None:
    """The source that tells what has become of a text, where there is a key for it."""
    if not settings.reddit.get("client_id") or settings.source == "arctic-shift":
        terminal.say("Without a key for Reddit only the archive tells what was edited or deleted.")
        return None
    return fetching.source(settings)


def _moved(
    asked: Source,
    said: dict[str, int],
    quoted: dict[str, list[tuple[Page, Block]]],
    *,
    lost_ok: bool,
) -> Iterator[Finding]:
    found = asked.look_up(sorted(said))
    for name, was in said.items():
        thing = found.get(name)
        is_lost = thing is None or lost_text(thing["kind"], thing["data"]) is not None
        if is_lost and lost_ok:
            continue
        if is_lost:
            kind, message = "deleted", f"{name} is no longer shown by Reddit"
        elif thing is not None and recheck.state(thing) != was:
            kind, message = "edited", f"{name} has changed on Reddit since it was saved"
        else:
            continue
        for each, block in quoted[name]:
            yield Finding(each.path, block.line, kind, message)


def _failure(each: Page, block: Block, error: errors.ArchiveError) -> Finding:
    kind = "missing" if isinstance(error, errors.NotArchived) else "failed"
    return Finding(each.path, block.line, kind, error.message)


def _report(finding: Finding, *, as_json: bool) -> None:
    if as_json:
        line = {
            "page": str(finding.path),
            "line": finding.line,
            "kind": finding.kind,
            "message": finding.message,
        }
        terminal.result(json.dumps(line) + "\n")
    else:
        terminal.result(f"{terminal.printable(str(finding))}\n")
