"""Read the post of a shreddit page into the fields of Reddit's API."""

import re
from typing import Any
from urllib.parse import unquote, urljoin

from reddit_archive.model.capture import Thing
from reddit_archive.model.content import REDDIT_URL
from reddit_archive.sources.saved_page import deleted_texts, dom, field_values
from reddit_archive.sources.saved_page.page import PAGE_KIND_KEY
from reddit_archive.sources.saved_page.rich_text import html_cleaner
from reddit_archive.sources.saved_page.shreddit import galleries
from reddit_archive.sources.saved_page.shreddit.comment_reader import (
    DELETED,
    KIND,
    is_flag,
)
from reddit_archive.sources.saved_page.shreddit.elements import FoundPost

_FLAGS = {
    "nsfw": "over_18",
    "spoiler": "spoiler",
    "locked": "locked",
    "stickied": "stickied",
    "archived": "archived",
}
_FLAIR_NAME = re.compile(r'flair_name:"([^"]*)"')
_WEB_URL = re.compile(r"https?://[^\s\"<>\\]+", re.IGNORECASE)
_VIDEO = re.compile(r"https?://v\.redd\.it/[0-9a-z]{1,20}(?![0-9a-z])", re.IGNORECASE)
_DOMAIN = re.compile(r"[\w.-]{1,253}", re.ASCII)
_SUBREDDIT = re.compile(r"(?:r|u)/[\w.-]{1,40}", re.ASCII)
_RATIO = re.compile(r"0?\.\d{1,6}|[01](?:\.0{1,6})?")
_BY_REDDIT = re.compile(r"\bReddit\b")
_BY_MODERATORS = re.compile(r"\bmoderators?\b", re.IGNORECASE)


def get_post_id(found: FoundPost) -> str:
    """Return a post's id; "" if the page does not say it."""
    if dom.has(found.element, "id"):
        return field_values.parse_fullname(dom.get(found.element, "id"), "t3")[3:]
    return field_values.find_post_id(dom.get(found.element, "permalink"))


def build_post(
    found: FoundPost, post_id: str, *, is_translated: bool, is_title_translated: bool
) -> Thing:
    """Return a post as a thing. A field that the page does not tell is absent.

    Args:
        found: The post's elements.
        post_id: Its id without prefix.
        is_translated: Whether the page shows its text in translation.
        is_title_translated: Whether the title in the attribute is a translation, too.
    """
    element = found.element
    data: dict[str, Any] = {"id": post_id, "name": f"t3_{post_id}", PAGE_KIND_KEY: KIND}
    shown_title = "" if is_translated else "".join(found.title)
    title = dom.collapse_spaces(dom.get(element, "post-title") or shown_title)
    data |= {"title": title} if title and not is_title_translated else {}
    data |= _read_author(found)
    data |= _read_place(element)
    data |= _read_numbers(element)
    data |= {name: True for attribute, name in _FLAGS.items() if is_flag(element, attribute)}
    data |= _read_link(found, post_id)
    flair = _read_flair(found)
    data |= {"link_flair_text": flair} if flair and not is_translated else {}
    data |= _read_text(found, data, is_translated=is_translated)
    return {"kind": "t3", "data": data}


def _read_author(found: FoundPost) -> dict[str, Any]:
    author = field_values.parse_name(dom.get(found.element, "author"))
    if author == DELETED or is_flag(found.element, "is-author-deleted"):
        return {"author": DELETED}
    data = {"author": author} if author else {}
    author_id = field_values.parse_fullname(dom.get(found.element, "author-id"), "t2")
    return data | ({"author_fullname": author_id} if author_id else {})


def _read_place(element: dom.Node) -> dict[str, Any]:
    data: dict[str, Any] = {}
    if name := field_values.parse_name(dom.get(element, "subreddit-name")):
        data["subreddit"] = name
    if _SUBREDDIT.fullmatch(prefixed := dom.get(element, "subreddit-prefixed-name")):
        data["subreddit_name_prefixed"] = prefixed
        data.setdefault("subreddit", prefixed.replace("u/", "u_").removeprefix("r/"))
    if permalink := field_values.parse_permalink(dom.get(element, "permalink")):
        data["permalink"] = permalink
    return data


