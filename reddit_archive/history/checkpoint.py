"""A thread's incremental history as JSON values, and back. Pure.

Most things are the same as in the last capture that was added. They are references to it, so the
reader needs that capture. Scores are left out: only exports show all of them, and they read all
captures.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import compress
from operator import is_not
from typing import Any

from reddit_archive.history.incremental import CaptureSummary, IncrementalHistory
from reddit_archive.history.merger import CommentOrder, MergedItem, ThreadMerger
from reddit_archive.history.observation import Observation, observe_capture
from reddit_archive.history.timeline import Event, Version
from reddit_archive.history.timeline_builder import TimelineBuilder
from reddit_archive.history.traces import HistoryTracer
from reddit_archive.model.capture import Capture, Thing
from reddit_archive.model.completeness import CompletenessTracker
from reddit_archive.model.json_fields import Raw

IN_LAST = -1
"""Reference to the thing of this name in the last observation."""
SAME_AS_CURRENT = 0
SCALAR_TYPES = (str, int, float, bool, type(None))

ReadCapture = Callable[[int], Capture]
"""Returns the capture at a position in the list of captures."""


def to_json(history: IncrementalHistory) -> dict[str, Any]:
    """Return a history as JSON values. Later captures may be added to it afterwards."""
    merger, tracer = history.merger, history.tracer
    summaries = history.summarize()
    writer = _Writer(history.last.things)
    items = [_item_to_json(item, writer) for item in merger.items.values()]
    timelines = [_builder_to_json(builder, writer) for builder in tracer.builders.values()]
    last_complete = tracer.last_complete
    return {
        "last": history.last.capture_index,
        "last_complete": None if last_complete is None else last_complete.capture_index,
        "items": items,
        "timelines": timelines,
        "parents": tracer.parents,
        "orders": [[*order[:2], list(order.names)] for order in merger.reduce_orders()],
        "summaries": summaries,
        "has_whole_thread": merger.has_whole_thread,
        "missing": merger.tracker.to_json(),
        "things": writer.entries,
        "times": writer.times,
    }


def from_json(
    thread_id: str,
    values: Mapping[str, Any],
    capture_times: Sequence[datetime],
    read_capture: ReadCapture,
) -> IncrementalHistory:
    """Return the history from which `to_json` made these values.

    Args:
        thread_id: The post's id without prefix.
        values: The values.
        capture_times: The times of the captures, oldest first.
        read_capture: Reads one or two of them.

    Raises:
        ValueError, TypeError, LookupError: The values have another shape.
    """
    index, index_of_complete = values["last"], values["last_complete"]
    last = observe_capture(index, read_capture(index))
    reader = _Reader(last.things, values["things"], values["times"])
    merger = ThreadMerger(thread_id)
    for item in map(reader.read_item, values["items"]):
        merger.items[item.name] = item
    merger.orders = [CommentOrder(*order) for order in values["orders"]]
    merger.has_whole_thread = values["has_whole_thread"]
    merger.tracker = CompletenessTracker.from_json(thread_id, values["missing"])
    tracer = HistoryTracer(thread_id, [*capture_times])
    for builder in (reader.read_builder(each, last) for each in values["timelines"]):
        tracer.builders[builder.fullname] = builder
    tracer.parents = values["parents"]
    if index_of_complete is not None:
        complete = last
        if index_of_complete != index:
            complete = observe_capture(index_of_complete, read_capture(index_of_complete))
        tracer.last_complete = complete
    history = IncrementalHistory(merger, tracer, last)
    history.summaries = [CaptureSummary(*each) for each in values["summaries"]]
    return history


class _Writer:
    """Replaces things and times by references.

    Attributes:
        times: The times, as text; most things share a few of them.
        entries: The things that the last observation lacks: kind and data; or the name of a thing
            of the last observation, and the fields that differ from it.
    """

    def __init__(self, last_things: Mapping[str, Thing]) -> None:
        self.entries: list[list[Any]] = []
        self._times: dict[datetime, int] = {}
        self._last_things = last_things
        self._references: dict[int, int] = {}

    @property
    def times(self) -> list[str]:
        return [time.isoformat() for time in self._times]

    def refer_to_time(self, time: datetime) -> int:
        return self._times.setdefault(time, len(self._times))

    def refer(self, name: str, thing: Thing | None) -> int | None:
        if thing is None:
            return None
        if thing is self._last_things.get(name):
            return IN_LAST
        return self._refer(thing["data"], lambda: [thing["kind"], thing["data"]])

    def refer_to_data(self, name: str, data: Raw) -> int:
        """Refer to the data of a thing, whose fields may be read in another order."""
        last_thing = self._last_things.get(name)
        if last_thing is None:
            return self._refer(data, lambda: ["", data])
        last_data = last_thing["data"]
        if data is last_data:
            return IN_LAST
        return self._refer(data, lambda: [name, *_compare_fields(data, last_data)])

    def _refer(self, data: Raw, build_entry: Callable[[], list[Any]]) -> int:
        reference = self._references.get(id(data))
        if reference is None:
            reference = self._references[id(data)] = len(self.entries)
            self.entries.append(build_entry())
        return reference


def _compare_fields(data: Raw, other: Raw) -> tuple[dict[str, Any], list[str]]:
    """Return the fields that differ from those of `other`, and the names of those that lack."""
    if [*data] == [*other]:  # values that are one object are skipped quickly, as most are
        keys = compress(data, map(is_not, data.values(), other.values()))
        return {key: data[key] for key in keys if not _is_same(data[key], other[key])}, []
    changed = {
        key: value
        for key, value in data.items()
        if key not in other or not _is_same(value, other[key])
    }
    return changed, [key for key in other if key not in data]


def _is_same(value: Any, other: Any) -> bool:
    """Return whether two values are the same JSON. In JSON, unlike in Python, 1 and true differ."""
    if value is other:
        return True
    if type(value) is not type(other):
        return False
    if type(value) in SCALAR_TYPES:
        return bool(value == other)
    return not (value or other) or json.dumps(value) == json.dumps(other)


def _item_to_json(item: MergedItem, writer: _Writer) -> list[Any]:
    references = [
        writer.refer(item.name, thing) for thing in (item.newest, item.intact, item.with_author)
    ]
    return [item.name, *references, item.deletion_status]


def _builder_to_json(builder: TimelineBuilder, writer: _Writer) -> list[Any]:
    name, last_version = builder.fullname, builder.last_author_version
    refer_to_time = writer.refer_to_time
    if last_version is not None and last_version is builder.current_version:
        last_author_version: Any = SAME_AS_CURRENT
    else:
        last_author_version = _version_to_json(name, last_version, writer)
    return [
        name,
        writer.refer(name, builder.thing),
        builder.deletion_status,
        builder.is_vanished,
        builder.is_author_deleted,
        builder.author,
        refer_to_time(builder.first_seen),
        refer_to_time(builder.last_seen),
        refer_to_time(builder.text_last_seen),
        refer_to_time(builder.last_absent),
        [_version_to_json(name, version, writer) for version in builder.versions],
        _version_to_json(name, builder.current_version, writer),
        last_author_version,
        [_event_to_json(event, writer) for event in builder.events],
    ]


def _version_to_json(name: str, version: Version | None, writer: _Writer) -> list[Any] | None:
    if version is None:
        return None
    raw, first_seen, last_seen, *others = version
    times = writer.refer_to_time(first_seen), writer.refer_to_time(last_seen)
    return [writer.refer_to_data(name, raw), *times, *others]


def _event_to_json(event: Event, writer: _Writer) -> list[Any]:
    window_start = None if event.window_start is None else writer.refer_to_time(event.window_start)
    window = window_start, writer.refer_to_time(event.window_end)
    return [event.kind, *window, event.capture_index, event.previous_text, event.new_text]


class _Reader:
    """Resolves the references of `_Writer`."""

    def __init__(
        self, last_things: Mapping[str, Thing], entries: list[list[Any]], times: list[str]
    ) -> None:
        self._last_things = last_things
        self._times = [*map(datetime.fromisoformat, times)]
        self._things = [self._read_entry(*entry) for entry in entries]

    def _read_entry(self, name: str, data: dict[str, Any], lacking: Any = None) -> Thing:
        if lacking is None:
            return {"kind": name, "data": data}
        merged = self._last_things[name]["data"] | data
        for key in lacking:
            del merged[key]
        return {"kind": "", "data": merged}

    def _read_thing(self, name: str, reference: int | None) -> Thing | None:
        if reference is None:
            return None
        return self._last_things[name] if reference == IN_LAST else self._things[reference]

    def read_item(self, values: list[Any]) -> MergedItem:
        name, newest, intact, with_author, deletion_status = values
        newest_thing = self._read_thing(name, newest)
        if newest_thing is None:
            raise ValueError("an item without a thing")
        item = MergedItem(name, newest_thing)
        item.intact = self._read_thing(name, intact)
        item.with_author = self._read_thing(name, with_author)
        item.deletion_status = deletion_status
        return item

    def read_builder(self, values: list[Any], last: Observation) -> TimelineBuilder:
        name, thing, deletion_status, is_vanished, is_author_deleted, author, *others = values
        *times, versions, current_version, last_author_version, events = others
        builder = TimelineBuilder(name, last, last.captured_at)
        builder.thing = self._read_thing(name, thing)
        builder.deletion_status = deletion_status
        builder.is_vanished = is_vanished
        builder.is_author_deleted = is_author_deleted
        builder.author = author
        builder.first_seen, builder.last_seen, builder.text_last_seen, builder.last_absent = map(
            self._times.__getitem__, times
        )
        builder.versions = [self._read_version(name, each) for each in versions]
        builder.current_version = self._read_optional_version(name, current_version)
        builder.last_author_version = (
            builder.current_version
            if last_author_version == SAME_AS_CURRENT
            else self._read_optional_version(name, last_author_version)
        )
        builder.events = [self._read_event(name, each) for each in events]
        return builder

    def _read_optional_version(self, name: str, values: list[Any] | None) -> Version | None:
        return None if values is None else self._read_version(name, values)

    def _read_version(self, name: str, values: list[Any]) -> Version:
        reference, first_seen, last_seen, *others = values
        thing = self._last_things[name] if reference == IN_LAST else self._things[reference]
        return Version(thing["data"], self._times[first_seen], self._times[last_seen], *others)

    def _read_event(self, name: str, values: list[Any]) -> Event:
        kind, window_start, window_end, *others = values
        start = None if window_start is None else self._times[window_start]
        return Event(kind, name, start, self._times[window_end], *others)
