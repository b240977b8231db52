"""HTML, read and written: what a conversion needs, which takes longer to load than most commands."""

from collections.abc import Mapping
from typing import Any

from reddit_archive.markup import blocks, media, plain, tree
from reddit_archive.markup import html as fragment
from reddit_archive.markup.dialect import Dialect


def write(
    html: str, *, target: str, base_url: str, tokens: Mapping[str, Any] | None, own: Dialect
) -> str:
    """Convert HTML for a target in its own dialect; `tokens` are named by their `media_metadata`."""
    root = tree.parse(html)
    if tokens:
        media.place(root, tokens)
    if target == "text":
        return plain.write(root, base_url)
    if target == "html":
        return fragment.write(root, base_url, own)
    return blocks.converter(base_url, own).process_tag(root)
