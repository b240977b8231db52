"""Texts on their way into a page: what Reddit rendered, made clean; what somebody typed, one line.

This is the one place that says of a string that it is HTML. Whatever else reaches a template is
escaped there.
"""

import hashlib
import re
from collections.abc import Mapping

from markupsafe import Markup

from reddit_archive import markup
from reddit_archive.model.content import Comment, Post
from reddit_archive.quote.renderer import get_html

HUE_COUNT = 16
_HEADING = re.compile(r"<(/?)h([1-6])>")
_MIN_HEADING_LEVELS = {"t3": 2, "t1": 4}
"""Below the title stands the post, and below who said it a comment."""
_TABLE_START = '<div class="wide" role="group" aria-label="Table" tabindex="0"><table>'


def render_content(content: Post | Comment, image_sources: Mapping[str, str]) -> Markup:
    """Give a text as inert HTML, with the pictures that are kept here, each by its address."""
    html = markup.convert(
        get_html(content),
        target="html",
        media_metadata=content.media,
        body=content.body,
        image_sources=image_sources,
    )
    return _fit_into_page(html, _MIN_HEADING_LEVELS[content.fullname[:2]])


def has_same_html(content: Post | Comment, other: Post | Comment) -> bool:
    """Tell whether `shown` would give the same for both."""
    return content.media == other.media and get_html(content) == get_html(other)


def build_link(label: str, url: str) -> Markup:
    """Write a link, or only its label where the address is none to follow."""
    return Markup(markup.format_link(label, url, target="html"))


def to_single_line(text: str) -> str:
    """Give a title, a name or a flair as one line without control characters; not yet escaped."""
    return markup.escape_text(text, target="text")


def compute_hue(name: str | None) -> int:
    """Give a person's colour, the same one on every page; 0 for nobody."""
    if name is None:
        return 0
    digest = hashlib.sha256(name.lower().encode("utf-8", "replace")).digest()
    return 1 + digest[0] % HUE_COUNT


def _fit_into_page(html: str, min_level: int) -> Markup:
    """Fit a text into a page, whose own headings stand above it, and which never scrolls sideways.

    In what `markup` writes, `<` begins a tag and nothing else.
    """
    used_levels = sorted({tag[2] for tag in _HEADING.finditer(html)})
    new_levels = {level: min(6, min_level + number) for number, level in enumerate(used_levels)}
    html = _HEADING.sub(lambda tag: f"<{tag[1]}h{new_levels[tag[2]]}>", html)
    html = html.replace("<table>", _TABLE_START).replace("</table>", "</table></div>")
    return Markup(html.replace("<pre>", '<pre tabindex="0">'))
