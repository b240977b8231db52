"""HTML, read and written: what takes longer to load than most commands take to run."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from reddit_archive.markup import block_writer, html_parser, media_tokens, text_writer
from reddit_archive.markup import html_writer as fragment
from reddit_archive.markup.dialects import Dialect

# A page shows a text and holds its Markdown, too. Whoever writes a tree leaves it as it is.
_tree = lru_cache(maxsize=1)(html_parser.parse)


def write(
    html: str, *, target: str, base_url: str, tokens: Mapping[str, Any] | None, own: Dialect
) -> str:
    """Convert HTML for a target, in its `own` dialect; `tokens` are what pictures' tokens mean."""
    if tokens:
        root = html_parser.parse(html)
        media_tokens.place(root, tokens)
    else:
        root = _tree(html)
    if target == "text":
        return text_writer.write(root, base_url)
    if target == "html":
        return fragment.write(root, base_url, own)
    return block_writer.converter(base_url, own).process_tag(root)
