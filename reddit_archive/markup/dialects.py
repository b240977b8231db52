"""Dialects: everything that differs between the targets that a quote can be written for.

`Dialect` itself is the Markdown that GitHub, CommonMark, markdown-it and kramdown read alike. A new
target is a subclass that overrides what differs, and an entry in `targets`.
"""

import copy
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from reddit_archive.markup import dollar_math, escape, escape_rules, links
from reddit_archive.markup.emphasis import DEL, StyleWriter

SPOILER_TAGS = ('<span class="md-spoiler-text">', "</span>")
"""Reddit's own element, which a style sheet can hide."""


class Dialect:
    """The facts about one target, and how it writes code, breaks, lists and links.

    Attributes:
        name: The name of the target, for `--to` and config.yaml.
        output: What a quote is made of: Markdown or text with `>` before each line, or HTML.
        max_depth: How many nested blockquotes its renderers show; None for no limit. Some of them
            lose the text of deeper ones.
        max_nesting: How many levels its renderers show, those in texts included; None for no limit.
        nesting_levels: How many levels the elements of a text take; 0 for elements not named.
        can_be_checked: Whether a CommonMark renderer with tables and strikethrough shows the result
            as the target does. Always true for HTML.
        rules: Which characters of plain text are escaped.
        has_html: Whether HTML tags work. Superscript, for example, needs one.
        spoiler_tags: The HTML around hidden text, if the target's pages can have a style for it.
        has_spoilers: Whether `>!…!<` hides text.
        has_tables: Whether there is a syntax for tables.
        has_header_only_tables: Whether a table may consist of its header row.
        html_styles: The styles that are written as HTML tags everywhere.
        hard_break: A line break where Markdown can't be broken into lines.
        block_separator: An invisible block between two lists.
        empty_item: The text of a list item that shows nothing.
        item_indent: The indentation of the blocks in a list item; 0 for the width of its marker.
        has_math: Whether a program that shows the target sets `$…$` as mathematics.
        live_languages: The languages of code blocks that such a program runs or draws.
        unsafe_code: Matches in code that a template engine would run. Liquid runs in code, too.
        image_sources: For each URL that is shown as an image, where to load it from. With None,
            the images that Reddit shows are shown.
    """

    name = "markdown"
    output: Literal["markdown", "html", "text"] = "markdown"
    max_depth: int | None = 15
    # The presets "commonmark" and "gfm-like" of markdown-it lose what is nested deeper. An item of
    # a list is a level of its own. No limit was found for GitHub and kramdown.
    max_nesting: int | None = 19
    nesting_levels: Mapping[str, int] = MappingProxyType({"blockquote": 1, "ul": 2, "ol": 2})
    can_be_checked = True
    rules = escape_rules.MARKDOWN
    has_html = True
    has_spoilers = False
    spoiler_tags: tuple[str, str] | None = None
    has_tables = True
    has_header_only_tables = False  # kramdown has none
    html_styles = 0
    hard_break = "<br>"
    block_separator = "<!-- -->"
    empty_item = "<!-- -->"
    item_indent = 0
    has_math = True  # VS Code, GitHub and GitLab
    # GitHub and GitLab draw them in files, too.
    live_languages = frozenset(
        {"math", "mermaid", "geojson", "topojson", "stl", "plantuml", "kroki", "glql", "suggestion"}
    )
    unsafe_code = re.compile(r"\{[{%]")
    image_sources: Mapping[str, str] | None = None
    escape_html = staticmethod(escape.escape_html)

    def get_literal(self) -> "Dialect":
        """Return the dialect that keeps quotation marks, dashes and ellipses as typed."""
        return self

    def with_images(self, image_sources: Mapping[str, str]) -> "Dialect":
        """Return a copy that shows exactly the images with these URLs."""
        dialect = copy.copy(self)
        dialect.image_sources = image_sources
        return dialect

    def get_image_source(self, url: str, *, is_shown_by_reddit: bool) -> str | None:
        """Return where to load the image of a URL from; None to link to it instead."""
        if self.image_sources is None:
            return url if is_shown_by_reddit else None
        return self.image_sources.get(url)

    def reuse_markdown(self, body: str) -> str | None:
        """Return the Markdown that the author typed, if it can stand in the quote; else None."""
        return None

    def escape(
        self,
        text: str,
        *,
        can_start_block: bool = True,
        is_label: bool = False,
        is_cell: bool = False,
        last_positions: Mapping[str, int] | None = None,
    ) -> str:
        """Escape a line of clean text; see `escape.escape_line`."""
        return escape.escape_line(
            text,
            can_start_block=can_start_block,
            is_label=is_label,
            is_cell=is_cell,
            rules=self.rules,
            last_positions=last_positions if self.rules.leaves_unpaired else None,
        )

    def escape_title(self, text: str) -> str:
        """Escape one line of clean text that is safe in a heading and in a link."""
        return self.escape_trailing_hash(self.finish_line(self.escape(text, is_label=True)))

    def escape_trailing_hash(self, line: str) -> str:
        """Escape a `#` at the end of a heading, where it would not show."""
        return line[:-1] + "\\#" if line.endswith("#") and not line.endswith("\\#") else line

    def escape_joined_line(self, line: str) -> str:
        """Escape characters that are harmless in each part of a line, but not in the whole line."""
        return self.finish_line(line)

    def finish_line(self, markdown: str) -> str:
        """Change what only the finished Markdown of a paragraph, heading or cell shows to be live.

        It may be called again with its own result, alone or as part of a longer line.
        """
        return dollar_math.escape(markdown) if self.has_math and "$" in markdown else markdown

    def write_heading(self, line: str, level: int) -> str:
        """Write a heading; `line` is escaped."""
        return f"{'#' * level} {line}"

    def write_code_span(self, text: str, *, is_cell: bool = False) -> str:
        """Write a code span, or `<code>` if some renderer would change the span."""
        text = escape.drop_controls(text.replace("\r", "").replace("\n", " "))
        has_unsafe_edge = not text.strip(" ") or text[0] in " `" or text[-1] in " `"
        if has_unsafe_edge or "|" in text or self.unsafe_code.search(text):
            return self.write_isolated_code(text)
        return _wrap_in_backticks(text)

    def write_isolated_code(self, text: str) -> str:
        """Write code so that it does not merge with a code span beside it."""
        return f"<code>{escape.escape_inline_html(text)}</code>"

    def write_code_block(self, code: str, language: str, *, is_in_list_item: bool = False) -> str:
        """Write a fenced block, or `<pre>` if Liquid or kramdown would change its content."""
        language = self.clean_language(language)
        if not code or self.unsafe_code.search(code):
            return f"<pre><code>{self.escape_html(code)}\n</code></pre>"
        if is_in_list_item and _CHANGED_IN_LIST_ITEM.search(code):
            escaped = _CHANGED_IN_LIST_ITEM.sub(_escape_last_character, self.escape_html(code))
            return f"<pre><code>{escaped}\n</code></pre>"
        longest = max((len(run) for run in re.findall("`{3,}", code)), default=2)
        fence = "`" * (longest + 1)
        return f"{fence}{language}\n{code}\n{fence}"

    def clean_language(self, language: str) -> str:
        """Return the language of a code block; "" if a program would run the block."""
        return "" if language.lower() in self.live_languages else language

    def write_superscript(self, inner: str, *, is_nested: bool) -> str:
        """Write a superscript; `inner` is finished Markdown."""
        return f"<sup>{inner}</sup>"

    def get_style_writer(self) -> StyleWriter | None:
        """Return a function that writes a style in place of `emphasis`; None to use `emphasis`."""
        return None

    def must_separate(self, above: str, below: str) -> bool:
        """Return whether two neighboring blocks, named by their elements, would merge."""
        return above == below and above in ("ul", "ol")

    def write_list_start(self, start: int) -> str:
        """Return what follows a numbered list so that it begins with `start`; usually nothing."""
        return ""

    def write_author(self, author: str, author_format: str) -> str:
        """Write an author's name, which may be a link, "plain", "bold" or "italic"."""
        delimiter = {"bold": "**", "italic": "*"}.get(author_format, "")
        return author if "*" in author else f"{delimiter}{author}{delimiter}"

    def write_callout(self, line: str, callout: str) -> str:
        """Write the first line of a quote that is a callout, if the target has callouts."""
        return line

    def get_link_url(self, url: str) -> str:
        """Return the URL that a link is written with. It leads to the same page."""
        return url

    def write_link(self, label: str, url: str, title: str = "") -> str:
        """Write an inline link; `label` is escaped, `url` is absolute."""
        return links.write(label, url, title)

    def write_autolink(self, text: str, url: str) -> str | None:
        """Write a link whose text is its URL in a shorter form; None if there is none."""
        return links.write_autolink(text, url)


