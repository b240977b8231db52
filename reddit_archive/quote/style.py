"""Styles: how attribution looks. Facts alone; plain fields that config.yaml can set.

`plain` is what a person would type by hand, `dated` adds when, `full` adds all that Reddit tells.
"""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Style:
    """What stands around a quoted text; every default is that of `plain`.

    heading           whether there is one, of `heading_level`, with the subreddit before the title
    post_prefix       words before the author of the post; `comment_prefix`: of a comment
    name_prefix       which names begin with `u/`: those of posts, all or none
    author_link       where the author's name leads: the profile, the permalink, or nowhere
    nobody            what stands for an author that Reddit no longer names
    date              none, absolute (written as `date_format`, in UTC) or relative: so long
                      before the last look at the thread, or so long after the post
    permalink         whether the date, or else the word "link", leads to what is quoted
    score, post_flair, author_flair
    marks             "OP", "moderator", "admin" and "stickied"
    edited            "edited 2026-01-09"
    lost              "deleted since; text of 2026-01-05", where Reddit no longer shows it
    imported          "imported", if the text is known only from an imported bag
    removed_text      what stands for a text that was gone before it was seen; without it, what
                      Reddit shows there
    left_out          what stands for what is not quoted
    separator         what stands between the parts of the author line, with spaces around it
    images            link, embed or local; without it, what `quote: images` says
    """

    heading: bool = True
    heading_level: int = 3
    heading_subreddit: bool = True
    post_prefix: str = "Posted by"
    comment_prefix: str = ""
    name_prefix: str = "posts"
    author_link: str = "profile"
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
    images: str | None = None


STYLE_CHOICES: Mapping[str, tuple[str, ...]] = {
    "name_prefix": ("posts", "all", "none"),
    "author_link": ("profile", "permalink", "none"),
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
    """How a quote is written: for which target, in which style, and what the style may tell.

    is_literal  keeps kramdown from making quotation marks and dashes typographic
    pictures    the addresses whose links become pictures, each with where to show it from
    at          when the thread was last looked at: a relative date counts back from then
    seen        when each text that is gone since was last seen, by fullname
    """

    target: str = "markdown"
    style: Style = PLAIN_STYLE
    is_literal: bool = False
    image_sources: Mapping[str, str] | None = None
    captured_at: datetime | None = None
    last_seen: Mapping[str, datetime] = field(default_factory=dict)


def describe_unknown_style(name: str, styles: Mapping[str, Style]) -> str:
    """Say in one sentence that there is no style of this name, and which ones there are."""
    close_matches = difflib.get_close_matches(name, styles, n=1)
    suggestion = (
        f"did you mean '{close_matches[0]}'?" if close_matches else f"there are {', '.join(styles)}"
    )
    return f"'{name}' is no style; {suggestion}"
