"""Choose the requests for some comments, with the post and all their ancestors.

A page of one comment returns it with eight ancestors. Several comments are requested together from
`/api/info`, with the post, 100 things per request. Most ancestors are old, so if many are missing,
the page of the oldest comments returns a good part of them. The other ancestors are requested
level by level from `/api/info`, and the last few chains from pages, eight levels at a time.

Two facts save requests. If a stub on a page names a missing ancestor, its own parent is on that
page, so that its chain ends with it. And a request by name with room for more names is filled with
the comments from stubs that are most likely ancestors of the next level.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, count, islice, zip_longest

from reddit_archive.model.capture import Thing, get_data_str, get_fullname, get_more_ids
from reddit_archive.sources.reddit_api.api_calls import (
    MAX_CONTEXT,
    MAX_INFO_NAMES,
    MAX_PAGE_COMMENTS,
    ApiRequest,
    RequestFailure,
    RequestGenerator,
)

ANCESTORS_PAGE_LIMIT = 20
"""Enough for a comment and its ancestors."""
FEW_CHAINS = 2
"""This many chains are requested as pages. A request by name returns only one level of each."""
ROUNDS_PER_CHAIN = 3
"""After each such number of rounds, one more chain is requested as a page: the thread is deep."""
MANY_CHAINS = 8
"""From this number of chains on, the page of the oldest comments saves requests."""


@dataclass(slots=True)
class CommentsPlan:
    """The requests for chosen comments of a thread. All names are fullnames.

    `unavailable_ids` are the ids, without prefix, that were requested and not returned.
    """

    post_name: str
    comment_names: tuple[str, ...]
    unavailable_ids: set[str] = field(default_factory=set)
    _failed_names: set[str] = field(default_factory=set)
    _parents: dict[str, str] = field(default_factory=dict)
    _has_post: bool = False
    _stub_names: set[str] = field(default_factory=set)
    _branch_names: set[str] = field(default_factory=set)

    def iter_requests(self, *, with_replies: bool) -> RequestGenerator:
        """Request the comments, the post and all ancestors, and optionally the replies."""
        if with_replies or len(self.comment_names) == 1:
            yield from self._request_with_ancestors(
                self.comment_names,
                limit=MAX_PAGE_COMMENTS if with_replies else ANCESTORS_PAGE_LIMIT,
            )
        yield from self.request_missing()

    def request_missing(self) -> RequestGenerator:
        """Request the comments, the post and the ancestors that were not fetched yet."""
        missing = [name for name in (self.post_name, *self.comment_names) if not self._has(name)]
        yield from self._request_by_name(missing)
        if len(self._find_missing_ancestors()) >= MANY_CHAINS:
            response = yield ApiRequest("page", sort="old")
            self.add_things(() if isinstance(response, RequestFailure) else response)
        for round_number in count(1):
            if not (ancestors := self._find_missing_ancestors()):
                break
            max_chains = max(FEW_CHAINS, min(MANY_CHAINS, round_number // ROUNDS_PER_CHAIN))
            if len(ancestors) <= max_chains and self._stub_names.isdisjoint(ancestors):
                yield from self._request_with_ancestors(
                    ancestors.values(), limit=ANCESTORS_PAGE_LIMIT
                )
                still_missing = self._find_missing_ancestors()
                yield from self._request_by_name([n for n in ancestors if n in still_missing])
            else:
                yield from self._request_by_name([*ancestors])

    def _request_with_ancestors(self, names: Iterable[str], *, limit: int) -> RequestGenerator:
        """Request the pages of comments, with the ancestors of each."""
        for name in names:
            response = yield ApiRequest("focus", (name,), limit=limit, context=MAX_CONTEXT)
            self.add_things(() if isinstance(response, RequestFailure) else response)

    def _request_by_name(self, names: list[str]) -> RequestGenerator:
        for start in range(0, len(names), MAX_INFO_NAMES):
            batch = tuple(names[start : start + MAX_INFO_NAMES])
            likely_names = tuple(
                islice(self._iter_likely_ancestors(batch), MAX_INFO_NAMES - len(batch))
            )
            self._branch_names.difference_update(likely_names)  # none is requested twice
            response = yield ApiRequest("info", batch + likely_names)
            self.add_things(() if isinstance(response, RequestFailure) else response)
            missing = {name for name in batch if not self._has(name)}
            if isinstance(response, RequestFailure):
                self._failed_names |= missing
            else:
                self.unavailable_ids |= {name[3:] for name in missing}

    def _find_missing_ancestors(self) -> dict[str, str]:
        """Return the first missing ancestor of each chosen comment, with one of its replies."""
        ancestors: dict[str, str] = {}
        for name in self.comment_names:
            descendant, visited = "", set[str]()
            while name in self._parents and name not in visited:
                visited.add(name)
                descendant, name = name, self._parents[name]
            is_comment = descendant and name.startswith("t1_") and name not in visited
            if (
                is_comment
                and name not in self._failed_names
                and name[3:] not in self.unavailable_ids
            ):
                ancestors[name] = descendant
        return ancestors

    def _iter_likely_ancestors(self, names: Iterable[str]) -> Iterator[str]:
        """Yield the comments from stubs that may be the parents of these comments, nearest first.

        Ids increase with time, a parent is older than its replies, and most replies are written
        soon after their parent.
        """
        oldest_first = sorted(self._branch_names.difference(names), key=_sort_key)
        keys = [_sort_key(name) for name in oldest_first]
        older_names = [
            reversed(oldest_first[: bisect_left(keys, _sort_key(name))])
            for name in names
            if name not in self._stub_names
        ]
        yield from dict.fromkeys(filter(None, chain.from_iterable(zip_longest(*older_names))))

    def _has(self, name: str) -> bool:
        return name in self._parents or (self._has_post and name == self.post_name)

    def add_things(self, things: Iterable[Thing]) -> None:
        """Record the things of a response."""
        for thing in things:
            name = get_fullname(thing)
            if thing["kind"] == "t1" and name:
                self._parents.setdefault(name, get_data_str(thing, "parent_id").lower())
                self._branch_names.discard(name)
            elif thing["kind"] == "more" and isinstance(thing["data"], dict):
                self._record_stub(thing)
            elif name == self.post_name:
                self._has_post = True

    def _record_stub(self, stub: Thing) -> None:
        """Record the comments that a stub names. All are leaves if it counts no others."""
        names = {f"t1_{i}" for i in get_more_ids(stub["data"])} - self._parents.keys()
        self._stub_names |= names
        if stub["data"].get("count") != len(get_more_ids(stub["data"])):
            self._branch_names |= names


def _sort_key(name: str) -> tuple[int, str]:
    """Return a key that sorts fullnames like the numbers that their ids stand for."""
    return len(name), name
