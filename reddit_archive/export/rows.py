"""What is known of a thread as rows of plain values: what tables and lines are made of.

A text that Reddit no longer shows stands in its row as it was last seen; `lost` says what became
of it, and `is_kept` that the text is here alone. A body is None where none was ever seen.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from reddit_archive.export.thread_data import Known
from reddit_archive.history import Life, Version
from reddit_archive.model import completeness
from reddit_archive.model.content import Comment, Said
from reddit_archive.model.content import Post as Submission
from reddit_archive.model.json_fields import text


@dataclass(frozen=True, slots=True)
class Post:
    """A thread's post. If no snapshot has the post, the fields that its comments contain.

    `is_complete` and `missing` are about the thread, from all of its snapshots.
    """

    id: str
    subreddit: str | None
    title: str | None
    author: str | None
    body: str | None
    link: str | None
    permalink: str
    flair: str | None
    created_at: datetime | None
    edited_at: datetime | None
    score: int | None
    comment_count: int | None
    is_stickied: bool
    distinguished: str | None
    lost: str | None
    is_kept: bool
    is_redacted: bool
    first_seen: datetime
    last_seen: datetime
    versions: int
    is_complete: bool
    missing: int


@dataclass(frozen=True, slots=True)
class Reply:
    """A comment. `answers` is the fullname that Reddit gave; `parent_id` names a row, or none.

    `position` counts in reading order, `level` from 1.
    """

    id: str
    post_id: str
    parent_id: str | None
    answers: str
    position: int
    level: int
    author: str | None
    body: str | None
    permalink: str
    flair: str | None
    created_at: datetime | None
    edited_at: datetime | None
    score: int | None
    is_submitter: bool
    is_stickied: bool
    distinguished: str | None
    lost: str | None
    is_kept: bool
    is_redacted: bool
    first_seen: datetime
    last_seen: datetime
    versions: int


@dataclass(frozen=True, slots=True)
class Text:
    """A version of a text; `comment_id` is None for the post's own. `id` is "t1_abc/1"."""

    id: str
    post_id: str
    comment_id: str | None
    number: int
    is_latest: bool
    is_overwrite: bool
    title: str | None
    author: str | None
    flair: str | None
    body: str
    first_seen: datetime
    last_seen: datetime
    source: str


@dataclass(frozen=True, slots=True)
class Shot:
    """A snapshot. `is_complete` and `missing` are about the thread up to this snapshot.

    `missing` counts comments that are known to exist and are in no snapshot.
    """

    digest: str
    post_id: str
    captured_at: datetime
    source: str
    file: str
    size_bytes: int
    parent: str | None
    is_complete: bool
    comments: int
    missing: int


@dataclass(frozen=True, slots=True)
class Line:
    """A version of a text with all that is around it, so that it can be read by itself.

    What was there and never had a text that was seen has one line, of version 0.
    """

    id: str
    kind: str
    thread: str
    subreddit: str | None
    title: str | None
    parent: str | None
    level: int
    author: str | None
    body: str | None
    permalink: str
    created_at: datetime | None
    score: int | None
    version: int
    versions: int
    is_latest: bool
    is_overwrite: bool
    first_seen: datetime
    last_seen: datetime
    source: str | None
    lost: str | None
    is_kept: bool
    is_redacted: bool


def post(known: Known) -> Post:
    heading = known.thread.heading
    said = heading or Submission({"id": known.thread.id})
    life = known.past.lives.get(said.fullname)
    times = [shot.capture.captured_at for shot in known.shots]
    return Post(
        id=known.thread.id,
        subreddit=said.subreddit if heading else None,
        title=said.title or None,
        author=life.author if life else None,
        body=_body(life),
        link=said.link or None,
        permalink=said.permalink,
        flair=text(said.raw, "link_flair_text") or None,
        created_at=said.created_at,
        edited_at=said.edited_at,
        score=said.score,
        comment_count=said.comment_count,
        is_stickied=said.is_stickied,
        distinguished=said.distinguished,
        lost=life.lost if life else None,
        is_kept=life is not None and life.is_kept,
        is_redacted=said.is_redacted,
        first_seen=life.first_seen if life else times[0],
        last_seen=life.last_seen if life else times[-1],
        versions=len(life.versions) if life else 0,
        is_complete=known.thread.is_complete,
        missing=known.thread.missing,
    )


