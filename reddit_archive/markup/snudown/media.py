"""What stands for a picture in a comment: `![gif](giphy|id)`, `![img](id)`; and what it becomes."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from reddit_archive.markup.snudown.nesting import put
from reddit_archive.markup.snudown.urls import written

TOKEN = re.compile(r"!\[(?:gif|img)\]\(([\w|-]+)\)", re.ASCII)
GIPHY = re.compile(r"giphy\|([\w-]+)(?:\|downsized)?", re.ASCII)
URL = re.compile(r"https?://[^\s<>\"]+")

Links = tuple[tuple[str, str, str], ...]


def links(media: Mapping[str, Any]) -> Links:
    """The keys of a text's `media_metadata`, each with the address and the words of its link."""
    return tuple(_links(media))


def _links(media: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for key, found in media.items():
        source = found.get("s") if isinstance(found, dict) else None
        url = source.get("u") if isinstance(source, dict) else None
        if giphy := GIPHY.fullmatch(key):
            yield key, f"https://giphy.com/gifs/{giphy[1]}", "gif"
        elif isinstance(url, str) and "|" not in key:
            # Without `raw_json=1` Reddit writes `&amp;`.
            url = url.replace("&amp;", "&")
            if URL.fullmatch(url):
                yield key, url, url


def picture(state: StateInline, silent: bool) -> bool:
    """Link a picture that is known; any other token stays as it was typed."""
    found = TOKEN.match(state.src, state.pos)
    if found is None:
        return False
    for key, url, label in state.env["pictures"]:
        if key in (found[1], found[1].removesuffix("|downsized")):
            put(state, "a", [Token("text", "", 0, content=label)], href=written(url))
            break
    else:
        state.pending += found[0]
    state.pos = found.end()
    return True
