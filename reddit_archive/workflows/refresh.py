"""What the blocks of pages are to show: each thread is read once, here or by a worker, for all
blocks that quote it. A worker reads the archive alone; pages, the network and the terminal are not
its business.
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from itertools import groupby
from pathlib import Path

from reddit_archive import errors, quote
from reddit_archive.archive import link_cache, shared_folder_check
from reddit_archive.archive.snapshot_reader import gc_paused
from reddit_archive.archive.store import DamagedFile
from reddit_archive.cli import terminal
from reddit_archive.cli.commands.quote import target_of, written
from reddit_archive.config import QuoteSettings, Settings
from reddit_archive.model import reference
from reddit_archive.model.capture import Thing
from reddit_archive.model.reference import Reference
from reddit_archive.parallel import ordered_map
from reddit_archive.quote import blocks as quote_blocks
from reddit_archive.quote.blocks import QuoteBlock
from reddit_archive.workflows import change_check, load, local_images
from reddit_archive.workflows.load import Outcome

AT_ONCE = 4
Place = tuple[int, int]
"""The numbers of a page, and of a block in it."""
Fault = tuple[str, str]
"""The kind of a finding, and a sentence."""
START = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it was read, with the settings that hold for it."""

    path: Path
    text: str
    settings: Settings
    blocks: tuple[QuoteBlock, ...]


@dataclass(frozen=True, slots=True)
class Need:
    """What a block quotes of a thread, and by which settings; `output` is its page."""

    place: Place
    options: quote_blocks.QuoteOptions
    until: datetime | None
    quote: QuoteSettings
    output: str


@dataclass(frozen=True, slots=True)
class Errand:
    """A thread, and all that is quoted of it."""

    thread_id: str
    needs: tuple[Need, ...]


@dataclass(frozen=True, slots=True)
class Scope:
    """What is told of a quote besides: what it shows that is lost, and what Reddit said of it."""

    lost: bool = False
    live: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What a block is to show, or why there is nothing to show.

    `pictures` are those that the text shows, in the archive. `lost` says what became of things
    that it quotes, and `live` what the others said when Reddit was last asked, both by fullname.
    """

    text: str = ""
    fault: Fault | None = None
    pictures: tuple[Path, ...] = ()
    lost: tuple[tuple[str, str], ...] = ()
    live: tuple[tuple[str, change_check.Words], ...] = ()


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of an errand; `is_absent` where the archive has nothing of the thread."""

    thread_id: str
    answers: tuple[tuple[Place, Answer], ...]
    damages: tuple[DamagedFile, ...] = ()
    is_absent: bool = False


def fault(error: errors.ArchiveError) -> Fault:
    kind = "missing" if isinstance(error, errors.NotArchivedError) else "failed"
    return kind, error.message


def answered(
    pages: Sequence[Page], settings: Settings, scope: Scope, executor: Executor | None
) -> Iterator[tuple[Page, dict[QuoteBlock, Answer]]]:
    """Give the pages in order, each as soon as all of its whole blocks have an answer.

    Raises StoreError for a worker that does not see the archive.
    """
    known = link_cache.read(settings.archive)
    found: list[dict[QuoteBlock, Answer]] = [{} for _ in pages]
    needs: dict[str, list[Need]] = {}
    for number, each in enumerate(pages):
        for count, block in enumerate(each.blocks):
            if not block.problem:
                try:
                    thread_id, need = _need((number, count), each, block, known)
                    needs.setdefault(thread_id, []).append(need)
                except errors.ArchiveError as error:
                    found[number][block] = Answer(fault=fault(error))
    errands = [Errand(thread_id, tuple(those)) for thread_id, those in needs.items()]
    coming = _run(errands, settings, scope, executor)
    for number, each in enumerate(pages):
        whole = [block for block in each.blocks if not block.problem]
        while len(found[number]) < len(whole):
            for (at, count), answer in next(coming).answers:
                found[at][pages[at].blocks[count]] = answer
        yield each, {block: found[number].pop(block) for block in whole}


