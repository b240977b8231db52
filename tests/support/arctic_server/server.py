"""The server with its threads, faults and request log, and the routes of its API."""

import json
import re
import sys
from collections.abc import Callable
from typing import Any

from tests.support.reddit_server.faults import JSON, Fault
from tests.support.reddit_server.thread import JsonObject, Thread
from tests.support.reddit_server.wire import Answer, LocalServer, Request

from .records import Kept, record, tree

MOST_IDS = 500
MOST_PATHS = 1000
MOST_IN_TREE = 25_000
ID = re.compile(r"(?:t[13]_)?[0-9a-z]{1,13}")
PARAMETERS = {
    "/api/posts/ids": {"ids", "md2html", "fields"},
    "/api/comments/ids": {"ids", "md2html", "fields"},
    "/api/comments/tree": {
        *("link_id", "parent_id", "limit", "start_breadth", "start_depth", "md2html"),
    },
    "/api/comments/search": {"link_id", "parent_id", "after", "before", "sort", "limit", "fields"},
    "/api/short_links": {"paths"},
}


class Server(LocalServer):
    """Arctic Shift's API, with the threads that a test adds.

    `most_in_tree` limits every tree. `page` is the meaning of "auto" in a search.
    """

    def __init__(
        self, *threads: Thread, most_in_tree: int = MOST_IN_TREE, page: int = 1000
    ) -> None:
        super().__init__()
        self.kept: dict[str, Kept] = {}
        self.most_in_tree, self.page = most_in_tree, page
        self._shares: dict[str, str] = {}
        for thread in threads:
            self.see(thread)

    @property
    def url(self) -> str:
        return self.address

    # What tests set and read

    def see(self, thread: Thread) -> Thread:
        """Add the new posts and comments of a thread; existing ones stay unchanged."""
        kept = self.kept.setdefault(thread.id, Kept(record(thread.post)))
        kept.see(thread)
        return thread

    def settings(self) -> dict[str, Any]:
        """Return the settings for `arctic_shift:` in config.yaml."""
        return {"url": self.url, "timeout": 10}

    def share(self, thread: Thread, comment: str | None = None, code: str = "aB3dE5fG7h") -> str:
        """Create a share link, and return its path."""
        path = f"/r/{thread.post['subreddit']}/s/{code}"
        self._shares[path] = thread.post["permalink"] + (f"{comment}/" if comment else "")
        return path

    def lead(self, path: str, target: str) -> None:
        """Let a share link lead to any target."""
        self._shares[path] = target

    def refuse(self, path_part: str, error: str, *, status: int = 200) -> None:
        """Fail forever like Arctic Shift: no data, and an error message."""
        body = json.dumps({"data": None, "error": error})
        self.fail(path_part, Fault(status, JSON, body), times=None)

    def requests(self) -> list[Request]:
        with self._lock:
            return list(self.log)

    def count(self) -> int:
        return len(self.requests())

    # How requests are answered

    def respond(self, request: Request, *, alone: bool) -> tuple[Answer, Fault]:
        self._check(request)
        fault = self._next_fault(request.path)
        if fault.status is not None:
            body = fault.body.encode() if isinstance(fault.body, str) else fault.body
            return Answer(fault.status, body), fault
        with self._lock:
            answer = self._route(request)
        limit = {"X-RateLimit-Remaining": "1999", "X-RateLimit-Reset": "60"}
        return Answer(answer.status, answer.body, answer.headers | limit), fault

    def _check(self, request: Request) -> None:
        for header in ("authorization", "cookie", "proxy-authorization"):
            if header in request.headers:
                self.errors.append(AssertionError(f"{header} was sent to the archive"))
        if not request.headers.get("user-agent", "").startswith(f"{sys.platform}:reddit-archive:"):
            self.errors.append(AssertionError("a request that does not say who asks"))

    def _route(self, request: Request) -> Answer:
        parameters = PARAMETERS.get(request.path)
        if parameters is None:
            return _error(404, "Not found")
        if request.method != "GET":
            return _error(405, "Method not allowed")
        if odd := request.query.keys() - parameters:
            return _error(400, f"Unknown parameter {min(odd)}")
        answer: Callable[[Request], Answer] = getattr(self, request.path[5:].replace("/", "_"))
        return answer(request)

    def posts_ids(self, request: Request) -> Answer:
        posts = {f"t3_{i}": kept.post for i, kept in self.kept.items() if kept.post}
        return _by_ids(request, "t3_", posts)

    def comments_ids(self, request: Request) -> Answer:
        comments = {
            f"t1_{i}": data | {"replies": ""}
            for kept in self.kept.values()
            for i, data in kept.comments.items()
        }
        return _by_ids(request, "t1_", comments)

    def comments_tree(self, request: Request) -> Answer:
        link, limit = request.query.get("link_id", ""), request.query.get("limit", "50")
        if not link.startswith("t3_"):
            return _error(422, "Query timed out")  # as on some threads, for a bare id
        if not limit.isdigit() or not 1 <= int(limit) <= MOST_IN_TREE:
            return _error(400, "limit must be between 1 and 25000")
        kept = self.kept.get(link[3:], Kept(None))
        root = request.query.get("parent_id", "")
        roots = [root.removeprefix("t1_")] if root else kept.replies.get(link, [])
        parent = kept.comments[roots[0]]["parent_id"] if root else link
        parts = tree(kept, parent, roots, min(int(limit), self.most_in_tree))
        return Answer(200, "".join(parts).encode(), JSON)

    def comments_search(self, request: Request) -> Answer:
        query = request.query
        kept = self.kept.get(query.get("link_id", "").removeprefix("t3_"), Kept(None))
        limit = query.get("limit", "25")
        if limit != "auto" and not (limit.isdigit() and 1 <= int(limit) <= 100):
            return _error(400, "limit must be between 1 and 100, or auto")
        is_up = query.get("sort", "desc") == "asc"
        found = [
            data
            for data in kept.comments.values()
            if data["created_utc"] > float(query.get("after") or 0)
        ]
        found.sort(key=lambda data: (data["created_utc"], data["id"]), reverse=not is_up)
        return _data(found[: self.page if limit == "auto" else int(limit)])

    def short_links(self, request: Request) -> Answer:
        paths = request.query.get("paths", "").split(",")
        if len(paths) > MOST_PATHS:
            return _error(400, "Too many paths")
        shared = [path for path in paths if path in self._shares]
        return _data([{"path": path, "resolved_path": self._shares[path]} for path in shared])


def _by_ids(request: Request, prefix: str, items: dict[str, JsonObject]) -> Answer:
    ids = request.query.get("ids", "").split(",")
    if len(ids) > MOST_IDS:
        return _error(400, "Too many ids, at most 500")
    if not all(ID.fullmatch(each) for each in ids):
        return _error(400, "Invalid id")
    names = [prefix + each.removeprefix(prefix) for each in ids]
    # In an order that means nothing.
    return _data([items[name] for name in sorted(set(names), reverse=True) if name in items])


def _data(value: Any) -> Answer:
    return Answer(200, json.dumps({"data": value}).encode(), JSON)


def _error(status: int, why: str) -> Answer:
    return Answer(status, json.dumps({"data": None, "error": why}).encode(), JSON)
