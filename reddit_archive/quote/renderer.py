"""Writes the items of a layout for a target, in blockquotes."""

from collections.abc import Iterable, Iterator
from html import escape
from urllib.parse import quote as percent_encode

from reddit_archive import markup
from reddit_archive.model.content import REDDIT_URL, Comment, GalleryImage, PollOption, Post
from reddit_archive.model.thread import Thread
from reddit_archive.quote import attribution
from reddit_archive.quote.layout import QuoteItem
from reddit_archive.quote.style import RenderContext, Style

_RenderedItem = tuple[int, str, bool]
"""The depth, the text, and whether the text is the mark for left-out comments."""


def render_items(items: Iterable[QuoteItem], thread: Thread, context: RenderContext) -> str:
    """Write items, each in blockquotes of its depth; "" for no items."""
    rendered_items = _iter_rendered(items, thread, context)
    return (
        _wrap_in_blockquotes(rendered_items)
        if context.dialect.output == "html"
        else _prefix_lines(rendered_items)
    )


def _iter_rendered(
    items: Iterable[QuoteItem], thread: Thread, context: RenderContext
) -> Iterator[_RenderedItem]:
    omission_mark = attribution.render_omission_mark(context)
    for item in items:
        if item.content is not None:
            yield item.depth, render_item(item, thread, context), False
        elif omission_mark:
            yield item.depth, omission_mark, True


def render_item(item: QuoteItem, thread: Thread, context: RenderContext) -> str:
    """Write the author line and the text of a post or a comment."""
    assert item.content is not None
    author_line = attribution.render_author_line(item, thread, context)
    is_html = context.dialect.output == "html"
    width = context.width and max(context.width - 2 * item.depth, 1)
    parts = [f"<p>{author_line}</p>" if is_html else markup.wrap_line(author_line, width)]
    for html, content in iter_html_parts(item.content, context.style):
        parts.append(
            markup.convert(
                html,
                target=context.target,
                media_metadata=content.media if content else None,
                body=content.body if content else "",
                is_literal=context.is_literal,
                image_sources=context.image_sources or {},
                width=width,
            )
        )
    separator = "\n" if is_html else "\n\n"
    return separator.join(part for part in parts if part)


def _prefix_lines(rendered_items: Iterable[_RenderedItem]) -> str:
    """Put `>` before every line, and keep neighbors of the same depth separate quotes."""
    lines: list[str] = []
    previous_depth = 0
    for depth, text, is_omission_mark in rendered_items:
        if lines:
            lines.append(
                _build_prefix(min(previous_depth, depth if is_omission_mark else depth - 1))
            )
        prefix, blank_line = "> " * depth, _build_prefix(depth)
        lines += [prefix + line if line else blank_line for line in text.split("\n")]
        previous_depth = depth
    return "\n".join(lines)


def _build_prefix(depth: int) -> str:
    return " ".join(">" * depth)


def _wrap_in_blockquotes(rendered_items: Iterable[_RenderedItem]) -> str:
    """Put each item into a <blockquote> inside that of its parent."""
    parts: list[str] = []
    open_depth = 0
    for depth, text, is_omission_mark in rendered_items:
        shared_depth = min(open_depth, depth if is_omission_mark else depth - 1)
        parts += ["</blockquote>"] * (open_depth - shared_depth) + ["<blockquote>"] * (
            depth - shared_depth
        )
        parts.append(f"<p>{text}</p>" if is_omission_mark else text)
        open_depth = depth
    return "\n".join(parts + ["</blockquote>"] * open_depth)


def iter_html_parts(
    content: Post | Comment, style: Style | None = None
) -> Iterator[tuple[str, Post | Comment | None]]:
    """Yield pieces of HTML in Reddit's order; the author's own text comes with its content."""
    if isinstance(content, Comment):
        yield _get_text_html(content, style)
        return
    yield _render_link(content), None
    yield _render_gallery(content), None
    yield _get_text_html(content, style)
    yield _render_poll(content), None
    if (crosspost_parent := content.crosspost_parent) is not None:
        title = _build_anchor(
            f"{crosspost_parent.subreddit}: {crosspost_parent.title}", crosspost_parent.permalink
        )
        inner_html = "".join(html for html, _ in iter_html_parts(crosspost_parent))
        blockquote = f"<blockquote>{inner_html}</blockquote>" if inner_html else ""
        author = _render_original_author(crosspost_parent)
        media_only = Post({"media_metadata": crosspost_parent.media})
        yield f"<p>Crossposted from {title}{author}</p>{blockquote}", media_only


def _render_original_author(post: Post) -> str:
    """Name the author of a crossposted post; "" if Reddit or a redaction no longer names one."""
    if post.author is None:
        return ""
    url = f"{REDDIT_URL}/user/{percent_encode(post.author, safe='', errors='replace')}/"
    name = f"u/{post.author}"
    return f" by {_build_anchor(name, url) if post.has_profile else escape(name)}"


def list_html(content: Post | Comment) -> list[str]:
    """Return the pieces of HTML that a post or a comment is written from."""
    return [html for html, _ in iter_html_parts(content)]


def _get_text_html(
    content: Post | Comment, style: Style | None
) -> tuple[str, Post | Comment | None]:
    """Return the text, or what the style shows in place of a text that was never captured."""
    is_unavailable = (
        content.deletion_status is not None and not content.is_preserved and not content.is_redacted
    )
    if style is not None and style.removed_text is not None and is_unavailable:
        return f"<p>{escape(style.removed_text)}</p>", None
    return get_html(content), content


def get_html(content: Comment | Post) -> str:
    """Return Reddit's HTML; for sources without it, the typed text as plain paragraphs."""
    html = content.html
    if html or not content.body:
        return html
    paragraphs = content.body.replace("\r\n", "\n").split("\n\n")
    return "".join(f"<p>{escape(text)}</p>" for text in paragraphs)


def _render_link(post: Post) -> str:
    return f"<p>{_build_anchor(post.link, post.link)}</p>" if post.link else ""


def _render_gallery(post: Post) -> str:
    items = (
        f"<li>{_render_gallery_image(image, number)}</li>"
        for number, image in enumerate(post.gallery_images, 1)
    )
    return f"<ol>{''.join(items)}</ol>" if post.gallery_images else ""


def _render_gallery_image(image: GalleryImage, number: int) -> str:
    """Link to a picture, and to the page that its author named for it."""
    if image.url:
        picture = _build_anchor(image.caption or f"Picture {number}", image.url)
    else:
        picture = escape(image.caption or f"Picture {number} (not available)")
    outbound_url = image.outbound_url
    return f"{picture} ({_build_anchor(outbound_url, outbound_url)})" if outbound_url else picture


def _render_poll(post: Post) -> str:
    items = (f"<li>{escape(option.text)}{_format_votes(option)}</li>" for option in post.poll)
    return f"<p>Poll:</p><ul>{''.join(items)}</ul>" if post.poll else ""


def _format_votes(option: PollOption) -> str:
    return "" if option.votes is None else f" ({option.votes:,} vote{'s' * (option.votes != 1)})"


def _build_anchor(label: str, url: str) -> str:
    return f'<a href="{escape(url)}">{escape(label)}</a>'
