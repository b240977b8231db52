"""Renders Reddit's Markdown with the rules of snudown, which markdown-it-py runs."""

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

from markdown_it import MarkdownIt

from reddit_archive.markup.snudown import (
    autolinks,
    blocks,
    definitions,
    emphasis,
    inline,
    links,
    lists,
    spoilers,
    tables,
)
from reddit_archive.markup.snudown import media as media_links
from reddit_archive.markup.snudown.nesting import create_env

BLOCK_RULES = (
    ("plain_paragraph", blocks.plain_paragraph),  # without it, rendering takes a tenth longer
    ("heading", blocks.heading),
    ("hr", blocks.thematic_break),
    ("fence", blocks.fence),
    ("table", tables.table),
    ("quote", blocks.blockquote),
    ("spoiler", blocks.spoiler),
    ("code", blocks.indented_code),
    ("list", lists.list_block),
    ("paragraph", blocks.paragraph),
)
INLINE_RULES = (
    ("text", inline.text),
    ("break", inline.line_break),
    ("escape", inline.escape),
    ("entity", inline.entity),
    ("code", inline.code_span),
    ("media_token", media_links.media_token),
    ("emphasis", emphasis.emphasis),
    ("superscript", inline.superscript),
    ("spoiler", spoilers.spoiler),
    ("link", links.link),
    ("angle_autolink", links.angle_autolink),
    ("bare_autolink", autolinks.bare_autolink),
)
_LINE_ENDS = re.compile(r"\r\n?")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def render(markdown: str, media_metadata: Mapping[str, Any]) -> str:
    """Render Markdown; see `snudown.render`."""
    return _render(markdown, media_links.collect_links(media_metadata))


@lru_cache(maxsize=256)  # rendering takes 220 µs, and `UserContent.html` renders on every access
def _render(markdown: str, linked_media: media_links.MediaLinks) -> str:
    text = _CONTROLS.sub("", _LINE_ENDS.sub("\n", markdown.removeprefix("\ufeff")))
    text, link_definitions = definitions.extract(text)
    env = create_env(link_definitions, linked_media)
    inner = _build_parser().render(f"{text.expandtabs(4)}\n", env)
    return f'<div class="md">{inner}</div>' if inner else ""


@cache
def _build_parser() -> MarkdownIt:
    parser = MarkdownIt("zero", {"maxNesting": 100})
    parser.core.ruler.enableOnly(["block"])
    for name, block_rule in BLOCK_RULES:
        parser.block.ruler.push(f"reddit_{name}", block_rule)
    parser.block.ruler.enableOnly([f"reddit_{name}" for name, _ in BLOCK_RULES])
    for name, inline_rule in INLINE_RULES:
        parser.inline.ruler.push(f"reddit_{name}", inline_rule)
    parser.inline.ruler.enableOnly([f"reddit_{name}" for name, _ in INLINE_RULES])
    parser.inline.ruler2.enableOnly([])
    parser.add_render_rule("code_block", blocks.render_code_block)
    return parser
