"""Writes the heading and the author lines of a quote in a style.

Titles, names, flairs and the texts of a style are escaped for the target. Spaces separate the parts
of a line, so two of them can't merge.
"""

from collections.abc import Iterator
from datetime import datetime
from urllib.parse import quote as percent_encode

from reddit_archive import markup
from reddit_archive.model.content import REDDIT_URL, Post, UserContent
from reddit_archive.model.json_fields import get_str
from reddit_archive.model.thread import Thread
from reddit_archive.quote.layout import QuoteItem
from reddit_archive.quote.style import RenderContext, Style

REDACTED_LABEL = "[redacted]"
UNKNOWN_LABEL = "[unknown]"
# Every renderer shows these as they are.
_SAFE_LABELS = frozenset({"", "[…]", "[deleted]", REDACTED_LABEL, UNKNOWN_LABEL})
_TIME_UNITS = (("year", 365 * 86_400), ("month", 30 * 86_400), ("day", 86_400), ("hour", 3_600))


def render_heading(thread: Thread, context: RenderContext) -> str:
    """Write the subreddit and the title, which links to the thread."""
    style, target = context.style, context.target
    subreddit_prefix = ""
    post = thread.post_metadata
    if post is None:
        title, url = f"Thread {thread.id}", f"{REDDIT_URL}/comments/{thread.id}/"
    else:
        fallback_title = f"Thread {thread.id}" if thread.post is None else "(no title)"
        title, url = post.title or fallback_title, post.permalink
        if style.heading_subreddit and (thread.post is not None or post.raw.get("subreddit")):
            subreddit_prefix = f"{markup.escape_text(post.subreddit, target=target)}: "
    line = f"{subreddit_prefix}{markup.format_link(title, url, target=target)}"
    dialect = context.dialect
    heading = dialect.write_heading(dialect.escape_joined_line(line), style.heading_level)
    return markup.wrap_line(heading, context.width)


def render_omission_mark(context: RenderContext) -> str:
    """Write the mark for comments that are left out."""
    return _escape_text(context.style.left_out, context)


def render_author_line(item: QuoteItem, thread: Thread, context: RenderContext) -> str:
    """Write the author and the details that the style shows."""
    content, style = item.content, context.style
    assert content is not None
    prefix = style.post_prefix if isinstance(content, Post) else style.comment_prefix
    author = f"{_escape_text(prefix, context)} {_render_author(content, thread, context)}".lstrip(
        " "
    )
    if item.in_reply_to is not None:
        name = item.in_reply_to.author
        label = _choose_missing_author_label(item.in_reply_to, style) if name is None else name
        link = markup.format_link(
            label, thread.permalink(item.in_reply_to.id), target=context.target
        )
        author += f" in reply to {link}"
    separator = f" {_escape_text(style.separator, context)} " if style.separator else " "
    parts = [author, *_iter_details(content, thread, context)]
    line = context.dialect.escape_joined_line(separator.join(part for part in parts if part))
    return context.dialect.write_callout(line, style.callout)


def _iter_details(content: UserContent, thread: Thread, context: RenderContext) -> Iterator[str]:
    """Yield the parts of an author line after the name; "" for an unknown one."""
    style = context.style
    for label in _iter_labels(content, context):
        yield _escape_text(label, context)
    date_text = _format_creation_date(content, thread, context) if style.date != "none" else ""
    if style.permalink:
        url = _get_permalink(content, thread)
        yield markup.format_link(date_text or "link", url, target=context.target)
    else:
        yield _escape_text(date_text, context)
    if style.score and content.score is not None:
        yield f"{content.score:,} point{'s' * (content.score != 1)}"
    if style.edited:
        yield _escape_text(_format_edit_date(content, context), context)
    if style.imported and content.is_imported:
        yield _escape_text("imported", context)
    if style.lost and content.is_preserved:
        yield _escape_text(_format_deletion(content, context), context)


def _iter_labels(content: UserContent, context: RenderContext) -> Iterator[str]:
    style = context.style
    if style.post_flair and isinstance(content, Post):
        yield get_str(content.raw, "link_flair_text")
    if style.author_flair:
        yield get_str(content.raw, "author_flair_text")
    if style.marks:
        yield "OP" if content.raw.get("is_submitter") is True else ""
        yield content.distinguished or ""
        yield "stickied" if content.is_stickied else ""


def _render_author(content: UserContent, thread: Thread, context: RenderContext) -> str:
    style, author = context.style, content.author
    if author is None:
        label = REDACTED_LABEL if content.is_redacted else ""
        return _escape_text(label or _choose_missing_author_label(content, style), context)
    has_user_prefix = style.name_prefix == "all" or (
        style.name_prefix == "posts" and isinstance(content, Post)
    )
    name = f"{'u/' * has_user_prefix}{author}"
    match style.author_link:
        case "permalink":
            url = _get_permalink(content, thread)
        case "profile" if content.has_profile:
            url = f"{REDDIT_URL}/user/{percent_encode(author, safe='', errors='replace')}/"
        case _:
            url = ""
    link = (
        markup.format_link(name, url, target=context.target)
        if url
        else markup.escape_text(name, target=context.target)
    )
    return context.dialect.write_author(link, style.author_format)


def _choose_missing_author_label(content: UserContent, style: Style) -> str:
    """Return the label of a deleted author, or of one that a saved page does not show."""
    return UNKNOWN_LABEL if content.is_author_unknown else style.nobody


def _get_permalink(content: UserContent, thread: Thread) -> str:
    return content.permalink if isinstance(content, Post) else thread.permalink(content.id)


def _format_creation_date(content: UserContent, thread: Thread, context: RenderContext) -> str:
    created_at = content.created_at
    if created_at is None:
        return ""
    if (
        context.style.date == "relative"
        and context.style.relative_to == "snapshot"
        and context.captured_at
    ):
        return f"{_format_duration(created_at, context.captured_at)} before it was saved"
    post_created_at = thread.post.created_at if thread.post else None
    is_reply = not isinstance(content, Post) and post_created_at is not None
    if context.style.date == "relative" and context.style.relative_to == "post" and is_reply:
        assert post_created_at is not None
        return f"{_format_duration(post_created_at, created_at)} after the post"
    return _format_date(created_at, context)


def _format_edit_date(content: UserContent, context: RenderContext) -> str:
    if content.edited_at is not None:
        return f"edited {_format_date(content.edited_at, context)}"
    return "edited" if content.raw.get("edited") is True else ""


def _format_deletion(content: UserContent, context: RenderContext) -> str:
    last_seen = context.last_seen.get(content.fullname)
    return f"{content.deletion_status} since" + (
        f"; text of {_format_date(last_seen, context)}" if last_seen else ""
    )


def _format_date(timestamp: datetime, context: RenderContext) -> str:
    return timestamp.strftime(context.style.date_format)


def _format_duration(start: datetime, end: datetime) -> str:
    """Format a duration in its largest unit, rounded down, like "3 days"."""
    seconds = (end - start).total_seconds()
    for name, length in (*_TIME_UNITS, ("minute", 60)):
        if count := max(0, int(seconds // length)):
            return f"{count} {name}{'s' * (count != 1)}"
    return "less than a minute"


def _escape_text(plain_text: str, context: RenderContext) -> str:
    return (
        plain_text
        if plain_text in _SAFE_LABELS
        else markup.escape_text(plain_text, target=context.target)
    )
