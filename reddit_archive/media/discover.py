"""Find the pictures and videos that the posts and comments of a capture show.

Responses are not trusted: a URL counts only if it is https and on one of Reddit's own media hosts.
URLs of GIPHY count only where Reddit itself put them in place of a token.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from reddit_archive.markup import media_hosts, media_tokens
from reddit_archive.model import capture, html_entities
from reddit_archive.model.capture import Thing
from reddit_archive.model.json_fields import Raw, get_dict, get_str

HOSTS, HOST_SUFFIX, GIPHY_HOSTS = (
    media_hosts.IMAGE_HOSTS,
    media_hosts.IMAGE_HOST_SUFFIX,
    media_hosts.GIPHY_HOSTS,
)
VIDEO_HOST = "v.redd.it"
_TYPED_URL = re.compile(r"https://(?:i|preview)\.redd\.it/[^\s<>\"'()\[\]\\]+")
_VIDEO_URL = re.compile(r"https://v\.redd\.it/([0-9a-z]{1,20})(?![0-9a-zA-Z_-])")


@dataclass(frozen=True, slots=True)
class MediaItem:
    """A picture or video that a post or comment shows; `owner` is its fullname.

    `manifest_url` is the URL of a video's DASH manifest. Reddit signs it for some hours. `page_url`
    is the page that texts link to instead of the file: that of a GIF on GIPHY.
    """

    url: str
    owner: str
    caption: str = ""
    manifest_url: str = ""
    page_url: str = ""

    @property
    def is_video(self) -> bool:
        return bool(self.manifest_url)


def find_media(things: Iterable[Thing]) -> tuple[MediaItem, ...]:
    """Return the media that things show, in reading order; each URL once per post or comment."""
    media_items: dict[tuple[str, str], MediaItem] = {}
    for thing in html_entities.unescape_things(things):
        owner, data = capture.get_fullname(thing), thing["data"]
        if owner is not None and thing["kind"] in ("t1", "t3"):
            for item in (
                _iter_post_media(data) if thing["kind"] == "t3" else _iter_text_media(data, "body")
            ):
                media_items.setdefault((owner, item.url), replace(item, owner=owner))
    return tuple(media_items.values())


def list_picture_urls(things: Iterable[Thing]) -> Mapping[str, str]:
    """Return the URL of the picture for each URL in texts that stands for one."""
    items = [item for item in find_media(things) if not item.is_video]
    pages = {item.page_url: item.url for item in items if item.page_url}
    return {item.url: item.url for item in items} | pages


def is_reddit_media_url(url: str) -> bool:
    """Return whether a URL is https and on one of Reddit's picture hosts."""
    return _get_host(url) in HOSTS or _get_host(url).endswith(HOST_SUFFIX)


def _get_host(url: str) -> str:
    """Return the host of an https URL; "" for any other."""
    try:
        parts = urlsplit(url)
        return (parts.hostname or "") if parts.scheme == "https" else ""
    except ValueError:
        return ""


def _iter_post_media(data: Raw) -> Iterator[MediaItem]:
    """Yield the post's own media, the media in its text, and those of a crosspost's parent."""
    yield from _iter_linked_media(data)
    yield from _iter_gallery_media(data)
    yield from _iter_text_media(data, "selftext")
    parents = data.get("crosspost_parent_list")
    if isinstance(parents, list) and parents and isinstance(parents[0], dict):
        yield from _iter_post_media({**parents[0], "crosspost_parent_list": None})


def _iter_linked_media(data: Raw) -> Iterator[MediaItem]:
    """Yield the picture or video that a post links to, or Reddit's preview of another link."""
    url = get_str(data, "url_overridden_by_dest") or get_str(data, "url")
    video = get_dict(get_dict(data, "secure_media"), "reddit_video") or get_dict(
        get_dict(data, "media"), "reddit_video"
    )
    match = _VIDEO_URL.match(url) or _VIDEO_URL.match(get_str(video, "fallback_url"))
    if match:
        yield MediaItem(
            match[0], "", manifest_url=_build_manifest_url(match[0], get_str(video, "dash_url"))
        )
    if is_reddit_media_url(url):
        yield MediaItem(url, "")
    elif data.get("is_self") is not True and not data.get("gallery_data"):
        images = get_dict(data, "preview").get("images")
        for image in images if isinstance(images, list) else []:
            if isinstance(image, dict):
                yield from _iter_if_reddit_media(
                    _unescape(get_str(get_dict(image, "source"), "url"))
                )


def _iter_gallery_media(data: Raw) -> Iterator[MediaItem]:
    items = get_dict(data, "gallery_data").get("items")
    media = get_dict(data, "media_metadata")
    for item in items if isinstance(items, list) else []:
        if isinstance(item, dict):
            entry = get_dict(media, get_str(item, "media_id"))
            yield from (
                replace(media_item, caption=get_str(item, "caption"))
                for media_item in _iter_entry_media(entry)
            )


def _iter_text_media(data: Raw, key: str) -> Iterator[MediaItem]:
    """Yield the media that Reddit resolved from tokens in a text, then typed picture URLs.

    A saved web page has only the HTML of a text.
    """
    media = get_dict(data, "media_metadata")
    for name in media:
        page_url = media_tokens.get_giphy_page(name) or ""
        for item in _iter_entry_media(get_dict(media, name)):
            yield replace(item, page_url=page_url)
    text = get_str(data, key) or _unescape(get_str(data, f"{key}_html"))
    for match in _TYPED_URL.finditer(text):
        url = _unescape(match[0].rstrip(".,;:!?*_~"))
        if not _is_resolved(url, media):
            yield from _iter_if_reddit_media(url)


def _is_resolved(url: str, media: Mapping[str, Any]) -> bool:
    """Return whether `media_metadata` has the upload of a typed URL in full size."""
    stem = urlsplit(url).path.rsplit("/", 1)[-1].split(".")[0]
    return any(key and (stem == key or stem.endswith(f"-{key}")) for key in media)


def _iter_entry_media(entry: Raw) -> Iterator[MediaItem]:
    """Yield the media of an entry of `media_metadata`: a picture, gif, emote or video."""
    if get_str(entry, "e") == "RedditVideo":
        manifest_url = _unescape(get_str(entry, "dashUrl"))
        video_url = f"https://{VIDEO_HOST}/{get_str(entry, 'id')}"
        if _VIDEO_URL.fullmatch(video_url):
            yield MediaItem(
                video_url, "", manifest_url=_build_manifest_url(video_url, manifest_url)
            )
        return
    source = get_dict(entry, "s")
    for url in (_unescape(get_str(source, key)) for key in ("u", "gif", "mp4")):
        if is_reddit_media_url(url) or (
            get_str(entry, "t") == "giphy" and _get_host(url) in GIPHY_HOSTS
        ):
            yield MediaItem(url, "")
            return


def _build_manifest_url(video_url: str, signed_url: str) -> str:
    return signed_url if _get_host(signed_url) == VIDEO_HOST else f"{video_url}/DASHPlaylist.mpd"


def _iter_if_reddit_media(url: str) -> Iterator[MediaItem]:
    if is_reddit_media_url(url):
        yield MediaItem(url, "")


def _unescape(url: str) -> str:
    """Unescape `&amp;`, which breaks the signature of a URL. Some sources escape only URLs."""
    return url.replace("&amp;", "&")
