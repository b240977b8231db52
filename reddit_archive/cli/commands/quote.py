"""`quote`, and how every command prints one."""

import sys
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click

from reddit_archive import errors, history, quote
from reddit_archive.archive import pseudonyms
from reddit_archive.archive.snapshot_format import format_time
from reddit_archive.archive.snapshot_reader import gc_paused
from reddit_archive.cli import options, terminal
from reddit_archive.config import Settings
from reddit_archive.files import durable_files
from reddit_archive.markup import targets
from reddit_archive.model import reference
from reddit_archive.model.content import REDDIT_URL
from reddit_archive.model.thread import Thread
from reddit_archive.quote import Selection, Style, blocks
from reddit_archive.quote.blocks import QuoteOptions
from reddit_archive.quote.style import describe_unknown_style
from reddit_archive.workflows import local_images
from reddit_archive.workflows.archive_folder import prepare_output
from reddit_archive.workflows.load import (
    THREAD,
    Outcome,
    load,
    machine_readable,
    moment,
    stored_reference,
)


@click.command(
    "quote",
    short_help="Print a quote from the archive, without network.",
    epilog=options.examples(
        "archive quote 9bread1 --all",
        "archive quote examples/short.json --comment zkeep03 --context 2 --no-post",
    ),
)
@THREAD
@options.selecting
@click.option("--as-of", metavar="DATE", help="As it stood at the end of that day (or time), UTC.")
@click.option("--check", is_flag=True, help="Compare the rendered quote with Reddit's HTML.")
@options.common
@gc_paused()
def quote_command(thread: str, as_of: str | None, check: bool, **given: Any) -> None:
    """Print a quote of THREAD from what is stored, without network.

    With --check it is also rendered and held against what Reddit showed; each difference is named
    with the comment's id, and the exit code is 1.
    """
    settings = options.settings()
    if given["output"]:
        prepare_output(settings.archive, Path(given["output"]))
    given["as_of"] = as_of
    pointed = stored_reference(settings.archive, reference.parse(thread))
    wanted = options.selection(given).with_comment(pointed.comment_id)
    assert pointed.post_id is not None
    until = moment(as_of) if as_of is not None else None
    outcome = load(settings.archive, pointed.post_id, until=until)
    print_quote(outcome, wanted, settings, given)
    if check:
        _proofread(outcome, options.chosen(given, wanted), settings)


def _proofread(outcome: Outcome, chosen: QuoteOptions, settings: Settings) -> None:
    """Say where the quote shows something else than Reddit did. Raises Unfaithful."""
    from reddit_archive.quote import check

    target = target_of(chosen, settings)
    checked_targets = check.get_checked_targets()
    if target not in checked_targets:
        raise click.UsageError(f"--check knows {', '.join(checked_targets)}, but not {target}")
    found = list(
        check.find_differences(
            _shown(outcome, chosen, settings),
            chosen.selection,
            target=target,
            max_depth=settings.quote.deepest,
            style=_style(chosen, settings),
        )
    )
    for difference in found:
        terminal.warn(f"{difference.fullname}: Reddit showed: {difference.expected}")
        terminal.warn(f"{difference.fullname}: the quote is: {difference.actual}")
    if found:
        raise errors.RenderMismatchError(
            f"the quote differs from Reddit in {terminal.counted(len(found), 'place')}",
            "Please report it with the comment's id; the quote above is printed all the same.",
        )
    terminal.say("Checked: it shows what Reddit showed.")


def print_quote(
    outcome: Outcome, wanted: Selection, settings: Settings, given: dict[str, Any]
) -> None:
    """Write the quote to where it was asked for."""
    chosen, output = options.chosen(given, wanted), given["output"]
    text = written(outcome, chosen, settings, output=output)
    if given["block"]:
        text = blocks.write_block(_address(outcome.thread, chosen), chosen, text)
    if output:
        durable_files.replace(text.encode("utf-8", "replace"), Path(output))
        local_images.copy(outcome, text, output)
    is_alone = not output and not given["as_json"]
    is_hidden = is_alone and given["copy"] and sys.stdout.isatty()
    if given["as_json"]:
        told = machine_readable(_pseudonymous(outcome, chosen, settings), text)
        terminal.result_json(told, indent=2)
    elif not output and not is_hidden:
        terminal.result(text)
    if given["copy"]:
        _copy(text, is_hidden=is_hidden)


