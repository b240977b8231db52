"""What one capture shows, and what it would have shown had it been there."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from operator import itemgetter
from typing import Any

from reddit_archive.history.timeline import MARK, SEEN, marked
from reddit_archive.model import content, html_entities, redaction
from reddit_archive.model.capture import Capture, Thing, fullname
from reddit_archive.model.json_fields import Raw, moment, text, whole_number

FIRST_SEEN_SOURCES = frozenset({"arctic-shift", "dump"})
"""Archives that keep the text as it was when they first saw it, whenever we ask them."""
SAYING = {
    "t1": ("body", "body_html", "author", "author_flair_text", "removal_reason"),
    "t3": (
        *("selftext", "selftext_html", "author", "title", "removed_by_category"),
        *("link_flair_text", "author_flair_text", "removal_reason"),
    ),
}
"""What a history tells of a thing, besides its votes."""
ALL_SAID = {kind: itemgetter(*keys) for kind, keys in SAYING.items()}


@dataclass(frozen=True, slots=True)
class Sight:
    """A capture's post and comments by fullname, and what it says about those that are not there.

    `stubbed` are the comments that it names without showing them, in `stubs`. `listed` are the
    things below which it shows or names every answer, once that was found out.
    """

    number: int
    at: datetime
    source: str
    capture: Capture
    things: Mapping[str, Thing]
    stubs: tuple[Mapping[str, Any], ...]
    stubbed: frozenset[str]
    listed: frozenset[str] = frozenset()

    def with_listed(self) -> "Sight":
        """The same, with what it lists, which takes as long to find out as all the rest.

        A page that focuses on one comment lists none, and an archive of first texts neither.
        """
        if is_first_seen(self.capture):
            return self
        return replace(self, listed=frozenset(_listed(self)))

    def seen_at(self, thing: Thing) -> datetime:
        """When the thing was as it is here: for an archive's, when that archive saw it."""
        data = thing["data"]
        if MARK in data and marked(data):
            return moment(data, SEEN) or self.at
        if self.source not in FIRST_SEEN_SOURCES:
            return self.at
        return moment(data, "retrieved_on") or moment(data, "created_utc") or self.at

    def score(self, data: Raw) -> int | None:
        """The score as it was then; an archive of first texts asks too early to tell."""
        return None if self.source in FIRST_SEEN_SOURCES else content.score(data)

    def absent(self, parents: Mapping[str, str]) -> set[str]:
        """Give those of the known comments that would be here if they still showed on Reddit.

        `parents` maps each known comment to what it answers. Whatever is below a comment that is
        absent is absent as well; below one that was not fetched, nothing is known.
        """
        if not self.listed:
            return set()
        verdicts: dict[str, bool] = {}
        for name in parents.keys() - self.things.keys():
            path: list[str] = []
            while name in parents and name not in self.things and name not in verdicts:
                verdicts[name] = False  # a circle of parents ends here
                path.append(name)
                name = parents[name]
            is_open = name in self.listed or (name not in self.things and verdicts.get(name, False))
            for each in reversed(path):
                is_open = is_open and each not in self.stubbed
                verdicts[each] = is_open
        return {name for name, is_absent in verdicts.items() if is_absent}


class Sights(tuple[Sight, ...]):
    """What the captures of a thread show: made once for whatever they are asked for."""

    __slots__ = ()

    @property
    def captures(self) -> tuple[Capture, ...]:
        """The captures in their order, without what is redacted in one of them."""
        return tuple(seen.capture for seen in sorted(self, key=lambda seen: seen.number))


def look(captures: Iterable[Capture] | Sights) -> Sights:
    """See all captures, in the order of `each`, to ask them more than once."""
    return captures if isinstance(captures, Sights) else Sights(each(tuple(captures)))


def each(captures: tuple[Capture, ...] | Sights) -> Iterator[Sight]:
    """See each capture: first those of archives that keep first texts, then as they were taken."""
    if isinstance(captures, Sights):
        yield from captures
        return
    numbered = list(enumerate(_as_redacted(captures)))
    for number, taken in sorted(numbered, key=lambda each: not is_first_seen(each[1])):
        yield _see(number, taken)


def _as_redacted(captures: tuple[Capture, ...]) -> tuple[Capture, ...]:
    """Remove from each capture what this archive redacted in another capture.

    Such a capture was added later, from an unredacted copy of the archive.
    """
    if not any(taken.is_redaction for taken in captures):  # the common case
        return captures
    counted = {id(thing): thing for x in captures if x.is_redaction for thing in x.things}
    known = redaction.marked(filter(_has_mark, counted.values()))
    things: Collection[Thing] = {id(thing): thing for x in captures for thing in x.things}.values()
    if all(redaction.MARK in data for name, _, data in redaction.items(things) if name in known):
        return captures
    wanted = redaction.plan(things, known)
    return tuple(replace(each, things=redaction.apply(each.things, wanted)) for each in captures)


