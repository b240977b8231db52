"""What to ask Reddit for a few comments, with the post and all that they answer to.

One comment comes with eight above it in one page. Several come by `/api/info`, the post among
them, 100 things a request. What is above them is mostly old: where much is missing, the page of the
oldest comments holds a good part. The rest comes level by level, and the last chains by pages,
eight levels at a time. On a thread of 3,000 comments this took fewest requests of what was tried.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import count

from reddit_archive.model.capture import Thing, get_data_str, get_fullname
from reddit_archive.sources.reddit_api.api_calls import (
    MAX_CONTEXT,
    MAX_INFO_NAMES,
    MAX_PAGE_COMMENTS,
    ApiRequest,
    RequestFailure,
    RequestGenerator,
)

ANCESTORS_PAGE_LIMIT = 20
"""Enough for a comment and those above it."""
FEW_CHAINS = 2
"""So many are climbed by pages: a level of them costs a page's eighth, or a whole request."""
ROUNDS_PER_CHAIN = 3
"""After more rounds the thread is known to be deeper, so that more chains are worth a page each."""
MANY_CHAINS = 8
"""From so many on, the page of the oldest comments is worth its request."""


@dataclass(slots=True)
class CommentsPlan:
    """Chosen comments of a thread. `post`, `names` and all comments are fullnames.

    `withheld` are the ids, without prefix, that Reddit did not give when it was asked for them.
    """

    post_name: str
    comment_names: tuple[str, ...]
    unavailable_ids: set[str] = field(default_factory=set)
    _failed_names: set[str] = field(default_factory=set)
    _parents: dict[str, str] = field(default_factory=dict)
    _has_post: bool = False

    def iter_requests(self, *, with_replies: bool) -> RequestGenerator:
        """Ask for the comments, the post, and what is above them; for what is below, if wanted."""
        if with_replies or len(self.comment_names) == 1:
            yield from self._request_with_ancestors(
                self.comment_names,
                limit=MAX_PAGE_COMMENTS if with_replies else ANCESTORS_PAGE_LIMIT,
            )
        yield from self.request_missing()

    def request_missing(self) -> RequestGenerator:
        """Ask for what has not come yet."""
        missing = [name for name in (self.post_name, *self.comment_names) if not self._has(name)]
        yield from self._request_by_name(missing)
        if len(self._find_missing_ancestors()) >= MANY_CHAINS:
            response = yield ApiRequest("page", sort="old")
            self.add_things(() if isinstance(response, RequestFailure) else response)
        for round_number in count(1):
            if not (ancestors := self._find_missing_ancestors()):
                break
            if len(ancestors) <= max(
                FEW_CHAINS, min(MANY_CHAINS, round_number // ROUNDS_PER_CHAIN)
            ):
                yield from self._request_with_ancestors(
                    ancestors.values(), limit=ANCESTORS_PAGE_LIMIT
                )
                ancestors = {
                    name: descendant
                    for name, descendant in self._find_missing_ancestors().items()
                    if name in ancestors
                }
            yield from self._request_by_name([*ancestors])

    def _request_with_ancestors(self, names: Iterable[str], *, limit: int) -> RequestGenerator:
        """Ask for pages of comments, with what is above each."""
        for name in names:
            response = yield ApiRequest("focus", (name,), limit=limit, context=MAX_CONTEXT)
            self.add_things(() if isinstance(response, RequestFailure) else response)

    def _request_by_name(self, names: list[str]) -> RequestGenerator:
        for start in range(0, len(names), MAX_INFO_NAMES):
            batch = tuple(names[start : start + MAX_INFO_NAMES])
            response = yield ApiRequest("info", batch)
            self.add_things(() if isinstance(response, RequestFailure) else response)
            missing = {name for name in batch if not self._has(name)}
            if isinstance(response, RequestFailure):
                self._failed_names |= missing
            else:
                self.unavailable_ids |= {name[3:] for name in missing}

    def _find_missing_ancestors(self) -> dict[str, str]:
        """What is above the chosen comments and not here, each with one comment that answers it."""
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

    def _has(self, name: str) -> bool:
        return name in self._parents or (self._has_post and name == self.post_name)

    def add_things(self, things: Iterable[Thing]) -> None:
        """Learn from an answer."""
        for thing in things:
            name = get_fullname(thing)
            if thing["kind"] == "t1" and name:
                self._parents.setdefault(name, get_data_str(thing, "parent_id").lower())
            elif name == self.post_name:
                self._has_post = True
