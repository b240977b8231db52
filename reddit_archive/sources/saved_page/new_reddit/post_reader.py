"""Reads the post on a page of new Reddit without its state."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from reddit_archive.markup import links
from reddit_archive.sources.saved_page import deleted_texts, dom
from reddit_archive.sources.saved_page.dom import Document, Node
from reddit_archive.sources.saved_page.field_values import (
    build_subreddit_fields,
    clean_text,
    get_profile_name,
    is_fullname,
    match_thread_path,
)
from reddit_archive.sources.saved_page.new_reddit.state_media import find_upload_url
from reddit_archive.sources.saved_page.page import PAGE_KIND_KEY
from reddit_archive.sources.saved_page.rich_text import html_cleaner

KIND = "new"
_MAX_MEDIA = 200
_CONTENT = '[data-test-id="post-content"]'
_EXACT_COUNT = re.compile(r"(\d{1,3})(?: [^\W\d_]+)?")
_DESCRIPTION = re.compile(r"[\d,]+ votes? and ([\d,]+) comments? so far on Reddit")
_VIDEO = re.compile(r"https://v\.redd\.it/([0-9a-z]{1,20})(?:/.*)?", re.ASCII)
_UPLOAD_NAME = re.compile(r"https://i\.redd\.it/([0-9a-z]+)\.(\w+)", re.ASCII)


def read(document: Document, permalinks: Sequence[str]) -> dict[str, Any] | None:
    """Return the post's data, or None if the page shows no thread.

    Args:
        document: The page.
        permalinks: The addresses of the comments. They tell the post if its own id is missing.
    """
    content = document.css_first(_CONTENT)
    if content is None and not permalinks:
        return None
    addresses = [*_iter_addresses(document), *_iter_post_links(content), *permalinks]
    post_id = _find_id(content, addresses)
    if not post_id:
        return None
    address = next(filter(None, (_get_post_path(url, post_id) for url in addresses)), "")
    fields = _read_content(content, address) if content is not None else {}
    count = _read_comment_count(document, content, post_id)
    return {
        "id": post_id,
        "name": f"t3_{post_id}",
        **fields,
        **build_subreddit_fields(address),
        **({"permalink": address} if address.count("/") > 5 else {}),
        **({} if count is None else {"num_comments": count}),
        PAGE_KIND_KEY: KIND,
    }


def is_of_single_comment(document: Document, url: str) -> bool:
    """Return whether the page shows one comment and its replies, and not the whole thread."""
    matches = map(match_thread_path, (url, *_iter_addresses(document)))
    return any(match is not None and match[5] for match in matches)


def _iter_addresses(document: Document) -> Iterator[str]:
    """Yield the page's own address, as its head gives it."""
    for selector, name in (
        ('link[rel="canonical"]', "href"),
        ('meta[property="og:url"]', "content"),
    ):
        if (element := document.css_first(selector)) is not None:
            yield dom.get(element, name)


def _iter_post_links(content: Node | None) -> Iterator[str]:
    if content is not None and (link := content.css_first('a[data-click-id="comments"]')):
        yield dom.get(link, "href")


def _find_id(content: Node | None, addresses: Iterable[str]) -> str:
    """Return the post's id: from the element around it, or the one that most addresses have."""
    node = content
    while node is not None and node.is_element_node:
        names = [dom.get(node, "id"), *dom.get_classes(node)]
        if name := next((name for name in names if is_fullname(name, "t3")), ""):
            return name[3:]
        node = node.parent
    matches = map(match_thread_path, addresses)
    ids = Counter(match[3] for match in matches if match)
    return ids.most_common(1)[0][0] if len(ids) == 1 else ""


def _get_post_path(url: str, post_id: str) -> str:
    """Return the post's path in an address of the post or of one of its comments."""
    match = match_thread_path(url)
    if match is None or match[3] != post_id or not match[2]:
        return ""
    is_titled = match[4] and match[4] != "comment"
    return f"/{match[1]}/{match[2]}/comments/{post_id}/" + (f"{match[4]}/" if is_titled else "")


def _read_content(content: Node, permalink: str) -> dict[str, Any]:
    heading = content.css_first("h1")
    title = dom.get_text(heading) if heading is not None else ""
    author = _find_author(content)
    flair = content.css_first('a[href*="flair_name"]')
    flair_text = dom.get_text(flair) if flair is not None and not flair.css_first("img") else ""
    return {
        **({"title": clean_text(title)} if title else {}),
        **({"author": author} if author else {}),
        **_build_text_fields(content, author),
        **_build_link_fields(content, permalink),
        **({"link_flair_text": flair_text} if flair_text else {}),
    }


