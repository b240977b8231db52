"""A layout, written for a target: who speaks, what they say, and how deep that stands."""

from collections.abc import Iterable, Iterator
from html import escape

from reddit_archive import markup
from reddit_archive.model.content import Comment, Option, Post
from reddit_archive.model.thread import Thread
from reddit_archive.quote import attribution
from reddit_archive.quote.layout import Item
from reddit_archive.quote.style import Manner, Style

_Quoted = tuple[int, str, bool]
"""How deep, what, and whether that is the mark for what is left out."""


def write(items: Iterable[Item], thread: Thread, manner: Manner) -> str:
    """Write the items, each in blockquotes of its depth; "" for none."""
    texts = _quoted(items, thread, manner)
    return _enclose(texts) if manner.target == "html" else _prefix(texts)


def _quoted(items: Iterable[Item], thread: Thread, manner: Manner) -> Iterator[_Quoted]:
    mark = attribution.left_out(manner)
    for item in items:
        if item.said is not None:
            yield item.depth, speech(item, thread, manner), False
        elif mark:
            yield item.depth, mark, True


def speech(item: Item, thread: Thread, manner: Manner) -> str:
    """Write who speaks, and what they say."""
    assert item.said is not None
    line = attribution.author_line(item, thread, manner)
    parts = [f"<p>{line}</p>" if manner.target == "html" else line]
    for html, said in _parts(item.said, manner.style):
        parts.append(
            markup.convert(
                html,
                target=manner.target,
                media=said.media if said else None,
                body=said.body if said else "",
                is_literal=manner.is_literal,
                pictures=manner.pictures or {},
            )
        )
    separator = "\n" if manner.target == "html" else "\n\n"
    return separator.join(part for part in parts if part)


def _prefix(quotes: Iterable[_Quoted]) -> str:
    """Put `>` before every line, so that neighbours of one depth stay separate quotes."""
    lines: list[str] = []
    before = 0
    for depth, text, is_mark in quotes:
        if lines:
            lines.append(_marks(min(before, depth if is_mark else depth - 1)))
        lines += [f"{'> ' * depth}{line}" if line else _marks(depth) for line in text.split("\n")]
        before = depth
    return "\n".join(lines)


def _marks(depth: int) -> str:
    return " ".join(">" * depth)


def _enclose(quotes: Iterable[_Quoted]) -> str:
    """Put each quote into a blockquote inside the one above it."""
    out: list[str] = []
    open_depth = 0
    for depth, text, is_mark in quotes:
        keep = min(open_depth, depth if is_mark else depth - 1)
        out += ["</blockquote>"] * (open_depth - keep) + ["<blockquote>"] * (depth - keep)
        out.append(f"<p>{text}</p>" if is_mark else text)
        open_depth = depth
    return "\n".join(out + ["</blockquote>"] * open_depth)


def _parts(
    said: Post | Comment, style: Style | None = None
) -> Iterator[tuple[str, Post | Comment | None]]:
    """Give pieces of HTML in the order in which Reddit shows them; the text with whose it is."""
    if isinstance(said, Comment):
        yield _text(said, style)
        return
    yield _link_html(said), None
    yield _pictures_html(said), None
    yield _text(said, style)
    yield _poll_html(said), None
    if (origin := said.crosspost) is not None:
        title = _html_link(f"{origin.subreddit}: {origin.title}", origin.permalink)
        inner = "".join(html for html, _ in _parts(origin))
        quoted = f"<blockquote>{inner}</blockquote>" if inner else ""
        yield f"<p>Crossposted from {title}</p>{quoted}", None


def _text(said: Post | Comment, style: Style | None) -> tuple[str, Post | Comment | None]:
    """What was said, or what the style puts in place of a text that nobody has seen."""
    is_gone = said.lost is not None and not said.is_kept and not said.is_redacted
    if style is not None and style.removed_text is not None and is_gone:
        return f"<p>{escape(style.removed_text)}</p>", None
    return html_of(said), said


def html_of(said: Comment | Post) -> str:
    """Reddit's HTML, or for a source without it the typed text as plain paragraphs."""
    html = said.html
    if html or not said.body:
        return html
    paragraphs = said.body.replace("\r\n", "\n").split("\n\n")
    return "".join(f"<p>{escape(text)}</p>" for text in paragraphs)


def _link_html(post: Post) -> str:
    return f"<p>{_html_link(post.link, post.link)}</p>" if post.link else ""


def _pictures_html(post: Post) -> str:
    items = (
        f"<li>{_html_link(picture.caption or f'Picture {number}', picture.url)}</li>"
        for number, picture in enumerate(post.pictures, 1)
    )
    return f"<ol>{''.join(items)}</ol>" if post.pictures else ""


def _poll_html(post: Post) -> str:
    items = (f"<li>{escape(option.text)}{_votes(option)}</li>" for option in post.poll)
    return f"<p>Poll:</p><ul>{''.join(items)}</ul>" if post.poll else ""


def _votes(option: Option) -> str:
    return "" if option.votes is None else f" ({option.votes:,} vote{'s' * (option.votes != 1)})"


def _html_link(label: str, url: str) -> str:
    return f'<a href="{escape(url)}">{escape(label)}</a>'
