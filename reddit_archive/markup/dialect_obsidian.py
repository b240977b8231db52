"""The dialect of Obsidian, and of the plugins that many people add to it."""

import re

from reddit_archive.markup import escape, links
from reddit_archive.markup.dialects import SPOILER_TAGS, Dialect
from reddit_archive.markup.escape_rules import ATOM, LINK_ATOM, MARKDOWN, RUN_EDGE

# Links and embeds, tags, comments, highlights, inline footnotes, block ids, URI schemes of other
# programs. `%%` has no escape that every version knows.
_OBSIDIAN_RULES = rf"""
  | (?P<twin>(?<=%)%)
  | (?P<wiki>
      \[(?=\[|{RUN_EDGE}{LINK_ATOM})
    | (?<!\w)\#(?=[0-9]*+[^\s\x01-\x03!-,.0-9:-@\[-^`{{-~])
    | (?<==)=(?!(?<=[ ]==)[ ])
    | \^(?=\[|{RUN_EDGE}{LINK_ATOM})
    | (?<![^ \n])\^(?=[\w-]+(?:\n|\Z))
    | (?<=\w):(?=//)
    | \A!
    # A single price is no math. Finished Markdown may hold the second dollar sign.
    | \$(?=[^ \n])(?=[^${ATOM}{LINK_ATOM}]*+[${ATOM}{LINK_ATOM}])
  )
"""
# The parts of a heading are escaped one by one, and another part may hold the second dollar sign.
_NO_BLOCK_RULES = r"| (?P<dollar>\$(?=[^ \n]))"

# Languages that are only highlighted. Plugins run code in others: dataviewjs, mermaid, query,
# tasks, button, templater, and those of plugins that do not exist yet.
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
_DATAVIEW_QUERY = re.compile(r"[\s\ufeff]*\$?=")
_UNSAFE_IN_TITLE = re.compile(r"[\"#$%&*<=>@\[-`{-~+]")
_UNESCAPED_DOLLAR = re.compile(r"(?<!\\)((?:\\\\)*)\$")


class Obsidian(Dialect):
    """Obsidian with Dataview and Templater.

    Dataview runs `= …` and `$= …` at the start of every <code> of the rendered page, also in <pre>,
    so such code is written with other elements. Templater replaces `<% %>` in the source.
    """

    name = "obsidian"
    spoiler_tags = SPOILER_TAGS
    max_depth = 50
    max_nesting = None
    rules = MARKDOWN.extend(
        _OBSIDIAN_RULES, no_block=_NO_BLOCK_RULES, special="[!#^]|==|%%", leaves_unpaired=False
    )
    has_header_only_tables = True
    unsafe_code = re.compile(rf"\{{[{{%]|<%|\A{_DATAVIEW_QUERY.pattern}")
    escape_html = staticmethod(escape.escape_inline_html)

    def escape_joined_line(self, line: str) -> str:
        """Escape dollar signs, because two parts with one each would be math together."""
        return _UNESCAPED_DOLLAR.sub(r"\1\\$", line) if line.count("$") > 1 else line

    def write_callout(self, line: str, callout: str) -> str:
        name = callout.rstrip("+-")
        return f"[!{name}]{callout[len(name) :]} {line}" if name else line

    def write_link(self, label: str, url: str, title: str = "") -> str:
        url = re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", url)
        destination = url if url[:1].isalnum() or url[:1] in "/#?." else f"./{url}"  # never `<%`
        escaped_title = _UNSAFE_IN_TITLE.sub(
            lambda match: escape.to_character_references(match[0]), escape.clean(title)
        )
        return links.write(label, destination)[:-1] + (f' "{escaped_title}")' if title else ")")

    def write_isolated_code(self, text: str) -> str:
        name = "samp" if _DATAVIEW_QUERY.match(text) else "code"
        return f"<{name}>{escape.escape_inline_html(text)}</{name}>"

    def write_code_block(self, code: str, language: str, *, is_in_list_item: bool = False) -> str:
        if _DATAVIEW_QUERY.match(code):
            return f"<pre>\n{self.escape_html(code)}\n</pre>"
        safe_language = language if language.lower() in _SAFE_LANGUAGES else ""
        return super().write_code_block(code, safe_language, is_in_list_item=is_in_list_item)
