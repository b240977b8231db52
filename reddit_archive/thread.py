"""The view that people read: a post and its comments as a tree, over raw data that stays as it was.

A field that Reddit adds tomorrow is in `raw` today. Nothing here trusts a type: what is missing or
of another kind than Reddit's reads as empty.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from reddit_archive.capture import Gap

Raw = Mapping[str, Any]
REDDIT = "https://www.reddit.com"
NO_AUTHOR = ("[deleted]", "[removed]")
REMOVED_BY_REDDIT = re.compile(r"\[\s*Removed by Reddit\b[^\]]*\]\s*")


@dataclass(frozen=True, slots=True)
class Said:
    """What a post and a comment have in common: somebody said something at some time.

    `lost` tells what became of it on Reddit since ("deleted", "removed", "removed by Reddit"), and
    None where it still stands; the text here is then the last that was seen, if any was.
    """

    raw: Raw
    lost: str | None = None

    @property
    def is_kept(self) -> bool:
        """Tell whether the text is here although it is lost on Reddit."""
        return self.lost is not None and lost_text(self.fullname[:2], self.raw) is None

    @property
    def fullname(self) -> str:
        raise NotImplementedError

    @property
    def id(self) -> str:
        return text(self.raw, "id").lower()

    @property
    def body(self) -> str:
        """The Markdown that its author typed."""
        raise NotImplementedError

    @property
    def html(self) -> str:
        """Reddit's HTML of the text, or what Reddit makes of it where the source gave none.

        "" where there is no text, or only the words that Reddit puts in place of a lost one.
        """
        raise NotImplementedError

    def _rendered(self) -> str:
        if not self.body or lost_text(self.fullname[:2], self.raw) is not None:
            return ""
        # The parser takes longer to load than most commands take to run.
        from reddit_archive import snudown

        return snudown.render(self.body, self.media)

    @property
    def author(self) -> str | None:
        """The name without `u/`, or None where the account or the author's name is gone."""
        name = text(self.raw, "author")
        return None if not name or name in NO_AUTHOR else name

    @property
    def is_redacted(self) -> bool:
        """Tell whether its author or its text was taken out of the archive on demand."""
        return bool(self.raw.get("_redacted"))

    @property
    def has_profile(self) -> bool:
        """Tell whether the author's name leads to a page on Reddit; a pseudonym does not."""
        return not self.raw.get("_pseudonym")

    @property
    def media(self) -> Raw:
        """What the text's picture tokens stand for, by media id, as Reddit gave it."""
        return mapping(self.raw, "media_metadata")

    @property
    def created_at(self) -> datetime | None:
        return moment(self.raw, "created_utc")

    @property
    def edited_at(self) -> datetime | None:
        """When it was last edited; None where it was not, or too long ago for Reddit to know."""
        return None if self.raw.get("edited") is True else moment(self.raw, "edited")

    @property
    def score(self) -> int | None:
        hidden = self.raw.get("score_hidden") or self.raw.get("hide_score")
        return None if hidden else whole_number(self.raw, "score")

    @property
    def is_stickied(self) -> bool:
        return self.raw.get("stickied") is True

    @property
    def distinguished(self) -> str | None:
        """ "moderator", "admin" or None."""
        return text(self.raw, "distinguished") or None


@dataclass(frozen=True, slots=True)
class Comment(Said):
    """A comment. `parent` is the fullname of what it answers."""

    @property
    def fullname(self) -> str:
        return f"t1_{self.id}"

    @property
    def parent(self) -> str:
        return text(self.raw, "parent_id").lower()

    @property
    def html(self) -> str:
        return text(self.raw, "body_html") or self._rendered()

    @property
    def body(self) -> str:
        return text(self.raw, "body")

    @property
    def is_submitter(self) -> bool:
        return self.raw.get("is_submitter") is True


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of a gallery, with its caption or ""."""

    url: str
    caption: str


@dataclass(frozen=True, slots=True)
class Option:
    """An answer of a poll; `votes` is None until Reddit shows the result."""

    text: str
    votes: int | None


@dataclass(frozen=True, slots=True)
class Post(Said):
    """A submission."""

    @property
    def fullname(self) -> str:
        return f"t3_{self.id}"

    @property
    def title(self) -> str:
        return text(self.raw, "title")

    @property
    def subreddit(self) -> str:
        """ "r/name", or "u/name" for a post on a user's own page."""
        prefixed = text(self.raw, "subreddit_name_prefixed")
        return prefixed or f"r/{text(self.raw, 'subreddit') or 'unknown'}"

    @property
    def comment_count(self) -> int | None:
        """How many comments Reddit counts, deleted ones too."""
        return whole_number(self.raw, "num_comments")

    @property
    def permalink(self) -> str:
        path = text(self.raw, "permalink")
        return f"{REDDIT}{path}" if path.startswith("/") else f"{REDDIT}/comments/{self.id}/"

    @property
    def html(self) -> str:
        return text(self.raw, "selftext_html") or self._rendered()

    @property
    def body(self) -> str:
        return text(self.raw, "selftext")

    @property
    def link(self) -> str:
        """The address that the post is about; "" for a text, gallery, poll or crosspost."""
        url = text(self.raw, "url_overridden_by_dest") or text(self.raw, "url")
        own = self.raw.get("is_self") is True or self.pictures or self.crosspost
        if own or re.search(rf"/comments/{re.escape(self.id)}(?:/|$)", url):
            return ""
        return url

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """The gallery in its order, as i.redd.it or preview.redd.it gave it."""
        items = mapping(self.raw, "gallery_data").get("items")
        media = mapping(self.raw, "media_metadata")
        found = []
        for item in items if isinstance(items, list) else []:
            if isinstance(item, dict):
                source = mapping(mapping(media, text(item, "media_id")), "s")
                url = text(source, "u") or text(source, "gif") or text(source, "mp4")
                found.append(Picture(url, text(item, "caption")))
        return tuple(found)

    @property
    def poll(self) -> tuple[Option, ...]:
        options = mapping(self.raw, "poll_data").get("options")
        return tuple(
            Option(text(option, "text"), whole_number(option, "vote_count"))
            for option in (options if isinstance(options, list) else [])
            if isinstance(option, dict)
        )

    @property
    def crosspost(self) -> "Post | None":
        """The post that this one passes on, as Reddit copied it here; that one passes on none."""
        parents = self.raw.get("crosspost_parent_list")
        if isinstance(parents, list) and parents and isinstance(parents[0], dict):
            return Post({**parents[0], "crosspost_parent_list": None})
        return None


