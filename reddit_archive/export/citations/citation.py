"""Collect the facts that a citation of a post or comment needs.

APA (7th edition) uses the first 20 words of a comment as its title and the user name as its author,
and adds the type in brackets. Without an author, the title comes first.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from reddit_archive import markup
from reddit_archive.export.thread_data import ThreadData
from reddit_archive.history import ItemTimeline
from reddit_archive.markup import bidi, find_text, shown_tree
from reddit_archive.model.content import REDDIT_URL, Comment, Post, UserContent

MAX_TITLE_WORDS = 20
MAX_WORD_LENGTH = 100
PLAIN_URL = re.compile(r"https://www\.reddit\.com/[A-Za-z0-9/_.:-]*")


@dataclass(frozen=True, slots=True)
class Citation:
    """The facts about a cited post or comment.

    `key` never changes. `post_title` is set for comments. `accessed` is when the text was last seen
    on Reddit. `note` names the subreddit, and says whether the text was deleted since.
    """

    key: str
    is_comment: bool
    author: str | None
    title: str
    post_title: str | None
    issued: datetime | None
    accessed: datetime
    url: str
    note: str


def build_citation(thread_data: ThreadData, content: UserContent) -> Citation:
    thread, timeline, heading = (
        thread_data.thread,
        thread_data.get_timeline(content),
        thread_data.thread.post_metadata,
    )
    is_comment = isinstance(content, Comment)
    return Citation(
        key=f"reddit-{thread.id}{f'-{content.id}' if is_comment else ''}",
        is_comment=is_comment,
        author=_to_single_line(timeline.author) if timeline.author else None,
        title=_build_title(content, timeline),
        post_title=_to_single_line(heading.title)
        if heading and heading.title and is_comment
        else None,
        issued=content.created_at,
        accessed=thread_data.get_text_last_seen(content),
        url=_build_url(thread_data, content),
        note=_build_note(thread_data, content, timeline),
    )


def _build_title(content: UserContent, timeline: ItemTimeline) -> str:
    """Return the post's title, or the first words of a comment as they are displayed."""
    title = (
        content.title
        if isinstance(content, Post)
        else _get_first_words(content)
        if timeline.last_author_version
        else ""
    )
    kind = "Post" if isinstance(content, Post) else "Comment"
    return _to_single_line(title) or (
        f"[{kind} {timeline.deletion_status}]"
        if timeline.deletion_status
        else f"[{kind} without text]"
    )


def _get_first_words(content: UserContent) -> str:
    root = shown_tree.parse(content.html, content.media)
    words = find_text.extract_line(root).split()[:MAX_TITLE_WORDS]
    return " ".join(
        word if len(word) <= MAX_WORD_LENGTH else f"{word[:MAX_WORD_LENGTH]}…" for word in words
    )


def _build_url(thread_data: ThreadData, content: UserContent) -> str:
    """Return the permalink, without the words of the title if they would need escapes."""
    if isinstance(content, Post):
        permalink, short_url = content.permalink, f"{REDDIT_URL}/comments/{thread_data.thread.id}/"
    else:
        permalink = thread_data.thread.permalink(content.id)
        short_url = f"{REDDIT_URL}/comments/{thread_data.thread.id}/_/{content.id}/"
    return permalink if PLAIN_URL.fullmatch(permalink) else short_url


def _build_note(thread_data: ThreadData, content: UserContent, timeline: ItemTimeline) -> str:
    post = thread_data.thread.post_metadata
    parts = [_to_single_line(post.subreddit)] if post else []
    if timeline.is_preserved:
        parts.append(
            f"{timeline.deletion_status} since; text of "
            f"{thread_data.get_text_last_seen(content):%Y-%m-%d}"
        )
    elif timeline.deletion_status:
        parts.append(f"{timeline.deletion_status} before it was saved")
    if content.is_redacted:
        parts.append("redacted in the archive")
    return ", ".join(parts)


def _to_single_line(text: str) -> str:
    return " ".join(bidi.drop(markup.escape_text(text, target="text")).split())
