"""A thread in normal form, and its changes: replies, edits, deletions and removals.

Deleted and removed things have the form that the public sees.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape as escape_html
from random import Random
from typing import Any, Literal

JsonObject = dict[str, Any]
Refusal = Literal["gone", "private", "quarantined", "gated", "banned", "legal"]

# What Reddit no longer tells about the author of a deleted or removed thing.
_AUTHOR_FIELDS = (
    "author_fullname",
    "author_flair_richtext",
    "author_flair_type",
    "author_patreon_flair",
    "author_premium",
)
_MEDIA_FIELDS = ("preview", "post_hint", "gallery_data", "is_gallery", "media_metadata")


@dataclass(slots=True)
class Thread:
    """A post, its comments by id (without `replies` and `depth`), and the order of siblings.

    `replies` maps a parent's fullname to the ids of its direct children, best first.
    """

    post: JsonObject
    comments: dict[str, JsonObject] = field(default_factory=dict)
    replies: dict[str, list[str]] = field(default_factory=dict)
    refusal: Refusal | None = None
    deleted: set[str] = field(default_factory=set)
    removed: set[str] = field(default_factory=set)
    dice: Random = field(default_factory=lambda: Random(1))

    @property
    def id(self) -> str:
        return str(self.post["id"])

    @property
    def name(self) -> str:
        return f"t3_{self.id}"

    def add(self, comment: JsonObject) -> None:
        """Add a comment after its siblings, unless it exists."""
        if comment["id"] in self.comments:
            return
        data = {key: value for key, value in comment.items() if key not in ("replies", "depth")}
        self.comments[data["id"]] = data
        self.replies.setdefault(data["parent_id"], []).append(data["id"])

    def walk(self) -> Iterator[tuple[str, int]]:
        """Yield every comment's id and depth, parents before children."""
        level, depth = self.replies.get(self.name, []), 0
        while level:
            yield from ((comment_id, depth) for comment_id in level)
            level = [kid for each in level for kid in self.replies.get(f"t1_{each}", [])]
            depth += 1

    def depths(self) -> dict[str, int]:
        return dict(self.walk())

    def sizes(self) -> dict[str, int]:
        """Count the descendants of every comment, vanished ones too, as Reddit's tree does."""
        sizes: dict[str, int] = {}
        for comment_id, _ in reversed(list(self.walk())):
            kids = self.replies.get(f"t1_{comment_id}", [])
            sizes[comment_id] = sum(1 + sizes[kid] for kid in kids)
        return sizes

    def size(self, comment_id: str) -> int:
        """Count the descendants of one comment."""
        todo, count = [comment_id], 0
        while todo:
            kids = self.replies.get(f"t1_{todo.pop()}", [])
            count += len(kids)
            todo += kids
        return count

    def depth(self, comment_id: str) -> int:
        """Return the number of ancestors of this comment."""
        return len(self.path(comment_id)) - 1

    def path(self, comment_id: str) -> list[str]:
        """Return the ids from the top-level comment down to this one."""
        path: list[str] = []
        while comment_id in self.comments:
            path.append(comment_id)
            parent = self.comments[comment_id]["parent_id"]
            comment_id = parent[3:] if parent.startswith("t1_") else ""  # a post may have its id
        return path[::-1]

    def vanished(self, comment_id: str) -> bool:
        """Return whether trees hide this comment: deleted or removed, and without replies."""
        is_gone = comment_id in self.deleted or comment_id in self.removed
        return is_gone and not self.replies.get(f"t1_{comment_id}")

    def visible(self) -> set[str]:
        """Return the ids that a client can collect from trees."""
        return {comment_id for comment_id in self.comments if not self.vanished(comment_id)}

    # What befalls a thread

    def reply(self, parent: str, body: str, *, author: str = "late_guest") -> str:
        """Add a new comment under the fullname `parent`; return its id."""
        new = max((int(each, 36) for each in self.comments), default=36**6) + 1
        comment_id = base36(new)
        pattern = next(iter(self.comments.values()), {})
        self.add(
            pattern
            | {
                "id": comment_id,
                "name": f"t1_{comment_id}",
                "parent_id": parent,
                "link_id": self.name,
                "author": author,
                "author_fullname": f"t2_{base36(sum(author.encode()))}",
                "body": body,
                "body_html": to_html(body),
                "created": float(int(time.time())),
                "created_utc": float(int(time.time())),
                "edited": False,
                "score": 1,
                "ups": 1,
                "stickied": False,
                "distinguished": None,
                "is_submitter": author == self.post.get("author"),
                "collapsed": False,
                "collapsed_reason_code": None,
                "permalink": f"{self.post['permalink']}{comment_id}/",
            }
        )
        self.post["num_comments"] += 1
        return comment_id

    def edit(self, comment_id: str, body: str, *, html: str | None = None) -> None:
        """Change a comment's text; `html` is needed for more than paragraphs."""
        self.comments[comment_id] |= {
            "body": body,
            "body_html": html if html is not None else to_html(body),
            "edited": float(int(time.time())),
        }

    def edit_post(self, text: str, *, html: str | None = None) -> None:
        """Change the post's text."""
        self.post |= {
            "selftext": text,
            "selftext_html": _off(html if html is not None else to_html(text)),
            "edited": float(int(time.time())),
        }

    def delete(self, comment_id: str) -> None:
        """Delete a comment as its author."""
        self.deleted.add(comment_id)
        _blank(self.comments[comment_id], "[deleted]")

    def remove(self, comment_id: str, *, admin: bool = False) -> None:
        """Remove a comment, as a moderator or an administrator of Reddit."""
        self.removed.add(comment_id)
        _blank(self.comments[comment_id], "[ Removed by Reddit ]" if admin else "[removed]")

    def delete_account(self, author: str) -> None:
        """Delete a user's account: the texts stay, the name does not."""
        for data in (self.post, *self.comments.values()):
            if data["author"] == author:
                _forget_author(data)

    def delete_post(self) -> None:
        """Delete the post as its author; its comments stay."""
        _forget_author(self.post)
        self._blank_post("[deleted]", "deleted")

    def remove_post(self, category: str = "moderator") -> None:
        """Remove the post, as a moderator or another `removed_by_category`."""
        by_reddit = category in ("reddit", "anti_evil_ops", "community_ops", "content_takedown")
        self._blank_post("[ Removed by Reddit ]" if by_reddit else "[removed]", category)

    def refuse(self, why: Refusal | None) -> None:
        """Make every request for this thread fail in this way; None makes it available again."""
        self.refusal = why

    def _blank_post(self, text: str, category: str) -> None:
        self.post |= {
            "selftext": text,
            "selftext_html": _off(to_html(text)),
            "removed_by_category": category,
            "is_robot_indexable": False,
            "is_crosspostable": False,
            "thumbnail": "default",
            "media": None,
            "secure_media": None,
        }
        for key in _MEDIA_FIELDS:
            self.post.pop(key, None)


def to_html(text: str) -> str:
    """Write paragraphs of plain text as Reddit's Markdown engine does."""
    paragraphs = [escape_html(part).replace("&#x27;", "&#39;") for part in text.split("\n\n")]
    inner = "\n\n".join(f"<p>{part}</p>" for part in paragraphs)
    return f'<div class="md">{inner}\n</div>'


def base36(number: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[rest] + digits
    return digits or "0"


def _off(html: str) -> str:
    return f"<!-- SC_OFF -->{html}<!-- SC_ON -->"


def _blank(comment: JsonObject, text: str) -> None:
    _forget_author(comment)
    comment |= {
        "body": text,
        "body_html": to_html(text),
        "collapsed": True,
        "collapsed_reason_code": "DELETED",
    }
    comment.pop("media_metadata", None)


def _forget_author(data: JsonObject) -> None:
    for key in _AUTHOR_FIELDS:
        data.pop(key, None)
    data |= {
        "author": "[deleted]",
        "author_flair_text": None,
        "author_flair_css_class": None,
        "author_flair_text_color": "dark",
        "author_flair_background_color": "",
        "author_flair_template_id": None,
    }
    if "is_submitter" in data:
        data["is_submitter"] = False