def _need(
    place: Place, each: Page, block: QuoteBlock, known: Mapping[str, Reference]
) -> tuple[str, Need]:
    """The thread of a block, and what to quote of it. Raises ArchiveError."""
    pointed = reference.parse(block.reference)
    pointed = known.get(link_cache.build_key(pointed) or "", pointed)
    if pointed.post_id is None and pointed.comment_id is not None:
        pointed = load.stored_reference(each.settings.archive, pointed)
    if pointed.post_id is None:
        raise errors.NotArchivedError(f"{block.reference} is not archived", "Leave --offline out.")
    chosen = block.options.with_comment(pointed.comment_id)
    until = load.moment(chosen.as_of) if chosen.as_of is not None else None
    return pointed.post_id, Need(place, chosen, until, each.settings.quote, str(each.path))


def _run(
    errands: Sequence[Errand], settings: Settings, scope: Scope, executor: Executor | None
) -> Iterator[Answered]:
    bare = replace(settings, reddit={}, source_settings={}, pages={})  # keys stay where they are
    work = partial(answer, bare, scope)
    for done in ordered_map.map_ordered(
        work, errands, executor, chunk_size=AT_ONCE, max_local_items=ordered_map.MAX_LOCAL_THREADS
    ):
        for damage in done.damages:
            terminal.damaged(damage)
        if executor is not None and done.is_absent:
            shared_folder_check.require_no_snapshots(settings.archive, done.thread_id)
        yield done


@gc_paused()
def answer(settings: Settings, scope: Scope, errand: Errand) -> Answered:
    """Read a thread, and write all that is quoted of it."""
    damages: list[DamagedFile] = []
    try:
        shots = load.shots(settings.archive, errand.thread_id, on_damage=damages.append)
    except errors.ArchiveError as error:
        answers = tuple((need.place, Answer(fault=fault(error))) for need in errand.needs)
        is_absent = isinstance(error, errors.NotArchivedError)
        return Answered(errand.thread_id, answers, tuple(damages), is_absent)
    made: list[tuple[Place, Answer]] = []
    for until, needs in groupby(sorted(errand.needs, key=_when), key=lambda need: need.until):
        try:
            outcome = load.merged(errand.thread_id, shots, until=until)
        except errors.ArchiveError as error:
            made += ((need.place, Answer(fault=fault(error))) for need in needs)
            continue
        seen = _seen(outcome) if scope.live else {}
        made += ((need.place, _answer(settings, scope, outcome, seen, need)) for need in needs)
    return Answered(errand.thread_id, tuple(made), tuple(damages))


def _when(need: Need) -> datetime:
    """An order in which those of one moment stand together, so that each is merged once."""
    return need.until or START


def _answer(
    settings: Settings, scope: Scope, outcome: Outcome, seen: Mapping[str, Thing], need: Need
) -> Answer:
    own = replace(settings, quote=need.quote)
    try:
        text = written(outcome, need.options, own, output=need.output)
        shown = local_images.shown(outcome, text, need.output)
        lost = _shown(outcome, need.options, own) if scope.lost or scope.live else {}
    except errors.ArchiveError as error:
        return Answer(fault=fault(error))
    return Answer(
        text,
        pictures=shown,
        lost=tuple((name, how) for name, how in lost.items() if how) if scope.lost else (),
        live=tuple(
            (n, change_check.words(seen[n])) for n, how in lost.items() if n in seen and not how
        ),
    )


def _shown(
    outcome: Outcome, chosen: quote_blocks.QuoteOptions, settings: Settings
) -> dict[str, str | None]:
    """The post and the comments that a quote shows, by fullname, and what has become of each."""
    target = target_of(chosen, settings)
    items = quote.build_items(outcome.thread, chosen.selection, target=target)
    return {
        item.content.fullname: item.content.deletion_status
        for item in items
        if item.content is not None
    }


def _seen(outcome: Outcome) -> dict[str, Thing]:
    """What Reddit gave when it was last asked."""
    live = [shot.capture for shot in outcome.snapshots if shot.capture.source == "reddit"]
    return change_check.named(live[-1]) if live else {}
