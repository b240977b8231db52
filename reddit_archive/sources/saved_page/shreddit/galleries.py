"""Pictures and videos of a post on shreddit, in the form that Reddit's API has for galleries."""

import re
from collections.abc import Iterable
from typing import Any

from reddit_archive.sources.saved_page import dom
from reddit_archive.sources.saved_page.rich_text import html_media
from reddit_archive.sources.saved_page.shreddit.elements import FoundPicture, FoundPost

_PICTURE = re.compile(
    r"https?://(i|preview)\.redd\.it/(?:[^/?#\s]*-v0-)?([0-9a-z]{8,20})\.(\w{3,4})(?:[?#]\S*)?",
    re.IGNORECASE,
)
_VIDEO = re.compile(r"(https?://v\.redd\.it/([0-9a-z]{1,20}))(?![0-9a-z])", re.IGNORECASE)
_BACKGROUND = "post-background-image-filter"
"""Class of the blurred copy of a picture behind it."""
_ALT_PREFIX = re.compile(r"^[ru]/[\w-]+ - ")


def read_gallery(found: FoundPost) -> dict[str, Any]:
    """Return `gallery_data` and `media_metadata` of a gallery, each picture once; {} for others."""
    items: list[dict[str, Any]] = []
    media: dict[str, Any] = {}
    pages: dict[int, list[FoundPicture]] = {}
    for picture in found.pictures:
        pages.setdefault(picture.page, []).append(picture)
    pages.pop(0, None)
    for page, pictures in pages.items():
        entry = _build_entry(pictures)
        if entry is None or entry["id"] in media:
            continue
        media[entry["id"]] = entry
        caption = _find_caption(found, page, pictures)
        items.append({"media_id": entry["id"], **({"caption": caption} if caption else {})})
    return {"gallery_data": {"items": items}, "media_metadata": media} if items else {}


def _build_entry(pictures: Iterable[FoundPicture]) -> dict[str, Any] | None:
    """Return a page of a gallery, with the address of the whole picture if the page has it."""
    urls = [html_media.get_media_url(element) for element in _sort_pictures(pictures)]
    matches = [match for match in map(_PICTURE.fullmatch, urls) if match]
    matches.sort(key=lambda match: match[1].lower() != "i")
    if matches:
        match = matches[0]
        source = {"gif" if match[3].lower() == "gif" else "u": match[0]}
        return {"id": match[2], "status": "valid", "e": "Image", "s": source}
    video = next(filter(None, map(_VIDEO.match, urls)), None)
    return {"id": video[2], "status": "valid", "e": "RedditVideo"} if video else None


def _find_caption(found: FoundPost, page: int, pictures: Iterable[FoundPicture]) -> str:
    """Return the caption of a picture: below it or, without the post's title, instead of it."""
    if caption := dom.collapse_spaces("".join(found.captions.get(page, ()))):
        return caption
    title = dom.collapse_spaces(dom.get(found.element, "post-title"))
    for picture in pictures:
        alt = _ALT_PREFIX.sub("", dom.collapse_spaces(dom.get(picture.element, "alt")))
        if alt and not title.startswith(alt.rstrip(".… ")):
            return alt
    return ""


def find_video(found: FoundPost) -> str:
    """Return the address of a post's video; "" if there is none."""
    urls = (html_media.get_media_url(picture.element) for picture in found.pictures)
    match = next(filter(None, map(_VIDEO.match, urls)), None)
    return match[1] if match else ""


def find_picture(found: FoundPost) -> str:
    """Return the address of a post's picture; "" if there is none."""
    elements = _sort_pictures(found.pictures)
    elements.sort(key=lambda element: dom.get(element, "id") != "post-image")
    return next(filter(None, map(html_media.get_media_url, elements)), "")


def _sort_pictures(pictures: Iterable[FoundPicture]) -> list[dom.Node]:
    """Return the elements with the blurred copies behind pictures last."""
    elements = [picture.element for picture in pictures]
    return sorted(elements, key=lambda element: _BACKGROUND in dom.get_classes(element))
