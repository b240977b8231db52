"""Decide what to ask Reddit next, for a whole thread in few requests; no request is made here.

Reddit answers with at most 500 comments a page and names what it left out in stubs. A plan keeps
each missing comment with the parent and depth of the first stub that names it, and each time asks
for what brings most:

- `/api/info`, 100 ids a request from any depth, for comments without replies: a stub whose `count`
  equals its number of ids names only such.
- `/api/morechildren` for the others, pooled by depth, because it honours only the least depth that
  it is asked for. It returns at most 100 comments. What does not fit it names in one stub with the
  post as parent and depth 0, or drops without a word.
- The page of a comment, which holds up to 500 of what is within ten levels from it. One page may
  serve many branches that Reddit cut off.
- The whole page in another order, which holds other comments.

Comments that are neither returned nor named again are asked for by `/api/info` before they count
as withheld. How these endpoints behave was read from Reddit's published code and measured on its
answers (praw-dev/praw#1737, recorded threads).
"""

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil

from reddit_archive.model.capture import Thing, get_data_str, get_fullname, get_more_ids
from reddit_archive.sources.reddit_api.api_calls import (
    DEFAULT_SORT,
    MAX_INFO_NAMES,
    MAX_PAGE_COMMENTS,
    PAGE_LEVELS,
    ApiRequest,
    ApiResponse,
    RequestFailure,
    RequestGenerator,
)
from reddit_archive.sources.reddit_api.forecast import FirstPage

MAX_CHILDREN = 100
OTHER_SORTS = ("new", "old", "controversial", "top")
"""The order first that shares least with the one before."""
SORT_PAGE_FACTOR = 0.7
"""How much of what is missing a page in another order brings, as its share would let expect."""
MIN_PAGE_GAIN = 50
FULL_REQUEST_GAIN = 99
"""A request that brings so much is taken without a look at what pages of comments would bring."""
DEEPER_PROBABILITY = 0.6
"""How likely a branch that goes on for one level goes on for another, about."""


def estimate_min_requests(comment_count: int) -> int:
    """Return about the minimum number of requests for a thread that is not deep."""
    return 1 + ceil(max(0, comment_count - MAX_PAGE_COMMENTS) * 0.85 / MAX_INFO_NAMES)


@dataclass(slots=True)
class _MissingComment:
    """A comment that a stub names.

    Attributes:
        weight: About how many comments are in its branch, itself included.
        is_asked: It was requested from morechildren and not returned, perhaps for lack of room.
        has_vanished: It was not returned although there was room, as happens for deleted comments
            without replies.
    """

    parent: str
    depth: int
    weight: float
    is_leaf: bool
    is_requested: bool = False
    is_dropped: bool = False


