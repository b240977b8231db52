"""Posts and comments: views over Reddit's raw data, which stays unchanged.

`raw` keeps every field, so also fields that Reddit adds later. A field that is missing or of an
unexpected type reads as empty.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from reddit_archive.model.deletion import DELETION_PLACEHOLDERS, get_deletion_reason
from reddit_archive.model.json_fields import Raw, get_datetime, get_dict, get_int, get_str
from reddit_archive.model.source_info import PAGE_KIND_KEY

REDDIT_URL = "https://www.reddit.com"


def get_author(raw: Raw) -> str | None:
    """Return the author's name without `u/`, or None if the author or the account is deleted."""
    name = get_str(raw, "author")
    return None if not name or name in DELETION_PLACEHOLDERS else name


def get_score(raw: Raw) -> int | None:
    """Return the score, or None if Reddit hides it."""
    is_hidden = raw.get("score_hidden") or raw.get("hide_score")
    return None if is_hidden else get_int(raw, "score")


def get_subreddit(raw: Raw) -> str:
    """Return "r/name", or "u/name" for a user's profile."""
    prefixed_name = get_str(raw, "subreddit_name_prefixed")
    return prefixed_name or f"r/{get_str(raw, 'subreddit') or 'unknown'}"


@dataclass(frozen=True, slots=True)
class UserContent:
    """The common part of posts and comments.

    Attributes:
        raw: Reddit's data, with the last text that was observed.
        deletion_status: What happened to the text on Reddit since ("deleted", "removed",
            "removed by Reddit", "overwritten", …), or None if it is still there.
        is_imported: Only imported snapshots contain this text.
    """

    raw: Raw
    deletion_status: str | None = None
    is_imported: bool = False

    @property
    def is_preserved(self) -> bool:
        """Whether the text is deleted on Reddit and preserved here."""
        return (
            self.deletion_status is not None
            and get_deletion_reason(self.fullname[:2], self.raw) is None
        )

    @property
    def is_author_unknown(self) -> bool:
        """Whether the item was seen only on saved pages that do not show its author."""
        return PAGE_KIND_KEY in self.raw and "author" not in self.raw

    @property
    def fullname(self) -> str:
        """The id with its kind as prefix: `t1_…` or `t3_…`."""
        raise NotImplementedError

    @property
    def id(self) -> str:
        """The id without prefix, in lower case."""
        return get_str(self.raw, "id").lower()

    @property
    def body(self) -> str:
        """The Markdown that the author typed."""
        raise NotImplementedError

    @property
    def html(self) -> str:
        """The text as HTML: Reddit's, or if the source has none, rendered as Reddit renders it.

        "" if there is no text, or only Reddit's placeholder for a deleted text.
        """
        raise NotImplementedError

    def _render_body(self) -> str:
        body = self.body
        if not body or get_deletion_reason(self.fullname[:2], self.raw) is not None:
            return ""
        # Imported here: it takes 20 ms, and most texts come with Reddit's HTML.
        from reddit_archive.markup import snudown

        return snudown.render(body, self.media)

    @property
    def author(self) -> str | None:
        """The author's name without `u/`, or None if the author or the account is deleted."""
        return get_author(self.raw)

    @property
    def is_redacted(self) -> bool:
        """Whether its author or its text was redacted in this or another archive."""
        return bool(self.raw.get("_redacted") or self.raw.get("_redacted_elsewhere"))

    @property
    def has_profile(self) -> bool:
        """Whether the author has a profile page on Reddit. A pseudonym has none."""
        return not self.raw.get("_pseudonym")

    @property
    def media(self) -> Raw:
        """Reddit's data about the pictures that the text refers to, by media id."""
        return get_dict(self.raw, "media_metadata")

    @property
    def created_at(self) -> datetime | None:
        return get_datetime(self.raw, "created_utc")

    @property
    def edited_at(self) -> datetime | None:
        """When it was last edited, or None. Reddit does not know the time of very old edits."""
        return None if self.raw.get("edited") is True else get_datetime(self.raw, "edited")

    @property
    def score(self) -> int | None:
        """The score, or None if Reddit hides it."""
        return get_score(self.raw)

    @property
    def is_stickied(self) -> bool:
        return self.raw.get("stickied") is True

    @property
    def distinguished(self) -> str | None:
        """The role in which the author spoke: "moderator", "admin" or None."""
        return get_str(self.raw, "distinguished") or None


@dataclass(frozen=True, slots=True)
class Comment(UserContent):
    """A comment."""

    @property
    def fullname(self) -> str:
        return f"t1_{self.id}"

    @property
    def parent_fullname(self) -> str:
        """The fullname of the post or comment that it replies to."""
        return get_str(self.raw, "parent_id").lower()

    @property
    def html(self) -> str:
        return get_str(self.raw, "body_html") or self._render_body()

    @property
    def body(self) -> str:
        return get_str(self.raw, "body")

    @property
    def is_submitter(self) -> bool:
        """Whether the author of the comment is the author of the post."""
        return self.raw.get("is_submitter") is True


