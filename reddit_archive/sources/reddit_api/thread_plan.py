"""Decide what to ask Reddit next, for a whole thread in few requests; no request is made here.

Reddit answers with at most 500 comments a page and names what it left out in stubs. A plan keeps
each missing comment with the parent and depth of the first stub that names it, and each time asks
for what brings most:

- `/api/info`, 100 ids a request from any depth, for comments without replies: a stub whose `count`
  equals its number of ids names only such.
- `/api/morechildren` for the others, pooled by depth, because it honours only the least depth that
  it is asked for. It returns at most 100 comments. What does not fit it names in one stub with the
  post as parent and depth 0, or drops without a word.
- The page of a comment, which holds up to 500 of what is within ten levels from it. One page may
  serve many branches that Reddit cut off.
- The whole page in another order, which holds other comments.

Comments that are neither returned nor named again are asked for by `/api/info` before they count
as withheld. How these endpoints behave was read from Reddit's published code and measured on its
answers (praw-dev/praw#1737, recorded threads).
"""

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil

from reddit_archive.model.capture import Thing, fullname, stub_ids, text_of
from reddit_archive.sources.reddit_api.api_calls import (
    LEVELS,
    MOST_BY_NAME,
    MOST_ON_PAGE,
    SORT,
    Ask,
    Failure,
    Reply,
    Steps,
)
from reddit_archive.sources.reddit_api.forecast import FirstPage

MOST_CHILDREN = 100
OTHER_SORTS = ("new", "old", "controversial", "top")
"""The order first that shares least with the one before."""
OVERLAP = 0.7
"""How much of what is missing a page in another order brings, as its share would let expect."""
LEAST_FROM_PAGE = 50
FULL = 99
"""A request that brings so much is taken without a look at what pages of comments would bring."""
STILL_DEEPER = 0.6
"""How likely a branch that goes on for one level goes on for another, about."""


def fewest(comments: int) -> int:
    """Return about the minimum number of requests for a thread that is not deep."""
    return 1 + ceil(max(0, comments - MOST_ON_PAGE) * 0.85 / MOST_BY_NAME)


@dataclass(slots=True)
class _Missing:
    """A comment that a stub names.

    Attributes:
        weight: About how many comments are in its branch, itself included.
        is_asked: It was requested from morechildren and not returned, perhaps for lack of room.
        has_vanished: It was not returned although there was room, as happens for deleted comments
            without replies.
    """

    parent: str
    depth: int
    weight: float
    is_leaf: bool
    is_asked: bool = False
    has_vanished: bool = False


