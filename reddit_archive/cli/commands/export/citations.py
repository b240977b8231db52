"""`export csl` and `export bibtex`: cite posts and comments."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import click

from reddit_archive import errors
from reddit_archive.cli import options
from reddit_archive.cli.command_settings import load_settings
from reddit_archive.cli.commands.export.data import (
    OUTPUT,
    PSEUDONYMS,
    THREADS,
    open_thread_data,
    write_chunks,
)
from reddit_archive.export.citations import bibtex, citation, csl
from reddit_archive.export.citations.citation import Citation
from reddit_archive.model import reference
from reddit_archive.model.content import UserContent
from reddit_archive.model.thread import Thread
from reddit_archive.workflows.load import resolve_reference

POST = ""
Command = TypeVar("Command", bound=Callable[..., Any])
COMMENTS = click.option(
    "-c",
    "--comment",
    "comments",
    metavar="ID|URL",
    multiple=True,
    help="Cite this comment (repeatable).",
)


def _citation_options(command: Command) -> Command:
    """Add the arguments and options of both commands."""
    for option in (options.global_options, PSEUDONYMS, OUTPUT, COMMENTS, THREADS):
        command = option(command)
    return command


@click.command(
    "csl",
    epilog=options.format_examples(
        "archive export csl 9bread1",
        "archive export csl 9bread1 -c zkeep02 -o bread.json",
    ),
)
@_citation_options
def csl_command(**cli_options: Any) -> None:
    """Write a citation of each THREAD, or all threads, as CSL-JSON, for APA, MLA and other styles.

    It cites the post, or the comments that -c or their own URLs name. The access date is the date
    at which the text was last seen on Reddit.
    """
    with _open_citations(cli_options) as citations:
        items = (json.dumps(csl.build_item(item), ensure_ascii=False) for item in citations)
        write_chunks(_iter_json_array(items), cli_options["output"])


@click.command(
    "bibtex",
    epilog=options.format_examples(
        "archive export bibtex 9bread1",
        "archive export bibtex 9bread1 -c zkeep02 -o bread.bib",
    ),
)
@_citation_options
def bibtex_command(**cli_options: Any) -> None:
    """Write a citation of each THREAD, or all threads, as BibTeX, for BibTeX and biblatex.

    It cites the post, or the comments that -c or their own URLs name. The citation keys are the
    same in every export.
    """
    with _open_citations(cli_options) as citations:
        entries = (f"{bibtex.format_entry(item)}\n" for item in citations)
        write_chunks(entries, cli_options["output"])


def _iter_json_array(items: Iterator[str]) -> Iterator[str]:
    yield "["
    separator = "\n"
    for item in items:
        yield f"{separator}{item}"
        separator = ",\n"
    yield "\n]\n"


@contextmanager
def _open_citations(cli_options: dict[str, Any]) -> Iterator[Iterator[Citation]]:
    item_ids = _group_item_ids(cli_options["threads"], cli_options["comments"])
    with open_thread_data(
        tuple(item_ids), pseudonyms=cli_options["pseudonyms"], output=cli_options["output"]
    ) as threads:
        yield (
            citation.build_citation(data, content)
            for data in threads
            for content in _iter_cited(data.thread, item_ids.get(data.thread.id, [POST]))
        )


def _group_item_ids(threads: tuple[str, ...], comments: tuple[str, ...]) -> dict[str, list[str]]:
    """Return what to cite of each thread: the ids of comments, or POST."""
    if comments and len(threads) != 1:
        raise click.UsageError("--comment works with one THREAD; or give the comments' URLs")
    root = load_settings().archive
    item_ids: dict[str, list[str]] = {}
    for text in threads:
        thread_reference = resolve_reference(root, reference.parse(text))
        comment_id = thread_reference.comment_id
        comment_ids = [comment_id] if comment_id else []
        comment_ids += map(reference.parse_comment_id, comments)
        item_ids.setdefault(thread_reference.post_id or "", []).extend(comment_ids or [POST])
    return item_ids


def _iter_cited(thread: Thread, item_ids: list[str]) -> Iterator[UserContent]:
    for item_id in dict.fromkeys(item_ids):
        if item_id in thread.comments:
            yield thread.comments[item_id]
        elif item_id != POST:
            raise errors.CommentNotFoundError(
                f"the thread {thread.id} has no comment {item_id}",
                "A comment's id is in its permalink. 'Copy link' below the comment copies that.",
            )
        elif thread.post is not None:
            yield thread.post
