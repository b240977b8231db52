"""Snapshots of one thread, read one after the other: what did not change is read once.

A hundred snapshots hold nearly the same comments; only a few are new in each, and votes.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from reddit_archive.capture import Thing

VOTES = (b'"score":', b'"ups":')
"""What moves in a comment between any two looks. In a string, each quote has a backslash."""
NUMBER = re.compile(rb"-?\d{1,18}(?=[,}])")
THINGS = b'"things":['
MARK = b',{"kind":"'
BATCH = 256
"""So many things are read at once, for those that the decoder reads together share their keys."""
SHARED = (
    *("subreddit", "subreddit_id", "subreddit_name_prefixed", "subreddit_type", "link_id"),
    *("parent_id", "author", "author_fullname", "author_flair_text", "author_flair_type"),
    *("author_flair_css_class", "author_flair_template_id", "author_flair_text_color"),
    *("author_flair_background_color", "collapsed_reason_code", "collapsed_reason"),
)
"""Fields of which many comments of a thread say the same."""

Votes = dict[str, int]


class Known(NamedTuple):
    """A thing that was read, and the votes that it had then."""

    votes: Votes
    thing: Thing


class Reader:
    """Reads as `json.loads` does; equal things of several snapshots become the same object.

    So nobody need compare them twice. Things with other votes alone share all other values. Of the
    bytes it keeps digests alone.
    """

    def __init__(self) -> None:
        self._known: dict[bytes, Known] = {}
        self._said: dict[str, str] = {}

    def learn(self, things: Iterable[Thing], pieces: Iterable[bytes]) -> None:
        """Take things for known, each with the bytes in which a snapshot holds it."""
        for thing, piece in zip(things, pieces, strict=True):
            key, votes = _key(piece)
            self._known[key] = Known(votes, thing)

    def parse(self, data: bytes) -> Any:
        """Read a snapshot, each of its things by itself.

        The mark between two things can't stand in a string, for its quotes. Cut anywhere else
        than between two things, the parts are no JSON, and all is read at once.
        """
        start = data.find(THINGS + MARK[1:])
        if start < 0 or not data.endswith(b"}]}\n"):
            return json.loads(data)
        try:
            raw = json.loads(data[:start] + THINGS + b"]}")
            pieces = _pieces(data, start + len(THINGS), len(data) - len(b"]}\n"))
            raw["things"] = [thing for batch in pieces for thing in self._read(batch)]
        except ValueError:
            return json.loads(data)
        return raw

    def _read(self, pieces: list[bytes]) -> list[Thing]:
        keys = [_key(piece) for piece in pieces]
        found = [self._recall(*key) for key in keys]
        fresh = [number for number, thing in enumerate(found) if thing is None]
        for number, thing in zip(fresh, _loads([pieces[n] for n in fresh]), strict=True):
            key, votes = keys[number]
            self._known[key] = Known(votes, thing)
            found[number] = thing
            self._share(thing)
        return [thing for thing in found if thing is not None]

    def _recall(self, key: bytes, votes: Votes) -> Thing | None:
        known = self._known.get(key)
        if known is None or known.votes == votes:
            return known and known.thing
        data = known.thing.get("data")
        if not isinstance(data, dict) or not votes.keys() <= data.keys():
            return None
        moved = {**known.thing, "data": data | votes}
        self._known[key] = Known(votes, moved)
        return moved

    def _share(self, thing: Thing) -> None:
        """Let equal strings be one object: they are a quarter of what a thread takes in memory."""
        data = thing.get("data")
        if isinstance(data, dict):
            for key in SHARED:
                said = data.get(key)
                if isinstance(said, str):
                    data[key] = self._said.setdefault(said, said)


def _pieces(data: bytes, start: int, end: int) -> Iterator[list[bytes]]:
    """Cut the things between two places apart, so many at a time."""
    batch: list[bytes] = []
    while start < end:
        cut = data.find(MARK, start, end)
        cut = end if cut < 0 else cut
        batch.append(data[start:cut])
        start = cut + 1
        if len(batch) == BATCH:
            yield batch
            batch = []
    yield batch


def _key(piece: bytes) -> tuple[bytes, Votes]:
    """The digest of a thing's bytes without the votes of a comment, and these votes."""
    votes: Votes = {}
    cuts: list[int] = []
    for name in VOTES if piece.startswith(b'{"kind":"t1"') else ():
        at = piece.find(name) + len(name)
        number = NUMBER.match(piece, at) if at >= len(name) else None
        if number and piece.find(name, at) < 0:
            votes[name[1:-2].decode()] = int(number[0])
            cuts += number.span()
    if not cuts:
        return hashlib.sha256(piece).digest(), votes
    hashed = hashlib.sha256()
    ends = [0, *sorted(cuts), len(piece)]
    for start, end in zip(ends[::2], ends[1::2], strict=True):
        hashed.update(piece[start:end])
    return hashed.digest(), votes


def _loads(pieces: list[bytes]) -> list[Thing]:
    """Read things together. Raises ValueError where one of them is not whole by itself."""
    if not pieces:
        return []
    found = json.loads(b"[[" + b"],[".join(pieces) + b"]]")
    if len(found) != len(pieces) or any(len(each) != 1 for each in found):
        raise ValueError("cut within a thing")
    return [each[0] for each in found]