def replies(known: Known) -> Iterator[Reply]:
    """Give the comments in reading order, each after the one that it answers."""
    thread = known.thread
    for position, (comment_id, said) in enumerate(thread.comments.items(), 1):
        life = known.life(said)
        yield Reply(
            id=comment_id,
            post_id=thread.id,
            parent_id=thread.parent(comment_id),
            answers=said.parent,
            position=position,
            level=thread.level(comment_id),
            author=life.author,
            body=_body(life),
            permalink=thread.permalink(comment_id),
            flair=text(said.raw, "author_flair_text") or None,
            created_at=said.created_at,
            edited_at=said.edited_at,
            score=said.score,
            is_submitter=said.is_submitter,
            is_stickied=said.is_stickied,
            distinguished=said.distinguished,
            lost=life.lost,
            is_kept=life.is_kept,
            is_redacted=said.is_redacted,
            first_seen=life.first_seen,
            last_seen=life.last_seen,
            versions=len(life.versions),
        )


def texts(known: Known) -> Iterator[Text]:
    for said in known.said:
        life = known.life(said)
        for number, version in enumerate(life.versions, 1):
            yield Text(
                id=f"{said.fullname}/{number}",
                post_id=known.thread.id,
                comment_id=said.id if isinstance(said, Comment) else None,
                number=number,
                is_latest=version is life.latest,
                is_overwrite=version.is_overwrite,
                title=version.title or None,
                author=version.author,
                flair=version.flair or None,
                body=version.body,
                first_seen=version.first_seen,
                last_seen=version.last_seen,
                source=version.source,
            )


def shots(known: Known) -> Iterator[Shot]:
    states = completeness.progress(known.thread.id, (shot.capture for shot in known.shots))
    for shot, gaps in zip(known.shots, states, strict=True):
        taken = shot.capture
        yield Shot(
            digest=shot.digest,
            post_id=known.thread.id,
            captured_at=taken.captured_at,
            source=taken.source,
            file="/".join(shot.path.parts[-3:]),
            size_bytes=shot.size_bytes,
            parent=shot.parent,
            is_complete=completeness.is_complete(gaps),
            comments=sum(thing["kind"] == "t1" for thing in taken.things),
            missing=completeness.missing(gaps),
        )


def lines(known: Known) -> Iterator[Line]:
    """Give a line for each version of each text."""
    for said in known.said:
        life = known.life(said)
        for number, version in enumerate(life.versions, 1):
            yield _line(known, said, life, number, version)
        if not life.versions:
            yield _line(known, said, life, 0, None)


def _line(known: Known, said: Said, life: Life, number: int, version: Version | None) -> Line:
    thread, top = known.thread, known.thread.heading
    is_comment = isinstance(said, Comment)
    title = version.title if version and not is_comment else top.title if top else ""
    return Line(
        id=said.fullname,
        kind="comment" if is_comment else "post",
        thread=f"t3_{thread.id}",
        subreddit=top.subreddit if top else None,
        title=title or None,
        parent=said.parent if isinstance(said, Comment) else None,
        level=thread.level(said.id) if is_comment else 0,
        author=(version.author if version else None) or life.author,
        body=version.body if version else None,
        permalink=said.permalink if isinstance(said, Submission) else thread.permalink(said.id),
        created_at=said.created_at,
        score=said.score,
        version=number,
        versions=len(life.versions),
        is_latest=version is not None and version is life.latest,
        is_overwrite=version is not None and version.is_overwrite,
        first_seen=version.first_seen if version else life.first_seen,
        last_seen=version.last_seen if version else life.last_seen,
        source=version.source if version else None,
        lost=life.lost,
        is_kept=life.is_kept,
        is_redacted=said.is_redacted,
    )


def _body(life: Life | None) -> str | None:
    return life.latest.body if life and life.latest else None
