"""Comment media: the tokens that Reddit's apps write into a text, and the pictures they mean."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from reddit_archive.markup import links, media_hosts
from reddit_archive.markup.html_parser import Node

# `![gif](giphy|ID)`, with `|downsized` too; `![img](emote|PACK|NAME)`; `![img](ID)` for an upload.
_TOKEN = re.compile(r"!\[(gif|img)\]\(([^()\s\\]{1,200})\)")
_URL = re.compile(r"https?://[^\s<>\"\\\x00-\x20\x7f-\x9f]+", re.IGNORECASE)


def name(image: Node) -> str:
    """What stands for a picture: its own text, or the last part of its address."""
    address = re.split(r"[?#]", image.attributes.get("src", ""))[0]
    return image.attributes.get("alt") or address.rpartition("/")[2] or "image"


# What Reddit writes in an <img>. One with any other attribute is not Reddit's.
_ATTRIBUTES = frozenset({"src", "alt", "title", "width", "height", "style", "class", "loading"})


def source(image: Node, base_url: str) -> str | None:
    """Return the URL of a picture; None if no page may load it.

    A relative URL names a file beside a saved page, which does not exist beside the quote.
    """
    url = links.resolve(image.attributes.get("src", ""), base_url)
    return None if url and url.lower().startswith("mailto:") else url


def is_shown(image: Node, url: str) -> bool:
    """Whether Reddit itself showed this picture; no author can write an element.

    From another host it is a link: loading it would tell that host who reads the page.
    """
    if not image.attributes.keys() <= _ATTRIBUTES:
        return False
    typed = image.attributes["src"].strip()
    is_path = typed[:1] == "/" and typed[1:2] != "/"
    return is_path or media_hosts.shows_pictures(url)


def place(root: Node, media: Mapping[str, Any]) -> None:
    """Turn every token in the text below `root` into a link, if `media_metadata` has its picture.

    A picture that Reddit put there itself gets the name that its token would have.
    """
    names = {address(key, media): _label(key) for key in media if isinstance(key, str)}
    _place(root, media, names)


def _place(node: Node, media: Mapping[str, Any], names: Mapping[str | None, str]) -> None:
    for i, child in reversed(list(enumerate(node.children))):
        if isinstance(child, str):
            if "![" in child and node.name != "a":
                node.children[i : i + 1] = _parted(child, media)
        elif child.name == "img" and (label := names.get(child.attributes.get("src"))):
            child.attributes = {**child.attributes, "alt": label}
        elif child.name not in ("code", "pre"):
            _place(child, media, names)


def _parted(text: str, media: Mapping[str, Any]) -> "list[Node | str]":
    parts: list[Node | str] = []
    end = 0
    for token in _TOKEN.finditer(text):
        if url := address(token[2], media):
            link = Node("a", {"href": url}, [_label(token[2])])
            parts += [text[end : token.start()], link]
            end = token.end()
    return [*parts, text[end:]]


def in_typed(body: str, media: Mapping[str, Any], link: Callable[[str, str], str]) -> str:
    """The same for a text as it was typed; `link` writes a label and a URL."""

    def written(token: re.Match[str]) -> str:
        url = address(token[2], media)
        return link(_label(token[2]), url) if url else token[0]

    return _TOKEN.sub(written, body)


def _label(key: str) -> str:
    kind, *rest = key.split("|")
    if kind == "giphy":
        return "gif"
    return f":{rest[-1]}:" if kind == "emote" and rest else "picture"


def address(key: str, media: Mapping[str, Any]) -> str | None:
    """The picture's URL, http or https; nothing in `media` is trusted to be what it should."""
    found = media.get(key) or media.get(key.removesuffix("|downsized"))
    if not isinstance(found, dict):
        return None
    source = found.get("s")
    sources = source if isinstance(source, dict) else {}
    for value in (sources.get("u"), sources.get("gif"), sources.get("mp4"), found.get("ext")):
        # Without `raw_json=1` Reddit writes `&amp;`, which breaks the signature.
        url = value.replace("&amp;", "&") if isinstance(value, str) else ""
        if _URL.fullmatch(url):
            return url
    return None
