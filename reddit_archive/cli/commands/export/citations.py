"""`export csl` and `export bibtex`: a post or comment as a source to cite."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click

from reddit_archive import errors
from reddit_archive.cli import options
from reddit_archive.cli.commands.export.data import (
    OUTPUT,
    PSEUDONYMS,
    THREADS,
    open_thread_data,
    write_chunks,
)
from reddit_archive.model import reference
from reddit_archive.workflows.load import stored_reference

if TYPE_CHECKING:
    from reddit_archive.export.citations.citation import Citation
    from reddit_archive.export.thread_data import ThreadData
    from reddit_archive.model.content import UserContent

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
    for option in (options.common, PSEUDONYMS, OUTPUT, COMMENTS, THREADS):
        command = option(command)
    return command


@click.command(
    "csl",
    short_help="Citations as CSL-JSON, for Zotero and pandoc.",
    epilog=options.examples(
        "archive export csl 9bread1",
        "archive export csl 9bread1 -c zkeep02 -o bread.json",
    ),
)
@_citation_options
def csl_command(**given: Any) -> None:
    """Write a citation of each THREAD, or all, as CSL-JSON, ready for APA, MLA and other styles.

    It is of the post, or of the comments that are named by -c or by their own addresses. It was
    accessed when its text was last seen on Reddit.
    """
    from reddit_archive.export.citations import csl

    with _open_citations(given) as found:
        items = (json.dumps(csl.build_item(cited), ensure_ascii=False) for cited in found)
        write_chunks(_iter_json_array(items), given["output"])


@click.command(
    "bibtex",
    short_help="Citations as BibTeX, for LaTeX.",
    epilog=options.examples(
        "archive export bibtex 9bread1",
        "archive export bibtex 9bread1 -c zkeep02 -o bread.bib",
    ),
)
@_citation_options
def bibtex_command(**given: Any) -> None:
    """Write a citation of each THREAD, or all, as BibTeX, for BibTeX and biblatex.

    It is of the post, or of the comments that are named by -c or by their own addresses. The keys
    stay the same whenever it is written.
    """
    from reddit_archive.export.citations import bibtex

    with _open_citations(given) as found:
        write_chunks((f"{bibtex.format_entry(cited)}\n" for cited in found), given["output"])


def _iter_json_array(items: Iterator[str]) -> Iterator[str]:
    yield "["
    mark = "\n"
    for item in items:
        yield f"{mark}{item}"
        mark = ",\n"
    yield "\n]\n"


@contextmanager
def _open_citations(given: dict[str, Any]) -> Iterator[Iterator["Citation"]]:
    from reddit_archive.export.citations import citation

    wanted = _group_item_ids(given["threads"], given["comments"])
    with open_thread_data(
        tuple(wanted), pseudonyms=given["pseudonyms"], output=given["output"]
    ) as threads:
        yield (
            citation.build_citation(known, said)
            for known in threads
            for said in _iter_cited(known, wanted.get(known.thread.id, [POST]))
        )


def _group_item_ids(threads: tuple[str, ...], comments: tuple[str, ...]) -> dict[str, list[str]]:
    """What to cite of each thread: its post, or the ids of comments."""
    if comments and len(threads) != 1:
        raise click.UsageError("--comment needs one THREAD; or give the comments' addresses")
    root = options.settings().archive
    wanted: dict[str, list[str]] = {}
    for each in threads:
        pointed = stored_reference(root, reference.parse(each))
        named = [pointed.comment_id] if pointed.comment_id else []
        named += map(reference.parse_comment_id, comments)
        wanted.setdefault(pointed.post_id or "", []).extend(named or [POST])
    return wanted


def _iter_cited(known: "ThreadData", wanted: list[str]) -> Iterator["UserContent"]:
    thread = known.thread
    for each in dict.fromkeys(wanted):
        if each in thread.comments:
            yield thread.comments[each]
        elif each != POST:
            raise errors.CommentNotFoundError(
                f"the thread {thread.id} has no comment {each}",
                "A comment's id stands in its permalink: 'Copy link' below the comment gives that.",
            )
        elif thread.post is not None:
            yield thread.post
