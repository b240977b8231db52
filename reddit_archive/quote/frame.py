"""A layout, written for a target: who speaks, what they say, and how deep that stands."""

from collections.abc import Iterable, Iterator, Mapping
from html import escape
from urllib.parse import quote as percent_encode

from reddit_archive import markup
from reddit_archive.quote.layout import Item
from reddit_archive.thread import REDDIT, Comment, Option, Post, Said, Thread

LEFT_OUT = "[…]"
NOBODY = "[deleted]"
REDACTED = "[redacted]"


def heading(thread: Thread, target: str) -> str:
    """Write the subreddit, and the title as a link to the thread."""
    if thread.post is None:
        where, title, url = "", f"Thread {thread.id}", f"{REDDIT}/comments/{thread.id}/"
    else:
        post = thread.post
        where = f"{markup.text(post.subreddit, target=target)}: "
        title, url = post.title or "(no title)", post.permalink
    line = f"{where}{markup.link(title, url, target=target)}"
    match target:
        case "html":
            return f"<h3>{line}</h3>"
        case "text":
            return line
        case _:
            return f"### {line}"


def write(
    items: Iterable[Item],
    thread: Thread,
    target: str,
    *,
    is_literal: bool = False,
    pictures: Mapping[str, str] | None = None,
) -> str:
    """Write the items, each in blockquotes of its depth; "" for none."""
    texts = (
        (
            item.depth,
            LEFT_OUT
            if item.said is None
            else speech(item, thread, target, is_literal=is_literal, pictures=pictures),
        )
        for item in items
    )
    if target == "html":
        return _enclose(texts)
    return _prefix(texts)


def speech(
    item: Item,
    thread: Thread,
    target: str,
    *,
    is_literal: bool = False,
    pictures: Mapping[str, str] | None = None,
) -> str:
    """Write who speaks, and what they say."""
    assert item.said is not None
    line = _author_line(item, thread, target)
    parts = [f"<p>{line}</p>" if target == "html" else line]
    for html, said in _parts(item.said):
        parts.append(
            markup.convert(
                html,
                target=target,
                media=said.media if said else None,
                body=said.body if said else "",
                is_literal=is_literal,
                pictures=pictures,
            )
        )
    separator = "\n" if target == "html" else "\n\n"
    return separator.join(part for part in parts if part)


def _prefix(quotes: Iterable[tuple[int, str]]) -> str:
    """Put `>` before every line, so that neighbours of one depth stay separate quotes."""
    lines: list[str] = []
    before = 0
    for depth, text in quotes:
        if lines:
            lines.append(_marks(min(before, depth if text == LEFT_OUT else depth - 1)))
        lines += [f"{'> ' * depth}{line}" if line else _marks(depth) for line in text.split("\n")]
        before = depth
    return "\n".join(lines)


def _marks(depth: int) -> str:
    return " ".join(">" * depth)


def _enclose(quotes: Iterable[tuple[int, str]]) -> str:
    """Put each quote into a blockquote inside the one above it."""
    out: list[str] = []
    open_depth = 0
    for depth, text in quotes:
        keep = min(open_depth, depth if text == LEFT_OUT else depth - 1)
        out += ["</blockquote>"] * (open_depth - keep) + ["<blockquote>"] * (depth - keep)
        out.append(f"<p>{text}</p>" if text == LEFT_OUT else text)
        open_depth = depth
    return "\n".join(out + ["</blockquote>"] * open_depth)


def _author_line(item: Item, thread: Thread, target: str) -> str:
    assert item.said is not None
    if isinstance(item.said, Post):
        return f"Posted by {_author(item.said, 'u/', target)}"
    line = _author(item.said, "", target)
    if item.answers is not None:
        name = item.answers.author or NOBODY
        link = markup.link(name, thread.permalink(item.answers.id), target=target)
        line += f" in reply to {link}"
    return line


def _author(said: Said, prefix: str, target: str) -> str:
    if said.author is None:
        return REDACTED if said.is_redacted else NOBODY
    if not said.has_profile:
        return markup.text(f"{prefix}{said.author}", target=target)
    url = f"{REDDIT}/user/{percent_encode(said.author, safe='', errors='replace')}/"
    return markup.link(f"{prefix}{said.author}", url, target=target)


def _parts(said: Post | Comment) -> Iterator[tuple[str, Post | Comment | None]]:
    """Give pieces of HTML in the order in which Reddit shows them; the text with whose it is."""
    if isinstance(said, Comment):
        yield _html(said), said
        return
    yield _link_html(said), None
    yield _pictures_html(said), None
    yield _html(said), said
    yield _poll_html(said), None
    if (origin := said.crosspost) is not None:
        title = _html_link(f"{origin.subreddit}: {origin.title}", origin.permalink)
        inner = "".join(html for html, _ in _parts(origin))
        quoted = f"<blockquote>{inner}</blockquote>" if inner else ""
        yield f"<p>Crossposted from {title}</p>{quoted}", None


def _html(said: Comment | Post) -> str:
    """Reddit's HTML, or for a source without it the typed text as plain paragraphs."""
    if said.html or not said.body:
        return said.html
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
