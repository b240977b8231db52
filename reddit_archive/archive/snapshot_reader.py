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
from reddit_archive.model.capture import Thing, fullname

VOTES = (b'"score":', b'"ups":')
"""What moves in a comment between any two looks. In a string, each quote has a backslash."""
NUMBER = re.compile(rb"-?\d{1,18}(?=[,}])")
THINGS, KIND = b'"things":[', b'{"kind":"'
COMMENT, NAME = b'{"kind":"t1"', b'"name":"t1_'
NEAR = 4096
"""So near its beginning a comment's name is looked for: else many long ones would take long."""
HINT = len(NAME) + 7
BATCH = 256
"""So many things are read at once, for those that the decoder reads together share their keys."""
SHARED = (
    *("subreddit", "subreddit_id", "subreddit_name_prefixed", "subreddit_type", "link_id"),
    *("parent_id", "author", "author_fullname", "author_flair_text", "author_flair_type"),
    *("author_flair_css_class", "author_flair_template_id", "author_flair_text_color"),
    *("author_flair_background_color", "collapsed_reason_code", "collapsed_reason"),
)
"""Fields of which many comments of a thread say the same."""
MOST_TEXT = 32 * 2**20


@dataclass(slots=True)
class Known:
    """A comment that was read: its bytes around its votes, and these votes, by their fields."""

    first: bytes
    rest: tuple[bytes, ...]
    fields: tuple[str, ...]
    votes: list[bytes]
    thing: Thing


@contextmanager
def uncollected() -> Iterator[None]:
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


class Reader:
    """Reads as `json.loads` does; equal things of several snapshots become the same object.

    So nobody need compare them twice. Things with other votes alone share all other values, and so
    do, as far as they are equal, all things of one fullname. `known` are things that are here
    already. Reading several large snapshots is fast with `has_text`, which takes memory.
    """

    def __init__(self, known: Iterable[Thing] = (), *, has_text: bool = True) -> None:
        self._latest = {name: thing for thing in known if (name := fullname(thing))}
        self._texts: dict[bytes, Known] = {}
        self._room = MOST_TEXT if has_text else 0
        self._said: dict[str, str] = {}

    def parse(self, data: bytes) -> Any:
        """Read a snapshot, each of its things by itself.

        The mark between two things can't stand in a string, for its quotes. Cut anywhere else
        than between two things, the parts are no JSON, and all is read at once.
        """
        start = data.find(THINGS + KIND)
        if start < 0 or not data.endswith(b"}]}\n"):
            return json.loads(data)
        try:
            raw = json.loads(data[:start] + THINGS + b"]}")
            raw["things"] = self._parse(data, start + len(THINGS), len(data) - len(b"]}\n"))
        except ValueError:
            return json.loads(data)
        return raw

    def _parse(self, data: bytes, start: int, end: int) -> list[Thing]:
        found: list[Thing] = []
        fresh: list[tuple[int, bytes]] = []
        while start < end:
            thing, after = self._recall(data, start)
            if thing is None or (after < end and not data.startswith(KIND, after + 1)):
                after = data.find(b"," + KIND, start, end)
                after = after if after >= 0 else end
                fresh.append((len(found), data[start:after]))
                if len(fresh) == BATCH:
                    found.append({})
                    self._read(fresh, found)
                    fresh, start = [], after + 1
                    continue
            found.append(thing or {})
            start = after + 1
        self._read(fresh, found)
        return found

    def _recall(self, data: bytes, at: int) -> tuple[Thing | None, int]:
        """The known comment of which the bytes stand at a place, votes aside, and its end."""
        hint = data.find(NAME, at, at + NEAR)
        key = data[hint : hint + HINT]
        known = self._texts.get(key)
        if known is None or not data.startswith(known.first, at):
            return None, 0
        at += len(known.first)
        votes = []
        for part in known.rest:
            number = NUMBER.match(data, at)
            if number is None or not data.startswith(part, number.end()):
                return None, 0
            votes.append(number[0])
            at = number.end() + len(part)
        thing = known.thing
        if votes != known.votes:
            thing = {"kind": "t1", "data": thing["data"].copy()}
            for field, vote in zip(known.fields, votes, strict=True):
                thing["data"][field] = int(vote)
            known.votes, known.thing = votes, thing
        return thing, at

    def _read(self, fresh: list[tuple[int, bytes]], found: list[Thing]) -> None:
        """Read things that are not known, put them in their places, and know them from now on."""
        for (place, piece), thing in zip(fresh, _loads([piece for _, piece in fresh]), strict=True):
            found[place] = thing = self._shared(thing)
            if piece.startswith(COMMENT) and len(piece) <= self._room:
                self._keep(piece, thing)

    def _keep(self, piece: bytes, thing: Thing) -> None:
        hint = piece.find(NAME, 0, NEAR)
        data = thing.get("data")
        if hint < 0 or not isinstance(data, dict) or len(thing) != 2:
            return
        self._room -= len(piece)
        cuts = [0]
        fields = []
        for at, name in sorted((piece.find(name), name) for name in VOTES):
            field = name[1:-2].decode()
            number = NUMBER.match(piece, at + len(name))
            if at >= 0 and number and piece.count(name) == 1 and field in data:
                cuts += number.span()
                fields.append(field)
        cuts.append(len(piece))
        parts = [piece[start:end] for start, end in zip(cuts[::2], cuts[1::2], strict=True)]
        votes = [piece[start:end] for start, end in zip(cuts[1:-1:2], cuts[2:-1:2], strict=True)]
        known = Known(parts[0], tuple(parts[1:]), tuple(fields), votes, thing)
        former = self._texts.get(piece[hint : hint + HINT])
        if former:
            self._room += sum(map(len, (former.first, *former.rest)))
        self._texts[piece[hint : hint + HINT]] = known

    def _shared(self, thing: Thing) -> Thing:
        """Let equal strings be one object, and equal things: most of what a thread takes."""
        data, name = thing.get("data"), fullname(thing) if "data" in thing else None
        if not isinstance(data, dict):
            return thing
        for key in SHARED:
            said = data.get(key)
            if isinstance(said, str):
                data[key] = self._said.setdefault(said, said)
        if name:
            former = self._latest.get(name)
            is_kind = former is not None and former["kind"] == thing["kind"] and len(thing) == 2
            if former is not None and _unite(data, former["data"]) and is_kind:
                return former
            self._latest[name] = thing
        return thing


def _unite(data: dict[str, Any], former: dict[str, Any]) -> bool:
    """Take over the strings that are equal; tell whether all is, to the order of the keys.

    In Python 1 is equal to True, and in JSON it is not.
    """
    is_same = True
    for key, value in data.items():
        other = former.get(key)
        if value is other:
            continue
        if type(value) is not type(other):
            is_same = False
        elif isinstance(value, str) and value == other:
            data[key] = other
        elif isinstance(value, list | dict) and (value or other):
            is_same = is_same and json.dumps(value) == json.dumps(other)
        elif value != other:
            is_same = False
    return is_same and [*data] == [*former]


def _loads(pieces: list[bytes]) -> list[Thing]:
    """Read things together. Raises ValueError where one of them is not whole by itself."""
    if not pieces:
        return []
    found = fast_json.loads(b"[[" + b"],[".join(pieces) + b"]]")
    if len(found) != len(pieces) or any(len(each) != 1 for each in found):
        raise ValueError("cut within a thing")
    return [each[0] for each in found]
