"""Trace a thread's history: compare its captures and build a timeline for each item. Pure."""

from collections.abc import Iterable, Mapping
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
    tracer = HistoryTracer(thread_id, [capture.captured_at for capture in captures])
    for observation in iter_observations(observations):
        tracer.add(observation)
    return tracer.build()


class HistoryTracer:
    """Traces the observations of a thread, which are added in the order of `observe`.

    Attributes:
        capture_times: The times of all captures, oldest first.
        builders: The timelines so far, by fullname.
        parents: The fullname of the parent of each comment.
        last_complete: The last observation that proves the absence of comments.
    """

    def __init__(self, thread_id: str, capture_times: list[datetime]) -> None:
        self.thread_id = thread_id
        self.capture_times = capture_times
        self.builders: dict[str, TimelineBuilder] = {}
        self.parents: dict[str, str] = {}
        self.last_complete: Observation | None = None

    def add(self, observation: Observation) -> None:
        """Add the next observation."""
        observation = observation.with_complete_parents()
        builders, parents = self.builders, self.parents
        absent = observation.find_absent(parents)
        new_things = {
            name: thing for name, thing in observation.things.items() if name not in builders
        }
        parents |= {
            name: get_str(thing["data"], "parent_id").lower()
            for name, thing in new_things.items()
            if thing["kind"] == "t1"
        }
        absent_since = self._find_absent_since(observation, new_things)
        for name, thing in observation.things.items():
            builder = builders.get(name)
            if builder is None:
                observed_at = observation.get_observed_at(thing)
                builder = builders[name] = TimelineBuilder(name, observation, observed_at)
                if name in absent_since:
                    builder.add_appearance(thing, observation, absent_since[name])
            builder.add_observation(thing, observation)
        for name in absent:
            builders[name].add_absence(observation)
        self.last_complete = observation if observation.complete_parents else self.last_complete

    def build(self) -> ThreadHistory:
        """Return the history. More observations may be added afterwards."""
        timelines = {name: builder.build() for name, builder in self.builders.items()}
        return ThreadHistory(self.thread_id, timelines)

    def _find_absent_since(
        self, observation: Observation, new_things: Mapping[str, Thing]
    ) -> dict[str, datetime]:
        """Return when each new thing was last known to be absent.

        A thing was absent if it was written since the previous capture, or if an earlier capture
        should have shown it. That it was not fetched before proves nothing.
        """
        if not new_things or observation.capture_index == 0:
            return {}
        previous_captured_at = self.capture_times[observation.capture_index - 1]
        creation_times = (
            (name, get_datetime(thing["data"], "created_utc")) for name, thing in new_things.items()
        )
        absent_since = {
            name: previous_captured_at
            for name, created_at in creation_times
            if created_at is not None and created_at > previous_captured_at
        }
        last_complete = self.last_complete
        if last_complete is None or last_complete.capture_index > observation.capture_index:
            return absent_since
        if not last_complete.complete_parents:  # it comes from a checkpoint
            last_complete = last_complete.with_complete_parents()
        absent_names = last_complete.find_absent(self.parents)
        return dict.fromkeys(absent_names, last_complete.captured_at) | absent_since
