"""Recognize websites that show Reddit's threads in pages of their own, for example redlib."""

import re

from reddit_archive.sources.saved_page.dom import (
    Document,
    Node,
    get,
    get_ancestor,
    get_classes,
    get_text,
    iter_children,
)

NAMES = (
    *("redlib", "libreddit", "teddit", "troddit", "photon", "unddit", "reveddit", "removeddit"),
    *("ceddit", "rareddit"),
)
REDLIB = "redlib"
NAME_SELECTORS = (
    'meta[property="og:site_name"]',
    'meta[name="application-name"]',
    'meta[name="apple-mobile-web-app-title"]',
)
TITLE_SEPARATOR = re.compile(r"\s+[-|·—•]\s+|:\s")
PHOTON_SELECTOR = "ph-post, ph-comment, ph-post-and-comments, ph-universal-feed"


def find_front_end(document: Document) -> str:
    """Return the name of the front end that made the page, or "" if there was none."""
    named = _find_name(document)
    if named in (REDLIB, "libreddit") or _has_redlib_comment(document):
        return named or "redlib or libreddit"
    if named == "teddit" or _has_teddit_comment(document):
        return "teddit"
    return "photon" if document.css_first(PHOTON_SELECTOR) is not None else named


def _find_name(document: Document) -> str:
    """Return the name that the page itself gives as that of its website."""
    for name in (REDLIB, "libreddit"):
        if document.css_first(f"nav a#{name}") is not None:
            return name
    names = [get(node, "content") for selector in NAME_SELECTORS for node in document.css(selector)]
    if (title := document.css_first("title")) is not None:
        names += TITLE_SEPARATOR.split(get_text(title)[:1000])
    lowered = {text.strip().lower() for text in names}
    return next((name for name in NAMES if name in lowered), "")


def _has_redlib_comment(document: Document) -> bool:
    return any(_has_child(comment, "comment_right") for comment in document.css("div.comment"))


def _has_child(comment: Node, class_name: str) -> bool:
    return any(
        child.tag == "details" and class_name in get_classes(child)
        for child in iter_children(comment)
    )


def _has_teddit_comment(document: Document) -> bool:
    """Return whether there is an author in the summary of a comment below `#post`."""
    for author in document.css("p.author"):
        summary = get_ancestor(author, lambda node: node.tag == "summary")
        details = summary.parent if summary is not None else None
        comment = details.parent if details is not None and details.tag == "details" else None
        if (
            comment is not None
            and "comment" in get_classes(comment)
            and get_ancestor(comment, lambda node: get(node, "id") == "post") is not None
        ):
            return True
    return False
