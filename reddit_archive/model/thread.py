"""The thread that people read: a post, and its comments as a tree."""

from collections.abc import Iterable, Iterator, Mapping

from reddit_archive.model import completeness
from reddit_archive.model.capture import Gap
from reddit_archive.model.content import REDDIT, Comment, Post, described_post
from reddit_archive.model.json_fields import text


class Thread:
    """A post and its comments. Comments are known by their id without prefix, in reading order.

    Every comment has its place: below its parent, or at the top with `is_astray` where the parent
    is not known.
    """

    def __init__(
        self,
        thread_id: str,
        post: Post | None,
        comments: Iterable[Comment],
        gaps: Iterable[Gap],
        *,
        heading: Post | None = None,
    ) -> None:
        """Build a thread; `heading` replaces a missing post in a part of a thread."""
        by_id = {comment.id: comment for comment in comments if comment.id}
        self.id = thread_id
        self.post = post
        self.gaps = tuple(gaps)
        self._heading = heading
        self._parents, self._children = _plant(by_id)
        self._levels = dict(self._walk())
        self.comments = {found: by_id[found] for found in self._levels}

    @property
    def heading(self) -> Post | None:
        """The post, or if it is missing, the fields that its comments contain, without its text."""
        if self.post is not None or self._heading is not None:
            return self.post or self._heading
        return described_post(self.id, (comment.raw for comment in self.comments.values()))

    @property
    def is_complete(self) -> bool:
        """Whether nothing is known to be missing that could be fetched."""
        return completeness.is_complete(self.gaps)

    @property
    def missing(self) -> int:
        """The number of missing comments that could be fetched."""
        return completeness.missing(self.gaps)

    def is_astray(self, comment_id: str) -> bool:
        """Tell whether a comment answers another one that is not here."""
        is_root = self._parents[comment_id] is None
        return is_root and self.comments[comment_id].parent.startswith("t1_")

    def parent(self, comment_id: str) -> str | None:
        """The id of the comment that this one answers; None at the first level."""
        return self._parents[comment_id]

    def ancestors(self, comment_id: str, levels: int | None = None) -> list[str]:
        """The ids above a comment, the topmost first; the nearest `levels` of them."""
        found: list[str] = []
        above = self._parents[comment_id]
        while above is not None and (levels is None or len(found) < levels):
            found.append(above)
            above = self._parents[above]
        return found[::-1]

    def replies(self, comment_id: str | None) -> tuple[str, ...]:
        """The ids right below a comment; with None, those of the first level."""
        return tuple(self._children.get(comment_id, ()))

    def below(self, comment_id: str, levels: int | None = None) -> Iterator[str]:
        """The ids below a comment, down to so many levels, in reading order."""
        todo = [(child, 1) for child in reversed(self.replies(comment_id))]
        while todo:
            found, level = todo.pop()
            if levels is None or level <= levels:
                yield found
                todo.extend((child, level + 1) for child in reversed(self.replies(found)))

    def level(self, comment_id: str) -> int:
        """1 for an answer to the post."""
        return self._levels[comment_id]

    def permalink(self, comment_id: str) -> str:
        """The comment's address on Reddit."""
        path = text(self.comments[comment_id].raw, "permalink")
        if path.startswith("/"):
            return f"{REDDIT}{path}"
        return f"{REDDIT}/comments/{self.id}/_/{comment_id}/"

    def _walk(self) -> Iterator[tuple[str, int]]:
        """Every comment and its level, in reading order."""
        todo = [(found, 1) for found in reversed(self._children.get(None, []))]
        while todo:
            found, level = todo.pop()
            yield found, level
            if below := self._children.get(found):
                todo.extend((child, level + 1) for child in reversed(below))


def _plant(
    comments: Mapping[str, Comment],
) -> tuple[dict[str, str | None], dict[str | None, list[str]]]:
    """Find each comment's parent and children; whoever is in a circle of parents starts anew."""
    parents: dict[str, str | None] = {}
    for found, comment in comments.items():
        kind, _, above = comment.parent.partition("_")
        parents[found] = above if kind == "t1" and above in comments else None
    rooted: set[str] = set()
    for found, parent in parents.items():
        if parent is None or parent in rooted:  # so it nearly always is
            rooted.add(found)
            continue
        path: dict[str, None] = {}
        here: str | None = found
        while here is not None and here not in rooted and here not in path:
            path[here] = None
            here = parents[here]
        if here is not None and here in path:
            parents[here] = None
        rooted.update(path)
    children: dict[str | None, list[str]] = {}
    for found, parent in parents.items():
        children.setdefault(parent, []).append(found)
    return parents, children
