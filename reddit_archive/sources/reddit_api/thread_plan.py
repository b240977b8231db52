"""Choose the next request, so that a whole thread takes few requests. This module sends none.

Reddit returns at most 500 comments per page and names the others in stubs. Each time a plan chooses
the request that is expected to return the most missing comments:

- `/api/info`, 100 ids per request from any depth, for comments without replies. If the `count` of
  a stub equals its number of ids, it names only such comments.
- `/api/morechildren` for the others, in one request per depth, because it honors only the least
  depth among the requested comments. It returns at most 100 comments. It names those that do not
  fit in one stub with the post as parent and depth 0, or drops them silently.
- The page of a comment, which holds up to 500 comments within ten levels. One page may serve many
  branches that Reddit cut off.
- The whole page in another sort order, which holds other comments.

Comments that are neither returned nor named again are requested from `/api/info` before they count
as withheld. The behavior of these endpoints was read from Reddit's published code and measured
(praw-dev/praw#1737, recorded threads).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import ceil

from reddit_archive.model.capture import Thing
from reddit_archive.sources.reddit_api.api_calls import (
    DEFAULT_SORT,
    MAX_CHILDREN,
    MAX_INFO_NAMES,
    MAX_PAGE_COMMENTS,
    PAGE_LEVELS,
    ApiRequest,
    ApiResponse,
    RequestFailure,
    RequestGenerator,
)
from reddit_archive.sources.reddit_api.partial_thread import (
    MissingComment,
    PartialThread,
    sort_parents_first,
)

OTHER_SORTS = ("new", "old", "controversial", "top")
"""Sort orders, starting with the one that shares the fewest comments with the first page."""
SORT_PAGE_FACTOR = 0.7
"""Missing comments on a page in another order, relative to their share of all comments."""
MIN_PAGE_GAIN = 50
FULL_REQUEST_GAIN = 99
"""A request that returns so many comments is chosen without comparing it with pages of comments."""
DEEPER_PROBABILITY = 0.6
"""Approximate probability that a branch with one more level has another."""


def estimate_min_requests(comment_count: int) -> int:
    """Return the approximate minimum number of requests for a thread that is not deep."""
    return 1 + ceil(max(0, comment_count - MAX_PAGE_COMMENTS) * 0.85 / MAX_INFO_NAMES)


class ThreadPlan:
    """The requests for one thread. `thread` is what their responses have shown so far."""

    def __init__(self, post_name: str) -> None:
        self.thread = PartialThread(post_name)
        self._sent_requests: set[ApiRequest] = set()
        self._max_children = MAX_CHILDREN
        self._remaining_sorts: tuple[str, ...] = OTHER_SORTS
        self._missing_weight = 0.0

    @property
    def remaining_requests(self) -> int:
        """The approximate number of requests that are still to be sent."""
        missing_count = self._missing_weight + len(self.thread.missing_for_info)
        return ceil(missing_count / MAX_INFO_NAMES) + len(self.thread.truncated_branches)

    def iter_requests(self) -> RequestGenerator:
        """Request the whole thread. No request is sent twice, and failed requests leave gaps."""
        yield from self.request_first_page()
        yield from self._request_rest()

    def request_first_page(self) -> RequestGenerator:
        """Request the first page only."""
        self.add_response(ApiRequest("page"), (yield ApiRequest("page")))

    def request_descendants(self, things: Iterable[Thing]) -> RequestGenerator:
        """Request what is missing below comments that were fetched already."""
        self._remaining_sorts = ()
        self.thread.record_things(sort_parents_first(things), is_tree=False)
        yield from self._request_rest()

    def _request_rest(self) -> RequestGenerator:
        while (request := self._choose_request()) is not None:
            self._sent_requests.add(request)
            if request.kind == "focus":
                self.thread.requested_pages.update(request.fullnames)
            self.add_response(request, (yield request))

    def add_response(self, request: ApiRequest, response: ApiResponse) -> None:
        """Record the response to a request, or its failure."""
        if isinstance(response, RequestFailure):
            self._record_failure(request, response)
            return
        thread = self.thread
        previous_count = thread.comment_count
        stub_names = thread.record_things(response, is_tree=request.kind != "info")
        new_count = thread.comment_count - previous_count
        match request.kind:
            case "page" if request.sort != DEFAULT_SORT and new_count < MAX_CHILDREN:
                self._remaining_sorts = ()
            case "focus":
                thread.truncated_branches.pop(request.fullnames[0], None)
            case "children":
                thread.record_unreturned(request.fullnames, stub_names, new_count=new_count)
            case "info":
                thread.record_info(request.fullnames, response)

    def _record_failure(self, request: ApiRequest, failure: RequestFailure) -> None:
        """Record the failed comments as missing, or request fewer comments at once."""
        if request.kind == "children" and failure.is_too_large and len(request.fullnames) > 1:
            self._max_children = len(request.fullnames) // 2
            return
        if request.kind == "page":
            self._remaining_sorts = ()
        self.thread.record_failed_request(request.fullnames, is_page=request.kind == "focus")

    def _choose_request(self) -> ApiRequest | None:
        """Choose the unsent request that is expected to return the most missing comments."""
        best_pooled = self._choose_largest(self._iter_pooled_requests())
        if best_pooled is not None and best_pooled[0] >= FULL_REQUEST_GAIN:
            return best_pooled[1]
        best = self._choose_largest(
            (*([best_pooled] if best_pooled else []), *self._iter_focus_requests())
        )
        return best[1] if best else None

    def _choose_largest(
        self, candidates: Iterable[tuple[float, ApiRequest]]
    ) -> tuple[float, ApiRequest] | None:
        """Return the unsent request with the largest expected number of comments."""
        unsent = (candidate for candidate in candidates if candidate[1] not in self._sent_requests)
        return max(unsent, key=lambda candidate: candidate[0], default=None)

    def _iter_pooled_requests(self) -> Iterator[tuple[float, ApiRequest]]:
        """Yield requests that return comments from many branches, each with the expected number."""
        near_weight = self._missing_weight = 0.0
        info_names = [*self.thread.missing_for_info]
        names_by_depth: dict[int, list[str]] = {}
        for name, missing in self.thread.missing.items():
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

    def _is_absent_from_parent_page(self, missing: MissingComment) -> bool:
        """Return whether the page of its parent was requested and does not show the comment."""
        return missing.parent in self.thread.requested_pages

    def _iter_page_requests(self, weight: float) -> Iterator[tuple[float, ApiRequest]]:
        total_weight = weight + self.thread.comment_count or 1
        gain = MAX_PAGE_COMMENTS * SORT_PAGE_FACTOR * weight / total_weight
        if self._remaining_sorts and gain >= MIN_PAGE_GAIN:
            for index, sort in enumerate(self._remaining_sorts):
                yield gain - index / 10, ApiRequest("page", sort=sort)

    def _iter_children_requests(
        self, names_by_depth: Mapping[int, Sequence[str]]
    ) -> Iterator[tuple[float, ApiRequest]]:
        missing = self.thread.missing
        for depth, pool_names in names_by_depth.items():
            new_first = sorted(pool_names, key=lambda name: missing[name].is_requested)
            names = tuple(new_first[: self._max_children])
            weight = sum(missing[name].weight for name in names)
            yield min(MAX_CHILDREN, weight) - depth / 100, ApiRequest("children", names)

    def _iter_focus_requests(self) -> Iterator[tuple[float, ApiRequest]]:
        """Yield the page of the comment that is expected to show the most missing comments."""
        counts = self._estimate_page_counts()
        gains = {
            name: min(MAX_PAGE_COMMENTS - 1 - self.thread.descendant_counts[name], count)
            for name, count in counts.items()
        }
        for name in sorted(gains, key=gains.__getitem__, reverse=True):
            if (request := ApiRequest("focus", (name,))) not in self._sent_requests:
                yield gains[name] - 0.5, request
                break

    def _estimate_page_counts(self) -> dict[str, float]:
        """Estimate how many missing comments are within the levels of each comment's own page."""
        parents, depths = self.thread.parents, self.thread.depths
        counts: defaultdict[str, float] = defaultdict(float)
        for (ancestor, depth), (count, weight) in self.thread.count_page_only_comments().items():
            for levels in range(PAGE_LEVELS - 1, 0, -1):
                if ancestor not in parents or depths[ancestor] + PAGE_LEVELS != depth + levels:
                    break
                counts[ancestor] += count + weight * (1 - DEEPER_PROBABILITY ** (levels - 1))
                ancestor = parents[ancestor]
        return counts

    def _iter_info_requests(self, pool_names: Sequence[str]) -> Iterator[tuple[float, ApiRequest]]:
        """Yield a request by name, which is worth sending early only if it is full."""
        if pool_names:
            names = tuple(pool_names[:MAX_INFO_NAMES])
            yield MAX_INFO_NAMES if len(names) == MAX_INFO_NAMES else 0, ApiRequest("info", names)
