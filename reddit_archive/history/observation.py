"""What one capture shows, and what it would have shown had it been there."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from operator import itemgetter
from typing import Any

from reddit_archive.history.timeline import (
    EXPORTED_LAST_SEEN_KEY,
    EXPORTED_STATUS_KEY,
    get_exported_status,
)
from reddit_archive.model import content, html_entities
from reddit_archive.model.capture import Capture, Thing, get_fullname
from reddit_archive.model.json_fields import Raw, get_datetime, get_int, get_str

FIRST_SEEN_ARCHIVES = frozenset({"arctic-shift", "dump"})
"""Archives that keep the text as it was when they first saw it, whenever we ask them."""
CONTENT_FIELDS = {
    "t1": ("body", "body_html", "author", "author_flair_text", "removal_reason"),
    "t3": (
        *("selftext", "selftext_html", "author", "title", "removed_by_category"),
        *("link_flair_text", "author_flair_text", "removal_reason"),
    ),
}
"""What a history tells of a thing, besides its votes."""
CONTENT_GETTERS = {kind: itemgetter(*keys) for kind, keys in CONTENT_FIELDS.items()}


@dataclass(frozen=True, slots=True)
class Observation:
    """A capture's post and comments by fullname, and what it says about those that are not there.

    `stubbed` are the comments that it names without showing them, in `stubs`. `listed` are the
    things below which it shows or names every answer, once that was found out.
    """

    capture_index: int
    captured_at: datetime
    source: str
    capture: Capture
    things: Mapping[str, Thing]
    stubs: tuple[Mapping[str, Any], ...]
    stub_names: frozenset[str]
    complete_parents: frozenset[str] = frozenset()

    def with_complete_parents(self) -> "Observation":
        """The same, with what it lists, which takes as long to find out as all the rest.

        A page that focuses on one comment lists none, and an archive of first texts neither.
        """
        if is_first_seen_archive(self.capture):
            return self
        return replace(self, complete_parents=frozenset(_iter_complete_parents(self)))

    def get_observed_at(self, thing: Thing) -> datetime:
        """When the thing was as it is here: for an archive's, when that archive saw it."""
        data = thing["data"]
        if EXPORTED_STATUS_KEY in data and get_exported_status(data):
            return get_datetime(data, EXPORTED_LAST_SEEN_KEY) or self.captured_at
        if self.source not in FIRST_SEEN_ARCHIVES:
            return self.captured_at
        return (
            get_datetime(data, "retrieved_on")
            or get_datetime(data, "created_utc")
            or self.captured_at
        )

    def get_score(self, data: Raw) -> int | None:
        """The score as it was then; an archive of first texts asks too early to tell."""
        return None if self.source in FIRST_SEEN_ARCHIVES else content.get_score(data)

    def find_absent(self, parents: Mapping[str, str]) -> set[str]:
        """Give those of the known comments that would be here if they still showed on Reddit.

        `parents` maps each known comment to what it answers. Whatever is below a comment that is
        absent is absent as well; below one that was not fetched, nothing is known.
        """
        if not self.complete_parents:
            return set()
        absence: dict[str, bool] = {}
        for name in parents.keys() - self.things.keys():
            path: list[str] = []
            while name in parents and name not in self.things and name not in absence:
                absence[name] = False  # a circle of parents ends here
                path.append(name)
                name = parents[name]
            is_covered = name in self.complete_parents or (
                name not in self.things and absence.get(name, False)
            )
            for descendant in reversed(path):
                is_covered = is_covered and descendant not in self.stub_names
                absence[descendant] = is_covered
        return {name for name, is_absent in absence.items() if is_absent}


class Observations(tuple[Observation, ...]):
    """What the captures of a thread show: made once for whatever they are asked for."""

    __slots__ = ()

    @property
    def captures(self) -> tuple[Capture, ...]:
        """The captures in their order."""
        return tuple(
            observation.capture
            for observation in sorted(self, key=lambda observation: observation.capture_index)
        )


def observe(captures: Iterable[Capture] | Observations) -> Observations:
    """See all captures, in the order of `each`, to ask them more than once."""
    return (
        captures
        if isinstance(captures, Observations)
        else Observations(iter_observations(tuple(captures)))
    )


def iter_observations(captures: tuple[Capture, ...] | Observations) -> Iterator[Observation]:
    """See each capture: first those of archives that keep first texts, then as they were taken."""
    if isinstance(captures, Observations):
        yield from captures
        return
    indexed_captures = list(enumerate(captures))
    for capture_index, capture in sorted(
        indexed_captures, key=lambda pair: not is_first_seen_archive(pair[1])
    ):
        yield _build_observation(capture_index, capture)


