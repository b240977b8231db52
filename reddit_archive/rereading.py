"""Snapshots of one thread, read one after the other: what did not change is read once.

A hundred snapshots hold nearly the same comments; only a few are new in each, and votes.
"""

import json
import re
from typing import Any

from reddit_archive.capture import Thing

VOTES = re.compile(rb'"(score|ups)":(-?\d+)')
"""What moves in a comment between any two looks. In a string, each quote has a backslash."""


class Reader:
    """Reads as `json.loads` does; equal things of several snapshots become the same object.

    So nobody need compare them twice. Things with other votes alone share all other values.
    """

    def __init__(self) -> None:
        self._last: dict[bytes, Thing] = {}
        self._still: dict[bytes, Thing] = {}

    def parse(self, data: bytes) -> Any:
        """Read a snapshot, each of its things by itself.

        The mark between two things can't stand in a string, for its quotes. Cut anywhere else
        than between two things, the parts are no JSON, and all is read at once.
        """
        head, mark, rest = data.partition(b'"things":[{"kind":"')
        if not mark or not rest.endswith(b"}]}\n"):
            return json.loads(data)
        try:
            raw = json.loads(head + b'"things":[]}')
            parts = rest[:-3].split(b',{"kind":"')
            found = {part: self._last.get(part) or self._read(part) for part in parts}
        except ValueError:
            return json.loads(data)
        self._last = found
        raw["things"] = [found[part] for part in parts]
        return raw

    def _read(self, part: bytes) -> Thing:
        pieces = VOTES.split(part) if part.startswith(b't1"') else [part]
        still = b"".join(pieces[::3])
        known = self._still.get(still)
        if known is None:
            known = self._still[still] = _loads(part)
            return known
        moved = _with_votes(known, pieces[1::3], pieces[2::3])
        return _loads(part) if moved is None else moved


def _with_votes(known: Thing, names: list[bytes], numbers: list[bytes]) -> Thing | None:
    """The known thing with other votes; None where it has votes at another depth as well."""
    if not names:
        return known
    data = known.get("data")
    votes = {name.decode(): int(number) for name, number in zip(names, numbers, strict=True)}
    if not isinstance(data, dict) or len(votes) < len(names) or not votes.keys() <= data.keys():
        return None
    return {"kind": "t1", "data": data | votes}


def _loads(part: bytes) -> Thing:
    thing: Thing = json.loads(b'{"kind":"' + part)
    return thing
