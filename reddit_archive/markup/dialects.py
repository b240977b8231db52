"""Dialects: what the writers of blocks and lines ask when one target wants it otherwise.

`Dialect` itself is the one Markdown that GitHub, CommonMark, markdown-it and kramdown read alike.
"""

import copy
import re
from collections.abc import Mapping

from reddit_archive.markup import escape, links
from reddit_archive.markup.emphasis import DEL, Enclose


class Dialect:
    """How code, breaks, lists and links are written, and which rules escape the text."""

    rules = "markdown"
    has_html = True
    has_spoilers = False  # whether `>!…!<` hides something
    hard_break = "<br>"  # where a line of Markdown can't be broken
    gap = "<!-- -->"  # shows nothing, and keeps two lists apart
    empty = "<!-- -->"  # an item's text that shows nothing
    indent = 0  # of what stands in a list item; 0: the width of its marker
    has_bare_heads = False  # whether a table may consist of its head: not in kramdown
    has_tables = True
    tagged = 0  # styles that have no mark
    raw = staticmethod(escape.raw)  # text in a block of HTML
    # What is shown in place of a link or a picture of this URL; None: what Reddit showed as one.
    pictures: Mapping[str, str] | None = None
    unsafe_code = re.compile(r"\{[{%]")  # Liquid runs before Markdown, and in code too

    def escape(
        self, raw: str, *, block: bool = True, label: bool = False, cell: bool = False
    ) -> str:
        return escape.line(raw, block=block, label=label, cell=cell, dialect=self.rules)

    def closed(self, line: str) -> str:
        """Keep a number sign at the end of a heading."""
        return line[:-1] + "\\#" if line.endswith("#") and not line.endswith("\\#") else line

    def code(self, text: str, *, cell: bool = False) -> str:
        """A code span, or `<code>` where a span would lose something in one of the renderers."""
        text = escape.drop_controls(text.replace("\r", "").replace("\n", " "))
        edges = not text.strip(" ") or text[0] in " `" or text[-1] in " `"
        if edges or "|" in text or self.unsafe_code.search(text):
            return self.code_apart(text)
        return _fenced(text)

    def code_apart(self, text: str) -> str:
        """Code in a form that does not grow together with a code span beside it."""
        return f"<code>{escape.literal(text)}</code>"

    def code_block(self, code: str, language: str, *, in_item: bool = False) -> str:
        """A fence, or `<pre>` where Liquid or kramdown would change what stands in it."""
        if not code or self.unsafe_code.search(code):
            return f"<pre><code>{self.raw(code)}\n</code></pre>"
        if in_item and _LOST_IN_ITEM.search(code):
            kept = _LOST_IN_ITEM.sub(_marked, self.raw(code))
            return f"<pre><code>{kept}\n</code></pre>"
        longest = max((len(run) for run in re.findall("`{3,}", code)), default=2)
        fence = "`" * (longest + 1)
        return f"{fence}{language}\n{code}\n{fence}"

    def superscript(self, inner: str, *, is_inside: bool) -> str:
        return f"<sup>{inner}</sup>"

    def enclosing(self) -> Enclose | None:
        """What writes a style around Markdown in place of `emphasis`, where that has to differ."""
        return None

    def must_part(self, above: str, below: str) -> bool:
        """Whether two neighbours, named by their elements, would grow together."""
        return above == below and above in ("ul", "ol")

    def numbered_from(self, start: int) -> str:
        """A line below a list that does not begin with 1, where a renderer needs telling."""
        return ""

    def showing(self, pictures: Mapping[str, str]) -> "Dialect":
        """The same dialect, which shows a picture where one of these URLs is, and no other."""
        own = copy.copy(self)
        own.pictures = pictures
        return own

    def picture(self, url: str, *, is_shown: bool) -> str | None:
        """Where to show the picture of a URL from; None to link to it."""
        return (url if is_shown else None) if self.pictures is None else self.pictures.get(url)

    def link(self, label: str, url: str, title: str = "") -> str:
        return links.write(label, url, title)

    def automatic(self, text: str, url: str) -> str | None:
        """The link whose text is its address, if that can be written shorter."""
        return links.automatic(text, url)


DEFAULT = Dialect()


class CommonMark(Dialect):
    """CommonMark and no more: what only GitHub's has, tables and strikethrough, is HTML."""

    has_tables = False
    tagged = DEL


class Jekyll(Dialect):
    """kramdown behind Liquid alone, where a list may begin with any number."""

    def numbered_from(self, start: int) -> str:
        return f'\n{{: start="{start}"}}' if start != 1 else ""


class Literal(Jekyll):
    """The same, with every quotation mark, dash and ellipsis as it was typed."""

    rules = "literal"


# Languages that are read. A program added to Obsidian may run any other one: dataviewjs, mermaid,
# query, tasks, button, templater, and those that nobody has written yet.
_LANGUAGES = frozenset(
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

    rules = "obsidian"
    has_bare_heads = True
    raw = staticmethod(escape.literal)
    _run = re.compile(r"[\s\ufeff]*\$?=")
    unsafe_code = re.compile(rf"\{{[{{%]|<%|\A{_run.pattern}")

    def link(self, label: str, url: str, title: str = "") -> str:
        url = re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", url)
        own = url if url[:1].isalnum() or url[:1] in "/#?." else f"./{url}"  # never `<%`
        written = _TITLE_MARK.sub(_reference, escape.clean(title))
        return links.write(label, own)[:-1] + (f' "{written}")' if title else ")")

    def code_apart(self, text: str) -> str:
        name = "samp" if self._run.match(text) else "code"
        return f"<{name}>{escape.literal(text)}</{name}>"

    def code_block(self, code: str, language: str, *, in_item: bool = False) -> str:
        if self._run.match(code):
            return f"<pre>\n{self.raw(code)}\n</pre>"
        known = language if language.lower() in _LANGUAGES else ""
        return super().code_block(code, known, in_item=in_item)


# kramdown, in a list item: a line of spaces keeps its indentation, a rule below an empty line ends
# the list, even in code.
_LOST_IN_ITEM = re.compile(
    r"^[ \t](?=[ \t]*$)|(?<=\n\n) {0,3}([-*_])(?=(?:[ \t]*\1){2,}[ \t]*$)", re.M
)


def _marked(found: re.Match[str]) -> str:
    return found[0][:-1] + escape.references(found[0][-1])


_TITLE_MARK = re.compile(r"[\"#$%&*<=>@\[-`{-~+]")


def _reference(found: re.Match[str]) -> str:
    return escape.references(found[0])


def _fenced(text: str) -> str:
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    return f"{fence}{text}{fence}"
