"""Detect the format of a JSON value from its shape, and the threads in it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from reddit_archive.model.capture import ID_PATTERN, Thing, get_data_str, get_fullname
from reddit_archive.sources import extract, saved_json
from reddit_archive.sources.importers import bdfr, gallery_dl, pushshift

EXPORT_KEYS = frozenset({"comments", "submission", "category"})
"""Each object of BDFR and gallery-dl has one of these keys, and Reddit's have none."""


@dataclass(frozen=True, slots=True)
class DetectedThread:
    """The things of one thread in a value.

    Attributes:
        is_partial: Other things are missing.
        captured_at: When they were fetched, if the value tells it.
        request: Facts about the fetch, if the value tells them.
    """

    thread_id: str
    source: str
    things: tuple[Thing, ...]
    is_partial: bool = False
    captured_at: datetime | None = None
    request: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Detection:
    """The contents of a value by thread, and the number of unreadable posts and comments."""

    threads: tuple[DetectedThread, ...]
    skipped_count: int = 0


def detect_threads(value: Any) -> Detection:
    """Return the contents of a value, which are empty if its format is unknown.

    If something in it can't be read, all of its threads are marked as partial.
    """
    if saved_json.is_browser_download(value):
        return _detect_browser_download(value)
    source, things, skipped_count = _extract_things(value)
    threads = [
        detected
        for detected in _group_by_thread(source, things)
        if any(map(_is_named_item, detected.things))
    ]
    if threads:  # some things name no thread, others do
        skipped_count += sum(map(_is_post_or_comment, things)) - sum(map(count_items, threads))
    if skipped_count:
        threads = [replace(detected, is_partial=True) for detected in threads]
    return Detection(tuple(threads), skipped_count)


def _detect_browser_download(value: list[Any]) -> Detection:
    download = saved_json.read_browser_download(value)
    threads = [
        replace(
            detected,
            is_partial=detected.is_partial or download.skipped_count > 0,
            captured_at=download.captured_at,
            request=download.request,
        )
        for detected in _group_by_thread(saved_json.NAME, [*download.things])
        if any(map(_is_named_item, detected.things))
    ]
    return Detection(tuple(threads), download.skipped_count)


def detect_single_item(value: Any) -> DetectedThread | None:
    """Return the contents of a value that is one post or comment, as in most lines of dumps."""
    if not isinstance(value, dict) or any(key in value for key in EXPORT_KEYS):
        return None
    thing = pushshift.to_thing(value)
    thread_id = _get_thread_id(thing) if thing else ""
    return DetectedThread(thread_id, pushshift.NAME, (thing,)) if thing and thread_id else None


def count_items(detected: DetectedThread) -> int:
    """Count its posts and comments."""
    return sum(map(_is_post_or_comment, detected.things))


def _extract_things(value: Any) -> tuple[str, list[Thing], int]:
    first = value[0] if isinstance(value, list) and value else value
    if isinstance(value, dict) and gallery_dl.is_record(value):
        return gallery_dl.NAME, list(gallery_dl.iter_things(value)), 0
    if isinstance(value, list) and gallery_dl.is_list(value):
        return gallery_dl.NAME, list(gallery_dl.iter_things(value)), 0
    extracted = extract.extract_things(value)
    things, skipped_count = list(extracted.things), len(extracted.skipped_values)
    if bdfr.is_post(first) or bdfr.is_comment(first):
        return bdfr.NAME, bdfr.convert_things(value, things), skipped_count
    if _is_dump(value, first) or not extracted.is_from_reddit:
        return pushshift.NAME, list(map(pushshift.convert_created_utc, things)), skipped_count
    return saved_json.NAME, things, skipped_count


def _is_dump(value: Any, first: Any) -> bool:
    """Return whether this is a list of plain objects or a response of an archive's API."""
    is_response = isinstance(value, dict) and isinstance(value.get("data"), list)
    return is_response or (isinstance(first, dict) and extract.detect_kind(first) is not None)


def _group_by_thread(source: str, things: list[Thing]) -> Iterator[DetectedThread]:
    """Group things by thread. Things without a thread stay on the page of a single thread."""
    threads_by_name: dict[str, str] = {}
    groups: dict[str, list[Thing]] = {}
    for thing in things:
        parent_name = get_data_str(thing, "parent_id").lower()
        owner_id = (
            _get_thread_id(thing)
            or threads_by_name.get(parent_name)
            or (parent_name[3:] if parent_name[:3] == "t3_" else "")
        )
        if owner_id:
            threads_by_name[get_fullname(thing) or ""] = owner_id
        groups.setdefault(owner_id, []).append(thing)
    orphans = groups.pop("", [])
    if len(groups) == 1:
        thread_id = next(iter(groups))
        yield DetectedThread(thread_id, source, tuple(things))
        return
    if orphans and not groups:
        return
    for thread_id, group in groups.items():
        yield DetectedThread(thread_id, source, tuple(group), is_partial=True)


def _get_thread_id(thing: Thing) -> str:
    name = get_fullname(thing) if thing["kind"] == "t3" else get_data_str(thing, "link_id").lower()
    thread_id = (name or "").removeprefix("t3_")
    return thread_id if ID_PATTERN.fullmatch(thread_id) else ""


def _is_post_or_comment(thing: Thing) -> bool:
    return thing["kind"] in ("t1", "t3")


def _is_named_item(thing: Thing) -> bool:
    return _is_post_or_comment(thing) and get_fullname(thing) is not None
