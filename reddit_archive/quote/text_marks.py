"""Explains the marks that the target `text` uses where others have a style, once for a quote."""

import re
from collections.abc import Iterable

from reddit_archive import markup
from reddit_archive.markup import links
from reddit_archive.quote import renderer
from reddit_archive.quote.layout import QuoteItem
from reddit_archive.quote.style import RenderContext

_LINK_WITH_TITLE = re.compile(r'<a href="([^"]*)" title="')
_MEANINGS = (
    (re.compile(r"<(?:del|s|strike)\b"), "~~…~~ is crossed out"),
    (re.compile(r"<sup\b"), "^… is superscript"),
    (re.compile(r"\bmd-spoiler-text\b"), ">!…!< is a spoiler"),
)
_START = "(In this quote, "
_JOINED = re.compile(r"(?:, )?(?: and )?\.\)")
_SPOILER = _MEANINGS[-1][1]


def explain(items: Iterable[QuoteItem], context: RenderContext) -> str:
    """Return a sentence about the marks that a quote uses; "" if there are none."""
    if context.dialect.output != "text":
        return ""
    html = "".join(
        part
        for item in items
        if item.content is not None
        for part, _ in renderer.iter_html_parts(item.content, context.style)
    )
    meanings = [meaning for pattern, meaning in _MEANINGS if pattern.search(html)]
    if _SPOILER not in meanings and any(map(links.hides_title, _LINK_WITH_TITLE.findall(html))):
        meanings.append(_SPOILER)
    if not meanings:
        return ""
    return markup.wrap_line(f"{_START}{_join(meanings)}.)", context.width)


def is_explanation(text: str) -> bool:
    """Return whether a text is a sentence that `explain` writes."""
    if not text.startswith(_START):
        return False
    for _, meaning in _MEANINGS:
        text = text.replace(meaning, "")
    return _JOINED.fullmatch(text[len(_START) :]) is not None


def _join(parts: list[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if parts[1:] else parts)
