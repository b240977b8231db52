"""Prepare texts for a page: sanitize HTML from Reddit, and reduce titles and names to one line.

Only this module marks strings as safe HTML. Templates escape everything else.
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
"""The page's own headings: the title is h1, and the author of a comment is h3."""
_TABLE_START = '<div class="wide" role="group" aria-label="Table" tabindex="0"><table>'


def render_content(content: Post | Comment, image_sources: Mapping[str, str]) -> Markup:
    """Return a text as safe HTML. `image_sources` maps URLs of pictures to copies in the site."""
    html = markup.convert(
        get_html(content),
        target="html",
        media_metadata=content.media,
        body=content.body,
        image_sources=image_sources,
    )
    return _fit_into_page(html, _MIN_HEADING_LEVELS[content.fullname[:2]])


def has_same_html(content: Post | Comment, other: Post | Comment) -> bool:
    """Return whether `render_content` would return the same for both."""
    return content.media == other.media and get_html(content) == get_html(other)


def build_link(label: str, url: str) -> Markup:
    """Return a link, or only its label if the URL is not allowed."""
    return Markup(markup.format_link(label, url, target="html"))


def to_single_line(text: str) -> str:
    """Return a title, name or flair as one line without control characters, not escaped."""
    return markup.escape_text(text, target="text")


def compute_hue(name: str | None) -> int:
    """Return the number of an author's color, the same on all pages; 0 if there is no author."""
    if name is None:
        return 0
    digest = hashlib.sha256(name.lower().encode("utf-8", "replace")).digest()
    return 1 + digest[0] % HUE_COUNT


def _fit_into_page(html: str, min_level: int) -> Markup:
    """Adapt the headings of a text to those of the page, and let wide tables and code scroll.

    In the output of `markup`, `<` occurs only at the start of a tag.
    """
    used_levels = sorted({tag[2] for tag in _HEADING.finditer(html)})
    new_levels = {level: min(6, min_level + number) for number, level in enumerate(used_levels)}
    html = _HEADING.sub(lambda tag: f"<{tag[1]}h{new_levels[tag[2]]}>", html)
    html = html.replace("<table>", _TABLE_START).replace("</table>", "</table></div>")
    return Markup(html.replace("<pre>", '<pre tabindex="0">'))
