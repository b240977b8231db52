"""`quote`, and how every command prints one."""

import json
from pathlib import Path
from typing import Any

import click

from reddit_archive import disk, errors, pseudonyms, quote, reference
from reddit_archive.cli import options, pictures, terminal
from reddit_archive.cli.shelf import (
    THREAD,
    Outcome,
    load,
    machine_readable,
    moment,
    stored_reference,
)
from reddit_archive.config import Quote, Settings
from reddit_archive.markup import targets
from reddit_archive.quote import Selection


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
def quote_command(thread: str, as_of: str | None, check: bool, **given: Any) -> None:
    """Print a quote of THREAD from what is stored, without network.

    With --check it is also rendered and held against what Reddit showed; each difference is named
    with the comment's id, and the exit code is 1.
    """
    settings = options.settings()
    pointed = stored_reference(settings.archive, reference.parse(thread))
    wanted = options.selection(given).with_comment(pointed.comment_id)
    assert pointed.post_id is not None
    until = moment(as_of) if as_of else None
    outcome = load(settings.archive, pointed.post_id, until=until)
    print_quote(outcome, wanted, settings, given)
    if check:
        _proofread(outcome, wanted, settings.quote, given)


def _proofread(outcome: Outcome, wanted: Selection, style: Quote, given: dict[str, Any]) -> None:
    """Say where the quote shows something else than Reddit did. Raises Unfaithful."""
    from reddit_archive import check

    target = _target(style, given)
    if target not in check.TARGETS:
        raise click.UsageError(f"--check knows {', '.join(check.TARGETS)}, but not {target}")
    found = list(check.differences(outcome.thread, wanted, target=target, deepest=style.deepest))
    for difference in found:
        terminal.warn(f"{difference.fullname}: Reddit showed: {difference.expected}")
        terminal.warn(f"{difference.fullname}: the quote is: {difference.shown}")
    if found:
        raise errors.Unfaithful(
            f"the quote differs from Reddit in {terminal.counted(len(found), 'place')}",
            "Please report it with the comment's id; the quote above is printed all the same.",
        )
    terminal.say("Checked: it shows what Reddit showed.")


def print_quote(
    outcome: Outcome, wanted: Selection, settings: Settings, given: dict[str, Any]
) -> None:
    """Write the quote to where it was asked for."""
    style, thread, images = settings.quote, outcome.thread, given["images"] or settings.quote.images
    if given["pseudonyms"]:
        thread = pseudonyms.apply(thread, pseudonyms.key(settings.archive))
    text = quote.render(
        thread,
        wanted,
        target=_target(style, given),
        deepest=style.deepest,
        is_literal=style.typography == "literal",
        pictures=pictures.addresses(outcome, images, given["output"]),
    )
    if given["output"]:
        disk.replace(text.encode("utf-8", "replace"), Path(given["output"]))
        if images == "local":
            pictures.copy(outcome, text, given["output"])
    if given["as_json"]:
        terminal.result(json.dumps(machine_readable(outcome, text), indent=2) + "\n")
    elif not given["output"]:
        terminal.result(text)


def _target(style: Quote, given: dict[str, Any]) -> str:
    name: str = given["target"] or style.target
    if name not in targets.NAMES:
        raise click.UsageError(f"'{name}' is no target; there are {', '.join(targets.NAMES)}")
    return name
