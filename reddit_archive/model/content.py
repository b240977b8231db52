"""What somebody said: posts and comments, as views over raw data that stays as it was.

A field that Reddit adds tomorrow is in `raw` today. Nothing here trusts a type: what is missing or
of another kind than Reddit's reads as empty.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from reddit_archive.model.deletion import DELETION_PLACEHOLDERS, get_deletion_reason
from reddit_archive.model.json_fields import Raw, get_datetime, get_dict, get_int, get_str

REDDIT_URL = "https://www.reddit.com"


def get_author(raw: Raw) -> str | None:
    """The name without `u/`, or None where the account or the author's name is gone."""
    name = get_str(raw, "author")
    return None if not name or name in DELETION_PLACEHOLDERS else name


def get_score(raw: Raw) -> int | None:
    is_hidden = raw.get("score_hidden") or raw.get("hide_score")
    return None if is_hidden else get_int(raw, "score")


def get_subreddit(raw: Raw) -> str:
    """ "r/name", or "u/name" for what stands on a user's own page."""
    prefixed_name = get_str(raw, "subreddit_name_prefixed")
    return prefixed_name or f"r/{get_str(raw, 'subreddit') or 'unknown'}"


@dataclass(frozen=True, slots=True)
class UserContent:
    """What a post and a comment have in common: somebody said something at some time.

    `lost` tells what became of it on Reddit since ("deleted", "removed", "removed by Reddit"), and
    None where it still stands; the text here is then the last that was seen, if any was.
    `is_imported` means that only imported snapshots contain this text.
    """

    raw: Raw
    deletion_status: str | None = None
    is_imported: bool = False

    @property
    def is_preserved(self) -> bool:
        """Tell whether the text is here although it is lost on Reddit."""
        return (
            self.deletion_status is not None
            and get_deletion_reason(self.fullname[:2], self.raw) is None
        )

    @property
    def fullname(self) -> str:
        raise NotImplementedError

    @property
    def id(self) -> str:
        return get_str(self.raw, "id").lower()

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

    def _render_body(self) -> str:
        if not self.body or get_deletion_reason(self.fullname[:2], self.raw) is not None:
            return ""
        # The parser takes longer to load than most commands take to run.
        from reddit_archive.markup import snudown

        return snudown.render(self.body, self.media)

    @property
    def author(self) -> str | None:
        """The name without `u/`, or None where the account or the author's name is gone."""
        return get_author(self.raw)

    @property
    def is_redacted(self) -> bool:
        """Tell whether its author or its text was taken out of the archive on demand."""
        return bool(self.raw.get("_redacted") or self.raw.get("_redacted_elsewhere"))

    @property
    def has_profile(self) -> bool:
        """Tell whether the author's name leads to a page on Reddit; a pseudonym does not."""
        return not self.raw.get("_pseudonym")

    @property
    def media(self) -> Raw:
        """What the text's picture tokens stand for, by media id, as Reddit gave it."""
        return get_dict(self.raw, "media_metadata")

    @property
    def created_at(self) -> datetime | None:
        return get_datetime(self.raw, "created_utc")

    @property
    def edited_at(self) -> datetime | None:
        """When it was last edited; None where it was not, or too long ago for Reddit to know."""
        return None if self.raw.get("edited") is True else get_datetime(self.raw, "edited")

    @property
    def score(self) -> int | None:
        return get_score(self.raw)

    @property
    def is_stickied(self) -> bool:
        return self.raw.get("stickied") is True

    @property
    def distinguished(self) -> str | None:
        """ "moderator", "admin" or None."""
        return get_str(self.raw, "distinguished") or None


@dataclass(frozen=True, slots=True)
class Comment(UserContent):
    """A comment. `parent` is the fullname of what it answers."""

    @property
    def fullname(self) -> str:
        return f"t1_{self.id}"

    @property
    def parent_fullname(self) -> str:
        return get_str(self.raw, "parent_id").lower()

    @property
    def html(self) -> str:
        return get_str(self.raw, "body_html") or self._render_body()

    @property
    def body(self) -> str:
        return get_str(self.raw, "body")

    @property
    def is_submitter(self) -> bool:
        return self.raw.get("is_submitter") is True


@dataclass(frozen=True, slots=True)
class GalleryImage:
    """A picture of a gallery, with its caption or ""."""

    url: str
    caption: str


@dataclass(frozen=True, slots=True)
class PollOption:
    """An answer of a poll; `votes` is None until Reddit shows the result."""

    text: str
    votes: int | None


@dataclass(frozen=True, slots=True)
class Post(UserContent):
    """A submission."""

    @property
    def fullname(self) -> str:
        return f"t3_{self.id}"

    @property
    def title(self) -> str:
        return get_str(self.raw, "title")

    @property
    def subreddit(self) -> str:
        """ "r/name", or "u/name" for a post on a user's own page."""
        return get_subreddit(self.raw)

    @property
    def comment_count(self) -> int | None:
        """How many comments Reddit counts, deleted ones too."""
        return get_int(self.raw, "num_comments")

    @property
    def permalink(self) -> str:
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
        """The address that the post is about; "" for a text, gallery, poll or crosspost."""
        url = get_str(self.raw, "url_overridden_by_dest") or get_str(self.raw, "url")
        has_own_content = (
            self.raw.get("is_self") is True or self.gallery_images or self.crosspost_parent
        )
        if has_own_content or re.search(rf"/comments/{re.escape(self.id)}(?:/|$)", url):
            return ""
        return url

    @property
    def gallery_images(self) -> tuple[GalleryImage, ...]:
        """The gallery in its order, as i.redd.it or preview.redd.it gave it."""
        items = get_dict(self.raw, "gallery_data").get("items")
        media = get_dict(self.raw, "media_metadata")
        images = []
        for item in items if isinstance(items, list) else []:
            if isinstance(item, dict):
                source = get_dict(get_dict(media, get_str(item, "media_id")), "s")
                url = get_str(source, "u") or get_str(source, "gif") or get_str(source, "mp4")
                images.append(GalleryImage(url, get_str(item, "caption")))
        return tuple(images)

    @property
    def poll(self) -> tuple[PollOption, ...]:
        options = get_dict(self.raw, "poll_data").get("options")
        return tuple(
            PollOption(get_str(option, "text"), get_int(option, "vote_count"))
            for option in (options if isinstance(options, list) else [])
            if isinstance(option, dict)
        )

    @property
    def crosspost_parent(self) -> "Post | None":
        """The post that this one passes on, as Reddit copied it here; that one passes on none."""
        parents = self.raw.get("crosspost_parent_list")
        if isinstance(parents, list) and parents and isinstance(parents[0], dict):
            return Post({**parents[0], "crosspost_parent_list": None})
        return None


def build_post_from_comments(thread_id: str, comments: Iterable[Raw]) -> Post | None:
    """Return what comments contain about a missing post: its title, subreddit and permalink.

    Returns None if they contain nothing. The first comment that has a field wins.
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
    if "permalink" not in post_fields and re.fullmatch(r"\w+", post_fields.get("subreddit", "")):
        post_fields["permalink"] = f"/r/{post_fields['subreddit']}/comments/{thread_id}/"
    return Post({"id": thread_id, **post_fields})


def _get_post_path(thread_id: str, permalink: str) -> str:
    """Return the permalink of a post, given that of its comment; "" if it is another's."""
    path = permalink.removeprefix(REDDIT_URL)
    match = re.match(rf"/(?:r|u|user)/[\w-]+/comments/{thread_id}/(?:[^/?#]+/)?", path)
    return match[0] if match is not None and path[match.end() :].strip("/") else ""
