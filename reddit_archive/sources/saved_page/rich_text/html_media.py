"""Pictures, animations and emotes in the rich text of a web page, as Reddit's API has them.

The API shows an uploaded picture as a link with its address or caption as label, and an emote or
a picture from GIPHY as an image.
"""

import re
from collections.abc import Iterable, Iterator

from reddit_archive.markup.node import Node
from reddit_archive.sources.saved_page import dom

MEDIA_ELEMENTS = frozenset(
    {"img", "faceplate-img", "video", "shreddit-player", "shreddit-player-2"}
)
_WEB_URL = re.compile(r"https?://[^\s\"<>\\]+", re.IGNORECASE)
_GIPHY = re.compile(r"https?://(?:[a-z0-9]+\.)?giphy\.com/", re.IGNORECASE)
_UPLOAD = re.compile(r"https?://(?:preview|i)\.redd\.it/", re.IGNORECASE)


def copy_media(element: dom.Node) -> list[Node | str]:
    """Return an image, or a link to a video. A picture without an address keeps its label."""
    url = get_media_url(element)
    if element.tag not in ("img", "faceplate-img"):
        return [Node("a", {"href": url}, [url])] if url else []
    alt = dom.get(element, "alt").strip()
    if not url and not alt:
        return []
    return [Node("img", {"src": url, "alt": alt} if url else {"alt": alt}, [])]


def get_media_url(element: dom.Node) -> str:
    """Return the address of a picture or video on the web; "" if the page has only a local copy.

    Browsers and SingleFile replace `src` by a file beside the page or by the picture itself. The
    other attributes then still have the address.
    """
    sources = [child for child in dom.iter_children(element) if child.tag == "source"]
    candidates = [dom.get(e, name).strip() for e in (element, *sources) for name in _URL_ATTRIBUTES]
    candidates.append(dom.get(element, "srcset").strip().partition(" ")[0].rstrip(","))
    return next((url for url in candidates if _WEB_URL.fullmatch(url)), "")


def get_video_label(href: str) -> str:
    """Return the label of a link around a video: new Reddit shows GIPHY's animations so."""
    return "gif" if _GIPHY.match(href) else href


_URL_ATTRIBUTES = ("src", "data-lazy-src", "data-src", "data-sf-original-src", "poster")


def build_figure(children: list[Node | str]) -> Node:
    """Return a figure as a paragraph: a link for an uploaded picture, an image for others.

    A figure without a picture is only a box around a text.
    """
    caption = "".join(_find_texts(children, "figcaption"))
    links = [node for node in iter_elements(children) if node.name == "a"]
    images = [node for node in iter_elements(children) if node.name == "img"]
    if not links and not images:
        return Node("div", {}, children)
    urls = [link.attributes["href"] for link in links]
    urls += [image.attributes["src"] for image in images if "src" in image.attributes]
    url = next((url for url in urls if _UPLOAD.match(url)), "")
    if url:
        return Node("p", {}, [Node("a", {"href": url}, [caption.strip() or url])])
    return Node("p", {}, [_link_image(images, urls), *([" ", caption] if caption.strip() else [])])


def _link_image(images: list[Node], urls: list[str]) -> Node | str:
    """Return the first image inside its link, or the link alone."""
    image = images[0] if images else None
    target = next((url for url in urls if image is None or url != image.attributes.get("src")), "")
    if not target:
        return image or ""
    return Node("a", {"href": target}, [image or target])


def _find_texts(items: Iterable[Node | str], name: str) -> Iterator[str]:
    for element in iter_elements(items):
        if element.name == name:
            yield element.get_text()


def iter_elements(items: Iterable[Node | str]) -> Iterator[Node]:
    """Yield all elements below some nodes, in order."""
    for item in items:
        if isinstance(item, Node):
            yield item
            yield from iter_elements(item.children)
