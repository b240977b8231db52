"""What to ask Reddit for a few comments, with the post and all that they answer to.

One comment comes with eight above it in one page. Several come by `/api/info`, the post among
them, 100 things a request. What is above them is mostly old: where much is missing, the page of the
oldest comments holds a good part. The rest comes level by level, and the last chains by pages,
eight levels at a time. On a thread of 3,000 comments this took fewest requests of what was tried.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import count

from reddit_archive.model.capture import Thing, fullname, text_of
from reddit_archive.sources.reddit_api.api_calls import (
    MOST_BY_NAME,
    MOST_CONTEXT,
    MOST_ON_PAGE,
    Ask,
    Failure,
    Steps,
)

FEW = 20
"""Enough for a comment and those above it."""
FEW_CHAINS = 2
"""So many are climbed by pages: a level of them costs a page's eighth, or a whole request."""
ROUNDS_PER_CHAIN = 3
"""After more rounds the thread is known to be deeper, so that more chains are worth a page each."""
MANY_CHAINS = 8
"""From so many on, the page of the oldest comments is worth its request."""


@dataclass(slots=True)
class Chosen:
    """Chosen comments of a thread. `post`, `names` and all comments are fullnames.

    `withheld` are the ids, without prefix, that Reddit did not give when it was asked for them.
    """

    post: str
    names: tuple[str, ...]
    withheld: set[str] = field(default_factory=set)
    _failed: set[str] = field(default_factory=set)
    _parents: dict[str, str] = field(default_factory=dict)
    _has_post: bool = False

    def steps(self, *, with_replies: bool) -> Steps:
        """Ask for the comments, the post, and what is above them; for what is below, if wanted."""
        if with_replies or len(self.names) == 1:
            yield from self._climb(self.names, limit=MOST_ON_PAGE if with_replies else FEW)
        yield from self.rest()

    def rest(self) -> Steps:
        """Ask for what has not come yet."""
        missing = [name for name in (self.post, *self.names) if not self._has(name)]
        yield from self._round(missing)
        if len(self._above()) >= MANY_CHAINS:
            reply = yield Ask("page", sort="old")
            self.take(() if isinstance(reply, Failure) else reply)
        for rounds in count(1):
            if not (above := self._above()):
                break
            if len(above) <= max(FEW_CHAINS, min(MANY_CHAINS, rounds // ROUNDS_PER_CHAIN)):
                yield from self._climb(above.values(), limit=FEW)
                above = {name: below for name, below in self._above().items() if name in above}
            yield from self._round([*above])

    def _climb(self, names: Iterable[str], *, limit: int) -> Steps:
        """Ask for pages of comments, with what is above each."""
        for name in names:
            reply = yield Ask("focus", (name,), limit=limit, context=MOST_CONTEXT)
            self.take(() if isinstance(reply, Failure) else reply)

    def _round(self, names: list[str]) -> Steps:
        for start in range(0, len(names), MOST_BY_NAME):
            asked = tuple(names[start : start + MOST_BY_NAME])
            reply = yield Ask("info", asked)
            self.take(() if isinstance(reply, Failure) else reply)
            missing = {name for name in asked if not self._has(name)}
            if isinstance(reply, Failure):
                self._failed |= missing
            else:
                self.withheld |= {name[3:] for name in missing}

    def _above(self) -> dict[str, str]:
        """What is above the chosen comments and not here, each with one comment that answers it."""
        found: dict[str, str] = {}
        for name in self.names:
            below, passed = "", set[str]()
            while name in self._parents and name not in passed:
                passed.add(name)
                below, name = name, self._parents[name]
            is_comment = below and name.startswith("t1_") and name not in passed
            if is_comment and name not in self._failed and name[3:] not in self.withheld:
                found[name] = below
        return found

    def _has(self, name: str) -> bool:
        return name in self._parents or (self._has_post and name == self.post)

    def take(self, things: Iterable[Thing]) -> None:
        """Learn from an answer."""
        for thing in things:
            name = fullname(thing)
            if thing["kind"] == "t1" and name:
                self._parents.setdefault(name, text_of(thing, "parent_id").lower())
            elif name == self.post:
                self._has_post = True