def _has_mark(thing: Thing) -> bool:
    data = thing["data"]
    if not isinstance(data, dict) or redaction.MARK in data:
        return isinstance(data, dict)
    return "crosspost_parent_list" in data and bool(redaction.marked([thing]))


def says_same(one: Thing, other: Thing) -> bool:
    """Tell whether two looks at a post or comment found the same, votes aside."""
    mine, theirs = one["data"], other["data"]
    if mine.get(MARK) != theirs.get(MARK):
        return False
    try:
        said = ALL_SAID[one["kind"]]
        same: bool = said(mine) == said(theirs)
    except KeyError:  # one of them lacks a field
        keys = SAYING[one["kind"]]
        return [*map(mine.get, keys)] == [*map(theirs.get, keys)]
    return same


def is_first_seen(taken: Capture) -> bool:
    return taken.source in FIRST_SEEN_SOURCES


def _see(number: int, taken: Capture) -> Sight:
    things: dict[str, Thing] = {}
    stubs: list[Mapping[str, Any]] = []
    for thing in html_entities.plain(taken.things):
        if thing["kind"] in ("t1", "t3"):
            name = fullname(thing)
            if name is not None:
                things[name] = thing
        elif thing["kind"] == "more" and isinstance(thing["data"], dict):
            stubs.append(thing["data"])
    stubbed = frozenset(f"t1_{child}".lower() for stub in stubs for child in _children(stub))
    at, source = taken.captured_at, taken.source
    return Sight(number, at, source, taken, things, tuple(stubs), stubbed)


def _children(stub: Mapping[str, Any]) -> list[Any]:
    children = stub.get("children")
    return children if isinstance(children, list) else []


def _listed(seen: Sight) -> Iterator[str]:
    """The things whose answers the capture shows or names, every one.

    In a tree each comment has its `depth` and, where answers are left out, a stub; the flat
    answers of /api/info have neither. A stub without names ("continue this thread") hides all.
    """
    taken, things, stubs = seen.capture, seen.things, seen.stubs
    if not _is_whole_page(seen):
        return
    hiding = {text(stub, "parent_id").lower() for stub in stubs if not _children(stub)}
    hiding |= _chains(taken, things)
    is_whole = taken.request.get("whole") is True
    for name, thing in things.items():
        is_post = thing["kind"] == "t3"
        is_tree = is_whole or is_post or whole_number(thing["data"], "depth") is not None
        if is_tree and name not in hiding:
            yield name


def _is_whole_page(seen: Sight) -> bool:
    """Tell a thread's own page from one that focuses on a comment, where others have no stubs.

    Our requests say which it was. A saved file's shape tells: the page of one comment has one
    comment at the top, and fewer than the post counts. Several such pages, joined from several
    files, have several at the top; of those the count alone tells.
    """
    taken, things, stubs = seen.capture, seen.things, seen.stubs
    path = taken.request.get("path")
    if isinstance(path, str):
        return path.strip("/").lower() == f"comments/{taken.thread_id}"
    name = f"t3_{taken.thread_id}"
    post = things.get(name)
    comments = [thing["data"] for each, thing in things.items() if each != name]
    has_tree = all(whole_number(data, "depth") is not None for data in comments)
    if post is None or not has_tree or len(things) - len(comments) != 1:
        return False
    parents = [text(data, "parent_id").lower() for data in (*comments, *stubs)]
    counted = sum(whole_number(stub, "count") or 0 for stub in stubs) + len(comments)
    total = whole_number(post["data"], "num_comments")
    is_joined = "files" in taken.request
    has_siblings = not is_joined and parents.count(name) > 1
    return has_siblings or (total is not None and total <= counted)


def _chains(taken: Capture, things: Mapping[str, Thing]) -> set[str]:
    """The comments above those that were asked for by themselves: each shows one answer alone."""
    asked = taken.request.get("comments")
    above: set[str] = set()
    for comment in asked if isinstance(asked, list) else []:
        name = f"t1_{comment}".lower()
        while name in things and things[name]["kind"] == "t1":
            name = text(things[name]["data"], "parent_id").lower()
            if name in above or not name.startswith("t1_"):
                break
            above.add(name)
    return above