DEFAULT = Dialect()


class CommonMark(Dialect):
    """CommonMark without GitHub's extensions: tables and strikethrough are HTML."""

    name = "commonmark"
    has_tables = False
    has_math = False
    html_styles = DEL


class Jekyll(Dialect):
    """kramdown behind Liquid. A list may begin with any number."""

    name = "jekyll"
    spoiler_tags = SPOILER_TAGS
    max_depth = 100
    max_nesting = None
    has_math = False

    def get_literal(self) -> Dialect:
        return _LITERAL_JEKYLL

    def write_list_start(self, start: int) -> str:
        return f'\n{{: start="{start}"}}' if start != 1 else ""


class LiteralJekyll(Jekyll):
    """Jekyll with every quotation mark, dash and ellipsis as typed."""

    rules = escape_rules.MARKDOWN.extend(
        r"""
          | (?P<typographic>["'] | -(?=-) | (?<=-)- | \.(?=\.\.) | >(?=>))
        """,
        special=r"[\"'>]|--|\.\.\.",
    )


_LITERAL_JEKYLL = LiteralJekyll()


class Html(Dialect):
    """A fragment of HTML from an allow-list of elements."""

    name = "html"
    output = "html"
    max_depth = None
    max_nesting = None
    has_math = False

    def escape_title(self, text: str) -> str:
        return escape.escape_html(text)

    def write_heading(self, line: str, level: int) -> str:
        return f"<h{level}>{line}</h{level}>"

    def write_author(self, author: str, author_format: str) -> str:
        element = {"bold": "strong", "italic": "em"}.get(author_format)
        return f"<{element}>{author}</{element}>" if element else author

    def write_link(self, label: str, url: str, title: str = "") -> str:
        return links.write_html(label, url, title)


class Text(Dialect):
    """Plain text, as in a mail. Nothing in it is markup."""

    name = "text"
    output = "text"
    max_depth = 8  # with 72 columns, 56 remain for the words
    max_nesting = None
    can_be_checked = False
    has_html = False
    has_math = False

    def escape_title(self, text: str) -> str:
        return text

    def write_heading(self, line: str, level: int) -> str:
        return line

    def write_author(self, author: str, author_format: str) -> str:
        return author

    def write_link(self, label: str, url: str, title: str = "") -> str:
        return url if label == url else f"{label} <{url}>"


# In a list item kramdown keeps the indentation of a line of spaces, and a thematic break below a
# blank line ends the list, even in code.
_CHANGED_IN_LIST_ITEM = re.compile(
    r"^[ \t](?=[ \t]*$)|(?<=\n\n) {0,3}([-*_])(?=(?:[ \t]*\1){2,}[ \t]*$)", re.M
)


def _escape_last_character(match: re.Match[str]) -> str:
    return match[0][:-1] + escape.to_character_references(match[0][-1])


def _wrap_in_backticks(text: str) -> str:
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    return f"{fence}{text}{fence}"
