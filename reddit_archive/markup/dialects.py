"""Dialects: what the writers of blocks and lines ask when one target wants it otherwise.

`Dialect` itself is the one Markdown that GitHub, CommonMark, markdown-it and kramdown read alike.
"""

import copy
import re
from collections.abc import Mapping

from reddit_archive.markup import escape, links
from reddit_archive.markup.emphasis import DEL, StyleWriter


class Dialect:
    """How code, breaks, lists and links are written, and which rules escape the text."""

    rule_set = "markdown"
    has_html = True
    has_spoilers = False  # whether `>!…!<` hides something
    hard_break = "<br>"  # where a line of Markdown can't be broken
    block_separator = "<!-- -->"  # shows nothing, and keeps two lists apart
    empty_item = "<!-- -->"  # an item's text that shows nothing
    item_indent = 0  # of what stands in a list item; 0: the width of its marker
    has_header_only_tables = False  # whether a table may consist of its head: not in kramdown
    has_tables = True
    html_styles = 0  # styles that have no mark
    escape_html = staticmethod(escape.escape_html)  # text in a block of HTML
    # What is shown in place of a link or a picture of this URL; None: what Reddit showed as one.
    image_sources: Mapping[str, str] | None = None
    unsafe_code = re.compile(r"\{[{%]")  # Liquid runs before Markdown, and in code too

    def escape(
        self,
        text: str,
        *,
        can_start_block: bool = True,
        is_label: bool = False,
        is_cell: bool = False,
    ) -> str:
        return escape.escape_line(
            text,
            can_start_block=can_start_block,
            is_label=is_label,
            is_cell=is_cell,
            rule_set=self.rule_set,
        )

    def escape_trailing_hash(self, line: str) -> str:
        """Keep a number sign at the end of a heading."""
        return line[:-1] + "\\#" if line.endswith("#") and not line.endswith("\\#") else line

    def write_code_span(self, text: str, *, is_cell: bool = False) -> str:
        """A code span, or `<code>` where a span would lose something in one of the renderers."""
        text = escape.drop_controls(text.replace("\r", "").replace("\n", " "))
        has_unsafe_edge = not text.strip(" ") or text[0] in " `" or text[-1] in " `"
        if has_unsafe_edge or "|" in text or self.unsafe_code.search(text):
            return self.write_isolated_code(text)
        return _wrap_in_backticks(text)

    def write_isolated_code(self, text: str) -> str:
        """Code in a form that does not grow together with a code span beside it."""
        return f"<code>{escape.escape_inline_html(text)}</code>"

    def write_code_block(self, code: str, language: str, *, is_in_list_item: bool = False) -> str:
        """A fence, or `<pre>` where Liquid or kramdown would change what stands in it."""
        if not code or self.unsafe_code.search(code):
            return f"<pre><code>{self.escape_html(code)}\n</code></pre>"
        if is_in_list_item and _CHANGED_IN_LIST_ITEM.search(code):
            escaped = _CHANGED_IN_LIST_ITEM.sub(_escape_last_character, self.escape_html(code))
            return f"<pre><code>{escaped}\n</code></pre>"
        longest = max((len(run) for run in re.findall("`{3,}", code)), default=2)
        fence = "`" * (longest + 1)
        return f"{fence}{language}\n{code}\n{fence}"

    def write_superscript(self, inner: str, *, is_nested: bool) -> str:
        return f"<sup>{inner}</sup>"

    def get_style_writer(self) -> StyleWriter | None:
        """What writes a style around Markdown in place of `emphasis`, where that has to differ."""
        return None

    def must_separate(self, above: str, below: str) -> bool:
        """Whether two neighbours, named by their elements, would grow together."""
        return above == below and above in ("ul", "ol")

    def write_list_start(self, start: int) -> str:
        """A line below a list that does not begin with 1, where a renderer needs telling."""
        return ""

    def with_images(self, image_sources: Mapping[str, str]) -> "Dialect":
        """The same dialect, which shows a picture where one of these URLs is, and no other."""
        dialect = copy.copy(self)
        dialect.image_sources = image_sources
        return dialect

    def get_image_source(self, url: str, *, is_shown_by_reddit: bool) -> str | None:
        """Where to show the picture of a URL from; None to link to it."""
        return (
            (url if is_shown_by_reddit else None)
            if self.image_sources is None
            else self.image_sources.get(url)
        )

    def write_link(self, label: str, url: str, title: str = "") -> str:
        return links.write(label, url, title)

    def write_autolink(self, text: str, url: str) -> str | None:
        """The link whose text is its address, if that can be written shorter."""
        return links.write_autolink(text, url)