class Thread:
    """A post and its comments. Comments are known by their id without prefix, in reading order.

    Every comment has its place: below its parent, or at the top with `is_astray` where the parent
    is not known.
    """

    def __init__(
        self, thread_id: str, post: Post | None, comments: Iterable[Comment], gaps: Iterable[Gap]
    ) -> None:
        by_id = {comment.id: comment for comment in comments if comment.id}
        self.id = thread_id
        self.post = post
        self.gaps = tuple(gaps)
        self._parents, self._children = _plant(by_id)
        self._levels = dict(self._walk())
        self.comments = {found: by_id[found] for found in self._levels}

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
            todo.extend((child, level + 1) for child in reversed(self._children.get(found, ())))


def _plant(
    comments: Mapping[str, Comment],
) -> tuple[dict[str, str | None], dict[str | None, list[str]]]:
    """Find each comment's parent and children; whoever is in a circle of parents starts anew."""
    parents: dict[str, str | None] = {}
    for found, comment in comments.items():
        above = comment.parent.removeprefix("t1_")
        parents[found] = above if comment.parent.startswith("t1_") and above in comments else None
    rooted: set[str] = set()
    for found in comments:
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


def lost_text(kind: str, data: Raw) -> str | None:
    """Tell how a text is gone: "deleted", "removed", "removed by Reddit", "missing"; else None.

    Reddit puts words in place of the text (and for the first two of the author); a user may type
    the same words, so both must agree. For a post that has these words or no text,
    `removed_by_category` tells, whether or not its author is named: of one that its author has
    deleted the text is "[removed]" as well.
    """
    body = data.get("body" if kind == "t1" else "selftext")
    author = data.get("author")
    is_nobody = author is None or author in NO_AUTHOR
    if isinstance(body, str):
        if REMOVED_BY_REDDIT.fullmatch(body.strip()):
            return "removed by Reddit"
        if kind == "t3" and body.strip() in NO_AUTHOR and (lost := _lost_post(data)):
            return lost
        if body.strip() == "[deleted]" and is_nobody:
            return "deleted"
        if body.strip() == "[removed]" and is_nobody:
            return "removed"
    if kind == "t3":
        return _lost_post(data) if body in (None, "", *NO_AUTHOR) else None
    return None if isinstance(body, str) or text(data, "body_html") else "missing"


def is_lost_by_law(data: Raw) -> bool:
    """Tell whether a text that Reddit removed was removed for legal reasons, like a copyright."""
    body = text(data, "body") or text(data, "selftext")
    return (
        data.get("removal_reason") == "legal"
        or data.get("removed_by_category") in ("copyright_takedown", "legal_operations")
        or bool(REMOVED_BY_REDDIT.fullmatch(body.strip()) and "copyright notice" in body)
    )


def _lost_post(data: Raw) -> str | None:
    match data.get("removed_by_category"):
        case None:
            return None
        case "deleted" | "author":
            return "deleted"
        case "moderator" | "automod_filtered":
            return "removed"
        case _:
            return "removed by Reddit"


def text(raw: Raw, key: str) -> str:
    value = raw.get(key)
    return value if isinstance(value, str) else ""


def mapping(raw: Raw, key: str) -> Raw:
    value = raw.get(key)
    return value if isinstance(value, dict) else {}


def whole_number(raw: Raw, key: str) -> int | None:
    value = raw.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def moment(raw: Raw, key: str) -> datetime | None:
    """Read a Unix time in seconds, in UTC."""
    value = raw.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return datetime.fromtimestamp(value, UTC) if value else None
    except (ValueError, OverflowError, OSError):
        return None
