"""Reddit's Markdown -> the HTML that Reddit makes of it, for sources that have the text alone.

The rules are those of snudown, Reddit's engine, whose output the API serves; they differ from
CommonMark's in nearly every block, so markdown-it-py runs them in place of its own. Nothing that
was typed comes out as HTML, and no link leads elsewhere than to http, https, mailto, ftp or Reddit.
"""

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

from markdown_it import MarkdownIt

from reddit_archive.markup.snudown import autolinks, blocks, emphasis, inline, links, lists, tables
from reddit_archive.markup.snudown import media as media_links
from reddit_archive.markup.snudown.nesting import new_env

__all__ = ["render"]

LONGEST = 200_000
"""Reddit takes 10,000 characters for a comment and 40,000 for a post."""
BLOCKS = (
    ("heading", blocks.heading),
    ("hr", blocks.rule),
    ("fence", blocks.fence),
    ("table", tables.table),
    ("quote", blocks.quote),
    ("spoiler", blocks.spoiler),
    ("code", blocks.code),
    ("list", lists.either),
    ("paragraph", blocks.paragraph),
)
SPANS = (
    ("text", inline.text),
    ("break", inline.line_break),
    ("escape", inline.escape),
    ("entity", inline.entity),
    ("code", inline.code),
    ("picture", media_links.picture),
    ("emphasis", emphasis.emphasis),
    ("superscript", inline.superscript),
    ("spoiler", inline.spoiler),
    ("link", links.link),
    ("angle", links.in_angles),
    ("autolink", autolinks.automatic),
)
_LINE_ENDS = re.compile(r"\r\n?")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def render(markdown: str, media: Mapping[str, Any] | None = None) -> str:
    """Give the HTML in a `<div class="md">`, as `body_html` has it; "" for a text without any.

    `markdown` has real `<`, `>` and `&`. `media` is the text's `media_metadata`: its pictures are
    linked where they stand. What is longer than any text on Reddit is cut.
    """
    return _render(markdown[:LONGEST], media_links.links(media or {}))


@lru_cache(maxsize=256)
def _render(markdown: str, known: media_links.Links) -> str:
    text = _CONTROLS.sub("", _LINE_ENDS.sub("\n", markdown.removeprefix("\ufeff")))
    lines, references = links.without_definitions(text.expandtabs(4).split("\n"))
    env = new_env(references, known)
    inner = _engine().render("\n".join(lines) + "\n", env)
    return f'<div class="md">{inner}</div>' if inner else ""


@cache
def _engine() -> MarkdownIt:
    engine = MarkdownIt("zero", {"maxNesting": 100})
    engine.core.ruler.enableOnly(["block"])
    for name, block in BLOCKS:
        engine.block.ruler.push(f"reddit_{name}", block)
    engine.block.ruler.enableOnly([f"reddit_{name}" for name, _ in BLOCKS])
    for name, span in SPANS:
        engine.inline.ruler.push(f"reddit_{name}", span)
    engine.inline.ruler.enableOnly([f"reddit_{name}" for name, _ in SPANS])
    engine.inline.ruler2.enableOnly([])
    engine.add_render_rule("code_block", blocks.write_code)
    return engine