def _address(thread: Thread, chosen: QuoteOptions) -> str:
    """What names the thread in a page's block: on a person's own page, its address names them."""
    heading = thread.post_metadata
    if heading is None:
        return f"t3_{thread.id}"
    return f"{REDDIT_URL}/comments/{thread.id}/" if chosen.pseudonyms else heading.permalink


def _pseudonymous(outcome: Outcome, chosen: QuoteOptions, settings: Settings) -> Outcome:
    if not chosen.pseudonyms:
        return outcome
    key = pseudonyms.read_or_create_key(settings.archive)
    return replace(outcome, thread=pseudonyms.pseudonymize_thread(outcome.thread, key))


def _copy(text: str, *, is_hidden: bool) -> None:
    """Put the quote on the clipboard; one that gets nowhere is printed after all."""
    from reddit_archive.cli import clipboard

    try:
        by = clipboard.copy(text)
    except errors.ArchiveError:
        terminal.result(text if is_hidden else "")
        raise
    terminal.say(f"Copied the quote to the clipboard (by {by}).")


def written(
    outcome: Outcome, chosen: QuoteOptions, settings: Settings, *, output: str | None = None
) -> str:
    """Write the quote of a thread for the file `output`, beside which local pictures lie.

    Raises CommentNotFound, WordsNotFound, and BadOptions for a style or a target that there is not.
    """
    style, thread = _style(chosen, settings), _shown(outcome, chosen, settings)
    if chosen.pseudonyms:
        thread = pseudonyms.pseudonymize_thread(
            thread, pseudonyms.read_or_create_key(settings.archive)
        )
    images = chosen.images or style.images or settings.quote.images
    return quote.render(
        thread,
        chosen.selection,
        target=target_of(chosen, settings),
        style=style,
        max_depth=settings.quote.deepest,
        is_literal=settings.quote.typography == "literal",
        image_sources=local_images.addresses(outcome, images, output),
        captured_at=outcome.snapshots[-1].capture.captured_at,
        last_seen=_last_seen(outcome) if style.lost else None,
    )


def _shown(outcome: Outcome, chosen: QuoteOptions, settings: Settings) -> Thread:
    """The thread, cut down to the excerpt. Raises WordsNotFound, which says if they were there."""
    thread, words = outcome.thread, chosen.excerpt
    if words is None:
        return thread
    mark = _style(chosen, settings).left_out
    try:
        return quote.excerpt(thread, chosen.selection, words, omission_mark=mark)
    except errors.ExcerptNotFoundError as error:
        if then := _said_until(outcome, chosen):
            hint = f"The text was changed since; --as-of {then} gives it as it stood."
            raise errors.ExcerptNotFoundError(error.message, hint) from None
        raise


def _said_until(outcome: Outcome, chosen: QuoteOptions) -> str:
    """The time of the last snapshot in which the words of the excerpt stood; "" for none."""
    shots = outcome.snapshots
    for count in range(len(shots) - 1, 0, -1):
        captures = (shot.capture for shot in shots[:count])
        with suppress(errors.ArchiveError):
            before = history.merge(outcome.thread.id, captures)
            quote.excerpt(before, chosen.selection, chosen.excerpt or "")
            return format_time(shots[count - 1].capture.captured_at + timedelta(seconds=1))
    return ""


def _last_seen(outcome: Outcome) -> dict[str, datetime]:
    """When each text that is kept here alone was last seen on Reddit."""
    thread = outcome.thread
    said = [*thread.comments.values(), *([thread.post] if thread.post else [])]
    if not any(each.is_preserved for each in said):
        return {}
    past = history.trace(thread.id, (shot.capture for shot in outcome.snapshots))
    return {
        name: life.last_author_version.last_seen
        for name, life in past.timelines.items()
        if life.last_author_version
    }


def target_of(chosen: QuoteOptions, settings: Settings) -> str:
    name = chosen.target or settings.quote.target
    if name not in targets.NAMES:
        known = f"There are {', '.join(targets.NAMES)}."
        raise errors.InvalidOptionsError(f"'{name}' is no target", known)
    return name


def _style(chosen: QuoteOptions, settings: Settings) -> Style:
    name = chosen.style or settings.quote.style
    if name not in settings.styles:
        hint = "config.yaml may define it, under `styles`."
        raise errors.InvalidOptionsError(describe_unknown_style(name, settings.styles), hint)
    return settings.styles[name]
