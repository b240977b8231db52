"""The comments of a thread that have been fetched, and those that are known to be missing.

Each missing comment keeps the parent and the depth of the first stub that names it. Later stubs may
be wrong: for comments that did not fit, morechildren returns stubs with the post as parent and
depth 0.
"""

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field

from reddit_archive.model.capture import Thing, get_data_str, get_fullname, get_more_ids
from reddit_archive.sources.reddit_api.api_calls import MAX_CHILDREN, PAGE_LEVELS
from reddit_archive.sources.reddit_api.forecast import FirstPage


@dataclass(slots=True)
class MissingComment:
    """A comment that a stub names.

    Attributes:
        weight: Approximate number of comments in its branch, itself included.
        is_leaf: It has no replies.
        is_requested: It was requested from morechildren and not returned, perhaps for lack of room.
        is_dropped: It was not returned although there was room, as happens for deleted comments
            without replies.
    """

    parent: str
    depth: int
    weight: float
    is_leaf: bool
    is_requested: bool = False
    is_dropped: bool = False


@dataclass(slots=True)
class PartialThread:
    """What is known of a thread during a fetch. Names are fullnames. Top comments have depth 0.

    Attributes:
        unavailable_ids: Ids without prefix that Reddit named and did not return.
        total_comments: Number of comments that Reddit counts.
        parents: Parents of the fetched comments, by comment.
        missing: Comments to request from morechildren or on a page.
        missing_for_info: Comments that only `/api/info` may still return.
        truncated_branches: Comments whose replies are on no page so far, with the approximate
            number of comments below them.
        requested_pages: Comments whose own page was requested.
    """

    post_name: str
    unavailable_ids: set[str] = field(default_factory=set)
    total_comments: int | None = None
    parents: dict[str, str] = field(default_factory=dict)
    depths: dict[str, int] = field(default_factory=dict)
    descendant_counts: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    missing: dict[str, MissingComment] = field(default_factory=dict)
    missing_for_info: dict[str, MissingComment] = field(default_factory=dict)
    truncated_branches: dict[str, int] = field(default_factory=dict)
    requested_pages: set[str] = field(default_factory=set)
    has_complete_stubs: bool = False
    _failed_branches: dict[str, int] = field(default_factory=dict)
    _parents_with_replies: set[str] = field(default_factory=set)

    @property
    def comment_count(self) -> int:
        return len(self.parents)

    @property
    def unfetched_replies(self) -> dict[str, int]:
        """The approximate number of comments below others whose own page was not fetched."""
        return {
            name: count
            for name, count in (self._failed_branches | self.truncated_branches).items()
            if count
        }

    def summarize_first_page(self) -> FirstPage:
        """Return the numbers for an estimate, after the first page was recorded."""
        missing = tuple((comment.depth, comment.weight) for comment in self.missing.values())
        incomplete_parents = {
            self.post_name,
            *(comment.parent for comment in self.missing.values()),
        }
        reply_counts = Counter(self.parents.values())
        complete_counts = [
            count for parent, count in reply_counts.items() if parent not in incomplete_parents
        ]
        return FirstPage(
            comment_count=self.comment_count,
            total_comments=self.total_comments or self.comment_count,
            missing_branches=missing,
            truncated_branches=len(self.truncated_branches),
            mean_replies=sum(complete_counts) / len(complete_counts) if complete_counts else 1.0,
        )

    def record_things(self, things: Sequence[Thing], *, is_tree: bool) -> set[str]:
        """Record comments and stubs, and return the comments that the stubs name.

        `is_tree` means that the siblings of each comment are in the response or named by a stub.
        """
        for thing in things:
            if thing["kind"] == "t3" and get_fullname(thing) == self.post_name:
                count = thing["data"].get("num_comments")
                self.total_comments = count if isinstance(count, int) else self.total_comments
            elif thing["kind"] == "t1" and (name := get_fullname(thing)):
                parent = get_data_str(thing, "parent_id").lower()
                self._record_comment(name, parent)
                if is_tree:
                    self._parents_with_replies.add(parent)
                    self.truncated_branches.pop(parent, None)
        stubs = [thing for thing in things if thing["kind"] == "more"]
        return {name for stub in stubs for name in self._record_stub(stub)}

    def record_unreturned(
        self, requested_names: Sequence[str], stub_names: Container[str], *, new_count: int
    ) -> None:
        """Record which comments were requested from morechildren and not returned.

        A stub may name those that did not fit. Reddit's published code does that only at the top
        level and drops the others. A response that consists of deleted comments, which are not
        shown, looks empty. So unless stubs are known to name all of them, the comments are
        requested until nothing is returned. The rest is deleted, which `/api/info` shows.
        """
        unreturned_names = [name for name in requested_names if name in self.missing]
        names_without_stub = [name for name in unreturned_names if name not in stub_names]
        is_certain = new_count == 0 and len(unreturned_names) < MAX_CHILDREN
        for name in names_without_stub if new_count else unreturned_names:
            missing = self.missing[name]
            missing.is_requested = True
            missing.is_dropped = is_certain or self.has_complete_stubs or missing.depth == 0
            if missing.is_dropped or not new_count:
                self.missing_for_info[name] = self.missing.pop(name)

    def record_info(self, requested_names: Iterable[str], things: Iterable[Thing]) -> None:
        """Record which comments `/api/info` returned, and which of them have unseen replies."""
        deleted_names = {get_fullname(thing) for thing in things if _is_deleted(thing)}
        for name in requested_names:
            missing = self.missing.pop(name, None) or self.missing_for_info.pop(name, None)
            self.missing_for_info.pop(name, None)
            if name not in self.parents:
                self.unavailable_ids.add(name[3:])
            elif missing is not None and _may_have_replies(missing, name in deleted_names):
                self._record_truncated_branch(name, max(1, round(missing.weight) - 1))

    def record_failed_request(self, names: Iterable[str], *, is_page: bool) -> None:
        """Record that a request about these comments failed for good."""
        for name in names:
            self._failed_branches[name] = self.truncated_branches.pop(name, 0)
            if not is_page:
                self.missing.pop(name, None)
                self.missing_for_info.pop(name, None)

    def count_page_only_comments(self) -> dict[tuple[str, int], tuple[int, float]]:
        """Count the comments that a page of a comment can return, by parent and depth.

        Returns:
            The number of comments, and the approximate number of comments below them.
        """
        counts = {(parent, self.depths[parent] + 1): (1, 1.0) for parent in self.truncated_branches}
        for missing in self.missing.values():
            if not missing.is_leaf:
                parent_and_depth = missing.parent, missing.depth
                count, weight = counts.get(parent_and_depth, (0, 0.0))
                counts[parent_and_depth] = count + 1, weight + missing.weight - 1
        return counts

    def _record_comment(self, name: str, parent: str) -> None:
        if name in self.parents:
            return
        self.missing.pop(name, None)
        self.parents[name] = parent
        self.depths[name] = self.depths.get(parent, -1) + 1
        for _ in range(PAGE_LEVELS - 1):
            if parent not in self.parents:
                break
            self.descendant_counts[parent] += 1
            parent = self.parents[parent]

    def _record_stub(self, stub: Thing) -> Iterable[str]:
        """Record the comments that a stub names, and return their fullnames."""
        parent = get_data_str(stub, "parent_id").lower()
        names = [f"t1_{i}" for i in get_more_ids(stub["data"])]
        if not names and parent in self.parents and parent not in self._parents_with_replies:
            self._record_truncated_branch(parent, 0)
        count = stub["data"].get("count")
        weight = max(1.0, count / len(names)) if isinstance(count, int) and names else 1.0
        for name in names:
            if not self._is_settled(name):
                self._record_missing(name, parent, weight, is_leaf=count == len(names))
        return names

    def _is_settled(self, name: str) -> bool:
        return (
            name in self.parents
            or name in self.missing_for_info
            or name[3:] in self.unavailable_ids
        )

    def _record_missing(self, name: str, parent: str, weight: float, *, is_leaf: bool) -> None:
        existing = self.missing.get(name)
        if existing is None:
            depth = self.depths.get(parent, -1) + 1
            self.missing[name] = MissingComment(parent, depth, weight, is_leaf)
            return
        self.has_complete_stubs |= parent == self.post_name and existing.depth > 0
        if is_leaf:
            existing.weight, existing.is_leaf = 1, True
        elif existing.parent == parent and not existing.is_leaf:
            existing.weight = weight

    def _record_truncated_branch(self, name: str, count: int) -> None:
        if name not in self.requested_pages:
            self.truncated_branches[name] = count


def sort_parents_first(things: Iterable[Thing]) -> list[Thing]:
    """Order things: each comment after its parent, and stubs at the end."""
    others: list[Thing] = []
    replies: defaultdict[str, list[Thing]] = defaultdict(list)
    names: set[str | None] = set()
    for thing in things:
        if thing["kind"] == "t1":
            replies[get_data_str(thing, "parent_id").lower()].append(thing)
            names.add(get_fullname(thing))
        else:
            others.append(thing)
    roots = [parent for parent in replies if parent not in names]
    ordered = [thing for parent in roots for thing in replies.pop(parent)]
    for thing in ordered:  # grows during the loop
        ordered += replies.pop(get_fullname(thing) or "", [])
    cycles = [thing for siblings in replies.values() for thing in siblings]
    return ordered + cycles + others


def _may_have_replies(missing: MissingComment, is_deleted: bool) -> bool:
    return missing.weight != 1 and not (is_deleted and missing.is_dropped)


def _is_deleted(thing: Thing) -> bool:
    return thing["kind"] == "t1" and get_data_str(thing, "author") == "[deleted]"
