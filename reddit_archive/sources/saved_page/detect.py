"""Detect what kind of page a saved web page is, by what it contains.

The signs are tags, attributes and classes, because the words of a page are in the language of its
reader.
"""

import re
from dataclasses import dataclass

from reddit_archive.sources.saved_page import other_pages
from reddit_archive.sources.saved_page.dom import Document, Node, get, get_ancestor

OLD = "old"
NEW_WITH_STATE = "new-with-state"
NEW = "new"
SHREDDIT = "shreddit"
REDDIT_MARKS = (
    *("redditstatic", "redditmedia", "shreddit", "window.___r", "commentarea", "data-fullname"),
    *("thing_t3_", "id-t3_", "id-t1_", "post-container", "post-content", "comment_right"),
    *("options_link", "libreddit", "redlib", "teddit", "troddit", "pardner"),
    *("blocked by network security", "prove your humanity"),
)
REDDIT_MARKS_BYTES = tuple(mark.encode() for mark in REDDIT_MARKS)
STATE_THREAD_PATTERN = re.compile(
    r'"keyToPostId"\s*:\s*\{\s*"|"models"\s*:\s*\{\s*"t1_', re.IGNORECASE
)
"""The state of a listing has posts, too, but no page of comments."""
TRANSLATION_HINT = "Turn the translation off, load the page again, and save it."


@dataclass(frozen=True, slots=True)
class PageKind:
    """What kind a page is.

    Attributes:
        name: For a thread "old", "new-with-state", "new" or "shreddit"; for any other page what
            it is, for example "a login page".
        is_thread: The page shows a thread that can be read.
        hint: What to do instead if it does not.
    """

    name: str
    is_thread: bool
    hint: str = ""


def may_be_reddit(html: str | bytes) -> bool:
    """Return whether a page can be one of Reddit, without parsing it.

    A page without any of the marks is of another website.
    """
    if isinstance(html, bytes):
        lowered = html.lower()
        return any(mark in lowered for mark in REDDIT_MARKS_BYTES)
    text = html.lower()
    return any(mark in text for mark in REDDIT_MARKS)


def detect(document: Document, html: str) -> PageKind:
    """Return what kind a page is.

    Args:
        document: The parsed page.
        html: The page, whose scripts hold the state of new Reddit.
    """
    if (name := _detect_thread(document, html)) is None:
        other = other_pages.describe(document, html)
        return PageKind(other.name, False, other.hint)
    if _is_translated(document):
        return PageKind("a page that the browser translated", False, TRANSLATION_HINT)
    return PageKind(name, True)


def _detect_thread(document: Document, html: str) -> str | None:
    """Return the kind of the thread's page, or None if it shows no thread."""
    if STATE_THREAD_PATTERN.search(other_pages.find_state(document, html)):
        return NEW_WITH_STATE
    if _is_shreddit_thread(document):
        return SHREDDIT
    if _is_old_thread(document):
        return OLD
    if _is_new_thread(document):
        return NEW
    return None


def _is_shreddit_thread(document: Document) -> bool:
    """Return whether the page has comments, or a single post that is not part of a feed.

    A page that was saved as "HTML only" has the post alone.
    """
    if _has(document, "shreddit-comment-tree") or _has(document, "shreddit-comment"):
        return True
    posts = [post for post in document.css("shreddit-post") if not _is_in_feed(post)]
    views = [get(post, "view-context").lower() for post in posts]
    return views == [""] or views.count("commentspage") == 1


def _is_in_feed(post: Node) -> bool:
    return get_ancestor(post, lambda node: node.tag == "shreddit-feed") is not None


def _is_old_thread(document: Document) -> bool:
    return (
        _has(document, ".thing.link")
        and _has(document, ".commentarea")
        and not other_pages.is_compact(document)
    )


def _is_new_thread(document: Document) -> bool:
    has_content = _has(document, '[data-test-id="post-content"]')
    if not _has(document, 'div[data-testid="post-container"]'):
        return has_content
    return has_content or _has(document, 'div[id^="t1_"]')


def _is_translated(document: Document) -> bool:
    """Return whether Chrome, Edge or Google replaced the words of the page by a translation."""
    return any(
        _has(document, selector)
        for selector in ("html.translated-ltr", "html.translated-rtl", "[_msttexthash]")
    )


def _has(document: Document, selector: str) -> bool:
    return document.css_first(selector) is not None
