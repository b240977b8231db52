"""A post or comment as a source that a text cites: the facts, as citation styles ask for them.

APA (7th edition) takes the first 20 words of a comment for its title, the name on the screen for
its author, and says in brackets what kind of thing it is; where nobody is named, the title leads.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from reddit_archive import markup
from reddit_archive.export.thread_data import Known
from reddit_archive.history import Life
from reddit_archive.model.content import REDDIT, Comment, Post, Said

TITLE_WORDS = 20
LONGEST_WORD = 100
PLAIN_ADDRESS = re.compile(r"https://www\.reddit\.com/[A-Za-z0-9/_.:-]*")


@dataclass(frozen=True, slots=True)
class Citation:
    """`key` is the same for ever; `about` is the title of the post that a comment is below.

    `accessed` is when the text was last seen on Reddit. `note` names the subreddit, and what became
    of the text since.
    """

    key: str
    is_comment: bool
    author: str | None
    title: str
    about: str | None
    issued: datetime | None
    accessed: datetime
    url: str
    note: str


def cite(known: Known, said: Said) -> Citation:
    thread, life, heading = known.thread, known.life(said), known.thread.heading
    is_comment = isinstance(said, Comment)
    return Citation(
        key=f"reddit-{thread.id}{f'-{said.id}' if is_comment else ''}",
        is_comment=is_comment,
        author=_line(life.author) if life.author else None,
        title=_title(said, life),
        about=_line(heading.title) if heading and heading.title and is_comment else None,
        issued=said.created_at,
        accessed=known.text_seen(said),
        url=_address(known, said),
        note=_note(known, said, life),
    )


def _title(said: Said, life: Life) -> str:
    """The post's title, or the first words that a reader sees of a comment."""
    title = said.title if isinstance(said, Post) else _first_words(said) if life.latest else ""
    kind = "Post" if isinstance(said, Post) else "Comment"
    return _line(title) or (f"[{kind} {life.lost}]" if life.lost else f"[{kind} without text]")


def _first_words(said: Said) -> str:
    # The parser takes longer to load than most commands take to run.
    from reddit_archive.markup import find_text, html_parser, media_tokens

    root = html_parser.parse(said.html)
    media_tokens.place(root, said.media)
    found = find_text.line(root).split()[:TITLE_WORDS]
    return " ".join(
        word if len(word) <= LONGEST_WORD else f"{word[:LONGEST_WORD]}…" for word in found
    )


def _address(known: Known, said: Said) -> str:
    """The permalink; without the words of the title where those need escapes somewhere."""
    if isinstance(said, Post):
        full, short = said.permalink, f"{REDDIT}/comments/{known.thread.id}/"
    else:
        full = known.thread.permalink(said.id)
        short = f"{REDDIT}/comments/{known.thread.id}/_/{said.id}/"
    return full if PLAIN_ADDRESS.fullmatch(full) else short


def _note(known: Known, said: Said, life: Life) -> str:
    post = known.thread.heading
    parts = [_line(post.subreddit)] if post else []
    if life.is_kept:
        parts.append(f"{life.lost} since; text of {known.text_seen(said):%Y-%m-%d}")
    elif life.lost:
        parts.append(f"{life.lost} before it was saved")
    if said.is_redacted:
        parts.append("redacted in the archive")
    return ", ".join(parts)


def _line(plain: str) -> str:
    return " ".join(markup.text(plain, target="text").split())
