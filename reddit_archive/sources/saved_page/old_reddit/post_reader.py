"""Read the post on a page of old Reddit."""

import re
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from reddit_archive.model.capture import Thing
from reddit_archive.sources.saved_page import dom
from reddit_archive.sources.saved_page.dom import (
    Document,
    Node,
    get,
    get_ancestor,
    get_classes,
    get_text,
    has,
    iter_descendants,
)
from reddit_archive.sources.saved_page.old_reddit.entry_reader import (
    Entry,
    is_thing,
    iter_parts,
    read_entry,
)
from reddit_archive.sources.saved_page.old_reddit.thing_fields import (
    MAX_SECONDS,
    MIN_SECONDS,
    Data,
    read_common_fields,
    read_count,
    read_exact_score,
    read_number,
    read_text,
)

REDDIT_URL = "https://www.reddit.com"
DOMAIN_PATTERN = re.compile(r"[\w.-]{1,253}")
PERCENT_PATTERN = re.compile(r"\((?:\D{0,9})(\d{1,3})\s?%|%\s?(\d{1,3})")
CROSSPOST_PATTERN = re.compile(r"/(?:r|u|user)/[\w.-]+/comments/([0-9a-z]{1,13})(?:/|$)")
MEDIA_PATTERN = re.compile(
    r"https://(?:preview|i)\.redd\.it/(?:[\w-]*-)?([0-9a-z]{6,20})\.\w+(?:\?.*)?"
)
CAPTION_PREFIX = "Caption: "
"""Reddit's galleries have this in English, whatever the language of the page."""


def read_post(thing: Node, entry: Entry, post_id: str, document: Document) -> Thing:
    """Return the post as the API has it, without what the page does not tell."""
    data: Data = {"id": post_id, "name": f"t3_{post_id}"}
    data |= read_common_fields(thing, entry)
    data.pop("is_submitter", None)
    if "created_utc" not in data or has(thing, "data-timestamp"):
        data |= _read_timestamp(thing)
    data |= _read_title_line(entry)
    data |= _read_numbers(thing, entry, document)
    data |= _read_flags(thing, document)
    data |= _read_link(thing, entry)
    data |= _read_text(thing, entry, data)
    data |= _read_expando(entry, data)
    data |= _read_crosspost(thing, entry, post_id)
    return {"kind": "t3", "data": data}


def is_post(thing: Node) -> bool:
    """Return whether a thing is a post."""
    classes = get_classes(thing)
    return "link" in classes or ("comment" not in classes and get(thing, "data-type") == "link")


def _read_timestamp(thing: Node) -> Data:
    milliseconds = get(thing, "data-timestamp")
    if not re.fullmatch(r"\d{1,15}", milliseconds):
        return {}
    seconds = int(milliseconds) / 1000
    return {"created_utc": seconds} if MIN_SECONDS <= seconds <= MAX_SECONDS else {}


def _read_title_line(entry: Entry) -> Data:
    data: Data = {}
    for node, tag, classes in entry.title:
        if "title" in classes and tag == "a" and "title" not in data:
            data["title"] = get_text(node)
        elif "linkflairlabel" in classes and "link_flair_text" not in data:
            data["link_flair_text"] = get(node, "title") or get_text(node)
    return {key: text for key, text in data.items() if text}


def _read_numbers(thing: Node, entry: Entry, document: Document) -> Data:
    """Return score, number of comments, and upvote ratio."""
    midcol = next(
        (node for node in dom.iter_children(thing) if "midcol" in get_classes(node)), None
    )
    parts = [part for part in iter_parts(midcol) if "score" in part.classes] if midcol else []
    score = read_exact_score(parts)
    is_hidden = any(not re.search(r"\d", get_text(part.node)) for part in parts)
    if score is None and not is_hidden and re.fullmatch(r"-?\d{1,9}", get(thing, "data-score")):
        score = int(get(thing, "data-score"))
    numbers = {
        "score": score,
        "num_comments": _read_comment_count(thing, entry, document),
        "upvote_ratio": _read_upvote_ratio(document),
    }
    return {key: number for key, number in numbers.items() if number is not None}


def _read_comment_count(thing: Node, entry: Entry, document: Document) -> int | None:
    """Return the number of comments that Reddit states.

    The heading of the comments states it only where it has no link to show more of them.
    Otherwise it is the number of those on the page.
    """
    count = read_count(get(thing, "data-comments-count"))
    for link in entry.links:
        if count is None and "comments" in get_classes(link):
            count = read_number(get_text(link))
    if count is None and document.css_first("a.title-button") is None:
        for heading in document.css("div.panestack-title"):
            count = read_number(get_text(heading)) if count is None else count
    return count