@dataclass(slots=True)
class Plan:
    """The state of one fetch. `post` and all comments are fullnames; depth 0 answers the post.

    `withheld` are the ids, without prefix, that Reddit named and does not give; `total` is how many
    comments it counts. `_weight` is of all that was missing when it was looked at last.
    """

    post: str
    withheld: set[str] = field(default_factory=set)
    total: int | None = None
    _depths: dict[str, int] = field(default_factory=dict)
    _parents: dict[str, str] = field(default_factory=dict)
    _below: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    _missing: dict[str, _Missing] = field(default_factory=dict)
    _by_name: dict[str, _Missing] = field(default_factory=dict)
    _cut: dict[str, int] = field(default_factory=dict)
    _failed_pages: dict[str, int] = field(default_factory=dict)
    _shown: set[str] = field(default_factory=set)
    _names_leftovers: bool = False
    _asked: set[Ask] = field(default_factory=set)
    _most_children: int = MOST_CHILDREN
    _sorts: tuple[str, ...] = OTHER_SORTS
    _weight: float = 0

    @property
    def comments(self) -> int:
        return len(self._parents)

    def has(self, name: str) -> bool:
        return name in self._parents

    @property
    def unread(self) -> dict[str, int]:
        """The approximate number of comments below others whose own page was not fetched."""
        return {name: n for name, n in (self._failed_pages | self._cut).items() if n}

    @property
    def left(self) -> int:
        """About how many requests are still to come."""
        return ceil((self._weight + len(self._by_name)) / MOST_BY_NAME) + len(self._cut)

    @property
    def first_page(self) -> FirstPage:
        """The numbers for an estimate, after the first page."""
        missing = tuple((each.depth, each.weight) for each in self._missing.values())
        partial = {self.post, *(each.parent for each in self._missing.values())}
        families = Counter(self._parents.values())
        whole = [size for parent, size in families.items() if parent not in partial]
        return FirstPage(
            shown=self.comments,
            total=self.total or self.comments,
            missing=missing,
            cut=len(self._cut),
            family=sum(whole) / len(whole) if whole else 1.0,
        )

    def steps(self) -> Steps:
        """Ask for all of it. What fails stays missing, and nothing is asked for twice."""
        yield from self.first()
        yield from self._rest()

    def first(self) -> Steps:
        """Ask for the first page alone."""
        self.take(Ask("page"), (yield Ask("page")))

    def below(self, things: Iterable[Thing]) -> Steps:
        """Ask for what is missing below comments that came already."""
        self._sorts = ()
        self._learn(_parents_first(things), is_tree=False)
        yield from self._rest()

    def _rest(self) -> Steps:
        while (ask := self._best()) is not None:
            self._asked.add(ask)
            self.take(ask, (yield ask))

    def take(self, ask: Ask, reply: Reply) -> None:
        """Learn from an answer, or from its failure."""
        if isinstance(reply, Failure):
            self._drop(ask, reply)
            return
        before = self.comments
        named = self._learn(reply, is_tree=ask.kind != "info")
        match ask.kind:
            case "page" if ask.sort != SORT and self.comments - before < MOST_CHILDREN:
                self._sorts = ()
            case "focus":
                self._cut.pop(ask.names[0], None)
            case "children":
                self._judge(ask.names, named, brought=self.comments - before)
            case "info":
                deleted = {fullname(thing) for thing in reply if _is_deleted(thing)}
                for name in ask.names:
                    self._settle(name, is_deleted=name in deleted)

    def _judge(self, asked: Sequence[str], named: Container[str], *, brought: int) -> None:
        """Handle comments that were requested from morechildren and not returned.

        A stub may name those that did not fit. Reddit's published code does that only at the top
        level and drops the others. An answer that consists of deleted comments, which are not
        shown, looks empty. So unless stubs are known to name all of them, the comments are
        requested until nothing is returned. The rest is deleted, which `/api/info` shows.
        """
        left = [name for name in asked if name in self._missing]
        unnamed = [name for name in left if name not in named]
        is_certain = brought == 0 and len(left) < MOST_CHILDREN
        for name in unnamed if brought else left:
            missing = self._missing[name]
            missing.is_asked = True
            missing.has_vanished = is_certain or self._names_leftovers or missing.depth == 0
            if missing.has_vanished or not brought:
                self._by_name[name] = self._missing.pop(name)

    def _best(self) -> Ask | None:
        """Choose what brings most, about; nothing that was asked for before."""
        pooled = self._largest(self._pooled())
        if pooled is not None and pooled[0] >= FULL:
            return pooled[1]
        best = self._largest((*([pooled] if pooled else []), *self._focused()))
        return best[1] if best else None

    def _pooled(self) -> Iterator[tuple[float, Ask]]:
        """What brings comments from anywhere, after one look at all that is missing."""
        near = self._weight = 0.0
        by_name = [*self._by_name]
        by_depth: dict[int, list[str]] = {}
        for name, missing in self._missing.items():
            is_near = missing.depth < LEVELS
            self._weight += missing.weight
            if is_near:
                near += missing.weight
            if missing.is_leaf or (not is_near and self._is_lost(missing)):
                by_name.append(name)
            elif is_near:
                by_depth.setdefault(missing.depth, []).append(name)
        yield from self._pages(near)
        yield from self._children(by_depth)
        yield from self._named(by_name)

    def _is_lost(self, missing: _Missing) -> bool:
        """Tell whether it was not on its parent's page, for what is too deep for morechildren."""
        return Ask("focus", (missing.parent,)) in self._asked

    def _largest(self, choices: Iterable[tuple[float, Ask]]) -> tuple[float, Ask] | None:
        """Of requests, each with about how many comments it would bring, the one with most."""
        fresh = (choice for choice in choices if choice[1] not in self._asked)
        return max(fresh, key=lambda choice: choice[0], default=None)

    def _pages(self, weight: float) -> Iterator[tuple[float, Ask]]:
        gain = MOST_ON_PAGE * OVERLAP * weight / (weight + self.comments or 1)
        if self._sorts and gain >= LEAST_FROM_PAGE:
            for place, sort in enumerate(self._sorts):
                yield gain - place / 10, Ask("page", sort=sort)

    def _children(self, pools: Mapping[int, Sequence[str]]) -> Iterator[tuple[float, Ask]]:
        for depth, pool in pools.items():
            fresh_first = sorted(pool, key=lambda name: self._missing[name].is_asked)
            names = tuple(fresh_first[: self._most_children])
            weight = sum(self._missing[name].weight for name in names)
            yield min(MOST_CHILDREN, weight) - depth / 100, Ask("children", names)

    def _focused(self) -> Iterator[tuple[float, Ask]]:
        """The best page of a comment, from which others are missing within the levels of a page."""
        reach: defaultdict[str, float] = defaultdict(float)
        for (above, depth), (count, weight) in self._goals().items():
            for levels in range(LEVELS - 1, 0, -1):
                if above not in self._parents or self._depths[above] + LEVELS != depth + levels:
                    break
                reach[above] += count + weight * (1 - STILL_DEEPER ** (levels - 1))
                above = self._parents[above]
        gains = {above: min(MOST_ON_PAGE - 1 - self._below[above], reach[above]) for above in reach}
        for above in sorted(gains, key=gains.__getitem__, reverse=True):
            if (ask := Ask("focus", (above,))) not in self._asked:
                yield gains[above] - 0.5, ask
                break

    def _goals(self) -> dict[tuple[str, int], tuple[int, float]]:
        """What only a page can bring, or as well as others: how many, and how much below them.

        By their parent and depth.
        """
        goals = {(parent, self._depths[parent] + 1): (1, 1.0) for parent in self._cut}
        for missing in self._missing.values():
            if not missing.is_leaf:
                place = missing.parent, missing.depth
                count, weight = goals.get(place, (0, 0.0))
                goals[place] = count + 1, weight + missing.weight - 1
        return goals

    def _named(self, pool: Sequence[str]) -> Iterator[tuple[float, Ask]]:
        """A full pool of what can be had by name; the rest of it when all else is done."""
        if pool:
            names = tuple(pool[:MOST_BY_NAME])
            yield MOST_BY_NAME if len(names) == MOST_BY_NAME else 0, Ask("info", names)

    def _learn(self, things: Sequence[Thing], *, is_tree: bool) -> set[str]:
        """Record comments and stubs, and return the comments that the stubs name.

        `is_tree` means that the siblings of each comment are in the answer or named by a stub.
        """
        for thing in things:
            if thing["kind"] == "t3" and fullname(thing) == self.post:
                count = thing["data"].get("num_comments")
                self.total = count if isinstance(count, int) else self.total
            elif thing["kind"] == "t1" and (name := fullname(thing)):
                parent = text_of(thing, "parent_id").lower()
                self._add(name, parent)
                if is_tree:
                    self._shown.add(parent)
                    self._cut.pop(parent, None)
        stubs = [thing for thing in things if thing["kind"] == "more"]
        return {name for stub in stubs for name in self._note(stub)}

    def _add(self, name: str, parent: str) -> None:
        if name in self._parents:
            return
        self._missing.pop(name, None)
        self._parents[name] = parent
        self._depths[name] = self._depths.get(parent, -1) + 1
        for _ in range(LEVELS - 1):
            if parent not in self._parents:
                break
            self._below[parent] += 1
            parent = self._parents[parent]

    def _note(self, stub: Thing) -> Iterable[str]:
        """Record the comments that a stub names, and return their fullnames.

        Only the first stub that names a comment has its right parent and depth. For comments that
        did not fit, morechildren returns stubs with the post as parent and depth 0.
        """
        parent = text_of(stub, "parent_id").lower()
        names = [f"t1_{i}" for i in stub_ids(stub["data"])]
        if not names and parent in self._parents and parent not in self._shown:
            self._cut_off(parent, 0)
        count = stub["data"].get("count")
        share = max(1.0, count / len(names)) if isinstance(count, int) and names else 1.0
        for name in names:
            if name in self._parents or name in self._by_name or name[3:] in self.withheld:
                continue
            known = self._missing.get(name)
            if known is None:
                depth = self._depths.get(parent, -1) + 1
                self._missing[name] = _Missing(parent, depth, share, count == len(names))
                continue
            self._names_leftovers |= parent == self.post and known.depth > 0
            if count == len(names):
                known.weight, known.is_leaf = 1, True
            elif known.parent == parent and not known.is_leaf:
                known.weight = share
        return names

    def _settle(self, name: str, *, is_deleted: bool) -> None:
        """Draw the conclusion from whether a comment came when it was asked for by name."""
        missing = self._missing.pop(name, None) or self._by_name.pop(name, None)
        self._by_name.pop(name, None)
        if name not in self._parents:
            self.withheld.add(name[3:])
        elif missing is None or missing.weight == 1 or (is_deleted and missing.has_vanished):
            return
        else:
            self._cut_off(name, max(1, round(missing.weight) - 1))

    def _cut_off(self, name: str, count: int) -> None:
        """Record that the replies to this comment, about `count`, are on no page so far."""
        if Ask("focus", (name,)) not in self._asked:
            self._cut[name] = count

    def _drop(self, ask: Ask, failure: Failure) -> None:
        """Do without what could not be had, or ask for less at once."""
        if ask.kind == "children" and failure.is_too_large and len(ask.names) > 1:
            self._most_children = len(ask.names) // 2
            return
        if ask.kind == "page":
            self._sorts = ()
        for name in ask.names:
            self._failed_pages[name] = self._cut.pop(name, 0)
            if ask.kind != "focus":
                self._missing.pop(name, None)
                self._by_name.pop(name, None)


def _parents_first(things: Iterable[Thing]) -> list[Thing]:
    """Order things: each comment after its parent, and stubs at the end."""
    others: list[Thing] = []
    below: defaultdict[str, list[Thing]] = defaultdict(list)
    names: set[str | None] = set()
    for thing in things:
        if thing["kind"] == "t1":
            below[text_of(thing, "parent_id").lower()].append(thing)
            names.add(fullname(thing))
        else:
            others.append(thing)
    roots = [parent for parent in below if parent not in names]
    ordered = [thing for parent in roots for thing in below.pop(parent)]
    for thing in ordered:  # grows during the loop
        ordered += below.pop(fullname(thing) or "", [])
    circles = [thing for siblings in below.values() for thing in siblings]
    return ordered + circles + others


def _is_deleted(thing: Thing) -> bool:
    return thing["kind"] == "t1" and text_of(thing, "author") == "[deleted]"
