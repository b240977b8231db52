"""Trace a thread's history: compare its captures and build a timeline for each item. Pure."""

from collections.abc import Iterable
from datetime import datetime

from reddit_archive.history.observation import Observation, Observations, iter_observations
from reddit_archive.history.timeline import ThreadHistory
from reddit_archive.history.timeline_builder import (
    TimelineBuilder,
    build_single_observation_timeline,
)
from reddit_archive.model.capture import Capture, Thing
from reddit_archive.model.json_fields import get_datetime, get_str


def trace(thread_id: str, captures: Iterable[Capture] | Observations) -> ThreadHistory:
    """Compare captures and return every change, with the window in which it happened.

    A text from a first-seen archive counts as observed when that archive saw it. A comment
    has vanished only if a later capture should show it and does not.

    Args:
        thread_id: The post's id without prefix.
        captures: All captures of the thread, oldest first.
    """
    observations = captures if isinstance(captures, Observations) else tuple(captures)
    if len(observations) == 1:  # nothing can appear or vanish
        (single_observation,) = iter_observations(observations)
        timelines = {
            name: build_single_observation_timeline(name, thing, single_observation)
            for name, thing in single_observation.things.items()
        }
        return ThreadHistory(thread_id, timelines)
    captures = observations.captures if isinstance(observations, Observations) else observations
    builders: dict[str, TimelineBuilder] = {}
    parents: dict[str, str] = {}
    last_complete: Observation | None = None
    for observation in (
        observation.with_complete_parents() for observation in iter_observations(observations)
    ):
        absent = observation.find_absent(parents)
        new_things = {
            name: thing for name, thing in observation.things.items() if name not in builders
        }
        parents |= {
            name: get_str(thing["data"], "parent_id").lower()
            for name, thing in new_things.items()
            if thing["kind"] == "t1"
        }
        absent_since = _find_absent_since(captures, observation, new_things, parents, last_complete)
        for name, thing in observation.things.items():
            builder = builders.get(name)
            if builder is None:
                builder = builders[name] = TimelineBuilder(name, thing, observation)
                if name in absent_since:
                    builder.add_appearance(thing, observation, absent_since[name])
            builder.add_observation(thing, observation)
        for name in absent:
            builders[name].add_absence(observation)
        last_complete = observation if observation.complete_parents else last_complete
    return ThreadHistory(thread_id, {name: builder.build() for name, builder in builders.items()})


def _find_absent_since(
    captures: tuple[Capture, ...],
    observation: Observation,
    new_things: dict[str, Thing],
    parents: dict[str, str],
    last_complete: Observation | None,
) -> dict[str, datetime]:
    """Return when each new thing was last known to be absent.

    A thing was absent if it was written since the previous capture, or if an earlier capture should
    have shown it. That it was not fetched before proves nothing.
    """
    if not new_things or observation.capture_index == 0:
        return {}
    previous_captured_at = captures[observation.capture_index - 1].captured_at
    creation_times = (
        (name, get_datetime(thing["data"], "created_utc")) for name, thing in new_things.items()
    )
    absent_since = {
        name: previous_captured_at
        for name, created_at in creation_times
        if created_at is not None and created_at > previous_captured_at
    }
    if last_complete is None or last_complete.capture_index > observation.capture_index:
        return absent_since
    return (
        dict.fromkeys(last_complete.find_absent(parents), last_complete.captured_at) | absent_since
    )
