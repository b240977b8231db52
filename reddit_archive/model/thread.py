"""A thread: a post and its comments as a tree. Pure."""

from collections.abc import Iterable, Iterator, Mapping

from reddit_archive.model import completeness
from reddit_archive.model.capture import MissingComments
from reddit_archive.model.content import REDDIT_URL, Comment, Post, build_post_from_comments
from reddit_archive.model.json_fields import get_str


class Thread:
    """A post and its comments. `comments` maps ids without prefix to comments, in reading order.

    A comment whose parent is missing is at the top level, and is an orphan.
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
        """Build the tree.

        Args:
            thread_id: The post's id without prefix.
            post: The post, or None if it is missing.
            comments: The comments in any order; siblings keep theirs.
            missing_comments: Comments that exist and were not fetched.
            fallback_post: Metadata of a missing post, for a part of a thread.
        """
        comments_by_id = {comment_id: comment for comment in comments if (comment_id := comment.id)}
        self.id = thread_id
        self.post = post
        self.missing_comments = tuple(missing_comments)
        self._fallback_post = fallback_post
        self._parents, self._children = _build_tree(comments_by_id)
        self._depths = dict(self._iter_depths())
        self.comments = {comment_id: comments_by_id[comment_id] for comment_id in self._depths}

    @property
    def post_metadata(self) -> Post | None:
        """The post. If it is missing, a post with the fields that comments contain about it."""
        if self.post is not None or self._fallback_post is not None:
            return self.post or self._fallback_post
        return build_post_from_comments(
            self.id, (comment.raw for comment in self.comments.values())
        )

    @property
    def is_complete(self) -> bool:
        """Whether no comment that could be fetched is known to be missing."""
        return completeness.is_complete(self.missing_comments)

    @property
    def missing_count(self) -> int:
        """The number of missing comments that could be fetched."""
        return completeness.count_missing(self.missing_comments)

    def is_orphan(self, comment_id: str) -> bool:
        """Return whether a comment replies to a comment that is missing."""
        is_root = self._parents[comment_id] is None
        return is_root and self.comments[comment_id].parent_fullname.startswith("t1_")

    def parent(self, comment_id: str) -> str | None:
        """Return the id of the parent comment, or None at the top level."""
        return self._parents[comment_id]

    def ancestors(self, comment_id: str, max_levels: int | None = None) -> list[str]:
        """Return the ids of the nearest `max_levels` ancestors of a comment, topmost first."""
        ancestor_ids: list[str] = []
        ancestor_id = self._parents[comment_id]
        while ancestor_id is not None and (max_levels is None or len(ancestor_ids) < max_levels):
            ancestor_ids.append(ancestor_id)
            ancestor_id = self._parents[ancestor_id]
        return ancestor_ids[::-1]

    def replies(self, comment_id: str | None) -> tuple[str, ...]:
        """Return the ids of the direct replies to a comment; with None, of the top level."""
        return tuple(self._children.get(comment_id, ()))

    def descendants(self, comment_id: str, max_depth: int | None = None) -> Iterator[str]:
        """Yield the ids below a comment in reading order, at most `max_depth` levels down."""
        todo = [(child, 1) for child in reversed(self.replies(comment_id))]
        while todo:
            descendant_id, depth = todo.pop()
            if max_depth is None or depth <= max_depth:
                yield descendant_id
                todo.extend((child, depth + 1) for child in reversed(self.replies(descendant_id)))

    def depth(self, comment_id: str) -> int:
        """Return the level of a comment: 1 for a reply to the post."""
        return self._depths[comment_id]

    def permalink(self, comment_id: str) -> str:
        """Return the comment's address on Reddit."""
        path = get_str(self.comments[comment_id].raw, "permalink")
        if path.startswith("/"):
            return f"{REDDIT_URL}{path}"
        return f"{REDDIT_URL}/comments/{self.id}/_/{comment_id}/"

    def _iter_depths(self) -> Iterator[tuple[str, int]]:
        """Yield every comment id and its level, in reading order."""
        todo = [(comment_id, 1) for comment_id in reversed(self._children.get(None, []))]
        while todo:
            comment_id, depth = todo.pop()
            yield comment_id, depth
            if child_ids := self._children.get(comment_id):
                todo.extend((child, depth + 1) for child in reversed(child_ids))


def _build_tree(
    comments: Mapping[str, Comment],
) -> tuple[dict[str, str | None], dict[str | None, list[str]]]:
    """Return the parent of each comment, and its children.

    A comment in a cycle of parents gets None as parent, so every comment is reachable.
    """
    parents: dict[str, str | None] = {}
    for comment_id, comment in comments.items():
        kind, _, parent_id = comment.parent_fullname.partition("_")
        parents[comment_id] = parent_id if kind == "t1" and parent_id in comments else None
    reachable: set[str] = set()
    for comment_id, parent in parents.items():
        if parent is None or parent in reachable:  # the common case
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
