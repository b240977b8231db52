"""Renders the texts in the state of a page of new Reddit: rich text, HTML or Markdown."""

import html
import re

from reddit_archive.markup import html_parser
from reddit_archive.model.json_fields import Raw, get_dict, get_str
from reddit_archive.sources.saved_page import dom
from reddit_archive.sources.saved_page.field_values import clean_text
from reddit_archive.sources.saved_page.rich_text import html_cleaner, rtjson

_HTML = re.compile(
    r"\s*(?:<!--[^>]*-->\s*)?<(?:div|p|h[1-6]|ul|ol|blockquote|pre|table|hr)\b", re.IGNORECASE
)


def render_text(media: Raw) -> tuple[str, str]:
    """Return a text as HTML like `body_html`, and its words; ("", "") if there is none.

    Args:
        media: `media` in the model of a post or comment.
    """
    rich_text = media.get("richtextContent")
    if rendered := rtjson.render(rich_text, media.get("mediaMetadata")):
        return rendered, rtjson.get_text(rich_text)
    for key in ("content", "markdownContent"):
        if (fragment := _find_html(get_str(media, key))) and (text := _render_html(fragment))[0]:
            return text
    markdown = clean_text(get_str(media, "markdownContent"))
    return _render_markdown(markdown, get_dict(media, "mediaMetadata"))


def _find_html(value: str) -> str:
    """Return a value if it is HTML, which can be escaped. It can also be an address."""
    if value.lstrip().startswith("&lt;"):
        value = html.unescape(value)
    return value if _HTML.match(value) else ""


def _render_html(fragment: str) -> tuple[str, str]:
    fragment = html_parser.drop_deep_tags(clean_text(fragment))
    body = dom.parse(f"<!DOCTYPE html><body>{fragment}").body
    return (html_cleaner.clean(body), dom.get_text(body)) if body else ("", "")


def _render_markdown(markdown: str, media: Raw) -> tuple[str, str]:
    if not markdown.strip():
        return "", ""
    from reddit_archive.markup import snudown  # 25 ms, and most texts are rich text

    return snudown.render(markdown, media), markdown.strip()
