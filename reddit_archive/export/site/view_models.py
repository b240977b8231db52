"""What a template is given: a thread as its page shows it, each value ready to be written."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from reddit_archive.export.site.figures import Figure
from reddit_archive.export.site.revisions import Past
from reddit_archive.model.capture import Gap


@dataclass(frozen=True, slots=True)
class Author:
    """Who said it; `url` is None where the name leads nowhere."""

    name: str
    url: str | None
    hue: int


@dataclass(frozen=True, slots=True)
class Speech:
    """What a post and a comment have in common on a page.

    `states` says how it stood from which snapshot on, `scores` the points: see script.js.
    `older` are the texts that it had at earlier snapshots. `quote` is what is copied.
    """

    anchor: str
    author: Author
    marks: tuple[str, ...]
    flair: str
    score: int | None
    created: datetime | None
    edited: datetime | bool
    lost: str
    is_kept: bool
    is_redacted: bool
    html: Markup
    older: tuple[Markup, ...]
    states: str
    scores: str
    past: Past | None
    figures: tuple[Figure, ...]
    permalink: str
    quote: str


@dataclass(frozen=True, slots=True)
class Origin:
    """The post that a crosspost passes on."""

    title: str
    subreddit: str
    permalink: str
    author: Author
    html: Markup
    link: Markup | None
    gallery: tuple[Figure, ...]
    poll: tuple[tuple[str, int | None], ...]


@dataclass(frozen=True, slots=True)
class Head:
    """What is of a post alone."""

    title: str
    subreddit: str
    link: Markup | None
    gallery: tuple[Figure, ...]
    poll: tuple[tuple[str, int | None], ...]
    origin: Origin | None


@dataclass(frozen=True, slots=True)
class Entry:
    """A comment in its place: `closes` so many branches before it, and `opens` its own."""

    speech: Speech
    level: int
    closes: int
    opens: bool
    below: int
    answers: tuple[str, str] | None
    is_astray: bool
    missing: tuple[Gap, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """All of a page. `closes` are the branches that are open at its end."""

    thread_id: str
    head: Head | None
    speech: Speech | None
    entries: Sequence[Entry]
    closes: int
    missing: tuple[Gap, ...]
    snapshots: tuple[datetime, ...]
    sources: tuple[str, ...]
    quote_start: str
