"""HTML, read and written: what takes longer to load than most commands take to run."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from reddit_archive.markup import block_writer, html_parser, html_writer, media_tokens, text_writer
from reddit_archive.markup.dialects import Dialect

# A page shows a text and holds its Markdown, too. Whoever writes a tree leaves it as it is.
_parse_cached = lru_cache(maxsize=1)(html_parser.parse)


def convert_html(
    html: str,
    *,
    target: str,
    base_url: str,
    media_metadata: Mapping[str, Any] | None,
    dialect: Dialect,
) -> str:
    """Convert HTML for a target, in its `own` dialect; `tokens` are what pictures' tokens mean."""
    if media_metadata:
        root = html_parser.parse(html)
        media_tokens.link_tokens(root, media_metadata)
    else:
        root = _parse_cached(html)
    if target == "text":
        return text_writer.write(root, base_url)
    if target == "html":
        return html_writer.write(root, base_url, dialect)
    return block_writer.get_block_writer(base_url, dialect).write_block(root)
