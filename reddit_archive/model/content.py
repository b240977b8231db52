"""What somebody said: posts and comments, as views over raw data that stays as it was.

A field that Reddit adds tomorrow is in `raw` today. Nothing here trusts a type: what is missing or
of another kind than Reddit's reads as empty.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from reddit_archive.model.deletion import NO_AUTHOR, lost_text
from reddit_archive.model.json_fields import Raw, mapping, moment, text, whole_number

REDDIT = "https://www.reddit.com"


def author(raw: Raw) -> str | None:
    """The name without `u/`, or None where the account or the author's name is gone."""
    name = text(raw, "author")
    return None if not name or name in NO_AUTHOR else name


def score(raw: Raw) -> int | None:
    hidden = raw.get("score_hidden") or raw.get("hide_score")
    return None if hidden else whole_number(raw, "score")


def subreddit(raw: Raw) -> str:
    """ "r/name", or "u/name" for what stands on a user's own page."""
    prefixed = text(raw, "subreddit_name_prefixed")
    return prefixed or f"r/{text(raw, 'subreddit') or 'unknown'}"


@dataclass(frozen=True, slots=True)
class Said:
    """What a post and a comment have in common: somebody said something at some time.

    `lost` tells what became of it on Reddit since ("deleted", "removed", "removed by Reddit"), and
    None where it still stands; the text here is then the last that was seen, if any was.
    `is_imported` means that only imported snapshots contain this text.
    """

    raw: Raw
    lost: str | None = None
    is_imported: bool = False

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
        from reddit_archive.markup import snudown

        return snudown.render(self.body, self.media)

    @property
    def author(self) -> str | None:
        """The name without `u/`, or None where the account or the author's name is gone."""
        return author(self.raw)

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
        return score(self.raw)

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
        return subreddit(self.raw)

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


def described_post(thread_id: str, comments: Iterable[Raw]) -> Post | None:
    """Return what comments contain about a missing post: its title, subreddit and permalink.

    Returns None if they contain nothing. The first comment that has a field wins.
    """
    found: dict[str, str] = {}
    for raw in comments:
        said = {
            "title": text(raw, "link_title"),
            "subreddit": text(raw, "subreddit"),
            "subreddit_name_prefixed": text(raw, "subreddit_name_prefixed"),
            "permalink": _post_path(thread_id, text(raw, "permalink")),
        }
        found |= {key: value for key, value in said.items() if value and key not in found}
        if len(found) == len(said):
            break
    if not found:
        return None
    if "permalink" not in found and re.fullmatch(r"\w+", found.get("subreddit", "")):
        found["permalink"] = f"/r/{found['subreddit']}/comments/{thread_id}/"
    return Post({"id": thread_id, **found})


def _post_path(thread_id: str, permalink: str) -> str:
    """Return the permalink of a post, given that of its comment; "" if it is another's."""
    path = permalink.removeprefix(REDDIT)
    match = re.match(rf"/(?:r|u|user)/[\w-]+/comments/{thread_id}/(?:[^/?#]+/)?", path)
    return match[0] if match is not None and path[match.end() :].strip("/") else ""