@dataclass(frozen=True, slots=True)
class GalleryImage:
    """A picture of a gallery. A value is "" if there is none.

    `outbound_url` is the page that the author named for the picture.
    """

    url: str
    caption: str
    outbound_url: str = ""


@dataclass(frozen=True, slots=True)
class PollOption:
    """An option of a poll. `votes` is None until Reddit shows the result."""

    text: str
    votes: int | None


@dataclass(frozen=True, slots=True)
class Post(UserContent):
    """A post (a "submission" in Reddit's API)."""

    @property
    def fullname(self) -> str:
        return f"t3_{self.id}"

    @property
    def title(self) -> str:
        return get_str(self.raw, "title")

    @property
    def subreddit(self) -> str:
        """The subreddit as "r/name", or "u/name" for a post on a user's profile."""
        return get_subreddit(self.raw)

    @property
    def comment_count(self) -> int | None:
        """The number of comments by Reddit's count, which includes deleted ones."""
        return get_int(self.raw, "num_comments")

    @property
    def permalink(self) -> str:
        """The post's address on Reddit."""
        path = get_str(self.raw, "permalink")
        return (
            f"{REDDIT_URL}{path}" if path.startswith("/") else f"{REDDIT_URL}/comments/{self.id}/"
        )

    @property
    def html(self) -> str:
        return get_str(self.raw, "selftext_html") or self._render_body()

    @property
    def body(self) -> str:
        return get_str(self.raw, "selftext")

    @property
    def link(self) -> str:
        """The URL that the post links to; "" for a text, gallery, poll or crosspost."""
        url = get_str(self.raw, "url_overridden_by_dest") or get_str(self.raw, "url")
        has_own_content = (
            self.raw.get("is_self") is True or self.gallery_images or self.crosspost_parent
        )
        if has_own_content or re.search(rf"/comments/{re.escape(self.id)}(?:/|$)", url):
            return ""
        return url

    @property
    def gallery_images(self) -> tuple[GalleryImage, ...]:
        """The pictures of the gallery in its order, with URLs on i.redd.it or preview.redd.it."""
        items = get_dict(self.raw, "gallery_data").get("items")
        media = get_dict(self.raw, "media_metadata")
        images = []
        for item in items if isinstance(items, list) else []:
            if isinstance(item, dict):
                source = get_dict(get_dict(media, get_str(item, "media_id")), "s")
                url = get_str(source, "u") or get_str(source, "gif") or get_str(source, "mp4")
                images.append(
                    GalleryImage(url, get_str(item, "caption"), get_str(item, "outbound_url"))
                )
        return tuple(images)

    @property
    def poll(self) -> tuple[PollOption, ...]:
        """The options of the post's poll, or () if it has none."""
        options = get_dict(self.raw, "poll_data").get("options")
        return tuple(
            PollOption(get_str(option, "text"), get_int(option, "vote_count"))
            for option in (options if isinstance(options, list) else [])
            if isinstance(option, dict)
        )

    @property
    def crosspost_parent(self) -> "Post | None":
        """The crossposted post, as Reddit copied it into this one. It has no parent itself."""
        parents = self.raw.get("crosspost_parent_list")
        if isinstance(parents, list) and parents and isinstance(parents[0], dict):
            return Post({**parents[0], "crosspost_parent_list": None})
        return None


def build_post_from_comments(thread_id: str, comments: Iterable[Raw]) -> Post | None:
    """Return a missing post's title, subreddit and permalink from the data of its comments.

    For each field the first comment that has it wins. Returns None if no comment has any.
    """
    post_fields: dict[str, str] = {}
    for raw in comments:
        comment_fields = {
            "title": get_str(raw, "link_title"),
            "subreddit": get_str(raw, "subreddit"),
            "subreddit_name_prefixed": get_str(raw, "subreddit_name_prefixed"),
            "permalink": _get_post_path(thread_id, get_str(raw, "permalink")),
        }
        post_fields |= {
            key: value for key, value in comment_fields.items() if value and key not in post_fields
        }
        if len(post_fields) == len(comment_fields):
            break
    if not post_fields:
        return None
    if "permalink" not in post_fields and re.fullmatch(r"[\w.]+", post_fields.get("subreddit", "")):
        post_fields["permalink"] = f"/r/{post_fields['subreddit']}/comments/{thread_id}/"
    if "subreddit" not in post_fields and (
        match := re.match(r"/r/([\w.]+)/", post_fields.get("permalink", ""))
    ):
        post_fields["subreddit"] = match[1]
    return Post({"id": thread_id, **post_fields})


def _get_post_path(thread_id: str, permalink: str) -> str:
    """Return the path of a post, given a comment's permalink; "" if it is in another thread."""
    path = permalink.removeprefix(REDDIT_URL)
    match = re.match(rf"/(?:r|u|user)/[\w.-]+/comments/{thread_id}/(?:[^/?#]+/)?", path)
    if match is None or not path[match.end() :].strip("/"):
        return ""
    # Newer permalinks have "comment" in place of the words of the title.
    return re.sub(r"/comment/$", "/", match[0])
