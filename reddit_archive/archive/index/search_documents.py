"""What is searched: each text that a thread ever had, once, with what became of it. Pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from reddit_archive.archive.snapshot_format import Snapshot, write_time
from reddit_archive.history import History, Life, Version, timeline
from reddit_archive.model.content import REDDIT, Post, described_post, subreddit
from reddit_archive.model.json_fields import moment
from reddit_archive.model.json_fields import text as field

Said3 = tuple[str, str, str]
"""A title, a body, and what is beside it."""
NOTHING = ("", "", "")
UNKEPT = str.maketrans({0: "\ufffd"})
"""SQLite takes a text to end there."""


class Text(NamedTuple):
    """A text as it stood once. `beside` are a post's link, captions and poll.

    `is_former` means that it was changed since, `is_overwrite` that a tool wrote it to wipe
    another. `as_of` is a time at which a quote shows it, "" where none does.
    """

    thread_id: str
    fullname: str
    subreddit: str
    thread_title: str
    author: str | None
    created_at: str | None
    permalink: str
    lost: str | None
    is_edited: bool
    is_former: bool
    is_overwrite: bool
    first_seen: str
    last_seen: str
    as_of: str
    title: str
    body: str
    beside: str

    @property
    def quoting(self) -> str:
        """The command that quotes it, or that shows it where no quote does."""
        if self.is_overwrite or (self.is_former and not self.as_of):
            return f"archive diff {self.thread_id}"
        comment = f" --comment {self.fullname[3:]}" if self.fullname.startswith("t1_") else ""
        as_of = f" --as-of {self.as_of}" if self.is_former else ""
        return f"archive quote {self.thread_id}{comment}{as_of}"


def read(past: History, shots: Sequence[Snapshot]) -> Iterator[Text]:
    """Give the texts of a thread, those of one post or comment together, the newest last."""
    latest = past.post.latest if past.post else None
    title = clean(latest.title) if latest else ""
    if past.post is None:
        raws = (each.latest.raw for each in past.comments if each.latest)
        described = described_post(past.thread_id, raws)
        title = clean(described.title) if described else ""
    times = {shot.capture.captured_at for shot in shots}
    for each in past.lives.values():
        yield from _of(past.thread_id, each, title, times)


def _of(thread_id: str, of: Life, title: str, times: set[datetime]) -> Iterator[Text]:
    distinct: dict[Said3, Version] = {}
    shown = None  # by a quote, so it is the newest
    latest = of.latest
    is_post = of.fullname.startswith("t3_")
    if latest is not None:
        shown = _said(latest, is_post)
        distinct[shown] = latest
    for version in reversed(of.versions):
        if version is not latest:
            distinct.setdefault(_said(version, is_post), version)
    distinct.pop(NOTHING, None)
    is_edited = bool(of.events) and any(event.kind == timeline.EDITED for event in of.events)
    for said, version in reversed(distinct.items()):
        created = moment(version.raw, "created_utc")
        last_seen = _written(version.last_seen)
        yield Text(
            thread_id,
            of.fullname,
            clean(subreddit(version.raw)),
            title,
            clean(of.author) if of.author else None,
            write_time(created) if created else None,
            clean(_permalink(thread_id, of.fullname, version)),
            of.lost,
            is_edited,
            said != shown,
            version.is_overwrite,
            _written(version.first_seen),
            last_seen,
            last_seen if version.last_seen in times else "",
            *said,
        )


_written = lru_cache(maxsize=64)(write_time)  # of most texts these times are the same


def _said(version: Version, is_post: bool) -> Said3:
    body = clean(_body(version))
    return (clean(version.title), body, clean(_beside(version))) if is_post else ("", body, "")


def _body(version: Version) -> str:
    body = version.body
    if body or not version.html:
        return body
    from reddit_archive import markup  # takes longer to load than to search

    return markup.convert(version.html, target="text")


def _beside(version: Version) -> str:
    post = Post(version.raw)
    captions = (picture.caption for picture in post.pictures)
    options = (option.text for option in post.poll)
    return "\n".join(filter(None, (post.link, *captions, *options)))


def _permalink(thread_id: str, fullname: str, version: Version) -> str:
    path = field(version.raw, "permalink")
    if path.startswith("/"):
        return f"{REDDIT}{path}"
    comment = f"_/{fullname[3:]}/" if fullname.startswith("t1_") else ""
    return f"{REDDIT}/comments/{thread_id}/{comment}"


def clean(text: str) -> str:
    """Leave out what no database takes: halves of characters, and zeros."""
    if text.isascii() and "\0" not in text:
        return text
    return text.encode("utf-8", "replace").decode().translate(UNKEPT)
