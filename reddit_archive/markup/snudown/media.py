"""Parses media tokens in comments: `![gif](giphy|id)` and `![img](id)`."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from reddit_archive.markup import media_tokens
from reddit_archive.markup.snudown.nesting import push_element
from reddit_archive.markup.snudown.urls import percent_encode

MEDIA_TOKEN = re.compile(r"!\[(?:gif|img)\]\(([\w|-]+)\)", re.ASCII)

MediaLinks = tuple[tuple[str, str, str], ...]
"""(key, URL, label) of each image."""


def collect_links(media_metadata: Mapping[str, Any]) -> MediaLinks:
    """Return the key, the URL and the label of each image in `media_metadata`."""
    return tuple(_iter_links(media_metadata))


def _iter_links(media_metadata: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for key in media_metadata:
        if isinstance(key, str) and (url := media_tokens.get_token_url(key, media_metadata)):
            # Reddit shows the address of an upload.
            yield key, url, media_tokens.get_token_label(key) if "|" in key else url


def media_token(state: StateInline, silent: bool) -> bool:
    """Parse a token. Without an entry in `media_metadata` it stays text."""
    match = MEDIA_TOKEN.match(state.src, state.pos)
    if match is None:
        return False
    for key, url, label in state.env["linked_media"]:
        if key in (match[1], match[1].removesuffix("|downsized")):
            push_element(
                state, "a", [Token("text", "", 0, content=label)], href=percent_encode(url)
            )
            break
    else:
        state.pending += match[0]
    state.pos = match.end()
    return True
