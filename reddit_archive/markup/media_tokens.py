"""Media in comments: tokens that Reddit's apps write into a text, and the images they stand for."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from reddit_archive.markup import links, media_hosts
from reddit_archive.markup.node import Node

# `![gif](giphy|ID)` or `![gif](giphy|ID|downsized)`, `![img](emote|PACK|NAME)`, `![img](ID)` for
# an upload.
_TOKEN = re.compile(r"!\[(gif|img)\]\(([^()\s\\]{1,200})\)")
_URL = re.compile(r"https?://[^\s<>\"\\\x00-\x20\x7f-\x9f]+", re.IGNORECASE)
# The attributes that Reddit writes in an <img>. An image with any other is not Reddit's.
_REDDIT_ATTRIBUTES = frozenset(
    {"src", "alt", "title", "width", "height", "style", "class", "loading"}
)


def get_image_label(image: Node) -> str:
    """Return the label of a link to an image: its alt text or the file name in its URL."""
    url = re.split(r"[?#]", image.attributes.get("src", ""))[0]
    return image.attributes.get("alt") or url.rpartition("/")[2] or "image"


def get_image_url(image: Node) -> str | None:
    """Return the URL of an image; None if no page may load it.

    A relative URL names a file beside a saved page, which does not exist beside the quote.
    """
    url = links.resolve(image.attributes.get("src", ""))
    return None if url and url.lower().startswith("mailto:") else url


def is_shown_by_reddit(image: Node, url: str) -> bool:
    """Return whether Reddit itself showed this image. Authors can't write elements.

    Images from other hosts become links: loading one would tell its host who reads the page.
    """
    if not image.attributes.keys() <= _REDDIT_ATTRIBUTES:
        return False
    source_attribute = image.attributes["src"].strip()
    is_path = source_attribute[:1] == "/" and source_attribute[1:2] != "/"
    return is_path or media_hosts.is_on_image_host(url)


def link_tokens(root: Node, media_metadata: Mapping[str, Any]) -> None:
    """Replace every token below `root` by a link, if `media_metadata` has its image.

    An image that Reddit already inserted gets the label that its token would have.
    """
    labels_by_url = {
        get_media_url(key, media_metadata): _get_token_label(key)
        for key in media_metadata
        if isinstance(key, str)
    }
    _link_tokens_in_node(root, media_metadata, labels_by_url)


def _link_tokens_in_node(
    node: Node, media_metadata: Mapping[str, Any], labels_by_url: Mapping[str | None, str]
) -> None:
    for i, child in reversed(list(enumerate(node.children))):
        if isinstance(child, str):
            if "![" in child and node.name != "a":
                node.children[i : i + 1] = _split_tokens(child, media_metadata)
        elif child.name == "img" and (label := labels_by_url.get(child.attributes.get("src"))):
            child.attributes = {**child.attributes, "alt": label}
        elif child.name not in ("code", "pre"):
            _link_tokens_in_node(child, media_metadata, labels_by_url)


def _split_tokens(text: str, media_metadata: Mapping[str, Any]) -> "list[Node | str]":
    parts: list[Node | str] = []
    end = 0
    for token in _TOKEN.finditer(text):
        if url := get_media_url(token[2], media_metadata):
            link = Node("a", {"href": url}, [_get_token_label(token[2])])
            parts += [text[end : token.start()], link]
            end = token.end()
    return [*parts, text[end:]]


def link_tokens_in_markdown(
    body: str, media_metadata: Mapping[str, Any], write_link: Callable[[str, str], str]
) -> str:
    """Replace the tokens in typed Markdown; `write_link` writes a link from a label and a URL."""

    def replace_token(token: re.Match[str]) -> str:
        url = get_media_url(token[2], media_metadata)
        return write_link(_get_token_label(token[2]), url) if url else token[0]

    return _TOKEN.sub(replace_token, body)


def _get_token_label(key: str) -> str:
    kind, *rest = key.split("|")
    if kind == "giphy":
        return "gif"
    return f":{rest[-1]}:" if kind == "emote" and rest else "picture"


def get_media_url(key: str, media_metadata: Mapping[str, Any]) -> str | None:
    """Return the http or https URL of an image; None if `media_metadata` has no valid one."""
    item = media_metadata.get(key) or media_metadata.get(key.removesuffix("|downsized"))
    if not isinstance(item, dict):
        return None
    source = item.get("s")
    sources = source if isinstance(source, dict) else {}
    for value in (sources.get("u"), sources.get("gif"), sources.get("mp4"), item.get("ext")):
        # Without `raw_json=1` Reddit writes `&amp;`, which would break the signature.
        url = value.replace("&amp;", "&") if isinstance(value, str) else ""
        if _URL.fullmatch(url):
            return url
    return None
