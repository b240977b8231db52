"""Snapshots of one thread, read one after the other: what did not change is read once.

A hundred snapshots hold nearly the same comments; only a few are new in each, and votes.
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
"""What moves in a comment between any two looks. In a string, each quote has a backslash."""
NUMBER = re.compile(rb"-?\d{1,18}(?=[,}])")
THINGS_START, THING_START = b'"things":[', b'{"kind":"'
COMMENT_START, COMMENT_NAME_START = b'{"kind":"t1"', b'"name":"t1_'
NAME_SEARCH_BYTES = 4096
"""So near its beginning a comment's name is looked for: else many long ones would take long."""
CACHE_KEY_BYTES = len(COMMENT_NAME_START) + 7
BATCH_SIZE = 256
"""So many things are read at once, for those that the decoder reads together share their keys."""
SHARED_FIELDS = (
    *("subreddit", "subreddit_id", "subreddit_name_prefixed", "subreddit_type", "link_id"),
    *("parent_id", "author", "author_fullname", "author_flair_text", "author_flair_type"),
    *("author_flair_css_class", "author_flair_template_id", "author_flair_text_color"),
    *("author_flair_background_color", "collapsed_reason_code", "collapsed_reason"),
)
"""Fields of which many comments of a thread say the same."""
MAX_CACHED_BYTES = 32 * 2**20


@dataclass(slots=True)
class CachedComment:
    """A comment that was read: its bytes around its votes, and these votes, by their fields."""

    prefix: bytes
    parts_after_votes: tuple[bytes, ...]
    vote_fields: tuple[str, ...]
    votes: list[bytes]
    thing: Thing


@contextmanager
def gc_paused() -> Iterator[None]:
    """Let the garbage collector rest: it would look a dozen times at all that was read so far.

    Best as a decorator: what a function read is gone when it has returned, and not looked at.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


class IncrementalReader:
    """Reads as `json.loads` does; equal things of several snapshots become the same object.

    So nobody need compare them twice. Things with other votes alone share all other values, and so
    do, as far as they are equal, all things of one fullname. `known` are things that are here
    already. Reading several large snapshots is fast with `has_text`, which takes memory.
    """

    def __init__(self, existing_things: Iterable[Thing] = (), *, has_cache: bool = True) -> None:
        self._things_by_name = {
            name: thing for thing in existing_things if (name := get_fullname(thing))
        }
        self._cached_comments: dict[bytes, CachedComment] = {}
        self._free_cache_bytes = MAX_CACHED_BYTES if has_cache else 0
        self._shared_strings: dict[str, str] = {}

    def parse(self, data: bytes) -> Any:
        """Read a snapshot, each of its things by itself.

        The mark between two things can't stand in a string, for its quotes. Cut anywhere else
        than between two things, the parts are no JSON, and all is read at once.
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
        """The known comment of which the bytes stand at a place, votes aside, and its end."""
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
        """Read things that are not known, put them in their places, and know them from now on."""
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
        """Let equal strings be one object, and equal things: most of what a thread takes."""
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
    """Take over the strings that are equal; tell whether all is, to the order of the keys.

    In Python 1 is equal to True, and in JSON it is not.
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
    """Read things together. Raises ValueError where one of them is not whole by itself."""
    if not encoded_things:
        return []
    groups = fast_json.loads(b"[[" + b"],[".join(encoded_things) + b"]]")
    if len(groups) != len(encoded_things) or any(len(group) != 1 for group in groups):
        raise ValueError("cut within a thing")
    return [group[0] for group in groups]