def _find_author(content: Node) -> str:
    """Return the author, who stands above the title; "" if unknown."""
    for element in content.css("a[href], [to], span, h1"):
        if element.tag == "h1":
            break
        if element.tag == "span" and dom.get_text(element) == "u/[deleted]":
            return "[deleted]"
        name = get_profile_name(dom.get(element, "href") or dom.get(element, "to"))
        is_link = dom.get(element, "data-testid") == "post_author_link"
        if name and (is_link or dom.get_text(element) in (name, f"u/{name}", "")):
            return name
    return ""


def _build_text_fields(content: Node, author: str) -> dict[str, str]:
    """Return the text. Below a picture or video it has no mark but the class of rich text."""
    for element in content.css('[data-click-id="text"], .RichTextJSON-root'):
        text = dom.get_text(element)
        if placeholder := deleted_texts.find_placeholder(text, author or None):
            return deleted_texts.build_fields(placeholder, "selftext")
        if html := html_cleaner.clean(element):
            return {"selftext_html": html}
    return {}


def _build_link_fields(content: Node, permalink: str) -> dict[str, Any]:
    """Return what the post links to or shows: a gallery, video, upload or site, or only a text."""
    if gallery := _build_gallery_fields(content):
        return gallery
    url = next(_iter_link_urls(content), "")
    if url:
        host = re.sub(r"^https?://(?:www\.)?([^/?#]*).*", r"\1", url, flags=re.DOTALL)
        return {"url": url, "domain": host.lower(), "is_self": False}
    is_text = content.css_first('[data-click-id="text"]') is not None
    if not is_text or content.css_first("video, iframe, figure") is not None:
        return {}
    return {**({"url": links.REDDIT_URL + permalink} if permalink else {}), "is_self": True}


def _iter_link_urls(content: Node) -> Iterator[str]:
    for source in content.css("video source, video"):
        if match := _VIDEO.fullmatch(dom.get(source, "src")):
            yield f"https://v.redd.it/{match[1]}"
    for link in content.css('a[data-testid="outbound-link"], a.styled-outbound-link'):
        if links.is_allowed(url := dom.get(link, "href").strip()):
            yield clean_text(url)
    for element in _iter_media(content):
        if url := find_upload_url(dom.get(element, "href") or dom.get(element, "src")):
            yield url


def _iter_media(content: Node) -> Iterator[Node]:
    """Yield links and pictures outside of the text."""
    for element in content.css("a[href], img[src]")[:_MAX_MEDIA]:
        parent = element.parent
        while parent is not None and not _is_edge(parent):
            parent = parent.parent
        if parent is not None and dom.get(parent, "data-test-id") == "post-content":
            yield element


def _is_edge(element: Node) -> bool:
    """Return whether an element is the text of a post, or contains the whole post."""
    marks = (dom.get(element, "data-test-id"), dom.get(element, "data-click-id"))
    return (
        bool({"post-content", "text"} & {*marks})
        or "RichTextJSON-root" in dom.get_classes(element)
        or not element.is_element_node
    )


def _build_gallery_fields(content: Node) -> dict[str, Any]:
    """Return the pictures of a gallery: a list of figures. One figure alone is a picture."""
    items, metadata = [], {}
    for figure in content.css("li figure"):
        urls = (
            find_upload_url(dom.get(element, "href") or dom.get(element, "src"))
            for element in figure.css("a[href], img[src]")
        )
        match = _UPLOAD_NAME.fullmatch(next(filter(None, urls), ""))
        if match is None or match[1] in metadata:
            continue
        caption = figure.css_first("figcaption")
        text = dom.get_text(caption) if caption is not None else ""
        items.append({"media_id": match[1], **({"caption": text} if text else {})})
        metadata[match[1]] = {"id": match[1], "e": "Image", "status": "valid", "s": {"u": match[0]}}
    if not items:
        return {}
    return {
        "is_gallery": True,
        "gallery_data": {"items": items},
        "media_metadata": metadata,
        "is_self": False,
    }


def _read_comment_count(document: Document, content: Node | None, post_id: str) -> int | None:
    """Return the number of comments if the page has it unrounded."""
    link = content.css_first('a[data-click-id="comments"]') if content is not None else None
    if link is not None and (match := _EXACT_COUNT.fullmatch(dom.get_text(link))):
        return int(match[1])
    own_address = match_thread_path(next(_iter_meta(document, "og:url"), ""))
    if own_address is None or own_address[3] != post_id:
        return None
    description = _DESCRIPTION.fullmatch(next(_iter_meta(document, "og:description"), ""))
    return int(description[1].replace(",", "") or 0) if description else None


def _iter_meta(document: Document, name: str) -> Iterator[str]:
    for element in document.css(f'meta[property="{name}"]'):
        yield dom.get(element, "content").strip()
