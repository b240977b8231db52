"""The documents that a search finds: every distinct text that a post or comment ever had. Pure."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from reddit_archive.archive.snapshot_format import Snapshot, format_time
from reddit_archive.history import ItemTimeline, ThreadHistory, Version, timeline
from reddit_archive.model.content import REDDIT_URL, Post, build_post_from_comments, get_subreddit
from reddit_archive.model.json_fields import get_datetime, get_str

SearchFields = tuple[str, str, str]
"""Title, body and extra text of a document."""
EMPTY_FIELDS = ("", "", "")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
NUL_REPLACEMENT = str.maketrans({0: "\ufffd"})
"""SQLite ends a text at a NUL character."""


class Document(NamedTuple):
    """One version of a post or comment. The fields are keys of `search --json`.

    Attributes:
        lost: How Reddit deleted the post or comment, if it did.
        is_edited: The post or comment was edited.
        is_former: A later version has another text.
        is_overwrite: A tool wrote this text over the author's, before deleting it.
        first_seen, last_seen: Times of the first and last capture with this text.
        as_of: A time at which `quote --as-of` shows this text; "" if there is none.
        beside: Link, captions and poll options of a post.
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
    def quote_command(self) -> str:
        """The command that quotes it, or `diff` if no quote shows it."""
        if self.is_overwrite or (self.is_former and not self.as_of):
            return f"archive diff {self.thread_id}"
        comment = f" --comment {self.fullname[3:]}" if self.fullname.startswith("t1_") else ""
        as_of = f" --as-of {self.as_of}" if self.is_former else ""
        return f"archive quote {self.thread_id}{comment}{as_of}"


class DocumentContext(NamedTuple):
    """What a document shares with most others of its thread, so that it is stored once.

    Attributes:
        permalink_base: The beginning of permalinks; "" if they are stored with each document.
        is_quotable: `quote --as-of` shows the text at the time when it was last seen.
    """

    thread_id: str
    subreddit: str
    thread_title: str
    permalink_base: str
    lost: str | None
    is_edited: bool
    is_former: bool
    is_overwrite: bool
    is_quotable: bool


class DocumentText(NamedTuple):
    """What is a document's own.

    Attributes:
        created_at, first_seen: Unix times in seconds.
        last_seen: The same; None if the text was seen once.
        permalink: None if the base and the comment's id make it.
    """

    fullname: str
    author: str | None
    created_at: int | None
    first_seen: int
    last_seen: int | None
    permalink: str | None
    title: str
    body: str
    beside: str


def build_document(context: DocumentContext, text: DocumentText) -> Document:
    """Build a document from its two parts."""
    last_seen = text.first_seen if text.last_seen is None else text.last_seen
    return Document(
        context.thread_id,
        text.fullname,
        context.subreddit,
        context.thread_title,
        text.author,
        None if text.created_at is None else _format_seconds(text.created_at),
        text.permalink or context.permalink_base + _get_permalink_end(text.fullname),
        context.lost,
        context.is_edited,
        context.is_former,
        context.is_overwrite,
        _format_seconds(text.first_seen),
        _format_seconds(last_seen),
        _format_seconds(last_seen) if context.is_quotable else "",
        text.title,
        text.body,
        text.beside,
    )


