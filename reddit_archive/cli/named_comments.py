"""Several addresses on one command line, each of a comment of the same thread."""

from collections.abc import Sequence
from dataclasses import replace

import click

from reddit_archive.model.reference import Reference


def join_comments(references: Sequence[Reference]) -> tuple[Reference, tuple[str, ...]]:
    """Join the addresses of comments in one thread.

    Returns:
        The thread, and the ids of the comments.

    Raises:
        UsageError: The addresses are of several threads, or are no addresses of comments.
    """
    post_ids = {each.post_id for each in references if each.post_id}
    if len(references) == 1:
        return references[0], ()
    if len(post_ids) == 1 and not any(each.file or each.share_path for each in references):
        comment_ids = tuple(each.comment_id for each in references if each.comment_id)
        return replace(references[0], post_id=post_ids.pop(), comment_id=None), comment_ids
    if any(each.file for each in references):
        raise click.UsageError(
            "save takes one thread or several saved files of one; for many: archive batch LIST"
        )
    if all(each == Reference(post_id=each.post_id) for each in references[1:]):
        ids = " ".join(f"-c {each.post_id}" for each in references[1:])
        raise click.UsageError(
            f"{len(references)} threads are named, and a quote has one; "
            f"for comments of the first: {ids}; to save many threads: archive batch LIST"
        )
    raise click.UsageError(
        f"{len(references)} threads are named, and a quote has one; for many: archive batch LIST"
    )
