"""The values of a thread's page, as its template needs them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from reddit_archive.export.site.figures import Figure
from reddit_archive.export.site.revisions import HistoryView
from reddit_archive.model.capture import MissingComments


@dataclass(frozen=True, slots=True)
class AuthorView:
    """The author of a post or comment; `url` is None if there is no profile."""

    name: str
    url: str | None
    hue: int


@dataclass(frozen=True, slots=True)
class ItemView:
    """The values that a post and a comment have in common.

    `states` and `scores` are the data attributes that script.js reads to show earlier snapshots;
    `older_texts` are the texts for them.
    """

    anchor: str
    author: AuthorView
    labels: tuple[str, ...]
    flair: str
    score: int | None
    created_at: datetime | None
    edited: datetime | bool
    deletion_status: str
    is_redacted: bool
    html: Markup
    older_texts: tuple[Markup, ...]
    states: str
    scores: str
    history: HistoryView | None
    figures: tuple[Figure, ...]
    permalink: str


@dataclass(frozen=True, slots=True)
class CrosspostParentView:
    """The original post of a crosspost."""

    title: str
    subreddit: str
    permalink: str
    author: AuthorView
    html: Markup
    link: Markup | None
    gallery: tuple[Figure, ...]
    poll: tuple[tuple[str, int | None], ...]


@dataclass(frozen=True, slots=True)
class PostHeaderView:
    """The values that only a post has."""

    title: str
    subreddit: str
    link: Markup | None
    gallery: tuple[Figure, ...]
    poll: tuple[tuple[str, int | None], ...]
    crosspost_parent: CrosspostParentView | None


@dataclass(frozen=True, slots=True)
class CommentView:
    """A comment, and its place in the tree.

    `closing_count` is the number of open branches that end before this comment.
    """

    item: ItemView
    depth: int
    closing_count: int
    has_nested_replies: bool
    descendant_count: int
    in_reply_to: tuple[str, str] | None
    is_orphan: bool
    missing: tuple[MissingComments, ...]


@dataclass(frozen=True, slots=True)
class ThreadView:
    """All values of a page.

    `closing_count` is the number of open branches at its end, `hidden_count` the number of comments
    that are stored and not shown.
    """

    thread_id: str
    header: PostHeaderView | None
    post: ItemView | None
    comments: Sequence[CommentView]
    closing_count: int
    missing: tuple[MissingComments, ...]
    snapshot_times: tuple[datetime, ...]
    sources: tuple[str, ...]
    quotes_path: str
    hidden_count: int
