"""Who said it, where and when: the heading and the author lines of a quote, in a style.

Whatever somebody typed (a title, a name, a flair) is escaped for the target, as is what a style
holds; the parts of a line have spaces between them, so that no two of them grow together.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from urllib.parse import quote as percent_encode

from reddit_archive import markup
from reddit_archive.model.content import REDDIT, Post, Said
from reddit_archive.model.json_fields import text
from reddit_archive.model.thread import Thread
from reddit_archive.quote.layout import Item
from reddit_archive.quote.style import Manner

REDACTED = "[redacted]"
_BARE = frozenset({"[…]", "[deleted]", REDACTED})  # every renderer shows these as they are
# Obsidian's mathematics: the one mark that a part alone may leave open, and another one close.
_DOLLAR = re.compile(r"(?<!\\)((?:\\\\)*)\$")
_SPANS = (("year", 365 * 86_400), ("month", 30 * 86_400), ("day", 86_400), ("hour", 3_600))


def heading(thread: Thread, manner: Manner) -> str:
    """Write the subreddit, and the title as a link to the thread."""
    style, target = manner.style, manner.target
    where = ""
    post = thread.heading
    if post is None:
        title, url = f"Thread {thread.id}", f"{REDDIT}/comments/{thread.id}/"
    else:
        untitled = f"Thread {thread.id}" if thread.post is None else "(no title)"
        title, url = post.title or untitled, post.permalink
        if style.heading_subreddit and (thread.post is not None or post.raw.get("subreddit")):
            where = f"{markup.text(post.subreddit, target=target)}: "
    line = f"{where}{markup.link(title, url, target=target)}"
    line = _joined(line, manner)
    match target:
        case "html":
            return f"<h{style.heading_level}>{line}</h{style.heading_level}>"
        case "text":
            return line
        case _:
            return f"{'#' * style.heading_level} {line}"


def left_out(manner: Manner) -> str:
    """Write the mark for what is not quoted."""
    return _own(manner.style.left_out, manner)


def author_line(item: Item, thread: Thread, manner: Manner) -> str:
    """Write who speaks, and all that the style tells of them and of what they say."""
    said, style = item.said, manner.style
    assert said is not None
    prefix = style.post_prefix if isinstance(said, Post) else style.comment_prefix
    who = f"{_own(prefix, manner)} {_author(said, thread, manner)}".lstrip(" ")
    if item.answers is not None:
        name = item.answers.author
        label = style.nobody if name is None else name
        link = markup.link(label, thread.permalink(item.answers.id), target=manner.target)
        who += f" in reply to {link}"
    between = f" {_own(style.separator, manner)} " if style.separator else " "
    parts = [who, *_particulars(said, thread, manner)]
    return _joined(between.join(part for part in parts if part), manner)


def _particulars(said: Said, thread: Thread, manner: Manner) -> Iterator[str]:
    """The parts of an author line after the name; "" for one that is not known."""
    style = manner.style
    for label in _labels(said, manner):
        yield _own(label, manner)
    when = _when(said, thread, manner) if style.date != "none" else ""
    if style.permalink:
        url = _permalink(said, thread)
        yield markup.link(when or "link", url, target=manner.target)
    else:
        yield _own(when, manner)
    if style.score and said.score is not None:
        yield f"{said.score:,} point{'s' * (said.score != 1)}"
    if style.edited:
        yield _own(_edited(said, manner), manner)
    if style.imported and said.is_imported:
        yield _own("imported", manner)
    if style.lost and said.is_kept:
        yield _own(_lost(said, manner), manner)


def _labels(said: Said, manner: Manner) -> Iterator[str]:
    style = manner.style
    if style.post_flair and isinstance(said, Post):
        yield text(said.raw, "link_flair_text")
    if style.author_flair:
        yield text(said.raw, "author_flair_text")
    if style.marks:
        yield "OP" if said.raw.get("is_submitter") is True else ""
        yield said.distinguished or ""
        yield "stickied" if said.is_stickied else ""


def _author(said: Said, thread: Thread, manner: Manner) -> str:
    style = manner.style
    if said.author is None:
        return _own(REDACTED if said.is_redacted else style.nobody, manner)
    has_u = style.name_prefix == "all" or (style.name_prefix == "posts" and isinstance(said, Post))
    name = f"{'u/' * has_u}{said.author}"
    match style.author_link:
        case "permalink":
            url = _permalink(said, thread)
        case "profile" if said.has_profile:
            url = f"{REDDIT}/user/{percent_encode(said.author, safe='', errors='replace')}/"
        case _:
            return markup.text(name, target=manner.target)
    return markup.link(name, url, target=manner.target)


def _permalink(said: Said, thread: Thread) -> str:
    return said.permalink if isinstance(said, Post) else thread.permalink(said.id)


def _when(said: Said, thread: Thread, manner: Manner) -> str:
    written = said.created_at
    if written is None:
        return ""
    if manner.style.date == "relative" and manner.style.relative_to == "snapshot" and manner.at:
        return f"{_span(written, manner.at)} before it was saved"
    posted = thread.post.created_at if thread.post else None
    is_answer = not isinstance(said, Post) and posted is not None
    if manner.style.date == "relative" and manner.style.relative_to == "post" and is_answer:
        assert posted is not None
        return f"{_span(posted, written)} after the post"
    return _date(written, manner)


def _edited(said: Said, manner: Manner) -> str:
    if said.edited_at is not None:
        return f"edited {_date(said.edited_at, manner)}"
    return "edited" if said.raw.get("edited") is True else ""


def _lost(said: Said, manner: Manner) -> str:
    seen = manner.seen.get(said.fullname)
    return f"{said.lost} since" + (f"; text of {_date(seen, manner)}" if seen else "")


def _date(moment: datetime, manner: Manner) -> str:
    return moment.strftime(manner.style.date_format)


def _span(start: datetime, end: datetime) -> str:
    """So many years, months, days, hours or minutes, rounded down: "3 days"."""
    seconds = (end - start).total_seconds()
    for name, length in (*_SPANS, ("minute", 60)):
        if count := max(0, int(seconds // length)):
            return f"{count} {name}{'s' * (count != 1)}"
    return "less than a minute"


def _own(plain: str, manner: Manner) -> str:
    return plain if plain in _BARE else markup.text(plain, target=manner.target)


def _joined(line: str, manner: Manner) -> str:
    """Keep the parts of a line from meaning something together."""
    is_math = manner.target == "obsidian" and line.count("$") > 1
    return _DOLLAR.sub(r"\1\\$", line) if is_math else line
