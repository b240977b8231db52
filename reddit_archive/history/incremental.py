"""A thread's history that continues with each new capture, without those before it. Pure."""

from collections.abc import Iterable
from typing import NamedTuple

from reddit_archive.history.merger import ThreadMerger
from reddit_archive.history.observation import (
    Observation,
    Observations,
    has_page_things,
    is_first_seen_archive,
    observe,
    observe_capture,
)
from reddit_archive.history.timeline import ThreadHistory
from reddit_archive.history.traces import HistoryTracer, trace
from reddit_archive.model import completeness
from reddit_archive.model.capture import Capture
from reddit_archive.model.thread import Thread


class CaptureSummary(NamedTuple):
    """How many comments a capture has, and whether the thread is complete with it and before it."""

    comment_count: int
    is_complete: bool


class IncrementalHistory:
    """What all captures of a thread add up to.

    Attributes:
        merger: Merges them into one thread.
        last: The last observation that was added.
        summaries: What `summarize` found, one for each capture.
    """

    def __init__(
        self,
        merger: ThreadMerger,
        tracer: HistoryTracer,
        last: Observation,
        untraced: Iterable[Observation] = (),
    ) -> None:
        """Continue after `last`. The tracer does not have the `untraced` observations yet."""
        self.merger = merger
        self.last = last
        self.summaries: list[CaptureSummary] = []
        self._tracer = tracer
        self._untraced = [*untraced]

    @property
    def thread_id(self) -> str:
        return self.merger.thread_id

    @property
    def tracer(self) -> HistoryTracer:
        """Traces the captures. This happens on demand, because an unchanged thread needs none."""
        for observation in self._untraced:
            self._tracer.add(observation)
        self._untraced = []
        return self._tracer

    def add(self, capture: Capture) -> None:
        """Add the next capture. It must be one that `may_continue_with` allows."""
        self.last = observe_capture(len(self._tracer.capture_times), capture)
        self._tracer.capture_times.append(capture.captured_at)
        self.merger.add(self.last)
        self._untraced.append(self.last)

    def summarize(self) -> list[CaptureSummary]:
        """Return a summary of each capture, oldest first; [] if it is too late after `merge`."""
        for observation in self.merger.iter_tracked():
            count = sum(thing["kind"] == "t1" for thing in observation.capture.things)
            is_complete = completeness.is_complete(self.merger.tracker.find_missing())
            self.summaries.append(CaptureSummary(count, is_complete))
        has_all = len(self.summaries) == len(self._tracer.capture_times)
        return self.summaries if has_all else []

    def merge(self) -> Thread:
        """Return the thread, as `merge` does."""
        return self.merger.build()

    def trace(self) -> ThreadHistory:
        """Return the history, as `trace` does. After a checkpoint its timelines lack `scores`."""
        if len(self._tracer.capture_times) == 1 == len(self._untraced):
            return trace(self.thread_id, Observations(self._untraced))
        return self.tracer.build()


def start(thread_id: str, captures: Iterable[Capture]) -> IncrementalHistory:
    """Return the history of all captures of a thread, at least one, oldest first."""
    observations = observe(captures)
    merger = ThreadMerger(thread_id)
    for observation in observations:
        merger.add(observation)
    capture_times = [each.captured_at for each in observations.captures]
    tracer = HistoryTracer(thread_id, capture_times)
    return IncrementalHistory(merger, tracer, observations[-1], observations)


def may_continue_with(capture: Capture) -> bool:
    """Return whether a capture after all others adds to them without changing what they mean.

    A first-seen archive counts as older than the others. A web page is completed from the others,
    and they may complete it. Which texts are only imported depends on all captures.
    """
    return not (capture.is_imported or is_first_seen_archive(capture) or has_page_things(capture))


def may_be_continued(captures: Iterable[Capture]) -> bool:
    """Return whether later captures can be added to these without these."""
    return not any(capture.is_imported or has_page_things(capture) for capture in captures)
