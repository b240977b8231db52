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
from reddit_archive.quote.renderer import html_of

HUES = 16
_HEADING = re.compile(r"<(/?)h([1-6])>")
_LEAST = {"t3": 2, "t1": 4}
"""Below the title stands the post, and below who said it a comment."""
_TABLE = '<div class="wide" role="group" aria-label="Table" tabindex="0"><table>'


def shown(said: Post | Comment, pictures: Mapping[str, str]) -> Markup:
    """Give a text as inert HTML, with the pictures that are kept here, each by its address."""
    html = markup.convert(
        html_of(said), target="html", media=said.media, body=said.body, pictures=pictures
    )
    return _fitted(html, _LEAST[said.fullname[:2]])


def says_same(one: Post | Comment, other: Post | Comment) -> bool:
    """Tell whether `shown` would give the same for both."""
    return one.media == other.media and html_of(one) == html_of(other)


def link(label: str, url: str) -> Markup:
    """Write a link, or only its label where the address is none to follow."""
    return Markup(markup.link(label, url, target="html"))


def line(typed: str) -> str:
    """Give a title, a name or a flair as one line without control characters; not yet escaped."""
    return markup.text(typed, target="text")


def hue(name: str | None) -> int:
    """Give a person's colour, the same one on every page; 0 for nobody."""
    if name is None:
        return 0
    digest = hashlib.sha256(name.lower().encode("utf-8", "replace")).digest()
    return 1 + digest[0] % HUES


def _fitted(html: str, least: int) -> Markup:
    """Fit a text into a page, whose own headings stand above it, and which never scrolls sideways.

    In what `markup` writes, `<` begins a tag and nothing else.
    """
    used = sorted({tag[2] for tag in _HEADING.finditer(html)})
    levels = {level: min(6, least + number) for number, level in enumerate(used)}
    html = _HEADING.sub(lambda tag: f"<{tag[1]}h{levels[tag[2]]}>", html)
    html = html.replace("<table>", _TABLE).replace("</table>", "</table></div>")
    return Markup(html.replace("<pre>", '<pre tabindex="0">'))
