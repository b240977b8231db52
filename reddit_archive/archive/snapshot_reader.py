"""Read the snapshots of one thread, and parse comments that did not change only once.

A hundred snapshots of a thread contain nearly the same comments. In each, a few are new, and votes
differ.
"""

import gc
import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from reddit_archive.files import fast_json
from reddit_archive.model.capture import Thing, get_fullname

VOTE_KEYS = (b'"score":', b'"ups":')
"""The fields that change in nearly every snapshot. In a JSON string a quote has a backslash."""
NUMBER = re.compile(rb"-?\d{1,18}(?=[,}])")
THINGS_START, THING_START = b'"things":[', b'{"kind":"'
COMMENT_START, COMMENT_NAME_START = b'{"kind":"t1"', b'"name":"t1_'
NAME_SEARCH_BYTES = 4096
"""A comment's name is searched only near its beginning, so that long comments cost little."""
CACHE_KEY_BYTES = len(COMMENT_NAME_START) + 8
BATCH_SIZE = 256
"""Things that are decoded together, because they then share the strings of their keys."""
SHARED_FIELDS = (
    *("subreddit", "subreddit_id", "subreddit_name_prefixed", "subreddit_type", "link_id"),
    *("parent_id", "author", "author_fullname", "author_flair_text", "author_flair_type"),
    *("author_flair_css_class", "author_flair_template_id", "author_flair_text_color"),
    *("author_flair_background_color", "collapsed_reason_code", "collapsed_reason"),
)
"""Fields that have the same value in many comments of a thread."""
MAX_CACHED_BYTES = 32 * 2**20


@dataclass(slots=True)
class CachedComment:
    """A parsed comment: its bytes around its votes, and its votes with their field names."""

    prefix: bytes
    parts_after_votes: tuple[bytes, ...]
    vote_fields: tuple[str, ...]
    votes: list[bytes]
    thing: Thing


