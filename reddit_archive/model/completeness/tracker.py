"""Track what is missing from a thread while its captures are read one after the other."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from reddit_archive.model.capture import Gap, stub_ids
from reddit_archive.model.completeness.observations import LEFT_OVER, Observation, Stub, parent_of
from reddit_archive.model.json_fields import whole_number


@dataclass(frozen=True, slots=True)
class _OpenStub:
    """A stub, and when it was observed.

    Attributes:
        is_placed: The stub's parent is right. It is wrong in stubs for what did not fit into an
            answer: these name the post as parent.
        known_below: How many comments below the parent were known when the stub was observed.
    """

    data: Stub
    parent: str
    ids: tuple[str, ...]
    count: int
    is_withheld: bool
    at: datetime
    is_placed: bool
    known_below: int = 0


@dataclass(slots=True)
class Tracker:
    """Reads the observations of a thread in order, and lists what is missing after each."""

    thread_id: str
    _parents: dict[str, str] = field(default_factory=dict)
    _stubs: list[_OpenStub] = field(default_factory=list)
    _listed: dict[str, datetime] = field(default_factory=dict)
    _partly: set[str] = field(default_factory=set)
    _total: int = 0
    _orphans: dict[str, None] = field(default_factory=dict)
    _counted: set[str] = field(default_factory=set)
    _accounted: int = 0
    _expected: int | None = None
    _has_post: bool = False
    _has_page: bool = False
    _has_excerpt: bool = False
    _filtered: set[str] | None = None

    @property
    def post(self) -> str:
        return f"t3_{self.thread_id}"

    def add(self, observation: Observation) -> None:
        """Add the next observation."""
        before = self._parents
        new = {
            name: parent_of(thing["data"])
            for name, thing in observation.things.items()
            if thing["kind"] == "t1" and name not in before
        }
        self._parents |= new
        if observation.is_thread_page:
            self._restart(observation)
        else:
            self._orphans |= dict.fromkeys(p for p in new.values() if p.startswith("t1_"))
        self._has_excerpt = self._has_excerpt or observation.is_excerpt
        self._note_filter(observation)
        self._count(observation)
        for name in observation.listed:
            self._listed[name] = max(observation.at, self._listed.get(name, observation.at))
        self._partly |= observation.partly_shown
        self._stubs += [self._open_stub(stub, observation) for stub in observation.stubs]

    def _restart(self, observation: Observation) -> None:
        """Drop the gaps that the thread's own page would still show or name.

        Comments below the page's own stubs may still be missing.
        """
        hidden = {parent_of(stub) for stub in observation.stubs if not stub_ids(stub)}
        named = {f"t1_{i}" for stub in observation.stubs for i in stub_ids(stub)}
        self._stubs = [
            s
            for s in self._stubs
            if observation.stubs and self._is_hidden(s, observation, hidden, named)
        ]
        self._orphans = self._orphans if observation.stubs else {}
        self._has_page = True

    def _is_hidden(
        self, stub: _OpenStub, observation: Observation, hidden: set[str], named: set[str]
    ) -> bool:
        """Return whether a page may hide the comments of an earlier stub below one of its own."""
        if not stub.is_placed:
            return True
        name, passed = stub.parent, set[str]()
        while name != self.post and name not in observation.listed:
            if name in hidden | named or name not in self._parents or name in passed:
                return True
            passed.add(name)
            name = self._parents[name]
        return False

    def _note_filter(self, observation: Observation) -> None:
        """Remember what a filtered observation contains until an unfiltered one contains it too."""
        if observation.is_filtered:
            self._filtered = (self._filtered or set()) | observation.things.keys()
        elif self._filtered is not None and (
            observation.is_thread_page or self._filtered <= observation.things.keys()
        ):
            self._filtered = None

    def _count(self, observation: Observation) -> None:
        """Compare the post's number of comments with the number of comments that are here."""
        new = {name for name in observation.things if name.startswith("t1_")} - self._counted
        number = None
        if observation.post is not None:
            self._has_post = True
            number = whole_number(observation.post["data"], "num_comments")
        self._total = max(self._total, number or 0)
        if observation.is_thread_page:
            self._counted |= new
            self._expected = self._accounted = len(self._counted) if number is None else number
            return
        if number is not None:
            self._expected = max(number, self._expected or 0)
        if not observation.is_filtered:
            self._accounted += len(new)
            self._counted |= new

    def _open_stub(self, stub: Stub, observation: Observation) -> _OpenStub:
        parent, ids = parent_of(stub), tuple(stub_ids(stub))
        count = max(whole_number(stub, "count") or 0, len(ids))
        is_placed = parent != self.post or (
            observation.post is not None and not stub.get(LEFT_OVER)
        )
        known = self._below(parent) if count and not ids else 0
        is_withheld = stub.get("_withheld") is True
        return _OpenStub(stub, parent, ids, count, is_withheld, observation.at, is_placed, known)

    def _below(self, name: str, replies: Mapping[str, Sequence[str]] | None = None) -> int:
        """Count the known comments below a comment or the post."""
        if name == self.post:
            return len(self._parents)
        replies = self._replies() if replies is None else replies
        found: set[str] = set()
        todo = [*replies.get(name, ())]
        while todo:
            each = todo.pop()
            if each not in found:
                found.add(each)
                todo.extend(replies.get(each, ()))
        return len(found)

    def _replies(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for name, parent in self._parents.items():
            found.setdefault(parent, []).append(name)
        return found

    def gaps(self) -> tuple[Gap, ...]:
        """Return what is missing. For a complete thread these are only withheld comments."""
        owners, places = self._owners(), self._places()
        found = [gap for _, gaps in self._open_gaps(owners, places) for gap in gaps]
        if lost := [p for p in self._orphans if p not in self._parents and p[3:] not in owners]:
            found.append(Gap(self.post, tuple(p[3:] for p in lost), len(lost)))
        return tuple(found + self._uncounted(found))

    def open_stubs(self) -> Iterator[Stub]:
        """Yield the stubs with missing comments, as they came, with corrected parents."""
        places = self._places()
        for stub, gaps in self._open_gaps(self._owners(), places):
            if gaps and not stub.ids:
                yield {**stub.data, "count": gaps[0].count}
            elif gaps:
                parents = {places[i] for i in stub.ids}
                parent = parents.pop() if len(parents) == 1 else self.post
                mark = {} if stub.is_placed or parent != self.post else {LEFT_OVER: True}
                yield {**stub.data, "parent_id": parent, **mark}

    def _owners(self) -> dict[str, _OpenStub]:
        """Return the newest stub that names each missing comment, by the comment's id."""
        missing = ((i, stub) for stub in self._stubs for i in stub.ids)
        return {i: stub for i, stub in missing if f"t1_{i}" not in self._parents}

    def _places(self) -> dict[str, str]:
        """Return the parent of each comment that a stub names, by the comment's id."""
        places: dict[str, str] = {}
        for stub in sorted(self._stubs, key=lambda stub: not stub.is_placed):
            for i in stub.ids:
                places.setdefault(i, stub.parent)
        return places

    def _open_gaps(
        self, owners: Mapping[str, _OpenStub], places: Mapping[str, str]
    ) -> Iterator[tuple[_OpenStub, list[Gap]]]:
        has_branches = any(0 < len(stub.ids) < stub.count for stub in self._stubs)
        replies = self._replies() if has_branches else {}
        for stub in self._stubs:
            yield stub, [*self._gaps_of(stub, owners, places, replies)]

    def _gaps_of(
        self,
        stub: _OpenStub,
        owners: Mapping[str, _OpenStub],
        places: Mapping[str, str],
        replies: Mapping[str, Sequence[str]],
    ) -> Iterator[Gap]:
        """Yield what is still missing from a stub."""
        if not stub.ids:
            yield from self._gaps_of_unnamed(stub)
            return
        missing = [i for i in stub.ids if owners.get(i) is stub]
        brought = [f"t1_{i}" for i in stub.ids if i not in owners]
        left: float = stub.count
        if brought and stub.count > len(stub.ids):
            left -= sum(1 + self._below(name, replies) for name in brought)
        else:
            left -= len(brought)
        others = (owners[i] for i in stub.ids if i in owners and owners[i] is not stub)
        left -= sum(other.count / len(other.ids) for other in others)
        unlisted = [n for n in brought if n not in self._listed or self._listed[n] < stub.at]
        below = round(left) - len(missing)
        if unlisted and below > 0 and stub.count > len(stub.ids):
            yield Gap(unlisted[0], (), below, stub.is_withheld)
            left = len(missing)
        if missing:
            yield from _placed(stub, missing, places, max(round(left), len(missing)))

    def _gaps_of_unnamed(self, stub: _OpenStub) -> Iterator[Gap]:
        is_counted = 0 < self._total <= len(self._parents)
        if stub.parent in self._listed or (stub.parent in self._partly and is_counted):
            return
        left = stub.count
        if stub.count:
            left -= self._below(stub.parent) - stub.known_below
        if left > 0 or not stub.count:
            yield Gap(stub.parent, (), left, stub.is_withheld)

    def _uncounted(self, found: Sequence[Gap]) -> list[Gap]:
        """Return a gap for comments that only the post counts, or for the missing post."""
        if any(gap.parent == self.post and not gap.ids for gap in found):
            return []
        if not self._has_post or (self._expected is None and self._has_excerpt):
            return [Gap(self.post, (), 0)]
        left = (self._expected or 0) - self._accounted - sum(gap.count for gap in found)
        is_left = left > 0 or self._filtered is not None
        return [Gap(self.post, (), max(left, 0))] if is_left else []


def _placed(
    stub: _OpenStub, missing: Sequence[str], places: Mapping[str, str], count: int
) -> Iterator[Gap]:
    """Group a stub's missing comments by parent; the earliest placed stub tells the parent."""
    parts: dict[str, list[str]] = {}
    for i in missing:
        parts.setdefault(stub.parent if stub.is_placed else places[i], []).append(i)
    for parent, ids in parts.items():
        share = max(len(ids), round(count * len(ids) / len(missing)))
        yield Gap(parent, tuple(ids), share, stub.is_withheld)
