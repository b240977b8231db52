"""The requests that a fetch is made of, and what plans say to whoever sends them."""

import json
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from reddit_archive.model.capture import Thing

MOST_ON_PAGE = 500
MOST_BY_NAME = 100
MOST_CONTEXT = 8
LEVELS = 10
"""The number of levels that a page shows. morechildren returns no comment from this depth on."""
SORT = "confidence"
"""The order that Reddit calls best. Without `sort` the thread's own or the user's would apply."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One request about one thread. `names` are fullnames.

    page      the post and its first comments, in the order `sort`
    focus     the page of the comment `names[0]`: what is below it, `context` comments above it
    children  comments that stubs named, with what is below them (/api/morechildren)
    info      things by name, without what is below them (/api/info)
    """

    kind: Literal["page", "focus", "children", "info"]
    names: tuple[str, ...] = ()
    sort: str = SORT
    limit: int = MOST_ON_PAGE
    context: int = 0

    @property
    def key(self) -> str:
        """What names it in a journal."""
        return json.dumps([self.kind, self.names, self.sort, self.limit, self.context])

    def request(self, post_id: str) -> tuple[str, str, dict[str, Any]]:
        """Write it as HTTP: method, path, and the parameters of the query or the form."""
        path = f"comments/{post_id}/"
        page: dict[str, Any] = {"limit": self.limit, "sort": self.sort}
        ids = [name[3:] for name in self.names]
        match self.kind:
            case "page":
                return "GET", path, page
            case "focus":
                above = {"context": self.context} if self.context else {}
                return "GET", f"{path}_/{ids[0]}/", {**page, **above}
            case "children":
                form = {"link_id": f"t3_{post_id}", "children": ",".join(ids), "api_type": "json"}
                return "POST", "api/morechildren/", {**form, "sort": self.sort}
            case "info":
                return "GET", "api/info/", {"id": ",".join(self.names)}


@dataclass(frozen=True, slots=True)
class Failure:
    """A request that failed for good. `is_too_large`: it may succeed with fewer names."""

    is_too_large: bool = False


Reply = Sequence[Thing] | Failure
Steps = Generator[Ask, Reply, None]
"""Asks, and is sent what came."""
