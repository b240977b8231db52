"""HTML, read and written: what takes longer to load than most commands take to run."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from reddit_archive.markup import blocks, media, plain, tree
from reddit_archive.markup import html as fragment
from reddit_archive.markup.dialect import Dialect

# A page shows a text and holds its Markdown, too. Whoever writes a tree leaves it as it is.
_tree = lru_cache(maxsize=1)(tree.parse)


def write(
    html: str, *, target: str, base_url: str, tokens: Mapping[str, Any] | None, own: Dialect
) -> str:
    """Convert HTML for a target, in its `own` dialect; `tokens` are what pictures' tokens mean."""
    if tokens:
        root = tree.parse(html)
        media.place(root, tokens)
    else:
        root = _tree(html)
    if target == "text":
        return plain.write(root, base_url)
    if target == "html":
        return fragment.write(root, base_url, own)
    return blocks.converter(base_url, own).process_tag(root)
