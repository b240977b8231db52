"""Reddit's rules for responses, as pure functions of threads.

They follow r2, Reddit's published code, and recorded responses.
"""

import heapq
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal
from zlib import crc32

from .thread import JsonObject, Thread

DEFAULT_LIMIT = 200
MAX_LIMIT = 500
MAX_DEPTH = 10
MAX_CONTEXT = 8
MORE_LIMIT = 100
INFO_LIMIT = 100

Leftovers = Literal["stubbed", "dropped"]


def page(
    thread: Thread,
    *,
    limit: int | None = None,
    depth: int | None = None,
    sort: str = "",
    comment: str | None = None,
    context: int = 0,
) -> list[JsonObject]:
    """Return the response to GET /comments/ID: the post and as many comments as the limits allow.

    A `comment` that is not in the tree is ignored: the response is then the whole thread. For one
    that its author deleted, and that has no replies, it is an empty list (as in r2).
    """
    kids = dict(thread.replies)
    parent, roots = thread.name, kids.get(thread.name, [])
    if comment in thread.comments and not _defocused(thread, comment):
        path = thread.path(comment)[-1 - min(max(context, 0), MAX_CONTEXT) :]
        kids |= {f"t1_{above}": [below] for above, below in pairwise(path)}
        roots = path[:1]
        parent = thread.comments[roots[0]]["parent_id"]
    levels = depth if depth and 0 < depth < MAX_DEPTH else MAX_DEPTH
    count = min(limit, MAX_LIMIT) if limit and limit > 0 else DEFAULT_LIMIT
    offset = len(thread.path(roots[0])) - 1 if roots else 0
    view = _choose(thread, kids, roots, count=count, levels=levels, offset=offset, sort=sort)
    post = {"num_duplicates": 0} | thread.post
    return [
        listing([{"kind": "t3", "data": post}], dist=1),
        listing(view.things(parent, roots)),
    ]


def more_children(
    thread: Thread,
    children: Iterable[str],
    *,
    sort: str = "",
    depth: int | None = None,
    limit_children: bool = False,
    deep: bool = False,
    leftovers: Leftovers = "stubbed",
) -> JsonObject:
    """Return the response to /api/morechildren: a flat list of at most 100 comments, and stubs.

    Only ids of the least requested depth are used. The `depth` of things is their depth in the
    whole thread. Therefore nothing is returned for ids at depth 10 and below, not even a stub,
    unless `deep` (a bug of r2; whether Reddit fixed it is not known).

    The ids that do not fit are in one stub with the post as parent and depth 0, whatever their real
    parent and depth are. Below the top level, r2 drops them without a stub: `leftovers="dropped"`.
    """
    depths = {child: thread.depth(child) for child in children if child in thread.comments}
    existing = list(depths)
    top = min(depths.values(), default=0)
    top_level = [child for child in existing if depths[child] == top]
    first = top if deep and top >= MAX_DEPTH else 0
    if top - first >= MAX_DEPTH:
        top_level = []
    levels = min(top - first + depth, MAX_DEPTH) if depth and depth > 0 else MAX_DEPTH
    if limit_children:
        levels = top - first + 1
    view = _choose(
        thread,
        dict(thread.replies),
        top_level,
        count=MORE_LIMIT,
        levels=levels,
        offset=0,
        sort=sort,
        first=first,
    )
    things = list(_flatten(view.things(thread.name, [a for a in top_level if a in view.chosen])))
    missing = [child for child in top_level if child not in view.chosen]
    if missing and (leftovers == "stubbed" or top == 0):
        stub = view.stub(thread.name, missing)
        things.append(stub | {"data": stub["data"] | {"depth": 0}})
    return {"json": {"errors": [], "data": {"things": things}}}


def info(threads: Iterable[Thread], names: list[str]) -> JsonObject:
    """Return the response to /api/info: the things with these fullnames, in arbitrary order.

    For more than 100 names it is empty. Unknown names, names with capitals, and things of
    unavailable threads are left out silently. Vanished comments are included.
    """
    found: dict[str, JsonObject] = {}
    requested = set(names) if len(names) <= INFO_LIMIT else set()
    for thread in threads:
        if thread.refusal is None:
            found |= {name: thing for name in requested if (thing := _thing(thread, name))}
    return listing([found[name] for name in sorted(found, key=_scrambled)], dist=len(found))


def escape(value: Any) -> Any:
    """Escape every string as Reddit does for requests without raw_json=1."""
    if isinstance(value, str):
        return value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    if isinstance(value, list):
        return [escape(item) for item in value]
    if isinstance(value, dict):
        return {key: escape(item) for key, item in value.items()}
    return value


def listing(children: list[JsonObject], *, dist: int | None = None) -> JsonObject:
    return {
        "kind": "Listing",
        "data": {
            "after": None,
            "dist": dist,
            "modhash": None,
            "geo_filter": "",
            "children": children,
            "before": None,
        },
    }


