"""What a template is given: a thread as its page shows it, each value ready to be written."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from reddit_archive.export.site.figures import Figure
from reddit_archive.export.site.revisions import HistoryView
from reddit_archive.model.capture import MissingComments


@dataclass(frozen=True, slots=True)
class AuthorView:
    """Who said it; `url` is None where the name leads nowhere."""

    name: str
    url: str | None
    hue: int


@dataclass(frozen=True, slots=True)
class ItemView:
    """What a post and a comment have in common on a page.

    `states` says how it stood from which snapshot on, `scores` the points: see script.js.
    `older` are the texts that it had at earlier snapshots. `quote` is what is copied.
    """

    anchor: str
    author: AuthorView
    labels: tuple[str, ...]
    flair: str
    score: int | None
    created_at: datetime | None
    edited: datetime | bool
    deletion_status: str
    is_preserved: bool
    is_redacted: bool
    html: Markup
    older_texts: tuple[Markup, ...]
    states: str
    scores: str
    history: HistoryView | None
    figures: tuple[Figure, ...]
    permalink: str
    quote: str


@dataclass(frozen=True, slots=True)
class CrosspostParentView:
    """The post that a crosspost passes on."""

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
    """What is of a post alone."""

    title: str
    subreddit: str
    link: Markup | None
    gallery: tuple[Figure, ...]
    poll: tuple[tuple[str, int | None], ...]
    crosspost_parent: CrosspostParentView | None


@dataclass(frozen=True, slots=True)
class CommentView:
    """A comment in its place: `closes` so many branches before it, and `opens` its own."""

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
    """All of a page. `closes` are the branches that are open at its end."""

    thread_id: str
    header: PostHeaderView | None
    post: ItemView | None
    comments: Sequence[CommentView]
    closing_count: int
    missing: tuple[MissingComments, ...]
    snapshot_times: tuple[datetime, ...]
    sources: tuple[str, ...]
    quote_start: str
