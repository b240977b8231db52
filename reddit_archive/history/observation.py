"""Observations: what each capture shows of a thread, and what is absent from it. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from operator import itemgetter
from typing import Any

from reddit_archive.history import item_observation, page_completion
from reddit_archive.history.item_observation import ItemObservation
from reddit_archive.history.timeline import (
    EXPORTED_LAST_SEEN_KEY,
    EXPORTED_STATUS_KEY,
    get_exported_status,
)
from reddit_archive.model import content, html_entities
from reddit_archive.model.capture import Capture, Thing, get_more_ids
from reddit_archive.model.completeness import coverage
from reddit_archive.model.json_fields import Raw, get_datetime, get_int
from reddit_archive.model.source_info import SAVED_PAGE, keeps_first_text_only, may_omit_comments

CONTENT_FIELDS = {
    "t1": ("body", "body_html", "author", "author_flair_text", "removal_reason"),
    "t3": (
        *("selftext", "selftext_html", "author", "title", "removed_by_category"),
        *("link_flair_text", "author_flair_text", "removal_reason"),
    ),
}
"""The fields whose changes a history shows, for each kind."""
SOURCES_WITH_PAGES = (SAVED_PAGE, coverage.SAVED_SOURCE)
CONTENT_GETTERS = {kind: itemgetter(*keys) for kind, keys in CONTENT_FIELDS.items()}


@dataclass(frozen=True, slots=True)
class Observation:
    """What one capture shows of a thread.

    Attributes:
        capture_index: Position of the capture in the list of captures, from 0.
        captured_at: When it was captured.
        source: Name of its source.
        capture: The capture.
        things: Its post and comments by fullname, unescaped.
        stubs: The data of its `more` things.
        stub_names: Fullnames of the comments that the stubs name.
        complete_parents: Fullnames of things whose replies are all shown or named. Empty until
            `with_complete_parents` finds them.
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
        """Return the observation with its complete parents.

        They are found on demand because that takes as long as the rest of the observation. The page
        of a single comment has none, and neither has a first-seen archive or a source that may omit
        comments, such as a saved web page: browsers drop comments that are far from the window.
        """
        if is_first_seen_archive(self.capture) or may_omit_comments(self.source):
            return self
        return replace(self, complete_parents=frozenset(_iter_complete_parents(self)))

    def get_observed_at(self, thing: Thing) -> datetime:
        """Return when a thing had this content; for a first-seen archive, when it saw it."""
        data = thing["data"]
        if EXPORTED_STATUS_KEY in data and get_exported_status(data):
            return get_datetime(data, EXPORTED_LAST_SEEN_KEY) or self.captured_at
        if not keeps_first_text_only(self.source):
            return self.captured_at
        return (
            get_datetime(data, "retrieved_on")
            or get_datetime(data, "created_utc")
            or self.captured_at
        )

    def get_score(self, data: Raw) -> int | None:
        """Return the score. A first-seen archive has none, because it reads too early."""
        return None if keeps_first_text_only(self.source) else content.get_score(data)

    def find_absent(self, parents: Mapping[str, str]) -> set[str]:
        """Return the comments that the capture would show if Reddit still did.

        The comments below an absent comment are absent, too. Nothing is known about those below a
        comment that was not fetched.

        Args:
            parents: The fullname of the parent of each known comment.
        """
        if not self.complete_parents:
            return set()
        absence: dict[str, bool] = {}
        for name in parents.keys() - self.things.keys():
            path: list[str] = []
            while name in parents and name not in self.things and name not in absence:
                absence[name] = False  # ends a cycle of parents
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
    """The observations of all captures of a thread, made once and used several times."""

    __slots__ = ()

    @property
    def captures(self) -> tuple[Capture, ...]:
        """The captures in their order."""
        return tuple(
            observation.capture
            for observation in sorted(self, key=lambda observation: observation.capture_index)
        )


def observe(captures: Iterable[Capture] | Observations) -> Observations:
    """Return the observations of all captures, in the order of `iter_observations`."""
    return (
        captures
        if isinstance(captures, Observations)
        else Observations(iter_observations(tuple(captures)))
    )


