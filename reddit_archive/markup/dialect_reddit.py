"""Reddit's own Markdown, for a quote that goes back there: its dialect, and texts as typed.

The facts are those of snudown, which renders old.reddit.com and the API's HTML. snudown has no HTML
and no character references in code or titles, and a backslash does not keep a delimiter from
closing emphasis.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import quote

from reddit_archive.markup import bidi, escape
from reddit_archive.markup.dialects import Dialect
from reddit_archive.markup.emphasis import DEL, EM, STRONG, StyleWriter
from reddit_archive.markup.escape_rules import (
    BLANK,
    LINK_ATOM,
    RUN_EDGE,
    SPECIAL_CHARACTERS,
    EscapeRules,
)

# Only what snudown lets a backslash escape. A backslash does not keep a delimiter from closing
# emphasis, so every delimiter that could open any is escaped.
_ALWAYS_RULES = rf"""
  (?P<reference>
      &(?=\#?\w{{1,40}};) | @(?=[\w-]+\.\w)
    | (?:(?<=[\n{RUN_EDGE}])|\A){BLANK}+
    | (?<!{BLANK}){BLANK}++(?=[\n{RUN_EDGE}]|\Z)
    | [\u2028\u2029] | (?<![^\n])=(?==*+(?:\n|\Z))
  )
  | (?P<mark>
      \\(?=[\\`*_{{}}\[\]()\#+.!:|&<>/^~\n{RUN_EDGE}-]|\Z)
    | \*(?!(?<=[ ]\*)[ ]) | _ | ~(?=~) | (?<=~)~ | `
    | \^(?![ \n]|\Z) | <(?=[\w/!?]) | !(?=<|{RUN_EDGE}{LINK_ATOM}) | (?<=>)!
    | \[(?=\^)                         # a footnote in newer renderers
    | \](?={RUN_EDGE}?[ \n]*+[(\[]|[ ]?{RUN_EDGE}{LINK_ATOM}) | \{{(?=[{{%])
    | (?:(?<=\bhttp)|(?<=\bhttps)|(?<=\bftp)):(?=//) | (?<=\bwww)\. | (?<=\b[ru])/(?=\w)
  )
"""
_BLOCK_RULES = r"""
  | (?<![^\n])(?:
      (?P<number>[0-9]++\.)(?=[ \n]|\Z)
    | (?P<first>[\#>] | [-+](?=[ \n]|\Z) | [-|:](?=[-|: ]*+(?:\n|\Z)) | \[(?=[^\]\n]*+\]:))
  )
"""

_REDDIT_PATH = re.compile(r"/?[ru]/\w[\w+.-]{2,}")
_BARE_URL = re.compile(r"https?://[\w.:/?#@!$&'+,;=-]+", re.ASCII)
_UNSAFE_IN_URL = re.compile(r"""[\s<>"\\|`{}\[\]]""")
_LINKABLE = re.compile(r"https?://.|[/#].", re.IGNORECASE)  # what snudown links
# Text for Reddit's renderer, but a link or a link definition for other renderers.
_LINK_ELSEWHERE = re.compile(
    r"(?<!!\[gif)(?<!!\[img)\]\(\s*<?(?!\s|https?://|mailto:|[/#])"
    r"|<(?!https?://|mailto:)[a-z][\w+.-]*:|^ {0,3}\[[^\]\n]+\]:",
    re.IGNORECASE | re.MULTILINE,
)
_TYPED_BLANK_LINE = re.compile(
    r"^[> ]*(?:&(?:#x200b|#8203|#xfeff|zwn?j); *)+\r?$", re.IGNORECASE | re.MULTILINE
)
_CODE_OR_ESCAPE = re.compile(r"(`+).+?\1|\\(?P<mark>.)")
_CODE_OR_SUPERSCRIPT_END = re.compile(
    r"(?P<code>(`+).+?\2)|\\(?P<mark>[!-/:-@\[-`{-~])|(?P<end>[()\\])"
)
_CAN_START_WITH_CODE = frozenset({"pre", "div", "li", "section", "article"})
_SELF_TERMINATING = frozenset(
    {"", "p", "blockquote", "table", "hr", "h1", "h2", "h3", "h4", "h5", "h6"}
)
_LINE_ENDS = re.compile(r"\r\n?|[\u2028\u2029]")


class Reddit(Dialect):
    """snudown: superscript `^(…)`, spoilers `>!…!<`, list items indented by four columns."""

    name = "reddit"
    max_depth = 10
    max_nesting = 16  # what snudown shows; see `snudown.nesting`
    nesting_levels = MappingProxyType(
        {"blockquote": 1, "ul": 3, "ol": 3, "table": 4, "a": 3}
        | dict.fromkeys(
            ("p", "h1", "h2", "h3", "h4", "h5", "h6", "em", "strong", "del", "sup", "span"), 1
        )
    )
    can_be_checked = False
    has_math = False
    rules = EscapeRules(
        always=_ALWAYS_RULES,
        label=r"| (?P<bracket>[\[\]])",
        block=_BLOCK_RULES,
        special=re.compile(f"[{SPECIAL_CHARACTERS}!^@/]"),
    )
    has_html = False
    has_header_only_tables = True
    has_spoilers = True
    image_sources: Mapping[str, str] = MappingProxyType({})  # comments can't embed images
    hard_break = " "
    block_separator = "&#8203;"
    empty_item = ""
    item_indent = 4

    def with_images(self, image_sources: Mapping[str, str]) -> Dialect:
        return self

    def reuse_markdown(self, body: str) -> str | None:
        """Return the typed Markdown; None where it would not show the same in a quote.

        snudown reads link definitions only outside of quotes. It does not link URLs such as
        `logout?all=1` or `javascript:x`, but newer renderers may. A blank line that is typed as
        `&#x200B;` is written as that character, and controls of bidirectional text are balanced.
        """
        if bidi.CONTROLS.search(body) or _TYPED_BLANK_LINE.search(body):
            return None
        markdown = escape.drop_controls(_LINE_ENDS.sub("\n", body).expandtabs(4)).strip("\n")
        return None if not markdown.strip() or _LINK_ELSEWHERE.search(markdown) else markdown

    def escape(
        self,
        text: str,
        *,
        can_start_block: bool = True,
        is_label: bool = False,
        is_cell: bool = False,
        last_positions: Mapping[str, int] | None = None,
    ) -> str:
        escaped = super().escape(
            text, can_start_block=can_start_block, is_label=is_label, is_cell=is_cell
        )
        return escaped.replace("|", "&#124;") if is_cell else escaped

    def escape_trailing_hash(self, line: str) -> str:
        return line[:-1].removesuffix("\\") + "&#35;" if line.endswith("#") else line

    def write_code_span(self, text: str, *, is_cell: bool = False) -> str:
        text = escape.drop_controls(text.replace("\r", "").replace("\n", " ")).strip(" ")
        if not text or (is_cell and "|" in text):  # nothing escapes a bar in a table
            return self.escape(text, can_start_block=False, is_cell=is_cell)
        longest = max((len(run) for run in re.findall("`+", text)), default=0)
        fence, space = "`" * (longest + 1), " " * ("`" in (text[0], text[-1]))
        return f"{fence}{space}{text}{space}{fence}"

    def write_isolated_code(self, text: str) -> str:
        return "&#8203;" + self.write_code_span(text)

    def write_code_block(self, code: str, language: str, *, is_in_list_item: bool = False) -> str:
        return "\n".join(f"    {line}" if line else "" for line in code.split("\n"))

    def write_superscript(self, inner: str, *, is_nested: bool) -> str:
        """Write `^(…)`, which ends at a parenthesis or backslash, or `^…`, which ends at a space.

        Where neither works, return the text alone.
        """
        is_linked = "](" in inner
        if " " not in inner and (is_linked or is_nested):
            return f"^{inner}"
        return inner if is_linked else f"^({_CODE_OR_SUPERSCRIPT_END.sub(_to_references, inner)})"

    def must_separate(self, above: str, below: str) -> bool:
        if (
            below in _CAN_START_WITH_CODE
        ):  # below a list, code would be a paragraph of the last item
            return above not in _SELF_TERMINATING
        return super().must_separate(above, below) or above == below == "blockquote"

    def get_style_writer(self) -> StyleWriter:
        return self._write_style

    def _write_style(self, style: int, inner: str, left: str, right: str) -> str:
        """Put delimiters around Markdown; return it without them where they would not work."""
        for delimiter in {EM: ("*", "_"), STRONG: ("**", "__"), DEL: ("~~",)}[style]:
            character, escaped = delimiter[0], _replace_escaped_delimiter(inner, delimiter[0])
            is_free = character not in (left, right, escaped[0], escaped[-1])
            is_closed = character != "_" or not right.isalnum()
            if delimiter not in escaped and is_free and is_closed:
                return f"{delimiter}{escaped}{delimiter}"
        return inner

    def write_link(self, label: str, url: str, title: str = "") -> str:
        if url.lower().startswith("mailto:"):
            return f"{label} ({url[7:]})"  # snudown links only bare addresses
        if not _LINKABLE.match(url):
            return label
        url = _UNSAFE_IN_URL.sub(lambda match: quote(match[0], safe=""), url)
        url = re.sub(r"[()]", r"\\\g<0>", url)
        # A title has no escapes. It ends at the last quotation mark before a parenthesis.
        title = re.sub(r"[\\()]", " ", escape.clean(title).replace('"', "'")).strip(" ")
        return f"[{label}]({url}" + (f' "{title}")' if title else ")")

    def write_autolink(self, text: str, url: str) -> str | None:
        if _REDDIT_PATH.fullmatch(text) and url.endswith(".reddit.com/" + text.lstrip("/")):
            return text
        if url == text and _BARE_URL.fullmatch(url) and "_" not in url:
            return f"<{url}>"
        return text if url.lower() == "mailto:" + text.lower() and "_" not in text else None


def _replace_escaped_delimiter(markdown: str, delimiter: str) -> str:
    """Replace an escaped delimiter outside of code by a reference, which closes nothing."""
    return _CODE_OR_ESCAPE.sub(
        lambda match: (
            escape.to_character_references(delimiter) if match["mark"] == delimiter else match[0]
        ),
        markdown,
    )


def _to_references(match: re.Match[str]) -> str:
    return (
        match[0] if match["code"] else escape.to_character_references(match["mark"] or match["end"])
    )
