"""Track what is missing from a thread while its captures are added one after the other. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from reddit_archive.model.capture import MissingComments, get_more_ids
from reddit_archive.model.completeness.comment_count import CommentCount
from reddit_archive.model.completeness.coverage import (
    UNKNOWN_PARENT_KEY,
    Coverage,
    Stub,
    get_parent_fullname,
)
from reddit_archive.model.json_fields import get_int


@dataclass(frozen=True, slots=True)
class _ObservedStub:
    """A stub, and the state of the thread when it was observed.

    Attributes:
        data: The stub's data.
        parent: Fullname of its parent.
        ids: Ids of the comments that it names.
        count: Number of comments that it stands for, those below `ids` included.
        is_withheld: Its comments were requested and not returned.
        captured_at: When it was observed.
        is_parent_known: Its parent is correct. A stub for comments that did not fit in a response
            names the post as parent, whatever the true parent is.
        descendant_count: Number of known comments below the parent when it was observed, without
            those that only first-seen archives have: what such an archive returns has an early
            time, also if it was requested because of the stub. Only set for a stub without ids.
        is_from_web_page: It is the stub of a saved web page.
    """

    data: Stub
    parent: str
    ids: tuple[str, ...]
    count: int
    is_withheld: bool
    captured_at: datetime
    is_parent_known: bool
    descendant_count: int = 0
    is_from_web_page: bool = False


@dataclass(slots=True)
class CompletenessTracker:
    """Adds the captures of a thread, oldest first, and finds what is missing after each."""

    thread_id: str
    _parents: dict[str, str] = field(default_factory=dict)
    _stubs: list[_ObservedStub] = field(default_factory=list)
    _complete_parents: dict[str, datetime] = field(default_factory=dict)
    _partly_shown: set[str] = field(default_factory=set)
    _first_seen_only: set[str] = field(default_factory=set)
    _with_replies: set[str] = field(default_factory=set)
    _orphan_parents: dict[str, None] = field(default_factory=dict)
    _comment_count: CommentCount = field(default_factory=CommentCount)

    @property
    def post_fullname(self) -> str:
        return f"t3_{self.thread_id}"

    def add(self, coverage: Coverage) -> None:
        """Add the next capture."""
        existing_parents = self._parents
        new = {
            name: get_parent_fullname(thing["data"])
            for name, thing in coverage.things.items()
            if thing["kind"] == "t1" and name not in existing_parents
        }
        self._parents |= new
        self._with_replies.update(new.values())
        if coverage.has_first_texts:
            self._first_seen_only |= new.keys()
        else:
            self._first_seen_only -= coverage.things.keys()
        if coverage.is_thread_page:
            self._apply_thread_page(coverage)
        else:
            self._orphan_parents |= dict.fromkeys(p for p in new.values() if p.startswith("t1_"))
        self._comment_count.add(coverage)
        for name in coverage.complete_parents:
            self._complete_parents[name] = max(
                coverage.captured_at, self._complete_parents.get(name, coverage.captured_at)
            )
        self._partly_shown |= coverage.partly_shown
        has_counts = any(not get_more_ids(stub) for stub in coverage.stubs)
        counts = self._count_descendants(self._first_seen_only) if has_counts else {}
        self._stubs += [
            self._build_observed_stub(stub, coverage, counts) for stub in coverage.stubs
        ]

    def _apply_thread_page(self, coverage: Coverage) -> None:
        """Forget the stubs whose comments the thread's own page would show or name.

        Comments below the page's own stubs may still be missing.
        """
        incomplete_parents = {
            get_parent_fullname(stub) for stub in coverage.stubs if not get_more_ids(stub)
        }
        stub_names = {f"t1_{i}" for stub in coverage.stubs for i in get_more_ids(stub)}
        self._stubs = [
            observed_stub
            for observed_stub in self._stubs
            if coverage.stubs
            and self._is_hidden(observed_stub, coverage, incomplete_parents, stub_names)
        ]
        self._orphan_parents = self._orphan_parents if coverage.stubs else {}

    def _is_hidden(
        self,
        stub: _ObservedStub,
        coverage: Coverage,
        incomplete_parents: set[str],
        stub_names: set[str],
    ) -> bool:
        """Return whether the comments of an earlier stub may be below a stub of the page."""
        if not stub.is_parent_known:
            return True
        name, visited = stub.parent, set[str]()
        while name != self.post_fullname and name not in coverage.complete_parents:
            is_below_stub = name in incomplete_parents or name in stub_names
            if is_below_stub or name not in self._parents or name in visited:
                return True
            visited.add(name)
            name = self._parents[name]
        return False

    def _build_observed_stub(
        self, stub: Stub, coverage: Coverage, descendant_counts: Mapping[str, int]
    ) -> _ObservedStub:
        parent, ids = get_parent_fullname(stub), tuple(get_more_ids(stub))
        count = max(get_int(stub, "count") or 0, len(ids))
        is_parent_known = parent != self.post_fullname or (
            coverage.post is not None and not stub.get(UNKNOWN_PARENT_KEY)
        )
        descendant_count = descendant_counts.get(parent, 0) if count and not ids else 0
        is_withheld = stub.get("_withheld") is True
        return _ObservedStub(
            stub,
            parent,
            ids,
            count,
            is_withheld,
            coverage.captured_at,
            is_parent_known,
            descendant_count,
            coverage.is_web_page,
        )

    def _count_descendants(self, without: Set[str] = frozenset()) -> dict[str, int]:
        """Count the known comments below each comment and below the post, in linear time.

        Comments below a cycle of parents count only as far as the cycle.

        Args:
            without: Comments that do not count.
        """
        counts = dict.fromkeys(self._parents.values(), 0)
        open_replies = Counter(self._parents.values())
        todo = [name for name in self._parents if name not in open_replies]
        while todo:
            name = todo.pop()
            parent = self._parents.get(name)
            if parent is not None:
                counts[parent] += counts.get(name, 0) + (name not in without)
                open_replies[parent] -= 1
                if not open_replies[parent]:
                    todo.append(parent)
        counts[self.post_fullname] = len(self._parents) - len(without)
        return counts

    def find_missing(self) -> tuple[MissingComments, ...]:
        """Return what is missing. For a complete thread these are only withheld comments."""
        newest_stubs, parents_by_id = self._find_newest_stubs(), self._find_parents_by_id()
        missing_comments = [
            group
            for _, groups in self._iter_missing_by_stub(newest_stubs, parents_by_id)
            for group in groups
        ]
        parent_ids = tuple(
            name[3:]
            for name in self._orphan_parents
            if name not in self._parents and name[3:] not in newest_stubs
        )
        if parent_ids:
            missing_comments.append(
                MissingComments(self.post_fullname, parent_ids, len(parent_ids))
            )
        return tuple(missing_comments + self._find_missing_by_count(missing_comments))

    def iter_open_stubs(self) -> Iterator[Stub]:
        """Yield the stubs with missing comments, in their order, with corrected parents."""
        parents_by_id = self._find_parents_by_id()
        for stub, groups in self._iter_missing_by_stub(self._find_newest_stubs(), parents_by_id):
            if groups and not stub.ids:
                yield {**stub.data, "count": groups[0].count}
            elif groups:
                parents = {parents_by_id[i] for i in stub.ids}
                parent = parents.pop() if len(parents) == 1 else self.post_fullname
                is_unknown = not stub.is_parent_known and parent == self.post_fullname
                flags = {UNKNOWN_PARENT_KEY: True} if is_unknown else {}
                yield {**stub.data, "parent_id": parent, **flags}

    def _find_newest_stubs(self) -> dict[str, _ObservedStub]:
        """Return the newest stub that names each missing comment, by the comment's id."""
        named_ids = ((i, stub) for stub in self._stubs for i in stub.ids)
        return {i: stub for i, stub in named_ids if f"t1_{i}" not in self._parents}

    def _find_parents_by_id(self) -> dict[str, str]:
        """Return the parent of each comment that a stub names, by the comment's id."""
        parents_by_id: dict[str, str] = {}
        for stub in sorted(self._stubs, key=lambda stub: not stub.is_parent_known):
            for i in stub.ids:
                parents_by_id.setdefault(i, stub.parent)
        return parents_by_id

    def _iter_missing_by_stub(
        self, newest_stubs: Mapping[str, _ObservedStub], parents_by_id: Mapping[str, str]
    ) -> Iterator[tuple[_ObservedStub, list[MissingComments]]]:
        has_unnamed = any(len(stub.ids) < stub.count for stub in self._stubs)
        counts = self._count_descendants() if has_unnamed else {}
        for stub in self._stubs:
            yield stub, [*self._iter_missing_of_stub(stub, newest_stubs, parents_by_id, counts)]

    def _iter_missing_of_stub(
        self,
        stub: _ObservedStub,
        newest_stubs: Mapping[str, _ObservedStub],
        parents_by_id: Mapping[str, str],
        descendant_counts: Mapping[str, int],
    ) -> Iterator[MissingComments]:
        """Yield the comments of a stub that are still missing."""
        if not stub.ids:
            yield from self._iter_missing_without_ids(stub, descendant_counts)
            return
        missing_ids = [i for i in stub.ids if newest_stubs.get(i) is stub]
        fetched_names = [f"t1_{i}" for i in stub.ids if i not in newest_stubs]
        remaining_count: float = stub.count
        if fetched_names and stub.count > len(stub.ids):
            remaining_count -= sum(1 + descendant_counts.get(name, 0) for name in fetched_names)
        else:
            remaining_count -= len(fetched_names)
        newer_stubs = (
            newest_stubs[i] for i in stub.ids if i in newest_stubs and newest_stubs[i] is not stub
        )
        remaining_count -= sum(newer_stub.count / len(newer_stub.ids) for newer_stub in newer_stubs)
        incomplete_parents = [
            n
            for n in fetched_names
            if n not in self._complete_parents or self._complete_parents[n] < stub.captured_at
        ]
        nested_count = round(remaining_count) - len(missing_ids)
        if incomplete_parents and nested_count > 0 and stub.count > len(stub.ids):
            yield MissingComments(incomplete_parents[0], (), nested_count, stub.is_withheld)
            remaining_count = len(missing_ids)
        if missing_ids:
            yield from _group_by_parent(
                stub, missing_ids, parents_by_id, max(round(remaining_count), len(missing_ids))
            )

    def _iter_missing_without_ids(
        self, stub: _ObservedStub, descendant_counts: Mapping[str, int]
    ) -> Iterator[MissingComments]:
        """Yield the comments of a stub without ids that are still missing.

        A stub that counts none ("continue this thread") is settled if replies are known and as
        many comments as the post ever reported.
        """
        known_count = len(self._parents) + self._comment_count.without_id
        has_all_counted = 0 < self._comment_count.max_reported <= known_count
        may_be_settled = (
            stub.parent in self._partly_shown
            or stub.is_from_web_page
            or (not stub.count and stub.parent in self._with_replies)
        )
        if stub.parent in self._complete_parents or (may_be_settled and has_all_counted):
            return
        remaining_count = stub.count
        if stub.count:
            remaining_count -= descendant_counts.get(stub.parent, 0) - stub.descendant_count
        if remaining_count > 0 or not stub.count:
            yield MissingComments(stub.parent, (), remaining_count, stub.is_withheld)

    def _find_missing_by_count(
        self, missing_comments: Sequence[MissingComments]
    ) -> list[MissingComments]:
        """Return the comments that only the post counts, or a group for a missing post."""
        has_group = any(
            group.parent == self.post_fullname and not group.ids for group in missing_comments
        )
        if has_group and not self._comment_count.has_web_page:
            return []
        count = self._comment_count.count_unlisted(sum(group.count for group in missing_comments))
        if count is None or (has_group and not count):
            return []
        return [MissingComments(self.post_fullname, (), count)]

    def to_json(self) -> dict[str, Any]:
        """Return the state as JSON values, for `from_json`."""
        return {
            "parents": self._parents,
            "stubs": [_stub_to_json(stub) for stub in self._stubs],
            "complete_parents": {
                name: captured_at.isoformat()
                for name, captured_at in self._complete_parents.items()
            },
            "partly_shown": sorted(self._partly_shown),
            "first_seen_only": sorted(self._first_seen_only),
            "with_replies": sorted(self._with_replies),
            "orphan_parents": list(self._orphan_parents),
            "comment_count": self._comment_count.to_json(),
        }

    @classmethod
    def from_json(cls, thread_id: str, values: Mapping[str, Any]) -> "CompletenessTracker":
        """Return a tracker with the state that `to_json` returned."""
        return cls(
            thread_id,
            values["parents"],
            [_stub_from_json(stub) for stub in values["stubs"]],
            {
                name: datetime.fromisoformat(captured_at)
                for name, captured_at in values["complete_parents"].items()
            },
            set(values["partly_shown"]),
            set(values["first_seen_only"]),
            set(values["with_replies"]),
            dict.fromkeys(values["orphan_parents"]),
            CommentCount.from_json(values["comment_count"]),
        )


def _stub_to_json(stub: _ObservedStub) -> list[Any]:
    values = (getattr(stub, each.name) for each in fields(stub))
    return [value.isoformat() if isinstance(value, datetime) else value for value in values]


def _stub_from_json(values: Sequence[Any]) -> _ObservedStub:
    data, parent, ids, count, is_withheld, captured_at, *others = values
    captured_at = datetime.fromisoformat(captured_at)
    return _ObservedStub(data, parent, tuple(ids), count, is_withheld, captured_at, *others)


def _group_by_parent(
    stub: _ObservedStub, missing_ids: Sequence[str], parents_by_id: Mapping[str, str], count: int
) -> Iterator[MissingComments]:
    """Yield a stub's missing comments, grouped by parent."""
    ids_by_parent: dict[str, list[str]] = {}
    for i in missing_ids:
        parent = stub.parent if stub.is_parent_known else parents_by_id[i]
        ids_by_parent.setdefault(parent, []).append(i)
    for parent, ids in ids_by_parent.items():
        group_count = max(len(ids), round(count * len(ids) / len(missing_ids)))
        yield MissingComments(parent, tuple(ids), group_count, stub.is_withheld)
