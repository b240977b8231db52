"""The requests that a fetch is made of, and what plans say to whoever sends them."""

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
"""The order that Reddit calls best. Without `sort` the thread's own or the user's would apply."""


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """One request about one thread. `names` are fullnames.

    page      the post and its first comments, in the order `sort`
    focus     the page of the comment `names[0]`: what is below it, `context` comments above it
    children  comments that stubs named, with what is below them (/api/morechildren)
    info      things by name, without what is below them (/api/info)
    """

    kind: Literal["page", "focus", "children", "info"]
    fullnames: tuple[str, ...] = ()
    sort: str = DEFAULT_SORT
    limit: int = MAX_PAGE_COMMENTS
    context: int = 0

    @property
    def key(self) -> str:
        """What names it in a journal."""
        return json.dumps([self.kind, self.fullnames, self.sort, self.limit, self.context])

    def to_http(self, post_id: str) -> tuple[str, str, dict[str, Any]]:
        """Write it as HTTP: method, path, and the parameters of the query or the form."""
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
    """A request that failed for good. `is_too_large`: it may succeed with fewer names."""

    is_too_large: bool = False


ApiResponse = Sequence[Thing] | RequestFailure
RequestGenerator = Generator[ApiRequest, ApiResponse, None]
"""Asks, and is sent what came."""