def _read_numbers(element: dom.Node) -> dict[str, Any]:
    ratio = dom.get(element, "upvote-ratio").strip()
    values = {
        "created_utc": field_values.parse_time(dom.get(element, "created-timestamp")),
        "score": field_values.parse_integer(dom.get(element, "score")),
        "num_comments": field_values.parse_integer(dom.get(element, "comment-count")),
        "upvote_ratio": float(ratio) if _RATIO.fullmatch(ratio) else None,
    }
    return {key: value for key, value in values.items() if value is not None}


def _read_link(found: FoundPost, post_id: str) -> dict[str, Any]:
    """Return what a post links to or shows: a page, a picture, a video, a gallery, a post."""
    element, data = found.element, dict[str, Any]()
    domain, post_type = dom.get(element, "domain").strip(), dom.get(element, "post-type").lower()
    data |= {"domain": domain} if _DOMAIN.fullmatch(domain) else {}
    url = urljoin(REDDIT_URL, dom.get(element, "content-href").strip())
    if not dom.get(element, "content-href").strip() or not _WEB_URL.fullmatch(url):
        url = ""
    is_self = post_type == "text" or domain.lower().startswith("self.")
    if post_type and post_type != "crosspost":
        data["is_self"] = is_self
    gallery = galleries.read_gallery(found)
    if gallery or post_type == "gallery":
        data |= {"is_gallery": True, **gallery}
    if post_type == "crosspost":
        data |= _read_crosspost(found, url, post_id)
    elif post_type == "video" and not _VIDEO.match(url):
        url = galleries.find_video(found) or url
    elif post_type == "image" and not url:
        url = galleries.find_picture(found)
    return data | ({"url": url} if url else {})


def _read_crosspost(found: FoundPost, url: str, post_id: str) -> dict[str, Any]:
    """Return what the page shows of the post that a crosspost repeats."""
    for address in (url, found.crosspost_href):
        path = field_values.parse_permalink(address)
        parent_id = field_values.find_post_id(path)
        if parent_id and parent_id != post_id:
            prefixed = "/".join(path.split("/")[1:3])
            parent = {
                "id": parent_id,
                "name": f"t3_{parent_id}",
                "permalink": path,
                "subreddit": prefixed.partition("/")[2],
                "subreddit_name_prefixed": prefixed,
            }
            if title := dom.collapse_spaces("".join(found.crosspost_title)):
                parent["title"] = title
            return {"crosspost_parent": f"t3_{parent_id}", "crosspost_parent_list": [parent]}
    return {}


def _read_flair(found: FoundPost) -> str:
    match = _FLAIR_NAME.search(unquote(found.flair_href).replace("+", " "))
    return dom.collapse_spaces(match[1] if match else "".join(found.flair))


def _read_text(found: FoundPost, data: dict[str, Any], *, is_translated: bool) -> dict[str, Any]:
    if found.banner is not None:
        category, words = _read_banner(" ".join(found.banner), data.get("author"))
        return {"removed_by_category": category, **deleted_texts.build_fields(words, "selftext")}
    node = found.rich_text or found.text_body
    if node is None or is_translated:
        return {}
    html = html_cleaner.clean(node)
    return {"selftext_html": html} if html else {}


def _read_banner(words: str, author: str | None) -> tuple[str, str]:
    """Return who removed a post, and Reddit's placeholder for its text.

    Without English words the author tells: Reddit hides the name of an author who deleted a post.
    """
    if _BY_MODERATORS.search(words):
        return "moderator", "[removed]"
    if _BY_REDDIT.search(words):
        return "reddit", "[removed]"
    return ("deleted", DELETED) if author in (None, DELETED) else ("moderator", "[removed]")
