"""Which pictures and videos a capture's things show, where they lie, and whose they are.

Nothing of an answer is trusted: an address counts if it is https and of a host that Reddit keeps
its own pictures on. GIPHY's count only where Reddit itself put them in place of a token.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from reddit_archive.markup import media_hosts
from reddit_archive.model import capture, html_entities
from reddit_archive.model.capture import Thing
from reddit_archive.model.json_fields import Raw, mapping, text

HOSTS, SUFFIX, GIPHY_HOSTS = media_hosts.PICTURES, media_hosts.PICTURES_SUFFIX, media_hosts.GIPHY
VIDEO_HOST = "v.redd.it"
_TYPED = re.compile(r"https://(?:i|preview)\.redd\.it/[^\s<>\"'()\[\]\\]+")
_VIDEO = re.compile(r"https://v\.redd\.it/([0-9a-z]{1,20})(?![0-9a-zA-Z_-])")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A picture or video that the post or comment `of` (a fullname) shows.

    `manifest` is what a video is described by; Reddit signs its address for some hours.
    """

    url: str
    of: str
    caption: str = ""
    manifest: str = ""

    @property
    def is_video(self) -> bool:
        return bool(self.manifest)


def wanted(things: Iterable[Thing]) -> tuple[Wanted, ...]:
    """List what the things show, in reading order; each address once for each that shows it."""
    found: dict[tuple[str, str], Wanted] = {}
    for thing in html_entities.plain(things):
        of, data = capture.fullname(thing), thing["data"]
        if of is not None and thing["kind"] in ("t1", "t3"):
            for item in _post(data) if thing["kind"] == "t3" else _text(data, "body"):
                found.setdefault((of, item.url), replace(item, of=of))
    return tuple(found.values())


def is_own(url: str) -> bool:
    """Tell whether an address is https and of a host on which Reddit keeps pictures."""
    return _host(url) in HOSTS or _host(url).endswith(SUFFIX)


def _host(url: str) -> str:
    """The host of an https address; "" of any other."""
    try:
        parts = urlsplit(url)
        return (parts.hostname or "") if parts.scheme == "https" else ""
    except ValueError:
        return ""


def _post(data: Raw) -> Iterator[Wanted]:
    """The post's own, its text's, and those of the post that it passes on."""
    yield from _linked(data)
    yield from _gallery(data)
    yield from _text(data, "selftext")
    parents = data.get("crosspost_parent_list")
    if isinstance(parents, list) and parents and isinstance(parents[0], dict):
        yield from _post({**parents[0], "crosspost_parent_list": None})


def _linked(data: Raw) -> Iterator[Wanted]:
    """The picture or video that the post is; for a link to elsewhere, Reddit's preview of it."""
    url = text(data, "url_overridden_by_dest") or text(data, "url")
    video = mapping(mapping(data, "secure_media"), "reddit_video") or mapping(
        mapping(data, "media"), "reddit_video"
    )
    address = _VIDEO.match(url) or _VIDEO.match(text(video, "fallback_url"))
    if address:
        yield Wanted(address[0], "", manifest=_manifest(address[0], text(video, "dash_url")))
    if is_own(url):
        yield Wanted(url, "")
    elif data.get("is_self") is not True and not data.get("gallery_data"):
        images = mapping(data, "preview").get("images")
        for image in images if isinstance(images, list) else []:
            if isinstance(image, dict):
                yield from _if_own(_unescaped(text(mapping(image, "source"), "url")))


def _gallery(data: Raw) -> Iterator[Wanted]:
    items = mapping(data, "gallery_data").get("items")
    media = mapping(data, "media_metadata")
    for item in items if isinstance(items, list) else []:
        if isinstance(item, dict):
            entry = mapping(media, text(item, "media_id"))
            yield from (replace(x, caption=text(item, "caption")) for x in _entry(entry))


def _text(data: Raw, key: str) -> Iterator[Wanted]:
    """What Reddit resolved of a text's tokens, then the addresses of pictures typed in it."""
    media = mapping(data, "media_metadata")
    for name in media:
        yield from _entry(mapping(media, name))
    for match in _TYPED.finditer(text(data, key)):
        url = _unescaped(match[0].rstrip(".,;:!?*_~"))
        if not _is_resolved(url, media):
            yield from _if_own(url)


def _is_resolved(url: str, media: Mapping[str, Any]) -> bool:
    """Tell whether a typed address is of an upload that `media_metadata` has in full size."""
    stem = urlsplit(url).path.rsplit("/", 1)[-1].split(".")[0]
    return any(key and (stem == key or stem.endswith(f"-{key}")) for key in media)


def _entry(entry: Raw) -> Iterator[Wanted]:
    """One entry of `media_metadata`: a picture, a gif, an emote, or a video among them."""
    if text(entry, "e") == "RedditVideo":
        manifest = _unescaped(text(entry, "dashUrl"))
        address = f"https://{VIDEO_HOST}/{text(entry, 'id')}"
        if _VIDEO.fullmatch(address):
            yield Wanted(address, "", manifest=_manifest(address, manifest))
        return
    source = mapping(entry, "s")
    for url in (_unescaped(text(source, key)) for key in ("u", "gif", "mp4")):
        if is_own(url) or (text(entry, "t") == "giphy" and _host(url) in GIPHY_HOSTS):
            yield Wanted(url, "")
            return


def _manifest(address: str, signed: str) -> str:
    return signed if _host(signed) == VIDEO_HOST else f"{address}/DASHPlaylist.mpd"


def _if_own(url: str) -> Iterator[Wanted]:
    if is_own(url):
        yield Wanted(url, "")


def _unescaped(url: str) -> str:
    """Undo what breaks a signature; some sources escape these addresses alone."""
    return url.replace("&amp;", "&")
