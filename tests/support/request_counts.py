"""Count the requests of a plan without HTTP, and compare them with a lower bound and with PRAW."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

import praw

from reddit_archive.model import capture
from reddit_archive.model.capture import Thing
from reddit_archive.sources.reddit_api import forecast
from reddit_archive.sources.reddit_api.api_calls import (
    ApiRequest,
    ApiResponse,
    RequestFailure,
    RequestGenerator,
)
from reddit_archive.sources.reddit_api.thread_plan import ThreadPlan
from tests.support import reddit_server as rs
from tests.support.reddit_server.rules import Leftovers

Answer = Callable[[ApiRequest], ApiResponse]
LEVELS = 10


@dataclass(frozen=True, slots=True)
class Counted:
    """The requests for a thread, and the estimate from its first page."""

    requests: int
    ids: frozenset[str]
    least: int
    most: int


def answer_locally(
    thread: rs.Thread, *, deep: bool = False, leftovers: Leftovers = "stubbed"
) -> Callable[[ApiRequest], Sequence[Thing]]:
    """Return a function that responds like the test server."""

    def answer(request: ApiRequest) -> Sequence[Thing]:
        names = [name[3:] for name in request.fullnames]
        match request.kind:
            case "page":
                raw: object = rs.page(thread, limit=request.limit, sort=request.sort)
            case "focus":
                raw = rs.page(
                    thread, limit=request.limit, comment=names[0], context=request.context
                )
            case "children":
                raw = rs.more_children(
                    thread, names, sort=request.sort, deep=deep, leftovers=leftovers
                )
            case "info":
                raw = rs.info([thread], list(request.fullnames))
        return capture.flatten(raw)

    return answer


def follow(requests: RequestGenerator, answer: Answer) -> list[tuple[ApiRequest, ApiResponse]]:
    """Send the requests of a plan; return each with its response."""
    exchanges: list[tuple[ApiRequest, ApiResponse]] = []
    try:
        request = next(requests)
        while True:
            exchanges.append((request, answer(request)))
            assert len(exchanges) < 3000
            request = requests.send(exchanges[-1][1])
    except StopIteration:
        return exchanges


def get_ids(exchanges: list[tuple[ApiRequest, ApiResponse]]) -> set[str]:
    things = (t for _, reply in exchanges if not isinstance(reply, RequestFailure) for t in reply)
    return {t["data"]["id"] for t in things if t["kind"] == "t1"}


def count(thread: rs.Thread, *, leftovers: Leftovers = "stubbed") -> Counted:
    """Fetch a whole thread."""
    answer = answer_locally(thread, leftovers=leftovers)
    plan = ThreadPlan(thread.name)
    follow(plan.request_first_page(), answer)
    least, most = forecast.estimate_thread(plan.thread.summarize_first_page())
    exchanges = follow(ThreadPlan(thread.name).iter_requests(), answer)
    return Counted(len(exchanges), frozenset(get_ids(exchanges)), least, most)


def floor(thread: rs.Thread) -> int:
    """Count the first page, one request per 100 other comments, and one per branch below a page.

    A page of a comment shows it again, so that branches are cut off every nine levels. Comments
    that were deleted and have no replies are not counted: no tree shows them.
    """
    visible = thread.visible()
    cut = sum(
        depth > 0
        and depth % (LEVELS - 1) == 0
        and not visible.isdisjoint(thread.replies.get(f"t1_{name}", ()))
        for name, depth in thread.walk()
    )
    return 1 + ceil(max(0, len(visible) - 500) / 100) + cut


def limit(thread: rs.Thread) -> int:
    """Return how many requests a thread may take."""
    return int(1.3 * floor(thread) + 8)


class CountingReddit(praw.Reddit):
    """PRAW with simulated answers and counted requests."""

    def __init__(self, thread: rs.Thread) -> None:
        super().__init__(client_id="x", client_secret=None, user_agent="x", check_for_updates=False)
        self.count = 0
        self._thread = thread

    def request(self, *, method: str, path: str, **more: Any) -> Any:
        self.count += 1
        sent = {**(more.get("params") or {}), **(more.get("data") or {})}
        if method == "POST":
            children = str(sent["children"]).split(",")
            return rs.more_children(self._thread, children, sort=sent.get("sort", ""))
        parts = path.strip("/").split("/")
        return rs.page(
            self._thread,
            limit=int(sent.get("limit", 0)) or None,
            sort=sent.get("sort", ""),
            comment=parts[3] if len(parts) > 3 else None,
        )


def count_praw(thread: rs.Thread) -> tuple[int, int]:
    """Fetch everything as in PRAW's documentation; return the requests and the missing comments."""
    reddit = CountingReddit(thread)
    submission = reddit.submission(thread.id)
    submission.comments.replace_more(limit=None)
    found = {comment.id for comment in submission.comments.list()}
    return reddit.count, len(thread.visible() - found)