def has_same_content_fields(thing: Thing, other: Thing) -> bool:
    """Tell whether two looks at a post or comment found the same, votes aside."""
    data, other_data = thing["data"], other["data"]
    if data.get(EXPORTED_STATUS_KEY) != other_data.get(EXPORTED_STATUS_KEY):
        return False
    try:
        get_fields = CONTENT_GETTERS[thing["kind"]]
        is_same: bool = get_fields(data) == get_fields(other_data)
    except KeyError:  # one of them lacks a field
        keys = CONTENT_FIELDS[thing["kind"]]
        return [*map(data.get, keys)] == [*map(other_data.get, keys)]
    return is_same


def is_first_seen_archive(capture: Capture) -> bool:
    return capture.source in FIRST_SEEN_ARCHIVES


def _build_observation(capture_index: int, capture: Capture) -> Observation:
    things: dict[str, Thing] = {}
    stubs: list[Mapping[str, Any]] = []
    for thing in html_entities.unescape_things(capture.things):
        if thing["kind"] in ("t1", "t3"):
            name = get_fullname(thing)
            if name is not None:
                things[name] = thing
        elif thing["kind"] == "more" and isinstance(thing["data"], dict):
            stubs.append(thing["data"])
    stub_names = frozenset(
        f"t1_{comment_id}".lower() for stub in stubs for comment_id in _get_children(stub)
    )
    captured_at, source = capture.captured_at, capture.source
    return Observation(
        capture_index, captured_at, source, capture, things, tuple(stubs), stub_names
    )


def _get_children(stub: Mapping[str, Any]) -> list[Any]:
    children = stub.get("children")
    return children if isinstance(children, list) else []


def _iter_complete_parents(observation: Observation) -> Iterator[str]:
    """The things whose answers the capture shows or names, every one.

    In a tree each comment has its `depth` and, where answers are left out, a stub; the flat
    answers of /api/info have neither. A stub without names ("continue this thread") hides all.
    """
    capture, things, stubs = observation.capture, observation.things, observation.stubs
    if not _is_thread_page(observation):
        return
    incomplete_parents = {
        get_str(stub, "parent_id").lower() for stub in stubs if not _get_children(stub)
    }
    incomplete_parents |= _find_ancestors_of_requested(capture, things)
    is_whole = capture.request.get("whole") is True
    for name, thing in things.items():
        is_post = thing["kind"] == "t3"
        is_tree = is_whole or is_post or get_int(thing["data"], "depth") is not None
        if is_tree and name not in incomplete_parents:
            yield name


def _is_thread_page(observation: Observation) -> bool:
    """Tell a thread's own page from one that focuses on a comment, where others have no stubs.

    Our requests say which it was. A saved file's shape tells: the page of one comment has one
    comment at the top, and fewer than the post counts. Several such pages, joined from several
    files, have several at the top; of those the count alone tells.
    """
    capture, things, stubs = observation.capture, observation.things, observation.stubs
    path = capture.request.get("path")
    if isinstance(path, str):
        return path.strip("/").lower() == f"comments/{capture.thread_id}"
    name = f"t3_{capture.thread_id}"
    post = things.get(name)
    comments = [thing["data"] for comment_name, thing in things.items() if comment_name != name]
    has_tree = all(get_int(data, "depth") is not None for data in comments)
    if post is None or not has_tree or len(things) - len(comments) != 1:
        return False
    parents = [get_str(data, "parent_id").lower() for data in (*comments, *stubs)]
    known_count = sum(get_int(stub, "count") or 0 for stub in stubs) + len(comments)
    reported_count = get_int(post["data"], "num_comments")
    is_joined = "files" in capture.request
    has_siblings = not is_joined and parents.count(name) > 1
    return has_siblings or (reported_count is not None and reported_count <= known_count)


def _find_ancestors_of_requested(capture: Capture, things: Mapping[str, Thing]) -> set[str]:
    """The comments above those that were asked for by themselves: each shows one answer alone."""
    requested_ids = capture.request.get("comments")
    ancestors: set[str] = set()
    for comment_id in requested_ids if isinstance(requested_ids, list) else []:
        name = f"t1_{comment_id}".lower()
        while name in things and things[name]["kind"] == "t1":
            name = get_str(things[name]["data"], "parent_id").lower()
            if name in ancestors or not name.startswith("t1_"):
                break
            ancestors.add(name)
    return ancestors