def _read_upvote_ratio(document: Document) -> float | None:
    box = document.css_first("div.linkinfo")
    for node in iter_descendants(box) if box is not None else ():
        if "score" in get_classes(node):
            match = PERCENT_PATTERN.search(get_text(node)[:200])
            percent = int(match[1] or match[2]) if match else 101
            return percent / 100 if percent <= 100 else None
    return None


def _read_flags(thing: Node, document: Document) -> Data:
    """Return the flags that the page tells. Without an attribute, it tells only that one is set."""
    classes = get_classes(thing)
    data: Data = {}
    for field, attribute, sign in (
        ("over_18", "data-nsfw", "over18"),
        ("spoiler", "data-spoiler", "spoiler"),
    ):
        value = get(thing, attribute).lower()
        if value in ("true", "false"):
            data[field] = value == "true"
        elif sign in classes:
            data[field] = True
    if get(thing, "data-is-gallery").lower() == "true":
        data["is_gallery"] = True
    if document.css_first(".archived-infobar") is not None:
        data["archived"] = True
    if document.css_first(".locked-infobar") is not None:
        data["locked"] = True
    return data


def _read_link(thing: Node, entry: Entry) -> Data:
    """Return where the title leads, and whether the post is a text."""
    data: Data = {}
    domain = get(thing, "data-domain")
    is_self = "self" in get_classes(thing) or domain.startswith("self.")
    if DOMAIN_PATTERN.fullmatch(domain):
        data["domain"] = domain
    if is_self or domain:
        data["is_self"] = is_self
    title = next((part.node for part in entry.title if "title" in part.classes), None)
    address = get(thing, "data-url") or (get(title, "href") if title is not None else "")
    if address.startswith("/") and not address.startswith("//"):
        address = f"{REDDIT_URL}{address}"
    if re.match(r"https?://[^\s/\[]", address):
        data["url"] = address
    return data


def _read_expando(entry: Entry, data: Data) -> Data:
    """Return the pictures of a gallery, and the text of a post whose expando was not opened."""
    if entry.expando is None or entry.has_foreign_text:
        return {}
    result: Data = {}
    nodes = list(iter_descendants(entry.expando, is_thing))
    if cached_html := get(entry.expando, "data-cachedhtml"):
        cached = dom.parse(
            f'<div class="thing"><div class="entry"><div class="expando">{cached_html}'
        )
        thing = cached.css_first("div.thing")
        if thing is not None:
            nodes += iter_descendants(thing)
            if "selftext_html" not in data:
                result |= _read_text(thing, read_entry(thing), data)
    if data.get("is_gallery"):
        result |= _read_gallery(nodes)
    return result


def _read_text(thing: Node, entry: Entry, data: Data) -> Data:
    """Return the fields of the text, which stands in the expando."""
    if entry.md is None or get_ancestor(entry.md, _is_expando) is None:
        return {}
    return read_text(thing, entry, data, "selftext")


def _is_expando(node: Node) -> bool:
    return "expando" in get_classes(node)


def _read_gallery(nodes: Iterable[Node]) -> Data:
    """Return the pictures of a gallery in its order, with their captions."""
    items: list[dict[str, str]] = []
    media: dict[str, Data] = {}
    for preview in nodes:
        if "gallery-preview" in get_classes(preview):
            item, address = _read_gallery_item(preview)
            if item and item["media_id"] not in media:
                items.append(item)
                media[item["media_id"]] = {"id": item["media_id"], "s": {"u": address}}
    return {"gallery_data": {"items": items}, "media_metadata": media} if items else {}


def _read_gallery_item(preview: Node) -> tuple[dict[str, str], str]:
    item: dict[str, str] = {}
    address = caption = ""
    for node in iter_descendants(preview, lambda node: "gallery-preview" in get_classes(node)):
        if "gallery-item-caption" in get_classes(node):
            caption = get_text(node).removeprefix(CAPTION_PREFIX)
        for candidate in (get(node, "href"), get(node, "src")):
            if not item and (match := MEDIA_PATTERN.fullmatch(candidate)):
                item, address = {"media_id": match[1]}, candidate
    return ({**item, "caption": caption} if item and caption else item), address


def _read_crosspost(thing: Node, entry: Entry, post_id: str) -> Data:
    """Return the fullname of the original post of a crosspost."""
    if entry.crosspost_preview is None and not has(thing, "data-crosspost-root-title"):
        return {}
    for address in _iter_crosspost_links(thing, entry):
        try:
            match = CROSSPOST_PATTERN.match(urlsplit(address).path)
        except ValueError:
            continue
        if match and match[1] != post_id:
            return {"crosspost_parent": f"t3_{match[1]}"}
    return {}


def _iter_crosspost_links(thing: Node, entry: Entry) -> Iterator[str]:
    if entry.crosspost_preview is not None:
        for node in iter_descendants(entry.crosspost_preview):
            if node.tag == "a" and "content-link" in get_classes(node):
                yield get(node, "href")
    yield get(thing, "data-url")