DEFAULT = Dialect()


class CommonMark(Dialect):
    """CommonMark and no more: what only GitHub's has, tables and strikethrough, is HTML."""

    has_tables = False
    html_styles = DEL


class Jekyll(Dialect):
    """kramdown behind Liquid alone, where a list may begin with any number."""

    def write_list_start(self, start: int) -> str:
        return f'\n{{: start="{start}"}}' if start != 1 else ""


class LiteralJekyll(Jekyll):
    """The same, with every quotation mark, dash and ellipsis as it was typed."""

    rule_set = "literal"


# Languages that are read. A program added to Obsidian may run any other one: dataviewjs, mermaid,
# query, tasks, button, templater, and those that nobody has written yet.
_SAFE_LANGUAGES = frozenset(
    re.findall(
        r"\S+",
        """
        asm awk bash bat c c# c++ clojure cmake cpp cs csharp css csv cuda dart diff dockerfile
        elixir elm erlang f# fortran fsharp go golang graphql groovy haskell hcl html http ini java
        javascript js json jsx julia kotlin latex lisp lua make makefile markdown matlab md nim nix
        none objc objectivec ocaml pascal perl php plaintext powershell proto py python r ruby rust
        scala scheme scss sh shell sql swift tcl terraform text toml ts tsx typescript txt vb
        verilog vhdl vim xml yaml yml zig zsh
        """,
    )
)


class Obsidian(Dialect):
    """Obsidian, and the programs that many add to it.

    Dataview looks for `= …` and `$= …` at the start of every <code> of the finished page, in <pre>
    too: such code is shown by elements of another name. Templater replaces `<% %>` in the source.
    """

    rule_set = "obsidian"
    has_header_only_tables = True
    escape_html = staticmethod(escape.escape_inline_html)
    _dataview_query = re.compile(r"[\s\ufeff]*\$?=")
    unsafe_code = re.compile(rf"\{{[{{%]|<%|\A{_dataview_query.pattern}")

    def write_link(self, label: str, url: str, title: str = "") -> str:
        url = re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", url)
        destination = url if url[:1].isalnum() or url[:1] in "/#?." else f"./{url}"  # never `<%`
        escaped_title = _UNSAFE_IN_TITLE.sub(_to_references, escape.clean(title))
        return links.write(label, destination)[:-1] + (f' "{escaped_title}")' if title else ")")

    def write_isolated_code(self, text: str) -> str:
        name = "samp" if self._dataview_query.match(text) else "code"
        return f"<{name}>{escape.escape_inline_html(text)}</{name}>"

    def write_code_block(self, code: str, language: str, *, is_in_list_item: bool = False) -> str:
        if self._dataview_query.match(code):
            return f"<pre>\n{self.escape_html(code)}\n</pre>"
        safe_language = language if language.lower() in _SAFE_LANGUAGES else ""
        return super().write_code_block(code, safe_language, is_in_list_item=is_in_list_item)


# kramdown, in a list item: a line of spaces keeps its indentation, a rule below an empty line ends
# the list, even in code.
_CHANGED_IN_LIST_ITEM = re.compile(
    r"^[ \t](?=[ \t]*$)|(?<=\n\n) {0,3}([-*_])(?=(?:[ \t]*\1){2,}[ \t]*$)", re.M
)


def _escape_last_character(match: re.Match[str]) -> str:
    return match[0][:-1] + escape.to_character_references(match[0][-1])


_UNSAFE_IN_TITLE = re.compile(r"[\"#$%&*<=>@\[-`{-~+]")


def _to_references(match: re.Match[str]) -> str:
    return escape.to_character_references(match[0])


def _wrap_in_backticks(text: str) -> str:
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    return f"{fence}{text}{fence}"
