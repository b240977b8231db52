"""`search`: the sentence that one half remembers, whatever became of it on Reddit."""

import re
import sys
from typing import Any

import click

from reddit_archive import errors
from reddit_archive.archive import store
from reddit_archive.archive.index import maintenance, search
from reddit_archive.archive.index.search import Hit, SearchFilter
from reddit_archive.archive.index.search_documents import Document
from reddit_archive.cli import options, terminal
from reddit_archive.workflows.archive_folder import empty, opened
from reddit_archive.workflows.load import moment

DAY = len("2026-01-03")


@click.command(
    "search",
    short_help="Find a text in any version of any thread.",
    epilog=options.examples(
        "archive search starter",
        "archive search '\"one page\" bak*' --subreddit breadlog --since 2024-01-01",
        "archive search starter --json",
    ),
)
@click.argument("text", nargs=-1, required=True)
@click.option("--subreddit", "subreddits", metavar="NAME", multiple=True, help="Only there.")
@click.option("--author", "authors", metavar="NAME", multiple=True, help="Only what NAME said.")
@click.option("--since", metavar="DATE", help="Only what was written on that day or later.")
@click.option("--until", metavar="DATE", help="Only what was written on that day or before.")
@click.option("--lost", is_flag=True, help="Only what Reddit no longer shows.")
@click.option("--edited", is_flag=True, help="Only what was edited since it was first saved.")
@click.option("--limit", metavar="N", type=options.Number(1), default=20, help="At most N (20).")
@click.option("--json", "as_json", is_flag=True, help="Print a machine-readable result.")
@options.common
def search_command(
    text: tuple[str, ...],
    subreddits: tuple[str, ...],
    authors: tuple[str, ...],
    since: str | None,
    until: str | None,
    lost: bool,
    edited: bool,
    limit: int,
    as_json: bool,
) -> None:
    """Find posts and comments that have all the words of TEXT, the best first.

    Titles and texts are searched, former versions and what was deleted on Reddit as well, without
    regard to case and accents. A "phrase in quotation marks" is found as it stands, and begin*
    finds every word that begins so; nothing else has a meaning of its own.

    Each hit comes with the command that quotes it. Exits with 1 where nothing is found.
    """
    wanted = SearchFilter(
        search.parse(" ".join(text)),
        tuple(re.sub(r"^/?r/", "", name, flags=re.IGNORECASE) for name in subreddits),
        tuple(re.sub(r"^/?u(?:ser)?/", "", name, flags=re.IGNORECASE) for name in authors),
        None if since is None else moment(since, is_start=True),
        None if until is None else moment(until),
        lost,
        edited,
    )
    root = opened(options.settings().archive)
    maintenance.remove_old_search(root)
    found = search.find(root, wanted, limit=limit + 1, on_damage=terminal.damaged)
    _show(found[:limit], as_json)
    if len(found) > limit:
        terminal.say(f"There are more; --limit {limit * 5} shows more of them.")
    if not found:
        if not wanted.query:
            raise errors.ArchiveError(
                "there is no word in that to search for", "Give one, or several: sourdough starter"
            )
        if not any(store.iter_thread_ids(root)):
            raise errors.NotArchivedError(empty(root))
        raise errors.ArchiveError(
            "nothing that is stored has all of these words",
            "The beginning of a word finds more of them: bread*.",
        )


def _show(found: list[Hit], as_json: bool) -> None:
    if as_json:
        terminal.result_json([_told(hit) for hit in found], indent=2)
    elif not sys.stdout.isatty():
        terminal.table((), map(_row, found))
    else:
        for hit in found:
            _draw(hit)


def _row(hit: Hit) -> tuple[str, ...]:
    text = hit.document
    return (*_head(text), hit.snippet.text, text.quote_command)


def _head(text: Document) -> tuple[str, ...]:
    """Id, subreddit, author, day, what became of it."""
    return (
        text.fullname,
        text.subreddit,
        f"u/{text.author}" if text.author else "[unknown]",
        (text.created_at or "")[:DAY],
        _fate(text),
    )


def _fate(text: Document) -> str:
    """Say what became of a text; "" where Reddit shows it still."""
    if text.is_overwrite:
        return "put in place of another text"
    if text.is_former:
        since = f"former text, last seen {text.last_seen[:DAY]}"
        return f"{since}; {text.lost} since" if text.lost else since
    return f"{text.lost}, and kept here" if text.lost else ""


def _told(hit: Hit) -> dict[str, Any]:
    told = hit.document._asdict()
    told["thread"] = f"t3_{told.pop('thread_id')}"
    del told["as_of"]
    return {
        "id": told.pop("fullname"),
        **told,
        "snippet": hit.snippet.text,
        "found_at": hit.snippet.spans,
        "score": round(-hit.score, 3),
        "command": hit.document.quote_command,
    }


def _draw(hit: Hit) -> None:
    """Print a hit on a terminal: what it is, its words in bold, the command to quote it."""
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text as Drawn

    text, snippet = hit.document, hit.snippet
    *head, fate = _head(text)
    line = Drawn(_inert("  ".join(filter(None, head))), style="dim")
    line.append(f"  {_inert(fate)}" if fate else "", style="not dim yellow")
    shown, at = Drawn(), 0
    for start, end in snippet.spans:
        shown.append(_inert(snippet.text[at:start]))
        shown.append(_inert(snippet.text[start:end]), style="bold")
        at = end
    shown.append(_inert(snippet.text[at:]))
    console = Console(highlight=False)
    console.print(Drawn(_inert(text.thread_title), style="bold underline"))
    console.print(line)
    console.print(Padding(shown, (0, 0, 0, 2)))
    console.print(
        Drawn(f"  {_inert(text.quote_command)}", style="cyan"), end="\n\n", soft_wrap=True
    )


def _inert(text: str) -> str:
    return terminal.printable(" ".join(text.split(" "))).replace("\n", " ")
