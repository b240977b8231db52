"""A thread as its page shows it: the post, and its comments as a list with levels."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import quote as percent_encode

from markupsafe import Markup

from reddit_archive import history
from reddit_archive.archive import pseudonyms
from reddit_archive.archive.snapshot_format import Snapshot
from reddit_archive.export.site import revisions, safe_html
from reddit_archive.export.site.copyable_quotes import Quotes, Quoting
from reddit_archive.export.site.figures import Pictures
from reddit_archive.export.site.revisions import Phase, Said
from reddit_archive.export.site.view_models import Author, Entry, Head, Origin, Sheet, Speech
from reddit_archive.history import History
from reddit_archive.history.timeline import Life
from reddit_archive.model.capture import Gap
from reddit_archive.model.content import REDDIT, Comment, Post
from reddit_archive.model.json_fields import text
from reddit_archive.model.thread import Thread

MOST_LEVELS = 20
"""Deeper comments stand below each other and name whom they answer; a browser ends at 512."""
NAMED_FROM = 8
"""From this level on a narrow step no longer shows who is answered."""
TEXT_FIELDS = ("body", "body_html", "selftext", "selftext_html")


class Drawer:
    """Draws the sheet of one thread from all of its snapshots; with a key, under pseudonyms."""

    def __init__(
        self, thread_id: str, shots: Sequence[Snapshot], quoting: Quoting, key: bytes | None
    ) -> None:
        captures = [shot.capture for shot in shots]
        seen = history.look(captures)
        self.history: History = history.trace(thread_id, seen)
        merged = history.merge(thread_id, seen)
        self.phases = revisions.phases(captures, self.history, merged)
        self.thread: Thread = pseudonyms.apply(merged, key) if key else merged
        self.rename: Callable[[Any], Any] = (
            (lambda raw: pseudonyms.data(raw, key)) if key else (lambda raw: raw)
        )
        self.pictures = Pictures(shots, self.rename)
        self.shots = shots
        lives = self.history.lives
        self._quotes = Quotes(
            self.thread,
            quoting,
            pictures=self.pictures.embeddable if quoting.embeds else None,
            at=captures[-1].captured_at,
            seen={name: life.latest.last_seen for name, life in lives.items() if life.latest},
        )

    def lives(self) -> Iterator[tuple[Said, Life]]:
        """Give the post and the comments in reading order, each with its life."""
        if self.thread.post is not None:
            yield self.thread.post, self.history.lives[self.thread.post.fullname]
        for comment in self.thread.comments.values():
            yield comment, self.history.lives[comment.fullname]

    def draw(self) -> Sheet:
        post, heading = self.thread.post, self.thread.heading
        gaps: dict[str, list[Gap]] = {}
        for gap in self.thread.gaps:
            known = gap.parent.startswith("t1_") and gap.parent[3:] in self.thread.comments
            gaps.setdefault(gap.parent if known else "", []).append(gap)
        entries = list(self._entries(gaps))
        return Sheet(
            self.thread.id,
            self._head(heading) if heading else None,
            self._speech(post, post.permalink, self._quotes.whole()) if post else None,
            entries,
            _left_open(entries),
            tuple(gaps.get("", ())),
            tuple(shot.capture.captured_at for shot in self.shots),
            tuple(shot.capture.source for shot in self.shots),
            self._quotes.start,
        )

    def _entries(self, gaps: Mapping[str, list[Gap]]) -> Iterator[Entry]:
        thread, open_levels = self.thread, 0
        below = _counts(thread)
        for comment_id, comment in thread.comments.items():
            full = thread.level(comment_id)
            level = min(full, MOST_LEVELS)
            opens = full < MOST_LEVELS and bool(thread.replies(comment_id))
            parent = thread.parent(comment_id)
            yield Entry(
                self._speech(comment, thread.permalink(comment_id), self._quotes.ending(comment)),
                level,
                open_levels - (level - 1),
                opens,
                below[comment_id],
                self._answered(parent) if parent and full > NAMED_FROM else None,
                thread.is_astray(comment_id),
                tuple(gaps.get(comment.fullname, ())),
            )
            open_levels = level - 1 + opens

    def _answered(self, comment_id: str) -> tuple[str, str]:
        comment = self.thread.comments[comment_id]
        return comment.fullname, _author(comment).name

    def _speech(self, said: Said, permalink: str, quote: str) -> Speech:
        name = said.fullname
        life = self.history.lives[name]
        phases = self.phases.get(name, [])
        html = safe_html.shown(said, self.pictures.shown)
        older, states = self._states(phases, said, html)
        lost = life.lost or said.lost or ""
        return Speech(
            name,
            _author(said),
            _marks(said),
            safe_html.line(_flair(said)),
            said.score,
            said.created_at,
            said.edited_at or said.raw.get("edited") is True,
            lost,
            bool(lost) and bool(html),
            said.is_redacted,
            html,
            older,
            states,
            _scores(phases),
            revisions.past_of(life, self.rename),
            self.pictures.beside(name, html, self._gallery_urls(said)),
            permalink,
            quote,
        )

    def _states(
        self, phases: Sequence[Phase], now: Said, html: Markup
    ) -> tuple[tuple[Markup, ...], str]:
        """The texts of all phases but the last one's, and which of them stood when.

        Text 0 is the one that the page shows at first.
        """
        known = [html]
        rows: list[str] = []
        drawn: dict[tuple[Any, ...], Markup] = {}
        for phase in phases:
            raw = phase.said.raw
            typed = tuple(map(raw.get, TEXT_FIELDS))  # most phases differ in their points alone
            if typed not in drawn:
                said = type(phase.said)(self.rename(raw), phase.said.lost)
                is_known = safe_html.says_same(said, now)
                drawn[typed] = html if is_known else safe_html.shown(said, self.pictures.shown)
            if drawn[typed] not in known:
                known.append(drawn[typed])
            edited = "edited" if raw.get("edited") else ""
            row = f"{known.index(drawn[typed])}:{phase.lost or ''}:{edited}"
            if not rows or rows[-1].partition(":")[2] != row:
                rows.append(f"{phase.since}:{row}")
        is_always = len(rows) < 2 and all(row.startswith("0:0:") for row in rows)
        return tuple(known[1:]), "" if is_always else "|".join(rows)

    def _head(self, post: Post) -> Head:
        origin = post.crosspost
        return Head(
            safe_html.line(post.title)
            or ("(no title)" if self.thread.post else f"Thread {self.thread.id}"),
            safe_html.line(post.subreddit),
            self._link(post),
            self.pictures.gallery(post),
            tuple((safe_html.line(option.text), option.votes) for option in post.poll),
            self._origin(origin) if origin else None,
        )

    def _link(self, post: Post) -> Markup | None:
        return safe_html.link(post.link, post.link) if post.link else None

    def _origin(self, origin: Post) -> Origin:
        return Origin(
            safe_html.line(origin.title) or "(no title)",
            safe_html.line(origin.subreddit),
            origin.permalink,
            _author(origin),
            safe_html.shown(origin, self.pictures.shown),
            self._link(origin),
            self.pictures.gallery(origin),
            tuple((safe_html.line(option.text), option.votes) for option in origin.poll),
        )

    @staticmethod
    def _gallery_urls(said: Said) -> frozenset[str]:
        posts = (said, said.crosspost) if isinstance(said, Post) else ()
        return frozenset(picture.url for post in posts if post for picture in post.pictures)


def _author(said: Said) -> Author:
    if said.author is None:
        return Author("[redacted]" if said.is_redacted else "[deleted]", None, 0)
    return _named(said.author, said.has_profile)


@lru_cache(maxsize=1024)
def _named(name: str, has_profile: bool) -> Author:
    path = percent_encode(name, safe="", errors="replace")
    url = f"{REDDIT}/user/{path}/" if has_profile else None
    return Author(safe_html.line(name) or "[unnamed]", url, safe_html.hue(name))


def _marks(said: Said) -> tuple[str, ...]:
    marks = [
        "OP" if isinstance(said, Comment) and said.is_submitter else "",
        said.distinguished if said.distinguished in ("moderator", "admin") else "",
        "stickied" if said.is_stickied else "",
    ]
    if isinstance(said, Post):
        marks.append("NSFW" if said.raw.get("over_18") is True else "")
        marks.append("spoiler" if said.raw.get("spoiler") is True else "")
        marks.append("locked" if said.raw.get("locked") is True else "")
    return tuple(mark for mark in marks if mark)


def _flair(said: Said) -> str:
    is_post = isinstance(said, Post)
    return text(said.raw, "link_flair_text" if is_post else "author_flair_text")


def _scores(phases: Sequence[Phase]) -> str:
    """The points at each snapshot that showed others than the one before: "0:5|3:12"."""
    rows: list[str] = []
    for phase in phases:
        score = "" if phase.said.score is None else str(phase.said.score)
        if not rows or rows[-1].partition(":")[2] != score:
            rows.append(f"{phase.since}:{score}")
    return "|".join(rows) if len(rows) > 1 else ""


def _counts(thread: Thread) -> dict[str, int]:
    """How many comments are below each."""
    counts = dict.fromkeys(thread.comments, 0)
    for comment_id in reversed(thread.comments):
        parent = thread.parent(comment_id)
        if parent is not None:
            counts[parent] += 1 + counts[comment_id]
    return counts


def _left_open(entries: Sequence[Entry]) -> int:
    return entries[-1].level - 1 + entries[-1].opens if entries else 0
