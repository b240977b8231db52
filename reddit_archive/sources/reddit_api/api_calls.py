"""The requests of a fetch, and the generator protocol between plans and the plan runner."""

import json
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from reddit_archive.model.capture import Thing

MAX_PAGE_COMMENTS = 500
MAX_INFO_NAMES = 100
MAX_CHILDREN = 100
"""The number of comments that morechildren returns at most."""
MAX_CONTEXT = 8
PAGE_LEVELS = 10
"""The number of levels that a page shows. morechildren returns no comment from this depth on."""
DEFAULT_SORT = "confidence"
"""The order that Reddit calls best. Without `sort`, the thread's or the user's order applies."""


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """One request about one thread, of one of these kinds:

    page      the post and its first comments, in the order `sort`
    focus     the page of the comment `fullnames[0]`: its replies and `context` ancestors
    children  comments that stubs name, with their replies (/api/morechildren)
    info      posts and comments by fullname, without replies (/api/info)
    """

    kind: Literal["page", "focus", "children", "info"]
    fullnames: tuple[str, ...] = ()
    sort: str = DEFAULT_SORT
    limit: int = MAX_PAGE_COMMENTS
    context: int = 0

    @property
    def key(self) -> str:
        """The key of the request in a journal."""
        return json.dumps([self.kind, self.fullnames, self.sort, self.limit, self.context])

    def to_http(self, post_id: str) -> tuple[str, str, dict[str, Any]]:
        """Return the HTTP method, the path, and the parameters of the query or the form."""
        path = f"comments/{post_id}/"
        page_params: dict[str, Any] = {"limit": self.limit, "sort": self.sort}
        ids = [name[3:] for name in self.fullnames]
        match self.kind:
            case "page":
                return "GET", path, page_params
            case "focus":
                context_params = {"context": self.context} if self.context else {}
                return "GET", f"{path}_/{ids[0]}/", {**page_params, **context_params}
            case "children":
                form = {"link_id": f"t3_{post_id}", "children": ",".join(ids), "api_type": "json"}
                return "POST", "api/morechildren/", {**form, "sort": self.sort}
            case "info":
                return "GET", "api/info/", {"id": ",".join(self.fullnames)}


@dataclass(frozen=True, slots=True)
class RequestFailure:
    """A request that failed for good. If `is_too_large`, it may succeed with fewer names."""

    is_too_large: bool = False


ApiResponse = Sequence[Thing] | RequestFailure
RequestGenerator = Generator[ApiRequest, ApiResponse, None]
"""Yields requests, and receives the response to each."""
