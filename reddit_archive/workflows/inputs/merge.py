"""The same thread named twice is wanted once, with all that was asked for of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

from reddit_archive.model.reference import Reference
from reddit_archive.quote import Selection
from reddit_archive.quote.blocks import QuoteOptions
from reddit_archive.quote.blocks.options import DEFAULT_OPTIONS
from reddit_archive.workflows.inputs.entries import ListEntry


@dataclass(frozen=True, slots=True)
class ThreadRequest:
    """A thread, what to quote of it, and every place that names it.

    Where the thread is not known yet, `reference` is a share link or a comment alone.
    """

    reference: Reference
    options: QuoteOptions
    origins: tuple[str, ...] = ()


def merge_entries(items: Iterable[ListEntry]) -> list[ThreadRequest]:
    """Make one of all items of a thread, in the order in which threads are first named."""
    groups: dict[Reference, list[ListEntry]] = {}
    for item in items:
        groups.setdefault(_key(item.reference), []).append(item)
    return [
        ThreadRequest(key, _options([i.options for i in group]), _origins(group))
        for key, group in groups.items()
    ]


def _key(reference: Reference) -> Reference:
    """The thread alone, where it is known: the comment is among those selected."""
    return reference if reference.post_id is None else Reference(reference.post_id)


def _origins(group: Iterable[ListEntry]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(item.origin for item in group))


def _options(all_given: Sequence[QuoteOptions]) -> QuoteOptions:
    """All comments that any selects; of what can't be united, the first that is set."""
    if len(all_given) == 1:
        return all_given[0]
    first = {
        each.name: next((v for v in values if v != default), default)
        for each in fields(QuoteOptions)
        if each.name != "selection"
        for default in [getattr(DEFAULT_OPTIONS, each.name)]
        for values in [[getattr(given, each.name) for given in all_given]]
    }
    return QuoteOptions(selection=_selection([given.selection for given in all_given]), **first)


def _selection(all_given: Sequence[Selection]) -> Selection:
    """Whatever any of them shows, and what is left out only where somebody asks for that."""
    # A depth says nothing of the post alone, and no depth is the most generous one.
    depths = [each.depth for each in all_given if not each.is_post_only]
    comments = (comment for each in all_given for comment in each.comments)
    min_scores = [each.min_score for each in all_given if each.min_score is not None]
    return Selection(
        comments=tuple(dict.fromkeys(comments)),
        context=max(each.context for each in all_given),
        replies=_most([each.replies for each in all_given]),
        everything=any(each.everything for each in all_given),
        top=max(each.top for each in all_given),
        depth=_most(depths) if depths else None,
        min_score=min(min_scores) if len(min_scores) == len(all_given) else None,
        has_post=all(each.has_post for each in all_given),
        has_heading=all(each.has_heading for each in all_given),
    )


def _most(limits: Sequence[int | None]) -> int | None:
    """The largest limit; None is none at all."""
    known = [limit for limit in limits if limit is not None]
    return max(known) if len(known) == len(limits) else None