def iter_observations(captures: tuple[Capture, ...] | Observations) -> Iterator[Observation]:
    """Yield an observation for each capture: first-seen archives first, then in order."""
    if isinstance(captures, Observations):
        yield from captures
        return
    indexed_captures = list(enumerate(captures))
    observations = (
        observe_capture(capture_index, capture)
        for capture_index, capture in sorted(
            indexed_captures, key=lambda pair: not is_first_seen_archive(pair[1])
        )
    )
    yield from (
        _complete_pages([*observations])
        if len(captures) > 1 and any(map(has_page_things, captures))
        else observations
    )


def _mark_deletion(thing: Thing) -> Thing:
    is_page = item_observation.is_page_thing(thing)
    return item_observation.mark_deletion(thing) if is_page else thing


def has_page_things(capture: Capture) -> bool:
    """Return whether a capture has a post or comment from a saved web page."""
    return any(map(item_observation.is_page_thing, capture.things))


def _complete_pages(observations: list[Observation]) -> list[Observation]:
    """Return the observations with the things of web pages completed from all of them."""
    positions: dict[str, list[int]] = {}
    for position, observation in enumerate(observations):
        for name in observation.things:
            positions.setdefault(name, []).append(position)
    completed_things = [dict(observation.things) for observation in observations]
    for name, item_positions in positions.items():
        item_observations = [_build_item_observation(observations[i], name) for i in item_positions]
        if len(item_observations) < 2 or not any(
            observation.is_page for observation in item_observations
        ):
            continue
        for position, thing in zip(
            item_positions, page_completion.complete_observations(item_observations), strict=True
        ):
            if thing is None:
                del completed_things[position][name]
            else:
                completed_things[position][name] = thing
    return [
        replace(observation, things=things)
        for observation, things in zip(observations, completed_things, strict=True)
    ]


def _build_item_observation(observation: Observation, name: str) -> ItemObservation:
    thing = observation.things[name]
    return ItemObservation(
        thing,
        observation.get_observed_at(thing),
        observation.capture.is_imported,
        is_first_seen_archive(observation.capture),
    )


def has_same_content_fields(thing: Thing, other: Thing) -> bool:
    """Return whether two versions of a post or comment have the same content fields."""
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
    """Return whether a capture comes from a first-seen archive (it returns first texts only)."""
    return keeps_first_text_only(capture.source)


def observe_capture(capture_index: int, capture: Capture) -> Observation:
    """Return what one capture shows. Web pages are not completed from other captures."""
    things, stubs = coverage.index_things(html_entities.unescape_things(capture.things))
    if capture.source in SOURCES_WITH_PAGES and has_page_things(capture):
        things = {name: _mark_deletion(thing) for name, thing in things.items()}
    return Observation(
        capture_index,
        capture.captured_at,
        capture.source,
        capture,
        things,
        tuple(stubs),
        frozenset(f"t1_{comment_id}" for stub in stubs for comment_id in get_more_ids(stub)),
    )


def _iter_complete_parents(observation: Observation) -> Iterator[str]:
    """Yield the fullnames of things whose replies the capture all shows or names.

    In a tree each comment has its `depth`, and a stub if replies are left out. The flat response of
    /api/info has neither. A stub without ids ("continue this thread") hides all replies.
    """
    capture, things, stubs = observation.capture, observation.things, observation.stubs
    if not _is_thread_page(observation):
        return
    incomplete_parents = {
        *(coverage.get_parent_fullname(stub) for stub in stubs if not get_more_ids(stub)),
        *coverage.find_ancestors_of_requested(capture.request, things),
    }
    is_whole = capture.request.get("whole") is True
    for name, thing in things.items():
        is_tree = is_whole or thing["kind"] == "t3" or _has_depth(thing)
        if is_tree and name not in incomplete_parents:
            yield name


def _is_thread_page(observation: Observation) -> bool:
    """Return whether a capture is the thread's own page, not the page of a comment.

    The request decides for captures that we fetched, the shape for saved files.
    """
    capture, things = observation.capture, observation.things
    path = capture.request.get("path")
    if isinstance(path, str):
        return path.strip("/").lower() == f"comments/{capture.thread_id}"
    post_name = f"t3_{capture.thread_id}"
    return all(_has_depth(thing) for name, thing in things.items() if name != post_name) and (
        coverage.has_shape_of_thread_page(
            capture.thread_id,
            things,
            observation.stubs,
            can_use_siblings="files" not in capture.request,
        )
    )


def _has_depth(thing: Thing) -> bool:
    return get_int(thing["data"], "depth") is not None
