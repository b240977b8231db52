"""Merges entries: a thread that is named twice is requested once, with all options."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

from reddit_archive.model.reference import Reference
from reddit_archive.quote import Selection
from reddit_archive.quote.blocks.options import DEFAULT_OPTIONS, QuoteOptions
from reddit_archive.workflows.inputs.entries import ListEntry


@dataclass(frozen=True, slots=True)
class ThreadRequest:
    """A thread to save.

    Attributes:
        reference: The thread, or a share link or a comment whose thread is not known yet.
        options: What to quote of it.
        origins: Every place that names it.
    """

    reference: Reference
    options: QuoteOptions
    origins: tuple[str, ...] = ()


def merge_entries(entries: Iterable[ListEntry]) -> list[ThreadRequest]:
    """Merge the entries of each thread, in the order in which threads are first named."""
    groups: dict[Reference, list[ListEntry]] = {}
    for item in entries:
        groups.setdefault(_build_key(item.reference), []).append(item)
    return [
        ThreadRequest(key, _merge_options([i.options for i in group]), _collect_origins(group))
        for key, group in groups.items()
    ]


def _build_key(reference: Reference) -> Reference:
    """Return the thread without the comment, which `options` selects, if the thread is known."""
    return reference if reference.post_id is None else Reference(reference.post_id)


def _collect_origins(group: Iterable[ListEntry]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(item.origin for item in group))


def _merge_options(all_options: Sequence[QuoteOptions]) -> QuoteOptions:
    """Merge options: all selected comments, and of every other option the first that is set."""
    if len(all_options) == 1:
        return all_options[0]
    first = {
        each.name: next((v for v in values if v != default), default)
        for each in fields(QuoteOptions)
        if each.name != "selection"
        for default in [getattr(DEFAULT_OPTIONS, each.name)]
        for values in [[getattr(given, each.name) for given in all_options]]
    }
    return QuoteOptions(
        selection=_merge_selections([given.selection for given in all_options]), **first
    )


def _merge_selections(selections: Sequence[Selection]) -> Selection:
    """Merge selections: everything that any of them shows."""
    # For a selection of the post alone, a depth means nothing.
    depths = [each.depth for each in selections if not each.is_post_only]
    comments = (comment for each in selections for comment in each.comments)
    min_scores = [each.min_score for each in selections if each.min_score is not None]
    return Selection(
        comments=tuple(dict.fromkeys(comments)),
        context=max(each.context for each in selections),
        replies=_find_largest([each.replies for each in selections]),
        everything=any(each.everything for each in selections),
        top=max(each.top for each in selections),
        depth=_find_largest(depths) if depths else None,
        min_score=min(min_scores) if len(min_scores) == len(selections) else None,
        has_post=all(each.has_post for each in selections),
        has_heading=all(each.has_heading for each in selections),
        only_comments=any(each.only_comments for each in selections),
    )


def _find_largest(limits: Sequence[int | None]) -> int | None:
    """Return the largest limit; None means no limit."""
    numbers = [limit for limit in limits if limit is not None]
    return max(numbers) if len(numbers) == len(limits) else None
