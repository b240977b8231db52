"""The thread that people read: a post, and its comments as a tree."""

from collections.abc import Iterable, Iterator, Mapping

from reddit_archive.model import completeness
from reddit_archive.model.capture import MissingComments
from reddit_archive.model.content import REDDIT_URL, Comment, Post, build_post_from_comments
from reddit_archive.model.json_fields import get_str


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
        missing_comments: Iterable[MissingComments],
        *,
        fallback_post: Post | None = None,
    ) -> None:
        """Build a thread; `heading` replaces a missing post in a part of a thread."""
        comments_by_id = {comment.id: comment for comment in comments if comment.id}
        self.id = thread_id
        self.post = post
        self.missing_comments = tuple(missing_comments)
        self._fallback_post = fallback_post
        self._parents, self._children = _build_tree(comments_by_id)
        self._depths = dict(self._iter_depths())
        self.comments = {comment_id: comments_by_id[comment_id] for comment_id in self._depths}

    @property
    def post_metadata(self) -> Post | None:
        """The post, or if it is missing, the fields that its comments contain, without its text."""
        if self.post is not None or self._fallback_post is not None:
            return self.post or self._fallback_post
        return build_post_from_comments(
            self.id, (comment.raw for comment in self.comments.values())
        )

    @property
    def is_complete(self) -> bool:
        """Whether nothing is known to be missing that could be fetched."""
        return completeness.is_complete(self.missing_comments)

    @property
    def missing_count(self) -> int:
        """The number of missing comments that could be fetched."""
        return completeness.count_missing(self.missing_comments)

    def is_orphan(self, comment_id: str) -> bool:
        """Tell whether a comment answers another one that is not here."""
        is_root = self._parents[comment_id] is None
        return is_root and self.comments[comment_id].parent_fullname.startswith("t1_")

    def parent(self, comment_id: str) -> str | None:
        """The id of the comment that this one answers; None at the first level."""
        return self._parents[comment_id]

    def ancestors(self, comment_id: str, max_levels: int | None = None) -> list[str]:
        """The ids above a comment, the topmost first; the nearest `levels` of them."""
        ancestor_ids: list[str] = []
        ancestor_id = self._parents[comment_id]
        while ancestor_id is not None and (max_levels is None or len(ancestor_ids) < max_levels):
            ancestor_ids.append(ancestor_id)
            ancestor_id = self._parents[ancestor_id]
        return ancestor_ids[::-1]

    def replies(self, comment_id: str | None) -> tuple[str, ...]:
        """The ids right below a comment; with None, those of the first level."""
        return tuple(self._children.get(comment_id, ()))

    def descendants(self, comment_id: str, max_depth: int | None = None) -> Iterator[str]:
        """The ids below a comment, down to so many levels, in reading order."""
        todo = [(child, 1) for child in reversed(self.replies(comment_id))]
        while todo:
            descendant_id, depth = todo.pop()
            if max_depth is None or depth <= max_depth:
                yield descendant_id
                todo.extend((child, depth + 1) for child in reversed(self.replies(descendant_id)))

    def depth(self, comment_id: str) -> int:
        """1 for an answer to the post."""
        return self._depths[comment_id]

    def permalink(self, comment_id: str) -> str:
        """The comment's address on Reddit."""
        path = get_str(self.comments[comment_id].raw, "permalink")
        if path.startswith("/"):
            return f"{REDDIT_URL}{path}"
        return f"{REDDIT_URL}/comments/{self.id}/_/{comment_id}/"

    def _iter_depths(self) -> Iterator[tuple[str, int]]:
        """Every comment and its level, in reading order."""
        todo = [(comment_id, 1) for comment_id in reversed(self._children.get(None, []))]
        while todo:
            comment_id, depth = todo.pop()
            yield comment_id, depth
            if child_ids := self._children.get(comment_id):
                todo.extend((child, depth + 1) for child in reversed(child_ids))


def _build_tree(
    comments: Mapping[str, Comment],
) -> tuple[dict[str, str | None], dict[str | None, list[str]]]:
    """Find each comment's parent and children; whoever is in a circle of parents starts anew."""
    parents: dict[str, str | None] = {}
    for comment_id, comment in comments.items():
        kind, _, parent_id = comment.parent_fullname.partition("_")
        parents[comment_id] = parent_id if kind == "t1" and parent_id in comments else None
    reachable: set[str] = set()
    for comment_id, parent in parents.items():
        if parent is None or parent in reachable:  # so it nearly always is
            reachable.add(comment_id)
            continue
        path: dict[str, None] = {}
        current: str | None = comment_id
        while current is not None and current not in reachable and current not in path:
            path[current] = None
            current = parents[current]
        if current is not None and current in path:
            parents[current] = None
        reachable.update(path)
    children: dict[str | None, list[str]] = {}
    for comment_id, parent in parents.items():
        children.setdefault(parent, []).append(comment_id)
    return parents, children
