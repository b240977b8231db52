"""Styles: how the attribution of a quote looks. config.yaml can set each field.

`plain` is what a person would type by hand, `dated` adds dates, `full` adds everything that Reddit
shows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from reddit_archive.markup import targets
from reddit_archive.markup.dialects import Dialect


@dataclass(frozen=True, slots=True)
class Style:
    """What is shown around a quoted text. The defaults are the style `plain`.

    Attributes:
        heading: Whether the quote has a heading.
        heading_level: The level of the heading.
        heading_subreddit: Whether the subreddit stands before the title.
        post_prefix: The words before the author of the post.
        comment_prefix: The words before the author of a comment.
        name_prefix: Which names begin with `u/`: "posts", "all" or "none".
        author_link: Where the author's name links to: "profile", "permalink" or "none".
        author_format: How the author's name is written: "plain", "bold" or "italic".
        nobody: The text for an author that Reddit no longer names.
        date: "none", "absolute" or "relative".
        date_format: The format of absolute dates, in UTC.
        relative_to: What relative dates refer to: "snapshot" (before the last capture) or "post".
        permalink: Whether the date links to the quoted text. Without a date, the word "link" does.
        score: Whether the score is shown.
        post_flair: Whether the flair of the post is shown.
        author_flair: Whether the flair of the author is shown.
        marks: Whether "OP", "moderator", "admin" and "stickied" are shown.
        edited: Whether the date of an edit is shown, like "edited 2026-01-09".
        lost: Whether a deletion is shown, like "deleted since; text of 2026-01-05".
        imported: Whether "imported" is shown for a text that is known only from an imported bag.
        removed_text: The text in place of one that was removed before it was captured; None for
            what Reddit shows.
        left_out: The mark for comments that are left out.
        separator: The text between the parts of the author line. Spaces are added around it.
        callout: The type of callout that each quote is in Obsidian, like "quote", or "quote-" for a
            folded one; "" for a plain quote. Other targets have no callouts.
        images: "link", "embed" or "local"; None for the setting `quote: images`.
    """

    heading: bool = True
    heading_level: int = 3
    heading_subreddit: bool = True
    post_prefix: str = "Posted by"
    comment_prefix: str = ""
    name_prefix: str = "posts"
    author_link: str = "profile"
    author_format: str = "plain"
    nobody: str = "[deleted]"
    date: str = "none"
    date_format: str = "%Y-%m-%d"
    relative_to: str = "snapshot"
    permalink: bool = False
    score: bool = False
    post_flair: bool = False
    author_flair: bool = False
    marks: bool = False
    edited: bool = False
    lost: bool = False
    imported: bool = False
    removed_text: str | None = None
    left_out: str = "[…]"
    separator: str = "·"
    callout: str = ""
    images: str | None = None


STYLE_CHOICES: Mapping[str, tuple[str, ...]] = {
    "name_prefix": ("posts", "all", "none"),
    "author_link": ("profile", "permalink", "none"),
    "author_format": ("plain", "bold", "italic"),
    "date": ("none", "absolute", "relative"),
    "relative_to": ("snapshot", "post"),
    "images": ("link", "embed", "local"),
}
PLAIN_STYLE = Style()
BUILT_IN_STYLES: Mapping[str, Style] = {
    "plain": PLAIN_STYLE,
    "dated": Style(date="absolute", permalink=True, edited=True, lost=True, imported=True),
    "full": Style(
        name_prefix="all",
        date="absolute",
        date_format="%Y-%m-%d %H:%M UTC",
        permalink=True,
        score=True,
        post_flair=True,
        author_flair=True,
        marks=True,
        edited=True,
        lost=True,
        imported=True,
        removed_text="(gone before it was saved)",
    ),
}


@dataclass(frozen=True, slots=True)
class RenderContext:
    """How a quote is written; see the arguments of `quote.render`."""

    target: str = "markdown"
    style: Style = PLAIN_STYLE
    is_literal: bool = False
    image_sources: Mapping[str, str] | None = None
    captured_at: datetime | None = None
    last_seen: Mapping[str, datetime] = field(default_factory=dict)
    width: int = 0

    @property
    def dialect(self) -> Dialect:
        """The dialect of the target."""
        return targets.get_target(self.target)


def describe_unknown_style(name: str, styles: Mapping[str, Style]) -> str:
    """Return a message that names a similar style, or all styles."""
    import difflib  # 1 ms

    if close_matches := difflib.get_close_matches(name, styles, n=1):
        return f"unknown style '{name}', did you mean '{close_matches[0]}'?"
    return f"unknown style '{name}'; choose from {', '.join(styles)}"