def iter_documents(
    thread_history: ThreadHistory, snapshots: Sequence[Snapshot]
) -> Iterator[tuple[DocumentContext, DocumentText]]:
    """Yield the documents of a thread, grouped by post or comment, the newest version last."""
    latest = thread_history.post.last_author_version if thread_history.post else None
    title = clean(latest.title) if latest else ""
    if thread_history.post is None:
        raws = (
            item_timeline.last_author_version.raw
            for item_timeline in thread_history.comments
            if item_timeline.last_author_version
        )
        post = build_post_from_comments(thread_history.thread_id, raws)
        title = clean(post.title) if post else ""
    capture_times = {snapshot.capture.captured_at for snapshot in snapshots}
    permalink_base = ""
    for item_timeline in thread_history.timelines.values():
        for version, search_fields, is_former in _select_versions(item_timeline):
            permalink = clean(_build_permalink(thread_history.thread_id, item_timeline, version))
            permalink_end = _get_permalink_end(item_timeline.fullname)
            if not permalink_base and permalink.endswith(permalink_end):
                permalink_base = permalink[: len(permalink) - len(permalink_end)]
            created_at = get_datetime(version.raw, "created_utc")
            first_seen, last_seen = get_seconds(version.first_seen), get_seconds(version.last_seen)
            context = DocumentContext(
                thread_history.thread_id,
                clean(get_subreddit(version.raw)),
                title,
                permalink_base,
                item_timeline.deletion_status,
                _is_edited(item_timeline),
                is_former,
                version.is_overwrite,
                version.last_seen in capture_times,
            )
            yield (
                context,
                DocumentText(
                    item_timeline.fullname,
                    clean(item_timeline.author) if item_timeline.author else None,
                    get_seconds(created_at) if created_at else None,
                    first_seen,
                    None if last_seen == first_seen else last_seen,
                    None if permalink == permalink_base + permalink_end else permalink,
                    *search_fields,
                ),
            )


def _select_versions(
    item_timeline: ItemTimeline,
) -> Iterator[tuple[Version, SearchFields, bool]]:
    """Yield each version with another text, its text, and whether a later one has another."""
    versions_by_fields: dict[SearchFields, Version] = {}
    latest_fields = None
    latest = item_timeline.last_author_version
    is_post = item_timeline.fullname.startswith("t3_")
    if latest is not None:
        latest_fields = _build_fields(latest, is_post)
        versions_by_fields[latest_fields] = latest  # first here, last in the result
    for version in reversed(item_timeline.versions):
        if version is not latest:
            versions_by_fields.setdefault(_build_fields(version, is_post), version)
    versions_by_fields.pop(EMPTY_FIELDS, None)
    for search_fields, version in reversed(versions_by_fields.items()):
        yield version, search_fields, search_fields != latest_fields


def _is_edited(item_timeline: ItemTimeline) -> bool:
    return bool(item_timeline.events) and any(
        event.kind == timeline.EDITED for event in item_timeline.events
    )


def get_seconds(time: datetime) -> int:
    """Return a time as whole seconds since 1970."""
    return (time - EPOCH) // SECOND


def _format_seconds(seconds: int) -> str:
    return format_time(EPOCH + timedelta(seconds=seconds))


def _build_fields(version: Version, is_post: bool) -> SearchFields:
    body = clean(_get_body(version))
    return (
        (clean(version.title), body, clean(_get_extra_text(version))) if is_post else ("", body, "")
    )


def _get_body(version: Version) -> str:
    body = version.body
    if body or not version.html:
        return body
    from reddit_archive import markup  # 10 ms, and few searches need it

    return markup.convert(version.html, target="text")


def _get_extra_text(version: Version) -> str:
    post = Post(version.raw)
    captions = (image.caption for image in post.gallery_images)
    options = (option.text for option in post.poll)
    return "\n".join(filter(None, (post.link, *captions, *options)))


def _build_permalink(thread_id: str, item_timeline: ItemTimeline, version: Version) -> str:
    path = get_str(version.raw, "permalink")
    if path.startswith("/"):
        return f"{REDDIT_URL}{path}"
    fullname = item_timeline.fullname
    comment = f"_/{fullname[3:]}/" if fullname.startswith("t1_") else ""
    return f"{REDDIT_URL}/comments/{thread_id}/{comment}"


def _get_permalink_end(fullname: str) -> str:
    return f"{fullname[3:]}/" if fullname.startswith("t1_") else ""


def clean(text: str) -> str:
    """Replace lone surrogates and NUL characters, which SQLite can't store."""
    if text.isascii() and "\0" not in text:
        return text
    return text.encode("utf-8", "replace").decode().translate(NUL_REPLACEMENT)
