"""`search`: find posts and comments by their words, including deleted and previous texts."""

import re
import sys
from pathlib import Path
from typing import Any

import click

from reddit_archive import errors
from reddit_archive.archive import store
from reddit_archive.archive.index import maintenance, search
from reddit_archive.archive.index.search import Hit, SearchFilter
from reddit_archive.archive.index.search_documents import Document
from reddit_archive.cli import json_output, options, terminal
from reddit_archive.cli.command_settings import load_settings
from reddit_archive.workflows.archive_folder import describe_empty, require_archive
from reddit_archive.workflows.load import parse_time

DATE_LENGTH = len("2026-01-03")


@click.command(
    "search",
    epilog=options.format_examples(
        "archive search starter",
        "archive search '\"one page\" bak*' --subreddit breadlog --since 2024-01-01",
        "archive search starter --json",
    ),
)
@click.argument("text", nargs=-1, required=True)
@click.option(
    "--subreddit",
    "subreddits",
    metavar="NAME",
    multiple=True,
    help="Only texts in this subreddit (repeatable).",
)
@click.option(
    "--author",
    "authors",
    metavar="NAME",
    multiple=True,
    help="Only texts by this author (repeatable).",
)
@click.option("--since", metavar="DATE", help="Only texts written on this day or later.")
@click.option("--until", metavar="DATE", help="Only texts written on this day or before.")
@click.option("--lost", is_flag=True, help="Only texts that Reddit no longer shows.")
@click.option("--edited", is_flag=True, help="Only texts edited since they were first saved.")
@click.option(
    "--limit",
    metavar="N",
    type=options.Number(1),
    default=20,
    help="Show at most N results (default: 20).",
)
@click.option("--json", "as_json", is_flag=True, help="Print a machine-readable result.")
@options.global_options
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
    """Find posts and comments that contain all words of TEXT, best match first.

    The search covers titles and texts, including previous versions and texts that were deleted on
    Reddit. It ignores case and accents. A "phrase in quotation marks" must match exactly, and
    begin* matches all words that start with "begin". There is no other syntax.

    Each result comes with a command that quotes it. Exits with 1 if nothing is found.
    """
    search_filter = SearchFilter(
        search.parse(" ".join(text)),
        tuple(re.sub(r"^/?r/", "", name, flags=re.IGNORECASE) for name in subreddits),
        tuple(re.sub(r"^/?u(?:ser)?/", "", name, flags=re.IGNORECASE) for name in authors),
        None if since is None else parse_time(since, is_start=True),
        None if until is None else parse_time(until),
        lost,
        edited,
    )
    root = require_archive(load_settings().archive)
    maintenance.remove_old_search(root)
    hits = search.find(root, search_filter, limit=limit + 1, on_damage=terminal.warn_damaged)
    _print_hits(hits[:limit], as_json)
    if len(hits) > limit:
        terminal.status(f"There are more results. Use --limit {limit * 5} to see more.")
    if not hits:
        raise _build_error(root, search_filter)


def _build_error(root: Path, search_filter: SearchFilter) -> errors.ArchiveError:
    """Return the error that says why nothing was found."""
    if not search_filter.query:
        return errors.ArchiveError(
            "the search text contains no words", "Give one or more words, like: sourdough starter"
        )
    if not any(store.iter_thread_ids(root)):
        return errors.NotArchivedError(describe_empty(root))
    hint = "Add * to the beginning of a word to find more, like: bread*"
    if search_filter == SearchFilter(search_filter.query):
        return errors.ArchiveError("no saved text contains all of these words", hint)
    return errors.ArchiveError(
        "no saved text contains all of these words and matches the options", hint
    )


def _print_hits(hits: list[Hit], as_json: bool) -> None:
    if as_json:
        json_output.print_json([_build_json(hit) for hit in hits], indent=2)
    elif not sys.stdout.isatty():
        terminal.print_table((), map(_build_row, hits))
    else:
        from reddit_archive.cli import search_report  # 20 ms, with rich

        for hit in hits:
            search_report.print_hit(hit, _build_heading(hit.document))


def _build_row(hit: Hit) -> tuple[str, ...]:
    document = hit.document
    return (*_build_heading(document), hit.snippet.text, document.quote_command)


def _build_heading(document: Document) -> tuple[str, ...]:
    """Return the id, subreddit, author, date and status of a text."""
    return (
        document.fullname,
        document.subreddit,
        f"u/{document.author}" if document.author else "[unknown]",
        (document.created_at or "")[:DATE_LENGTH],
        _describe_status(document),
    )


def _describe_status(document: Document) -> str:
    """Describe what happened to a text; "" if Reddit still shows it."""
    if document.is_overwrite:
        return "overwrote the author's text"
    if document.is_former:
        status = f"previous text, last seen {document.last_seen[:DATE_LENGTH]}"
        return f"{status}; {document.lost} since then" if document.lost else status
    return f"{document.lost} on Reddit" if document.lost else ""


def _build_json(hit: Hit) -> dict[str, Any]:
    fields = hit.document._asdict()
    fields["thread"] = f"t3_{fields.pop('thread_id')}"
    del fields["as_of"]
    return {
        "id": fields.pop("fullname"),
        **fields,
        "snippet": hit.snippet.text,
        "found_at": hit.snippet.spans,
        "score": round(-hit.score, 3),
        "command": hit.document.quote_command,
    }
