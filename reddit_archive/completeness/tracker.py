"""What is missing of a thread after one look, and after each one more."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from reddit_archive.capture import Gap, stub_ids
from reddit_archive.completeness.looks import LEFT_OVER, Look, Stub, parent_of
from reddit_archive.fields import whole_number


@dataclass(frozen=True, slots=True)
class _OpenStub:
    """A stub, and when it was seen. `known_below` of its parent were here already at that time.

    `is_placed` unless it is what an answer left over, which names the post for its parent.
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
    """Learns what a thread's looks bring, in their order, and tells what is missing after each."""

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

    def add(self, seen: Look) -> None:
        """Learn from one more look."""
        before = self._parents
        fresh = {
            name: parent_of(thing["data"])
            for name, thing in seen.things.items()
            if thing["kind"] == "t1" and name not in before
        }
        self._parents |= fresh
        if seen.is_thread_page:
            self._restart(seen)
        else:
            self._orphans |= dict.fromkeys(p for p in fresh.values() if p.startswith("t1_"))
        self._has_excerpt = self._has_excerpt or seen.is_excerpt
        self._note_filter(seen)
        self._count(seen)
        for name in seen.listed:
            self._listed[name] = max(seen.at, self._listed.get(name, seen.at))
        self._partly |= seen.partly_shown
        self._stubs += [self._opened(stub, seen) for stub in seen.stubs]

    def _restart(self, seen: Look) -> None:
        """Forget what the thread's own page would show or name, and does not.

        What it hides below its own stubs may still be missing.
        """
        hidden = {parent_of(stub) for stub in seen.stubs if not stub_ids(stub)}
        named = {f"t1_{i}" for stub in seen.stubs for i in stub_ids(stub)}
        self._stubs = [
            s for s in self._stubs if seen.stubs and self._is_hidden(s, seen, hidden, named)
        ]
        self._orphans = self._orphans if seen.stubs else {}
        self._has_page = True

    def _is_hidden(self, stub: _OpenStub, seen: Look, hidden: set[str], named: set[str]) -> bool:
        """Tell whether a page may hide what a stub stands for: below one of its own stubs."""
        if not stub.is_placed:
            return True
        name, passed = stub.parent, set[str]()
        while name != self.post and name not in seen.listed:
            if name in hidden | named or name not in self._parents or name in passed:
                return True
            passed.add(name)
            name = self._parents[name]
        return False

    def _note_filter(self, seen: Look) -> None:
        """Remember what a filtered look brought, until one that is not filtered brings it too."""
        if seen.is_filtered:
            self._filtered = (self._filtered or set()) | seen.things.keys()
        elif self._filtered is not None and (
            seen.is_thread_page or self._filtered <= seen.things.keys()
        ):
            self._filtered = None

    def _count(self, seen: Look) -> None:
        """Compare how many comments the post counts with how many came."""
        fresh = {name for name in seen.things if name.startswith("t1_")} - self._counted
        number = None
        if seen.post is not None:
            self._has_post = True
            number = whole_number(seen.post["data"], "num_comments")
        self._total = max(self._total, number or 0)
        if seen.is_thread_page:
            self._counted |= fresh
            self._expected = self._accounted = len(self._counted) if number is None else number
            return
        if number is not None:
            self._expected = max(number, self._expected or 0)
        if not seen.is_filtered:
            self._accounted += len(fresh)
            self._counted |= fresh

    def _opened(self, stub: Stub, seen: Look) -> _OpenStub:
        parent, ids = parent_of(stub), tuple(stub_ids(stub))
        count = max(whole_number(stub, "count") or 0, len(ids))
        is_placed = parent != self.post or (seen.post is not None and not stub.get(LEFT_OVER))
        known = self._below(parent) if count and not ids else 0
        is_withheld = stub.get("_withheld") is True
        return _OpenStub(stub, parent, ids, count, is_withheld, seen.at, is_placed, known)

    def _below(self, name: str, replies: Mapping[str, Sequence[str]] | None = None) -> int:
        """Count the comments that are here below a comment or the post."""
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
        """List what is missing: nothing where the thread is complete, but what is withheld."""
        owners, places = self._owners(), self._places()
        found = [gap for _, gaps in self._each(owners, places) for gap in gaps]
        if lost := [p for p in self._orphans if p not in self._parents and p[3:] not in owners]:
            found.append(Gap(self.post, tuple(p[3:] for p in lost), len(lost)))
        return tuple(found + self._uncounted(found))

    def open_stubs(self) -> Iterator[Stub]:
        """Give the stubs of which something is missing, each as it came, below what it answers."""
        places = self._places()
        for stub, gaps in self._each(self._owners(), places):
            if gaps and not stub.ids:
                yield {**stub.data, "count": gaps[0].count}
            elif gaps:
                parents = {places[i] for i in stub.ids}
                parent = parents.pop() if len(parents) == 1 else self.post
                mark = {} if stub.is_placed or parent != self.post else {LEFT_OVER: True}
                yield {**stub.data, "parent_id": parent, **mark}

    def _owners(self) -> dict[str, _OpenStub]:
        """The newest stub that names each missing comment, by its id."""
        missing = ((i, stub) for stub in self._stubs for i in stub.ids)
        return {i: stub for i, stub in missing if f"t1_{i}" not in self._parents}

    def _places(self) -> dict[str, str]:
        """What each comment that a stub names answers, as far as one of them tells."""
        places: dict[str, str] = {}
        for stub in sorted(self._stubs, key=lambda stub: not stub.is_placed):
            for i in stub.ids:
                places.setdefault(i, stub.parent)
        return places

    def _each(
        self, owners: Mapping[str, _OpenStub], places: Mapping[str, str]
    ) -> Iterator[tuple[_OpenStub, list[Gap]]]:
        has_branches = any(0 < len(stub.ids) < stub.count for stub in self._stubs)
        replies = self._replies() if has_branches else {}
        for stub in self._stubs:
            yield stub, [*self._open(stub, owners, places, replies)]

    def _open(
        self,
        stub: _OpenStub,
        owners: Mapping[str, _OpenStub],
        places: Mapping[str, str],
        replies: Mapping[str, Sequence[str]],
    ) -> Iterator[Gap]:
        """Tell what of a stub is missing still."""
        if not stub.ids:
            yield from self._open_unnamed(stub)
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

    def _open_unnamed(self, stub: _OpenStub) -> Iterator[Gap]:
        is_counted = 0 < self._total <= len(self._parents)
        if stub.parent in self._listed or (stub.parent in self._partly and is_counted):
            return
        left = stub.count
        if stub.count:
            left -= self._below(stub.parent) - stub.known_below
        if left > 0 or not stub.count:
            yield Gap(stub.parent, (), left, stub.is_withheld)

    def _uncounted(self, found: Sequence[Gap]) -> list[Gap]:
        """Tell of comments that nothing names and that the post counts, or the post itself."""
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
    """Group what is missing of a stub by its parents, as far as those were named before."""
    parts: dict[str, list[str]] = {}
    for i in missing:
        parts.setdefault(stub.parent if stub.is_placed else places[i], []).append(i)
    for parent, ids in parts.items():
        share = max(len(ids), round(count * len(ids) / len(missing)))
        yield Gap(parent, tuple(ids), share, stub.is_withheld)
