"""The text of a post or comment, as Markdown or HTML, and comparisons of two texts. Pure.

Web pages have only HTML, and each kind of page has HTML of its own. If one of
two observations comes from a page, what both show is compared.
"""

import re
from functools import lru_cache

from reddit_archive.model.json_fields import Raw, get_dict, get_str
from reddit_archive.model.source_info import PAGE_KIND_KEY

TEXT_KEYS, HTML_KEYS = ("body", "selftext"), ("body_html", "selftext_html")
_PARAGRAPH_IN_ITEM = re.compile(
    r"<li>\s*<p>((?:(?!</?(?:p|li)\b).)*)</p>(?=\s*(?:</li>|<[ou]l>))", re.DOTALL
)
"""The only paragraph of a list item. Rich text has one in each item, snudown in few of them."""
_ONLY_TAGS = re.compile(r"(?:\s|<(?!img)[^<>]*>)*+")
_NAME_LINK = re.compile(
    r'<a href="(?:https?://\w+\.reddit\.com)?/(?:r|u|user)/[\w-]+/?"[^<>]*>/?([ru]/[\w-]+)</a>'
)
"""A link that Reddit made of the name of a subreddit or user."""
_FLAIR_EMOJI = re.compile(r":[\w-]+:")


def get_body(raw: Raw) -> str:
    """Return the Markdown of a comment or post; for a web page, Markdown made from its HTML."""
    body = get_str(raw, "body") or get_str(raw, "selftext")
    return body if body or not is_html_only(raw) else _convert(get_html(raw))


def get_html(raw: Raw) -> str:
    """Return Reddit's HTML of the text, or ""."""
    return get_str(raw, "body_html") or get_str(raw, "selftext_html")


def is_html_only(raw: Raw) -> bool:
    """Return whether an observation comes from a web page and has no Markdown."""
    return PAGE_KIND_KEY in raw and not any(isinstance(raw.get(key), str) for key in TEXT_KEYS)


def has_same_text(raw: Raw, other: Raw) -> bool:
    """Return whether two observations show the same text.

    If both have the Markdown, it decides. A page that shows no text proves no difference.
    """
    if not (is_html_only(raw) or is_html_only(other)):
        return get_body(raw) == get_body(other)
    if is_without_text(raw) or is_without_text(other):
        return True
    from reddit_archive.markup import shown_text  # 15 ms, and most archives have no pages

    return shown_text.shows_same_text(_render(raw), _render(other))


def get_comparable_texts(raw: Raw, other: Raw) -> tuple[str, str]:
    """Return the texts of two observations so that a comparison shows only what changed.

    Markdown that was typed and Markdown made from HTML differ in their marks. So if one of two
    observations has only HTML, both are returned as plain text.
    """
    if is_html_only(raw) or is_html_only(other):
        return _convert(_render(raw), "text"), _convert(_render(other), "text")
    return get_body(raw), get_body(other)


def has_same_format(raw: Raw, other: Raw) -> bool:
    """Return whether two observations have the same text, formats and addresses of links."""
    return _convert(_render(raw)) == _convert(_render(other))


def is_without_text(raw: Raw) -> bool:
    """Return whether a page shows no text of a post or comment, so that nothing is known of it.

    Browsers and archiving tools drop parts of a page, and nobody can empty a comment.
    """
    return is_html_only(raw) and _ONLY_TAGS.fullmatch(get_html(raw)) is not None


def has_same_words(text: str, other: str) -> bool:
    """Return whether two titles or flairs differ only in white space and emoji.

    Pages show an emoji of a flair as a picture, where the API has `:name:`.
    """
    return text == other or _get_words(text) == _get_words(other)


def _get_words(text: str) -> list[str]:
    return _FLAIR_EMOJI.sub(" ", text).split()


def _render(raw: Raw) -> str:
    if html := get_html(raw):
        return html
    from reddit_archive.markup import snudown  # 40 ms

    return snudown.render(get_body(raw), get_dict(raw, "media_metadata"))


@lru_cache(maxsize=64)  # exports ask several times for the text of each version
def _convert(html: str, target: str = "reddit") -> str:
    from reddit_archive import markup  # 11 ms, and few texts need it

    html = tighten_lists(html)
    return markup.convert(unlink_names(html) if target == "text" else html, target=target)


def tighten_lists(html: str) -> str:
    """Return HTML without the paragraph in list items that have one, as snudown writes them."""
    return _PARAGRAPH_IN_ITEM.sub(r"<li>\1", html)


def unlink_names(html: str) -> str:
    """Return HTML with the names of subreddits and users as text, without their links."""
    return _NAME_LINK.sub(r"\1", html)