@contextmanager
def gc_paused() -> Iterator[None]:
    """Disable cyclic garbage collection, which would scan all parsed snapshots a dozen times.

    Use it as a decorator if possible: what a function read is then freed before collection resumes.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


class IncrementalReader:
    """Parses snapshots as `json.loads` does. Equal things of several snapshots are one object.

    This makes comparing them fast. Things of one fullname share the values that are equal.

    Args:
        existing_things: Things that were parsed before, and are shared, too.
        has_cache: Whether to cache comments by their bytes. This makes reading several large
            snapshots fast, and takes memory.
    """

    def __init__(self, existing_things: Iterable[Thing] = (), *, has_cache: bool = True) -> None:
        self._things_by_name = {
            name: thing for thing in existing_things if (name := get_fullname(thing))
        }
        self._cached_comments: dict[bytes, CachedComment] = {}
        self._free_cache_bytes = 0
        self._shared_strings: dict[str, str] = {}
        if has_cache:
            self.start_cache()

    def start_cache(self) -> None:
        """Cache the comments of the snapshots that are parsed from now on."""
        if not self._cached_comments:
            self._free_cache_bytes = MAX_CACHED_BYTES

    def parse(self, data: bytes) -> Any:
        """Parse a snapshot's bytes thing by thing.

        The separator of two things contains quotes, so it is never part of a JSON string. If the
        parts are not JSON because the bytes were split elsewhere, all bytes are parsed at once.
        """
        start = data.find(THINGS_START + THING_START)
        if start < 0 or not data.endswith(b"}]}\n"):
            return json.loads(data)
        try:
            raw = json.loads(data[:start] + THINGS_START + b"]}")
            raw["things"] = self._parse_things(
                data, start + len(THINGS_START), len(data) - len(b"]}\n")
            )
        except ValueError:
            return json.loads(data)
        return raw

    def _parse_things(self, data: bytes, start: int, end: int) -> list[Thing]:
        things: list[Thing] = []
        uncached: list[tuple[int, bytes]] = []
        while start < end:
            thing, thing_end = self._match_cached(data, start)
            if thing is None or (
                thing_end < end and not data.startswith(THING_START, thing_end + 1)
            ):
                thing_end = data.find(b"," + THING_START, start, end)
                thing_end = thing_end if thing_end >= 0 else end
                uncached.append((len(things), data[start:thing_end]))
                if len(uncached) == BATCH_SIZE:
                    things.append({})
                    self._parse_uncached(uncached, things)
                    uncached, start = [], thing_end + 1
                    continue
            things.append(thing or {})
            start = thing_end + 1
        self._parse_uncached(uncached, things)
        return things

    def _match_cached(self, data: bytes, position: int) -> tuple[Thing | None, int]:
        """Return the cached comment whose bytes, apart from votes, are here, and its end."""
        name_start = data.find(COMMENT_NAME_START, position, position + NAME_SEARCH_BYTES)
        key = data[name_start : name_start + CACHE_KEY_BYTES]
        cached = self._cached_comments.get(key)
        if cached is None or not data.startswith(cached.prefix, position):
            return None, 0
        position += len(cached.prefix)
        votes = []
        for part in cached.parts_after_votes:
            number_match = NUMBER.match(data, position)
            if number_match is None or not data.startswith(part, number_match.end()):
                return None, 0
            votes.append(number_match[0])
            position = number_match.end() + len(part)
        thing = cached.thing
        if votes != cached.votes:
            thing = {"kind": "t1", "data": thing["data"].copy()}
            for field, vote in zip(cached.vote_fields, votes, strict=True):
                thing["data"][field] = int(vote)
            cached.votes, cached.thing = votes, thing
        return thing, position

    def _parse_uncached(self, uncached: list[tuple[int, bytes]], things: list[Thing]) -> None:
        """Parse things that are not cached, add them to `things`, and cache them."""
        for (index, encoded), thing in zip(
            uncached, _parse_batch([encoded for _, encoded in uncached]), strict=True
        ):
            things[index] = thing = self._share_values(thing)
            if encoded.startswith(COMMENT_START) and len(encoded) <= self._free_cache_bytes:
                self._cache_comment(encoded, thing)

    def _cache_comment(self, encoded: bytes, thing: Thing) -> None:
        name_start = encoded.find(COMMENT_NAME_START, 0, NAME_SEARCH_BYTES)
        data = thing.get("data")
        if name_start < 0 or not isinstance(data, dict) or len(thing) != 2:
            return
        self._free_cache_bytes -= len(encoded)
        boundaries = [0]
        fields = []
        for position, vote_key in sorted(
            (encoded.find(vote_key), vote_key) for vote_key in VOTE_KEYS
        ):
            field = vote_key[1:-2].decode()
            number_match = NUMBER.match(encoded, position + len(vote_key))
            if position >= 0 and number_match and encoded.count(vote_key) == 1 and field in data:
                boundaries += number_match.span()
                fields.append(field)
        boundaries.append(len(encoded))
        parts = [
            encoded[start:end] for start, end in zip(boundaries[::2], boundaries[1::2], strict=True)
        ]
        votes = [
            encoded[start:end]
            for start, end in zip(boundaries[1:-1:2], boundaries[2:-1:2], strict=True)
        ]
        cached = CachedComment(parts[0], tuple(parts[1:]), tuple(fields), votes, thing)
        previous = self._cached_comments.get(encoded[name_start : name_start + CACHE_KEY_BYTES])
        if previous:
            self._free_cache_bytes += sum(map(len, (previous.prefix, *previous.parts_after_votes)))
        self._cached_comments[encoded[name_start : name_start + CACHE_KEY_BYTES]] = cached

    def _share_values(self, thing: Thing) -> Thing:
        """Return the thing with shared strings, or an equal thing. This saves much memory."""
        data, name = thing.get("data"), get_fullname(thing) if "data" in thing else None
        if not isinstance(data, dict):
            return thing
        for key in SHARED_FIELDS:
            value = data.get(key)
            if isinstance(value, str):
                data[key] = self._shared_strings.setdefault(value, value)
        if name:
            previous = self._things_by_name.get(name)
            is_same_kind = (
                previous is not None and previous["kind"] == thing["kind"] and len(thing) == 2
            )
            if (
                previous is not None
                and _share_equal_values(data, previous["data"])
                and is_same_kind
            ):
                return previous
            self._things_by_name[name] = thing
        return thing


def _share_equal_values(data: dict[str, Any], previous: dict[str, Any]) -> bool:
    """Replace equal strings by those of `previous`; return whether all data is the same.

    The same data has the same order of keys. In JSON, unlike in Python, 1 and true differ.
    """
    is_same = True
    for key, value in data.items():
        previous_value = previous.get(key)
        if value is previous_value:
            continue
        if type(value) is not type(previous_value):
            is_same = False
        elif isinstance(value, str) and value == previous_value:
            data[key] = previous_value
        elif isinstance(value, list | dict) and (value or previous_value):
            is_same = is_same and json.dumps(value) == json.dumps(previous_value)
        elif value != previous_value:
            is_same = False
    return is_same and [*data] == [*previous]


def _parse_batch(encoded_things: list[bytes]) -> list[Thing]:
    """Parse things together. Raises ValueError if one of them is not a JSON value by itself."""
    if not encoded_things:
        return []
    groups = fast_json.loads(b"[[" + b"],[".join(encoded_things) + b"]]")
    if len(groups) != len(encoded_things) or any(len(group) != 1 for group in groups):
        raise ValueError("split within a thing")
    return [group[0] for group in groups]
