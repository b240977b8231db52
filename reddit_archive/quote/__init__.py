"""A thread and a selection, written as nested blockquotes that are ready to paste.

Each comment is a quote inside the quote of what it answers. What is left out between the two is
marked `[…]`. The same thread and selection give the same bytes.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import escape
from urllib.parse import quote as percent_encode

from reddit_archive import errors, markup
from reddit_archive.thread import REDDIT, Comment, Option, Post, Said, Thread

LEFT_OUT = "[…]"
NOBODY = "[deleted]"


@dataclass(frozen=True, slots=True)
class Selection:
    """Which comments to quote. None of them, unless asked for.

    comments    these ids, with `context` levels above each and `replies` below (None: all)
    everything  the whole thread
    top         so many of the answers to the post, by score, with `replies` below each
    depth       nothing but `comments` and their context from below this level; 1 answers the post
    """

    comments: tuple[str, ...] = ()
    context: int = 0
    replies: int | None = 0
    everything: bool = False
    top: int = 0
    depth: int | None = None
    has_post: bool = True
    has_heading: bool = True

    def with_comment(self, comment_id: str | None) -> "Selection":
        """Select one more comment, if there is one: what an address named."""
        if comment_id is None or comment_id in self.comments:
            return self
        return replace(self, comments=(*self.comments, comment_id))

    @property
    def is_post_alone(self) -> bool:
        return not (self.comments or self.everything or self.top)


def render(thread: Thread, selection: Selection, *, target: str = "markdown") -> str:
    """Write the quote; it ends with a newline. Raises CommentNotFound."""
    shown = select(thread, selection)
    parts = [_heading(thread)] if selection.has_heading else []
    quotes = list(_quotes(thread, shown, selection, target))
    if quotes:
        parts.append(_nest(quotes))
    return "\n\n".join(parts) + "\n"


def select(thread: Thread, selection: Selection) -> dict[str, Comment]:
    """Give the comments to quote by id, in reading order. Raises CommentNotFound."""
    for wanted in selection.comments:
        if wanted not in thread.comments:
            raise _not_found(thread, wanted)
    chosen = set(thread.comments) if selection.everything else set()
    roots = {*selection.comments, *_best(thread, selection.top)}
    for root in roots:
        chosen.update(thread.below(root, selection.replies))
    if selection.depth is not None:
        chosen = {i for i in chosen | roots if thread.level(i) <= selection.depth}
    chosen.update(roots if selection.depth is None else selection.comments)
    if selection.context:
        for wanted in selection.comments:
            chosen.update(thread.ancestors(wanted)[-selection.context :])
    return {i: comment for i, comment in thread.comments.items() if i in chosen}


def _not_found(thread: Thread, wanted: str) -> errors.CommentNotFound:
    hint = "A comment's id stands in its permalink: 'Copy link' below the comment gives that."
    if thread.gaps:
        hint = "It may be among those that were not fetched. " + hint
    return errors.CommentNotFound(f"the thread {thread.id} has no comment {wanted}", hint)


def _best(thread: Thread, number: int) -> list[str]:
    """Answers to the post by score, stickied ones last: those are announcements."""

    def rank(comment_id: str) -> tuple[bool, int]:
        comment = thread.comments[comment_id]
        return comment.is_stickied, -(comment.score or 0)

    return sorted(thread.replies(None), key=rank)[:number]


def _heading(thread: Thread) -> str:
    if thread.post is None:
        return f"### {markup.link(f'Thread {thread.id}', f'{REDDIT}/comments/{thread.id}/')}"
    post = thread.post
    title = markup.link(post.title or "(no title)", post.permalink)
    return f"### {markup.text(post.subreddit)}: {title}"


def _quotes(
    thread: Thread, shown: dict[str, Comment], selection: Selection, target: str
) -> Iterator[tuple[int, str]]:
    """Give each quote's depth and text, the post first, in reading order."""
    has_post = selection.has_post and thread.post is not None
    if selection.has_post and thread.post is not None:
        author = f"Posted by {_author(thread.post, 'u/')}"
        yield 1, _joined(author, markup.convert(_post_html(thread.post), target=target))
    depths: dict[str, int] = {}
    for comment_id, comment in shown.items():
        above = thread.ancestors(comment_id)
        parent = next((i for i in reversed(above) if i in depths), None)
        depth = depths[parent] + 1 if parent else 1 + has_post
        depths[comment_id] = depth
        is_direct = parent == above[-1] if above else not thread.is_astray(comment_id)
        if not is_direct and depth > 1:
            yield depth - 1, LEFT_OUT
        yield depth, _joined(_author(comment), markup.convert(_html(comment), target=target))


def _nest(quotes: list[tuple[int, str]]) -> str:
    """Put `>` before every line, so that neighbours of one depth stay separate quotes."""
    lines: list[str] = []
    before = 0
    for depth, text in quotes:
        if lines:
            is_elision = text == LEFT_OUT
            between = min(before, depth if is_elision else depth - 1)
            lines.append(_marks(between))
        lines += [f"{'> ' * depth}{line}" if line else _marks(depth) for line in text.split("\n")]
        before = depth
    return "\n".join(lines)


def _marks(depth: int) -> str:
    return " ".join(">" * depth)


def _joined(*blocks: str) -> str:
    return "\n\n".join(block for block in blocks if block)


def _author(said: Said, prefix: str = "") -> str:
    if said.author is None:
        return NOBODY
    url = f"{REDDIT}/user/{percent_encode(said.author, safe='', errors='replace')}/"
    return markup.link(f"{prefix}{said.author}", url)


def _html(said: Comment | Post) -> str:
    """Reddit's HTML, or for a source without it the typed text as plain paragraphs."""
    if said.html or not said.body:
        return said.html
    paragraphs = said.body.replace("\r\n", "\n").split("\n\n")
    return "".join(f"<p>{escape(text)}</p>" for text in paragraphs)


def _post_html(post: Post) -> str:
    """A post as Reddit shows it: its link or pictures, the text, the poll, the crossposted post."""
    parts = []
    if post.link:
        parts.append(f"<p>{_html_link(post.link, post.link)}</p>")
    if post.pictures:
        items = (
            f"<li>{_html_link(picture.caption or f'Picture {number}', picture.url)}</li>"
            for number, picture in enumerate(post.pictures, 1)
        )
        parts.append(f"<ol>{''.join(items)}</ol>")
    parts.append(_html(post))
    if post.poll:
        items = (f"<li>{escape(option.text)}{_votes(option)}</li>" for option in post.poll)
        parts.append(f"<p>Poll:</p><ul>{''.join(items)}</ul>")
    if (origin := post.crosspost) is not None:
        title = _html_link(f"{origin.subreddit}: {origin.title}", origin.permalink)
        parts.append(f"<p>Crossposted from {title}</p>")
        if inner := _post_html(origin):
            parts.append(f"<blockquote>{inner}</blockquote>")
    return "".join(parts)


def _votes(option: Option) -> str:
    return "" if option.votes is None else f" ({option.votes:,} vote{'s' * (option.votes != 1)})"


def _html_link(label: str, url: str) -> str:
    return f'<a href="{escape(url)}">{escape(label)}</a>'
