"""The link, picture, gallery, video or poll of a post, from the state of a page of new Reddit."""

import re
from typing import Any

from reddit_archive.markup import links
from reddit_archive.model.json_fields import Raw, get_dict, get_str
from reddit_archive.sources.saved_page.field_values import clean_text, read_integer, read_seconds

MEDIA_ID = re.compile(r"[\w|-]{1,100}", re.ASCII)
_UPLOAD = re.compile(
    r"https://(?:i|preview)\.redd\.it/(?:[\w-]*-)?([0-9a-z]{8,20})\.(jpe?g|png|gif|webp)(?:\?.*)?",
    re.ASCII,
)
_VIDEO = re.compile(r"https://v\.redd\.it/([0-9a-z]{1,20})(?:/.*)?", re.ASCII)
_MEDIA_KINDS = ("Image", "AnimatedImage", "RedditVideo")


def build_fields(post: Raw, post_id: str, permalink: str) -> dict[str, Any]:
    """Return the fields of a post about what it links to or shows.

    Args:
        post: The post's model.
        post_id: Its id without prefix.
        permalink: Its path on Reddit, or "".
    """
    media = get_dict(post, "media")
    gallery = _build_gallery_fields(media)
    domain = get_str(post, "domain")
    is_self = _is_self(post, media)
    url = _find_url(post, media, "" if is_self is None else permalink if is_self else "")
    if gallery:
        url = f"{links.REDDIT_URL}/gallery/{post_id}"
    return {
        **({"url": clean_text(url)} if url else {}),
        **({"domain": domain} if re.fullmatch(r"[\w.-]{1,255}", domain) else {}),
        **({} if is_self is None else {"is_self": is_self}),
        **build_metadata_fields(media),
        **gallery,
        **_build_poll_fields(post),
    }


def _is_self(post: Raw, media: Raw) -> bool | None:
    """Return whether it is a text post; None if the model does not say."""
    if "domain" not in post and "source" not in post:
        return None
    is_crosspost = bool(post.get("crosspostRootId") or post.get("crosspostParentId"))
    if post.get("source") or is_crosspost or get_str(media, "type") not in ("", "text", "rtjson"):
        return False
    return get_str(post, "domain").startswith("self.")


def _find_url(post: Raw, media: Raw, own_path: str) -> str:
    """Return what the post links to, as the API has it: the upload or its own address, too."""
    if own_path:
        return f"{links.REDDIT_URL}{own_path}"
    url = get_str(get_dict(post, "source"), "url")
    if links.is_allowed(url):
        return url
    for key in ("hlsUrl", "dashUrl", "scrubberThumbSource"):
        if match := _VIDEO.fullmatch(get_str(media, key)):
            return f"https://v.redd.it/{match[1]}"
    is_image = get_str(post, "domain") == "i.redd.it"
    return find_upload_url(get_str(media, "content")) if is_image else ""


def find_upload_url(url: str) -> str:
    """Return the address of a picture on i.redd.it from the one of its preview; "" if it has none.

    An upload and its previews have the same name.
    """
    match = _UPLOAD.fullmatch(url.replace("&amp;", "&"))
    return f"https://i.redd.it/{match[1]}.{match[2]}" if match else ""


def _build_gallery_fields(media: Raw) -> dict[str, Any]:
    items = get_dict(media, "gallery").get("items")
    gallery_items = []
    for item in items if isinstance(items, list) else []:
        if isinstance(item, dict) and MEDIA_ID.fullmatch(get_str(item, "mediaId")):
            caption = clean_text(get_str(item, "caption"))
            link = get_str(item, "outboundUrl")
            gallery_items.append(
                {
                    "media_id": get_str(item, "mediaId"),
                    **({"caption": caption} if caption else {}),
                    **({"outbound_url": clean_text(link)} if links.is_allowed(link) else {}),
                }
            )
    return {"is_gallery": True, "gallery_data": {"items": gallery_items}} if gallery_items else {}


def build_metadata_fields(media: Raw) -> dict[str, Any]:
    """Return `media_metadata` with the addresses of the pictures and videos in a text."""
    entries = {
        media_id: entry
        for media_id, value in get_dict(media, "mediaMetadata").items()
        if isinstance(value, dict) and MEDIA_ID.fullmatch(media_id)
        if (entry := _build_entry(media_id, value))
    }
    return {"media_metadata": entries} if entries else {}


def _build_entry(media_id: str, value: Raw) -> dict[str, Any]:
    """Return an entry with the fields that address a medium, or {} if there are none."""
    kind = get_str(value, "e")
    source = _pick_urls(get_dict(value, "s"), ("u", "gif", "mp4"))
    sizes = {key: size for key in ("x", "y") if (size := read_integer(get_dict(value, "s"), key))}
    urls = _pick_urls(value, ("ext", "dashUrl", "hlsUrl"))
    if kind not in _MEDIA_KINDS or not (source or urls):
        return {}
    return {
        "id": media_id,
        "e": kind,
        "status": "valid",
        **{key: clean_text(text) for key in ("m", "t") if (text := get_str(value, key)[:50])},
        **({"s": {**source, **sizes}} if source else {}),
        **urls,
    }


def _pick_urls(raw: Raw, keys: tuple[str, ...]) -> dict[str, str]:
    urls = {key: get_str(raw, key) for key in keys}
    return {key: clean_text(url) for key, url in urls.items() if links.is_allowed(url)}


def _build_poll_fields(post: Raw) -> dict[str, Any]:
    """Return a poll without the viewer's own vote."""
    poll = get_dict(post, "pollData")
    options = poll.get("options")
    poll_options = [
        {
            "text": clean_text(get_str(option, "text")),
            **({} if votes is None else {"vote_count": votes}),
        }
        for option in (options if isinstance(options, list) else [])
        if isinstance(option, dict) and get_str(option, "text")
        for votes in [read_integer(option, "voteCount")]
    ]
    if not poll_options:
        return {}
    total, end = read_integer(poll, "totalVoteCount"), read_seconds(poll.get("votingEndTimestamp"))
    return {
        "poll_data": {
            "options": poll_options,
            **({} if total is None else {"total_vote_count": total}),
            **({} if end is None else {"voting_end_timestamp": int(end * 1000)}),
        }
    }
