"""What to ask Reddit for a few comments, with the post and all that they answer to.

One comment comes with eight above it in one page. Several come by `/api/info`, the post among
them, 100 things a request; then what is above them, one round for each level, and the last chains
by pages, eight levels at a time.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from reddit_archive.capture import fullname, text_of
from reddit_archive.sources.reddit.ask import (
    MOST_BY_NAME,
    MOST_CONTEXT,
    MOST_ON_PAGE,
    Ask,
    Failure,
    Reply,
    Steps,
)

FEW = 20
"""Enough for a comment and those above it."""
FEW_CHAINS = 2
"""So many are climbed by pages: a level of them costs a page's eighth, or a whole request."""


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
        missing = [name for name in (self.post, *self.names) if not self._has(name)]
        yield from self._round(missing)
        while above := self._above():
            if len(above) <= FEW_CHAINS:
                yield from self._climb(above.values(), limit=FEW)
                above = {name: below for name, below in self._above().items() if name in above}
            yield from self._round([*above])

    def _climb(self, names: Iterable[str], *, limit: int) -> Steps:
        """Ask for pages of comments, with what is above each."""
        for name in names:
            self.take((yield Ask("focus", (name,), limit=limit, context=MOST_CONTEXT)))

    def _round(self, names: list[str]) -> Steps:
        for start in range(0, len(names), MOST_BY_NAME):
            asked = tuple(names[start : start + MOST_BY_NAME])
            reply = yield Ask("info", asked)
            self.take(reply)
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

    def take(self, reply: Reply) -> None:
        """Learn from an answer."""
        for thing in () if isinstance(reply, Failure) else reply:
            name = fullname(thing)
            if thing["kind"] == "t1" and name:
                self._parents.setdefault(name, text_of(thing, "parent_id").lower())
            elif name == self.post:
                self._has_post = True

