"""Reddit's own Markdown, for a quote that goes back there: its dialect, and texts as typed.

The facts are snudown's, which renders old.reddit.com and the API's HTML. It has no HTML, no
character reference in code or a title, and no backslash that keeps a mark from closing emphasis.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import quote

from reddit_archive.markup import escape
from reddit_archive.markup.dialects import Dialect
from reddit_archive.markup.emphasis import DEL, EM, STRONG, Enclose

_OWN_PATH = re.compile(r"/?[ru]/\w[\w+.-]{2,}")
_BARE_URL = re.compile(r"https?://[\w.:/?#@!$&'+,;=-]+", re.ASCII)
_ENCODED = re.compile(r"""[\s<>"\\|`{}\[\]]""")
_LINKED = re.compile(r"https?://.|[/#].", re.IGNORECASE)  # what snudown makes a link of
# Brackets that Reddit's renderer shows as text and other renderers parse as a link.
_NO_LINK = re.compile(
    r"(?<!!\[gif)(?<!!\[img)\]\(\s*<?(?!\s|https?://|mailto:|[/#])"
    r"|<(?!https?://|mailto:)[a-z][\w+.-]*:|^ {0,3}\[[^\]\n]+\]:",
    re.IGNORECASE | re.MULTILINE,
)
_ESCAPED = re.compile(r"(`+).+?\1|\\(?P<mark>.)")
_ENDS = re.compile(r"(?P<code>(`+).+?\2)|\\(?P<mark>.)|(?P<end>[()])")
_MAY_BE_CODE = frozenset({"pre", "div", "li", "section", "article"})
_ENDS_ITSELF = frozenset({"", "p", "blockquote", "table", "hr", "h1", "h2", "h3", "h4", "h5", "h6"})
_LINE_ENDS = re.compile(r"\r\n?|[\u2028\u2029]")


class Reddit(Dialect):
    """snudown: superscript `^(…)`, spoilers `>!…!<`, four columns for an item's blocks."""

    rules = "reddit"
    has_html = False
    has_bare_heads = True
    has_spoilers = True
    pictures: Mapping[str, str] = MappingProxyType({})  # it has links alone
    hard_break = " "
    gap = "&#8203;"
    empty = ""
    indent = 4

    def escape(
        self, raw: str, *, block: bool = True, label: bool = False, cell: bool = False
    ) -> str:
        text = super().escape(raw, block=block, label=label, cell=cell)
        return text.replace("|", "&#124;") if cell else text

    def closed(self, line: str) -> str:
        return line[:-1].removesuffix("\\") + "&#35;" if line.endswith("#") else line

    def code(self, text: str, *, cell: bool = False) -> str:
        text = escape.drop_controls(text.replace("\r", "").replace("\n", " ")).strip(" ")
        if not text or (cell and "|" in text):  # nothing hides a bar in a table
            return self.escape(text, block=False, cell=cell)
        longest = max((len(run) for run in re.findall("`+", text)), default=0)
        fence, space = "`" * (longest + 1), " " * ("`" in (text[0], text[-1]))
        return f"{fence}{space}{text}{space}{fence}"

    def code_apart(self, text: str) -> str:
        return "&#8203;" + self.code(text)

    def code_block(self, code: str, language: str, *, in_item: bool = False) -> str:
        return "\n".join(f"    {line}" if line else "" for line in code.split("\n"))

    def superscript(self, inner: str, *, is_inside: bool) -> str:
        """`^(…)` ends at the first parenthesis or backslash, `^…` at the first space."""
        is_linked = "](" in inner
        if " " not in inner and (is_linked or is_inside):
            return f"^{inner}"
        return inner if is_linked else f"^({_ENDS.sub(_reference, inner)})"

    def must_part(self, above: str, below: str) -> bool:
        if below in _MAY_BE_CODE:  # below a list it would be a paragraph of the last item
            return above not in _ENDS_ITSELF
        return super().must_part(above, below) or above == below == "blockquote"

    def enclosing(self) -> Enclose:
        return self._enclose

    def _enclose(self, style: int, inner: str, left: str, right: str) -> str:
        """Put marks around Markdown; none where they would not be read."""
        for mark in {EM: ("*", "_"), STRONG: ("**", "__"), DEL: ("~~",)}[style]:
            c, written = mark[0], _without(inner, mark[0])
            is_free = c not in (left, right, written[0], written[-1])
            is_closed = c != "_" or not right.isalnum()
            if mark not in written and is_free and is_closed:
                return f"{mark}{written}{mark}"
        return inner

    def link(self, label: str, url: str, title: str = "") -> str:
        if url.lower().startswith("mailto:"):
            return f"{label} ({url[7:]})"  # an address is a link by itself, and in no other way
        if not _LINKED.match(url):
            return label
        url = _ENCODED.sub(lambda found: quote(found[0], safe=""), url)
        url = re.sub(r"[()]", r"\\\g<0>", url)
        # A title has no escapes, and ends at the last quotation mark before a parenthesis.
        title = re.sub(r"[\\()]", " ", escape.clean(title).replace('"', "'")).strip(" ")
        return f"[{label}]({url}" + (f' "{title}")' if title else ")")

    def automatic(self, text: str, url: str) -> str | None:
        if _OWN_PATH.fullmatch(text) and url.endswith(".reddit.com/" + text.lstrip("/")):
            return text
        if url == text and _BARE_URL.fullmatch(url) and "_" not in url:
            return f"<{url}>"
        return text if url.lower() == "mailto:" + text.lower() and "_" not in text else None


def _without(markdown: str, mark: str) -> str:
    """Replace an escaped mark outside of code by its reference, which closes nothing."""
    return _ESCAPED.sub(lambda f: escape.references(mark) if f["mark"] == mark else f[0], markdown)


def _reference(found: re.Match[str]) -> str:
    return found[0] if found["code"] else escape.references(found["mark"] or found["end"])


def typed(body: str) -> str | None:
    """A text as it was typed, ready to stand in a quote; None where it would not show the same.

    snudown reads definitions of links only outside of quotes. It does not link URLs such as
    `logout?all=1` or `javascript:x`; newer renderers may.
    """
    lines = escape.drop_controls(_LINE_ENDS.sub("\n", body).expandtabs(4)).strip("\n")
    return None if not lines.strip() or _NO_LINK.search(lines) else lines