@dataclass(slots=True)
class ThreadPlan:
    """The state of one fetch. `post` and all comments are fullnames; depth 0 answers the post.

    `withheld` are the ids, without prefix, that Reddit named and does not give; `total` is how many
    comments it counts. `_weight` is of all that was missing when it was looked at last.
    """

    post_name: str
    unavailable_ids: set[str] = field(default_factory=set)
    total_comments: int | None = None
    _depths: dict[str, int] = field(default_factory=dict)
    _parents: dict[str, str] = field(default_factory=dict)
    _descendant_counts: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    _missing: dict[str, _MissingComment] = field(default_factory=dict)
    _missing_for_info: dict[str, _MissingComment] = field(default_factory=dict)
    _truncated_branches: dict[str, int] = field(default_factory=dict)
    _failed_pages: dict[str, int] = field(default_factory=dict)
    _parents_with_replies: set[str] = field(default_factory=set)
    _has_complete_stubs: bool = False
    _sent_requests: set[ApiRequest] = field(default_factory=set)
    _max_children: int = MAX_CHILDREN
    _remaining_sorts: tuple[str, ...] = OTHER_SORTS
    _missing_weight: float = 0

    @property
    def comment_count(self) -> int:
        return len(self._parents)

    def has_comment(self, name: str) -> bool:
        return name in self._parents

    @property
    def unfetched_replies(self) -> dict[str, int]:
        """The approximate number of comments below others whose own page was not fetched."""
        return {
            name: count
            for name, count in (self._failed_pages | self._truncated_branches).items()
            if count
        }

    @property
    def remaining_requests(self) -> int:
        """About how many requests are still to come."""
        return ceil((self._missing_weight + len(self._missing_for_info)) / MAX_INFO_NAMES) + len(
            self._truncated_branches
        )

    @property
    def first_page(self) -> FirstPage:
        """The numbers for an estimate, after the first page."""
        missing = tuple((comment.depth, comment.weight) for comment in self._missing.values())
        incomplete_parents = {
            self.post_name,
            *(comment.parent for comment in self._missing.values()),
        }
        reply_counts = Counter(self._parents.values())
        complete_counts = [
            count for parent, count in reply_counts.items() if parent not in incomplete_parents
        ]
        return FirstPage(
            comment_count=self.comment_count,
            total_comments=self.total_comments or self.comment_count,
            missing_branches=missing,
            truncated_branches=len(self._truncated_branches),
            mean_replies=sum(complete_counts) / len(complete_counts) if complete_counts else 1.0,
        )

    def iter_requests(self) -> RequestGenerator:
        """Ask for all of it. What fails stays missing, and nothing is asked for twice."""
        yield from self.request_first_page()
        yield from self._request_rest()

    def request_first_page(self) -> RequestGenerator:
        """Ask for the first page alone."""
        self.add_response(ApiRequest("page"), (yield ApiRequest("page")))

    def request_descendants(self, things: Iterable[Thing]) -> RequestGenerator:
        """Ask for what is missing below comments that came already."""
        self._remaining_sorts = ()
        self._record_things(_sort_parents_first(things), is_tree=False)
        yield from self._request_rest()

    def _request_rest(self) -> RequestGenerator:
        while (request := self._choose_request()) is not None:
            self._sent_requests.add(request)
            self.add_response(request, (yield request))

    def add_response(self, request: ApiRequest, response: ApiResponse) -> None:
        """Learn from an answer, or from its failure."""
        if isinstance(response, RequestFailure):
            self._record_failure(request, response)
            return
        previous_count = self.comment_count
        stub_names = self._record_things(response, is_tree=request.kind != "info")
        match request.kind:
            case "page" if (
                request.sort != DEFAULT_SORT and self.comment_count - previous_count < MAX_CHILDREN
            ):
                self._remaining_sorts = ()
            case "focus":
                self._truncated_branches.pop(request.fullnames[0], None)
            case "children":
                self._handle_unreturned(
                    request.fullnames, stub_names, new_count=self.comment_count - previous_count
                )
            case "info":
                deleted_names = {get_fullname(thing) for thing in response if _is_deleted(thing)}
                for name in request.fullnames:
                    self._record_info_result(name, is_deleted=name in deleted_names)

    def _handle_unreturned(
        self, requested_names: Sequence[str], stub_names: Container[str], *, new_count: int
    ) -> None:
        """Handle comments that were requested from morechildren and not returned.

        A stub may name those that did not fit. Reddit's published code does that only at the top
        level and drops the others. An answer that consists of deleted comments, which are not
        shown, looks empty. So unless stubs are known to name all of them, the comments are
        requested until nothing is returned. The rest is deleted, which `/api/info` shows.
        """
        unreturned_names = [name for name in requested_names if name in self._missing]
        names_without_stub = [name for name in unreturned_names if name not in stub_names]
        is_certain = new_count == 0 and len(unreturned_names) < MAX_CHILDREN
        for name in names_without_stub if new_count else unreturned_names:
            missing = self._missing[name]
            missing.is_requested = True
            missing.is_dropped = is_certain or self._has_complete_stubs or missing.depth == 0
            if missing.is_dropped or not new_count:
                self._missing_for_info[name] = self._missing.pop(name)

    def _choose_request(self) -> ApiRequest | None:
        """Choose what brings most, about; nothing that was asked for before."""
        best_pooled = self._choose_largest(self._iter_pooled_requests())
        if best_pooled is not None and best_pooled[0] >= FULL_REQUEST_GAIN:
            return best_pooled[1]
        best = self._choose_largest(
            (*([best_pooled] if best_pooled else []), *self._iter_focus_requests())
        )
        return best[1] if best else None

    def _iter_pooled_requests(self) -> Iterator[tuple[float, ApiRequest]]:
        """What brings comments from anywhere, after one look at all that is missing."""
        near_weight = self._missing_weight = 0.0
        info_names = [*self._missing_for_info]
        names_by_depth: dict[int, list[str]] = {}
        for name, missing in self._missing.items():
            is_near = missing.depth < PAGE_LEVELS
            self._missing_weight += missing.weight
            if is_near:
                near_weight += missing.weight
            if missing.is_leaf or (not is_near and self._is_absent_from_parent_page(missing)):
                info_names.append(name)
            elif is_near:
                names_by_depth.setdefault(missing.depth, []).append(name)
        yield from self._iter_page_requests(near_weight)
        yield from self._iter_children_requests(names_by_depth)
        yield from self._iter_info_requests(info_names)

    def _is_absent_from_parent_page(self, missing: _MissingComment) -> bool:
        """Tell whether it was not on its parent's page, for what is too deep for morechildren."""
        return ApiRequest("focus", (missing.parent,)) in self._sent_requests

    def _choose_largest(
        self, candidates: Iterable[tuple[float, ApiRequest]]
    ) -> tuple[float, ApiRequest] | None:
        """Of requests, each with about how many comments it would bring, the one with most."""
        unsent = (candidate for candidate in candidates if candidate[1] not in self._sent_requests)
        return max(unsent, key=lambda candidate: candidate[0], default=None)

    def _iter_page_requests(self, weight: float) -> Iterator[tuple[float, ApiRequest]]:
        gain = MAX_PAGE_COMMENTS * SORT_PAGE_FACTOR * weight / (weight + self.comment_count or 1)
        if self._remaining_sorts and gain >= MIN_PAGE_GAIN:
            for index, sort in enumerate(self._remaining_sorts):
                yield gain - index / 10, ApiRequest("page", sort=sort)

    def _iter_children_requests(
        self, names_by_depth: Mapping[int, Sequence[str]]
    ) -> Iterator[tuple[float, ApiRequest]]:
        for depth, pool_names in names_by_depth.items():
            new_first = sorted(pool_names, key=lambda name: self._missing[name].is_requested)
            names = tuple(new_first[: self._max_children])
            weight = sum(self._missing[name].weight for name in names)
            yield min(MAX_CHILDREN, weight) - depth / 100, ApiRequest("children", names)

    def _iter_focus_requests(self) -> Iterator[tuple[float, ApiRequest]]:
        """The best page of a comment, from which others are missing within the levels of a page."""
        expected_counts: defaultdict[str, float] = defaultdict(float)
        for (ancestor, depth), (count, weight) in self._count_page_only_comments().items():
            for levels in range(PAGE_LEVELS - 1, 0, -1):
                if (
                    ancestor not in self._parents
                    or self._depths[ancestor] + PAGE_LEVELS != depth + levels
                ):
                    break
                expected_counts[ancestor] += count + weight * (
                    1 - DEEPER_PROBABILITY ** (levels - 1)
                )
                ancestor = self._parents[ancestor]
        gains = {
            ancestor: min(
                MAX_PAGE_COMMENTS - 1 - self._descendant_counts[ancestor], expected_counts[ancestor]
            )
            for ancestor in expected_counts
        }
        for ancestor in sorted(gains, key=gains.__getitem__, reverse=True):
            if (request := ApiRequest("focus", (ancestor,))) not in self._sent_requests:
                yield gains[ancestor] - 0.5, request
                break

    def _count_page_only_comments(self) -> dict[tuple[str, int], tuple[int, float]]:
        """What only a page can bring, or as well as others: how many, and how much below them.

        By their parent and depth.
        """
        counts = {
            (parent, self._depths[parent] + 1): (1, 1.0) for parent in self._truncated_branches
        }
        for missing in self._missing.values():
            if not missing.is_leaf:
                parent_and_depth = missing.parent, missing.depth
                count, weight = counts.get(parent_and_depth, (0, 0.0))
                counts[parent_and_depth] = count + 1, weight + missing.weight - 1
        return counts

    def _iter_info_requests(self, pool_names: Sequence[str]) -> Iterator[tuple[float, ApiRequest]]:
        """A full pool of what can be had by name; the rest of it when all else is done."""
        if pool_names:
            names = tuple(pool_names[:MAX_INFO_NAMES])
            yield MAX_INFO_NAMES if len(names) == MAX_INFO_NAMES else 0, ApiRequest("info", names)

    def _record_things(self, things: Sequence[Thing], *, is_tree: bool) -> set[str]:
        """Record comments and stubs, and return the comments that the stubs name.

        `is_tree` means that the siblings of each comment are in the answer or named by a stub.
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
                    self._truncated_branches.pop(parent, None)
        stubs = [thing for thing in things if thing["kind"] == "more"]
        return {name for stub in stubs for name in self._record_stub(stub)}

    def _record_comment(self, name: str, parent: str) -> None:
        if name in self._parents:
            return
        self._missing.pop(name, None)
        self._parents[name] = parent
        self._depths[name] = self._depths.get(parent, -1) + 1
        for _ in range(PAGE_LEVELS - 1):
            if parent not in self._parents:
                break
            self._descendant_counts[parent] += 1
            parent = self._parents[parent]

    def _record_stub(self, stub: Thing) -> Iterable[str]:
        """Record the comments that a stub names, and return their fullnames.

        Only the first stub that names a comment has its right parent and depth. For comments that
        did not fit, morechildren returns stubs with the post as parent and depth 0.
        """
        parent = get_data_str(stub, "parent_id").lower()
        names = [f"t1_{i}" for i in get_more_ids(stub["data"])]
        if not names and parent in self._parents and parent not in self._parents_with_replies:
            self._record_truncated_branch(parent, 0)
        count = stub["data"].get("count")
        weight = max(1.0, count / len(names)) if isinstance(count, int) and names else 1.0
        for name in names:
            if (
                name in self._parents
                or name in self._missing_for_info
                or name[3:] in self.unavailable_ids
            ):
                continue
            existing = self._missing.get(name)
            if existing is None:
                depth = self._depths.get(parent, -1) + 1
                self._missing[name] = _MissingComment(parent, depth, weight, count == len(names))
                continue
            self._has_complete_stubs |= parent == self.post_name and existing.depth > 0
            if count == len(names):
                existing.weight, existing.is_leaf = 1, True
            elif existing.parent == parent and not existing.is_leaf:
                existing.weight = weight
        return names

    def _record_info_result(self, name: str, *, is_deleted: bool) -> None:
        """Draw the conclusion from whether a comment came when it was asked for by name."""
        missing = self._missing.pop(name, None) or self._missing_for_info.pop(name, None)
        self._missing_for_info.pop(name, None)
        if name not in self._parents:
            self.unavailable_ids.add(name[3:])
        elif missing is None or missing.weight == 1 or (is_deleted and missing.is_dropped):
            return
        else:
            self._record_truncated_branch(name, max(1, round(missing.weight) - 1))

    def _record_truncated_branch(self, name: str, count: int) -> None:
        """Record that the replies to this comment, about `count`, are on no page so far."""
        if ApiRequest("focus", (name,)) not in self._sent_requests:
            self._truncated_branches[name] = count

    def _record_failure(self, request: ApiRequest, failure: RequestFailure) -> None:
        """Do without what could not be had, or ask for less at once."""
        if request.kind == "children" and failure.is_too_large and len(request.fullnames) > 1:
            self._max_children = len(request.fullnames) // 2
            return
        if request.kind == "page":
            self._remaining_sorts = ()
        for name in request.fullnames:
            self._failed_pages[name] = self._truncated_branches.pop(name, 0)
            if request.kind != "focus":
                self._missing.pop(name, None)
                self._missing_for_info.pop(name, None)


def _sort_parents_first(things: Iterable[Thing]) -> list[Thing]:
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


def _is_deleted(thing: Thing) -> bool:
    return thing["kind"] == "t1" and get_data_str(thing, "author") == "[deleted]"
