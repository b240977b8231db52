"""Which pages to save next, for what a capture does not hold."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from reddit_archive.model import capture
from reddit_archive.model.capture import Capture, Thing, stub_ids, text_of

REDDIT = "https://www.reddit.com"
FULL = "limit=500&raw_json=1"
MOST_NAMES = 100
"""/api/info and /api/morechildren give no more; above it /api/info ignores all of them."""
SHORT_PAGE = 200
"""Without `limit` Reddit's page holds no more comments than these."""
DEEPEST_ASKED = 9
"""Reddit's published code gives nothing from /api/morechildren below this depth."""


@dataclass(slots=True)
class _Wanted:
    """What is missing, by the way in which it can be had.

    `leaves` are ids without replies; `branches` are ids with replies below them, by depth, each
    with about how many comments it stands for; `pages` are parents, whose own page shows all below
    them, each with how many comments are missing there, as far as Reddit says.
    """

    leaves: list[str] = field(default_factory=list)
    branches: dict[int, list[tuple[str, float]]] = field(default_factory=dict)
    pages: dict[str, int] = field(default_factory=dict)


def missing_pages(taken: Capture) -> list[str]:
    """Give the addresses to open and save for what is missing, those that bring most first.

    They are as few as can be told now: what they bring may name more. What Reddit withholds is
    not among them.
    """
    wanted = _sorted_out(taken.things)
    post, shown = taken.thread_id, sum(thing["kind"] == "t1" for thing in taken.things)
    found = [
        *_info(wanted.leaves),
        *_more_children(post, wanted.branches),
        *((_page(post, name), count) for name, count in wanted.pages.items()),
    ]
    urls = [url for url, _ in sorted(found, key=lambda each: -each[1])]
    if shown <= SHORT_PAGE and (wanted.leaves or wanted.branches):
        return [thread_page(post), *urls]
    return urls


def thread_page(post: str) -> str:
    """Return the URL of a thread's own page, as JSON."""
    return f"{REDDIT}/comments/{post}.json?{FULL}"


def _sorted_out(things: Sequence[Thing]) -> _Wanted:
    """Sort what stubs name by how to get it.

    A stub that counts as many comments as it names has no replies below them. Many comments below
    one are had soonest from its own page, which shows 500.
    """
    comments = [thing for thing in things if thing["kind"] == "t1"]
    present = {capture.fullname(thing) for thing in comments}
    wanted = _Wanted()
    for stub in (thing for thing in things if thing["kind"] == "more"):
        data, parent = stub["data"], text_of(stub, "parent_id")
        if not isinstance(data, dict) or data.get("_withheld") is True:
            continue
        named = stub_ids(data)
        ids = [i for i in named if f"t1_{i}" not in present]
        count, depth = (_number(data.get(key)) for key in ("count", "depth"))
        if not named:
            wanted.pages.setdefault(parent, count)
        elif ids and count <= len(named):
            wanted.leaves += ids
        elif ids and parent.startswith("t1_") and (count > MOST_NAMES or depth > DEEPEST_ASKED):
            wanted.pages[parent] = wanted.pages.get(parent, 0) + count
        elif ids:
            share = count / len(named)
            wanted.branches.setdefault(depth, []).extend((i, share) for i in ids)
    return wanted


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def _page(post: str, parent: str) -> str:
    """The page of one comment; of the whole thread where it is the post."""
    if parent.startswith("t1_"):
        return f"{REDDIT}/comments/{post}/_/{parent[3:]}.json?{FULL}"
    return thread_page(post)


def _info(ids: list[str]) -> Iterator[tuple[str, int]]:
    for start in range(0, len(ids), MOST_NAMES):
        part = ids[start : start + MOST_NAMES]
        names = ",".join(f"t1_{i}" for i in part)
        yield f"{REDDIT}/api/info.json?raw_json=1&id={names}", len(part)


def _more_children(
    post: str, branches: dict[int, list[tuple[str, float]]]
) -> Iterator[tuple[str, int]]:
    """Ask for ids of one depth together: of several depths Reddit answers the least alone.

    An answer holds 100 comments, so that no more are asked for than that.
    """
    for depth in sorted(branches):
        part: list[str] = []
        expected = 0.0
        for name, share in [*branches[depth], ("", float("inf"))]:
            if part and (expected + share > MOST_NAMES or len(part) == MOST_NAMES):
                yield _more_address(post, part), round(min(expected, MOST_NAMES))
                part, expected = [], 0.0
            if name:
                part.append(name)
                expected += share


def _more_address(post: str, ids: list[str]) -> str:
    asked = f"link_id=t3_{post}&children={','.join(ids)}"
    return f"{REDDIT}/api/morechildren.json?api_type=json&raw_json=1&{asked}"