@dataclass(frozen=True, slots=True)
class _View:
    """The comments that are chosen for one response, numbered in the order of the choice."""

    thread: Thread
    kids: dict[str, list[str]]
    chosen: dict[str, int]
    depths: dict[str, int]
    offset: int
    continue_depth: int

    def things(self, parent: str, ids: list[str]) -> list[JsonObject]:
        """Build siblings: the chosen ones with their replies, and a stub for the others."""
        shown = sorted((each for each in ids if each in self.chosen), key=self.chosen.__getitem__)
        things = [self._comment(each) for each in shown if not self.thread.vanished(each)]
        if missing := [each for each in ids if each not in self.chosen]:
            things.append(self.stub(parent, missing))
        return things

    def _comment(self, comment_id: str) -> JsonObject:
        name = f"t1_{comment_id}"
        below = self.things(name, self.kids.get(name, []))
        data = self.thread.comments[comment_id] | {
            "depth": self.depths[comment_id] - self.offset,
            "replies": listing(below) if below else "",
        }
        return {"kind": "t1", "data": data}

    def stub(self, parent: str, missing: list[str]) -> JsonObject:
        depth = self.depths[missing[0]]
        data: JsonObject = {"count": 0, "name": "t1__", "id": "_", "children": []}
        if depth < self.continue_depth:
            # Recorded stubs name their children in no order that a client could use.
            children = sorted(missing, key=_scrambled)
            data = {
                "count": sum(1 + self.thread.size(child) for child in missing),
                "name": f"t1_{children[0]}",
                "id": children[0],
                "children": children,
            }
        return {"kind": "more", "data": data | {"parent_id": parent, "depth": depth - self.offset}}


def _choose(
    thread: Thread,
    kids: dict[str, list[str]],
    roots: list[str],
    *,
    count: int,
    levels: int,
    offset: int,
    sort: str,
    first: int | None = None,
) -> _View:
    """Choose `count` comments: each time the best one whose parent is chosen already.

    Vanished comments are chosen, too, but not shown, so that a page of 500 contains fewer.
    """
    order = _Order(thread, sort)
    depths = {root: thread.depth(root) for root in roots}
    base = offset if first is None else first
    heap = [(order[root], root) for root in roots]
    heapq.heapify(heap)
    chosen: dict[str, int] = {}
    while heap and len(chosen) < count:
        _, best = heapq.heappop(heap)
        chosen[best] = len(chosen)
        below = kids.get(f"t1_{best}", [])
        depths |= dict.fromkeys(below, depths[best] + 1)
        if depths[best] + 1 < base + levels:
            for kid in below:
                heapq.heappush(heap, (order[kid], kid))
    return _View(thread, kids, chosen, depths, offset, base + MAX_DEPTH)


class _Order(dict[str, tuple[Any, ...]]):
    """A mapping from comments to sort keys, smallest for the best."""

    def __init__(self, thread: Thread, sort: str) -> None:
        if thread.post.get("contest_mode"):
            sort = "random"
        sort = sort or thread.post.get("suggested_sort") or "confidence"
        best = _Order(thread, "confidence") if sort == "qa" else self
        keys: dict[str, Callable[[JsonObject], tuple[Any, ...]]] = {
            "top": lambda data: (-data["score"],),
            "new": lambda data: (-data["created_utc"],),
            "live": lambda data: (-data["created_utc"],),
            "old": lambda data: (data["created_utc"],),
            "controversial": lambda data: (-data.get("controversiality", 0), abs(data["score"])),
            "qa": lambda data: (not _answered(thread, data), *best[data["id"]]),
            "random": lambda _data: (thread.dice.random(),),
        }
        self._thread = thread
        self._key = keys.get(sort)

    def __missing__(self, comment_id: str) -> tuple[Any, ...]:
        data = self._thread.comments[comment_id]
        if self._key is not None:
            self[comment_id] = self._key(data)
        else:
            self._rank(data["parent_id"])
        return self[comment_id]

    def _rank(self, parent: str) -> None:
        """Rank by score over the whole thread, yet never against the stored order of siblings."""
        lowest = float("inf")
        for rank, comment_id in enumerate(self._thread.replies[parent]):
            lowest = min(lowest, self._thread.comments[comment_id]["score"])
            self[comment_id] = (-lowest, rank)


def _answered(thread: Thread, data: JsonObject) -> bool:
    author = thread.post.get("author")
    below = (thread.comments[kid] for kid in thread.replies.get(data["name"], []))
    return author in (data["author"], *(kid["author"] for kid in below))


def _defocused(thread: Thread, comment_id: str) -> bool:
    return thread.vanished(comment_id) and comment_id in thread.removed


def _flatten(things: list[JsonObject]) -> Iterator[JsonObject]:
    for thing in things:
        if thing["kind"] == "more":
            yield thing
            continue
        replies = thing["data"]["replies"]
        yield thing | {"data": thing["data"] | {"replies": ""}}
        if replies:
            yield from _flatten(replies["data"]["children"])


def _thing(thread: Thread, name: str) -> JsonObject | None:
    if name == thread.name:
        post = {key: value for key, value in thread.post.items() if key != "num_duplicates"}
        return {"kind": "t3", "data": post}
    if name.startswith("t1_") and name[3:] in thread.comments:
        return {"kind": "t1", "data": thread.comments[name[3:]] | {"replies": ""}}
    if name.startswith("t5_") and name == thread.post.get("subreddit_id"):
        return {"kind": "t5", "data": _subreddit(thread.post)}
    return None


def _subreddit(post: JsonObject) -> JsonObject:
    display_name = post["subreddit"]
    return {
        "id": post["subreddit_id"][3:],
        "name": post["subreddit_id"],
        "display_name": display_name,
        "display_name_prefixed": f"r/{display_name}",
        "title": display_name,
        "url": f"/r/{display_name}/",
        "subreddit_type": post.get("subreddit_type", "public"),
        "subscribers": post.get("subreddit_subscribers", 1),
        "over18": post.get("over_18", False),
        "quarantine": post.get("quarantine", False),
        "public_description": "",
        "description": "",
        "description_html": None,
    }


def _scrambled(name: str) -> int:
    return crc32(name.encode())
