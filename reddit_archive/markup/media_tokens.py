"""Media in comments: tokens that Reddit's apps write into a text, and the images they stand for."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from reddit_archive.markup import links, media_hosts
from reddit_archive.markup.node import Node

# `![gif](giphy|ID)` or `![gif](giphy|ID|downsized)`, `![img](emote|PACK|NAME)`, `![img](ID)` for
# an upload.
_TOKEN = re.compile(r"!\[(?:gif|img)\]\((?P<key>[^()\s\\]{1,200})\)")
# Reddit's HTML has `:2028:` for an emote, and `Processing img ID...` for an upload.
_UPLOAD = re.compile(
    r"Processing (?P<kind>img|video|gif) (?P<upload>[a-z0-9]{6,30})(?:\.{3}|\u2026)"
)
_TYPED_UPLOAD = re.compile(rf"\*{_UPLOAD.pattern}\*")
_UPLOAD_LABELS: Mapping[str | None, str] = {"img": "picture", "video": "video", "gif": "gif"}
_SHOWN = re.compile(rf"{_TOKEN.pattern}|:(?P<emote>[\w-]{{1,100}}):|{_UPLOAD.pattern}", re.ASCII)
_UPLOAD_ID = re.compile(r"[a-z0-9]{6,30}")
_GIPHY_KEY = re.compile(r"giphy\|([A-Za-z0-9_-]{1,100})(?:\|downsized)?")
_ADDRESS = re.compile(r"\s*(?:https?://|www\.)", re.IGNORECASE)
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


def may_have_tokens(html: str) -> bool:
    """Return whether a text without `media_metadata` may contain tokens."""
    return "[" in html and _TOKEN.search(html) is not None


def link_tokens(root: Node, media_metadata: Mapping[str, Any]) -> None:
    """Replace every token below `root` by a link, or by words if its address is unknown.

    An image that Reddit already inserted gets the label that its token would have.
    """
    keys = [key for key in media_metadata if isinstance(key, str)]
    labels_by_url = {get_media_url(key, media_metadata): get_token_label(key) for key in keys}
    emotes = {key.rpartition("|")[2]: key for key in keys if key.startswith("emote|")}
    _link_tokens_in_node(root, _Media(media_metadata, labels_by_url, emotes))


@dataclass(frozen=True, slots=True)
class _Media:
    """What a text's `media_metadata` says: labels by URL, and the keys of emotes by name."""

    metadata: Mapping[str, Any]
    labels_by_url: Mapping[str | None, str]
    emotes: Mapping[str, str]

    def replace(self, match: re.Match[str]) -> "Node | str | None":
        """Return what Reddit shows for a match of `_SHOWN`; None for the text itself."""
        if emote_name := match["emote"]:
            key = self.emotes.get(emote_name, "")
        elif upload_id := match["upload"]:
            key = upload_id
        else:
            key = match["key"]
        if url := get_token_url(key, self.metadata):
            label = _UPLOAD_LABELS.get(match["kind"]) or get_token_label(key)
            return Node("a", {"href": url}, [label])
        return _describe_emote(match["key"] or "")


def _link_tokens_in_node(node: Node, media: _Media) -> None:
    for i, child in reversed(list(enumerate(node.children))):
        if isinstance(child, str):
            if node.name != "a" and ("![" in child or ":" in child or "Processing " in child):
                node.children[i : i + 1] = _split_tokens(child, media)
        elif child.name == "img" and (
            label := media.labels_by_url.get(child.attributes.get("src"))
        ):
            child.attributes = {**child.attributes, "alt": label}
        elif child.name not in ("code", "pre"):
            is_placeholder = child.name == "em" and _UPLOAD.fullmatch(child.get_text().strip())
            _link_tokens_in_node(child, media)
            if is_placeholder and any(child.iter_elements()):  # Reddit's words in italics
                node.children[i : i + 1] = child.children


def _split_tokens(text: str, media: _Media) -> "list[Node | str]":
    parts: list[Node | str] = []
    end = 0
    for match in _SHOWN.finditer(text):
        replacement = media.replace(match)
        if replacement is not None:
            parts += [text[end : match.start()], replacement]
            end = match.end()
    return [*parts, text[end:]]


def link_tokens_in_markdown(
    body: str, media_metadata: Mapping[str, Any], write_link: Callable[[str, str], str]
) -> str:
    """Replace the tokens in typed Markdown; `write_link` writes a link from a label and a URL.

    Reddit itself shows the tokens that `media_metadata` does not have.
    """

    def replace_token(token: re.Match[str]) -> str:
        key = token["key"]
        is_known = key in media_metadata or key.removesuffix("|downsized") in media_metadata
        url = get_token_url(key, media_metadata) if is_known else None
        return write_link(get_token_label(key), url) if url else token[0]

    def replace_upload(match: re.Match[str]) -> str:
        url = get_token_url(match["upload"], media_metadata)
        return write_link(_UPLOAD_LABELS[match["kind"]], url) if url else match[0]

    body = _TOKEN.sub(replace_token, body)
    return _TYPED_UPLOAD.sub(replace_upload, body) if media_metadata else body


def get_token_label(key: str) -> str:
    """Return the words for a picture: "gif", an emote's name between colons, or "picture"."""
    kind, *rest = key.split("|")
    if kind == "giphy":
        return "gif"
    return f":{rest[-1]}:" if kind == "emote" and rest else "picture"


def _describe_emote(key: str) -> str | None:
    kind, _, rest = key.partition("|")
    pack, _, name = rest.rpartition("|")
    return f"(emote {name} of {pack})" if kind == "emote" and pack and name else None


def get_token_url(key: str, media_metadata: Mapping[str, Any]) -> str | None:
    """Return where the link of a token leads, the same in all targets; None if that is unknown.

    The page of a GIF on GIPHY stays, while the address of its picture is signed and expires.
    """
    if page_url := get_giphy_page(key):
        return page_url
    item = media_metadata.get(key)
    if isinstance(item, dict) and item.get("e") == "RedditVideo" and _UPLOAD_ID.fullmatch(key):
        return f"https://v.redd.it/{key}"
    return get_media_url(key, media_metadata)


def get_giphy_page(key: str) -> str | None:
    """Return the page of the GIF that a key like `giphy|ID` or `giphy|ID|downsized` names."""
    match = _GIPHY_KEY.fullmatch(key)
    return f"https://giphy.com/gifs/{match[1]}" if match else None


def write_alt(label: str) -> str:
    """Return the alternative text of an embedded image; never an address."""
    return "picture" if _ADDRESS.match(label) else label


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
