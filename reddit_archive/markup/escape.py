"""Plain text -> Markdown that shows exactly these characters, with as few marks as that takes.

A rule looks at the neighbours of a character, not at the character alone: `snake_case`, `3 - 2`,
`C#` and `a < b` stay as they were typed. A backslash stands only before characters that GitHub,
CommonMark and kramdown all let it escape; the others are written as character references.
"""

import html
import re
from collections.abc import Mapping
from functools import cache

from reddit_archive.markup import unpaired_delimiters

# Place holders that no text can hold, since control characters are dropped from it. A line is
# escaped as one string, so that a rule sees across the borders of styles, links and code.
EDGE = "\x01"  # where one run of a line ends and the next begins
ATOM = "\x02"  # finished Markdown: code, superscript, an automatic link
LINK = "\x03"  # finished Markdown that begins with a square bracket

_WHITE = re.compile(r"[\t\n\r\f\x0b\x85][ \t\n\r\f\x0b\x85]*+|[ ][ \t\n\r\f\x0b\x85]++")
_SPACES = re.compile("  +")
# C0 and C1 controls; bidi overrides and isolates, which reorder what is read; lone surrogates.
_DROPPED = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)

# Blanks that some renderer strips from the edge of a line, or that an editor would hide there.
_BLANK = r"[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\ufeff]"

_REFERENCE = rf"""
  (?P<reference>
      <(?![ 0-9=.,;)$"'+(\n-])         # a tag, a comment, an automatic link
    | <(?=[^\s<>@]{{1,99}}@)            # an e-mail address, too
    | &(?=\#?\w{{1,40}};)               # a character reference, spelt out
    | \\(?=[\n{EDGE}]|\Z)               # kramdown reads two of them before a newline as a break
    | \\(?={_BLANK}|[\u2028\u2029])     # which may be written as references
    | \{{(?=[{{%])                      # Liquid (Jekyll) runs before Markdown, and in code too
    | [\u2028\u2029]                    # some programs end a line here
    | (?:(?<=[\n{EDGE}])|\A){_BLANK}+
    | (?<!{_BLANK}){_BLANK}++(?=[\n{EDGE}]|\Z)
  )
"""
_INLINE = rf"""
  | (?P<mark>
      [|]                               # kramdown: one bar makes a table
    | \\(?=[!-/:-@\[-`{{-~])
    | \*(?!(?<=[ ]\*)[ ])
    | (?<!\w)_++ | (?<!_)_++(?![^\W_])  # inside of a word it means nothing
    | ~(?!(?<![^ \n]~)[^\W_]|(?<=[ ]~)[ ])  # `~5` opens a word, and can close nothing
    | \[(?=[\^!]|[^\[\]\n{LINK}]*+\])  # the page may define a link or a note of this name
    | \](?=[(\[]|{EDGE}{LINK})
    | \$(?=\$) | (?<=\$)\$              # kramdown: mathematics
    | \{{(?=[:\#{EDGE}]|\Z)            # kramdown: attributes
    | !(?={EDGE}{LINK})
  )
"""
_BLOCK = r"""
  | (?<![^\n])(?:
      (?P<number>[0-9]++[.)])(?=[ \n]|\Z)
    | (?P<caret>\^)(?=\n|\Z)            # kramdown: end of block
    | (?P<first>
          [\#>]
        | [-+](?=[ \n]|\Z)
        | [-=](?=[-=]*+(?:\n|\Z))       # a rule, or the underline of a heading
        | :(?=[ ])                      # kramdown: a definition
        | \[(?=[^\]\n]*+\]:)            # the definition of a link
      ))
"""
# GitHub would link a typed address, backslashes and all.
_ADDRESS = r"""
  | (?P<address>
        (?:(?<=(?<![a-z])http)|(?<=(?<![a-z])https)|(?<=(?<![a-z])ftp)):(?=//)
      | (?<=\bwww)\.
    )
"""
_TICK = r"| (?P<tick>`)"
# kramdown takes `[^` for a note, and `[x\]: y](z)` for a definition.
_LABEL = r"| (?P<note>\A\^ | \](?=:)) | (?P<bracket>[\[\]])"
# Obsidian: links and embeds, tags, comments, highlights, notes in the line, ids of blocks, other
# programs' addresses. Two percent signs have no escape that every version knows.
_OBSIDIAN = rf"""
  | (?P<twin>(?<=%)%)
  | (?P<wiki>
      \[(?=\[|{EDGE}{LINK})
    | (?<!\w)\#(?=[0-9]*+[^\s\x01-\x03!-,.0-9:-@\[-^`{{-~])
    | (?<==)=(?!(?<=[ ]==)[ ])
    | \^(?=\[|{EDGE}{LINK})
    | (?<![^ \n])\^(?=[\w-]+(?:\n|\Z))
    | (?<=\w):(?=//)
    | \A!
    | \$(?=[^ \n])CLOSED
  )
"""
# A price alone opens no mathematics; whatever is finished may hold what closes it.
_CLOSED = rf"(?=[^${ATOM}{LINK}]*+[${ATOM}{LINK}])"
# kramdown makes these typographic.
_LITERAL = r"""
  | (?P<typographic>["'] | -(?=-) | (?<=-)- | \.(?=\.\.) | >(?=>))
"""
# snudown: what it knows to escape, and no more. A backslash does not keep a mark from closing
# emphasis, so that none may open any.
_REDDIT = rf"""
  (?P<reference>
      &(?=\#?\w{{1,40}};) | @(?=[\w-]+\.\w)
    | (?:(?<=[\n{EDGE}])|\A){_BLANK}+
    | (?<!{_BLANK}){_BLANK}++(?=[\n{EDGE}]|\Z)
    | [\u2028\u2029] | (?<![^\n])=(?==*+(?:\n|\Z))
  )
  | (?P<mark>
      \\(?=[\\`*_{{}}\[\]()\#+.!:|&<>/^~\n{EDGE}-]|\Z)
    | \*(?!(?<=[ ]\*)[ ]) | _ | ~(?=~) | (?<=~)~ | `
    | \^(?![ \n]|\Z) | <(?=[\w/!?]) | !(?=<|{EDGE}{LINK}) | (?<=>)!
    | \[(?=\^)                         # a note, in newer renderers
    | \](?={EDGE}?[ \n]*+[(\[]|[ ]?{EDGE}{LINK}) | \{{(?=[{{%])
    | (?:(?<=\bhttp)|(?<=\bhttps)|(?<=\bftp)):(?=//) | (?<=\bwww)\. | (?<=\b[ru])/(?=\w)
  )
"""
_REDDIT_LABEL = r"| (?P<bracket>[\[\]])"
_REDDIT_BLOCK = r"""
  | (?<![^\n])(?:
      (?P<number>[0-9]++\.)(?=[ \n]|\Z)
    | (?P<first>[\#>] | [-+](?=[ \n]|\Z) | [-|:](?=[-|: ]*+(?:\n|\Z)) | \[(?=[^\]\n]*+\]:))
  )
"""
_FLAGS = re.VERBOSE | re.IGNORECASE
# Every rule begins with one of these. To look for that first is several times faster.
_ANY = (
    r"(?-i:(?=[!-'*+\--:<-@\[-`{|~\u00a0\u1680\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff]))"
)


@cache
def _rule(dialect: str, block: bool, label: bool) -> re.Pattern[str]:
    if dialect == "reddit":
        rules = _REDDIT + _REDDIT_LABEL * label + _REDDIT_BLOCK * block
        return re.compile(f"{_ANY}(?:{rules})", _FLAGS)
    more = {"obsidian": _OBSIDIAN.replace("CLOSED", _CLOSED * block), "literal": _LITERAL}
    # No address is linked in the text of a link; a title may stand outside.
    address = block or not label
    rules = _REFERENCE + more.get(dialect, "") + _LABEL * label + _INLINE
    rules += _BLOCK * block + _ADDRESS * address + _TICK
    return re.compile(f"{_ANY}(?:{rules})", _FLAGS)


# Most lines hold nothing to escape: looking for that first makes this twice as fast.
_MARKS = r"\\`*_\[\]<&~|${\n\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_SUSPECT = {
    "markdown": re.compile(f"[{_MARKS}]"),
    "literal": re.compile(f"[{_MARKS}\"'>]|--|\\.\\.\\."),
    "obsidian": re.compile(f"[{_MARKS}!#^]|==|%%"),
    "reddit": re.compile(f"[{_MARKS}!^@/]"),
}
_START = re.compile(r"[#>+=:^-]|[0-9]+[.)]")
_PICTURE = f"!{EDGE}{LINK}"


def clean(text: str) -> str:
    """Drop control characters, and make one space of every stretch of white space."""
    text = text.replace("\n", " ")
    if not text.isprintable():
        return _WHITE.sub(" ", _DROPPED.sub("", text))
    return _SPACES.sub(" ", text) if "  " in text else text


def drop_controls(text: str) -> str:
    """Drop the control characters of code, where white space counts."""
    return _DROPPED.sub("", text).replace("\x0b", " ").replace("\x0c", " ").replace("\x85", " ")


def line(
    raw: str,
    *,
    block: bool = True,
    label: bool = False,
    cell: bool = False,
    dialect: str = "markdown",
    pairing: Mapping[str, int] | None = None,
) -> str:
    """Escape clean text, which may hold place holders and newlines (hard breaks).

    `block`: a line's start could start a block (not so in a heading or a cell). `label`: the text
    of a link. `cell`: kramdown looks for code spans before it finds the cells of a table, so that a
    backtick can't be escaped with a backslash there. `pairing`: marks, and behind which place
    the paragraph has no other, so that one without a partner in `raw` needs no escape.
    """
    is_suspect = _SUSPECT[dialect].search(raw) or _START.match(raw) or _PICTURE in raw
    if not (is_suspect or "://" in raw or "ww." in raw.lower()):
        return raw
    tick = "&#96;" if cell else "\\`"
    bare = unpaired_delimiters.lone(raw, pairing) if pairing else ()
    return _rule(dialect, block, label).sub(
        lambda found: found[0] if found.start() in bare else _written(found, tick), raw
    )


def _written(found: re.Match[str], tick: str) -> str:
    text = found[0]
    match found.lastgroup:
        case "reference" | "caret" | "note" | "twin":
            return references(text)
        case "tick":
            return tick
        case "number":
            return f"{text[:-1]}\\{text[-1]}"
        case "mark" if text[0] == "_":
            return "\\_" * len(text)
        case _:
            return "\\" + text


_NAMED = {"<": "&lt;", ">": "&gt;", "&": "&amp;", '"': "&quot;", "\u00a0": "&nbsp;"}


def references(text: str) -> str:
    """Write every character of a short text as a character reference."""
    return "".join(_NAMED.get(c) or f"&#{ord(c)};" for c in text)


def raw(text: str) -> str:
    """Escape text for a block of raw HTML, where Liquid must find nothing either."""
    return html.escape(text, quote=True).replace("{", "&#123;")


_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~\u00a0\u2028\u2029]")


def literal(text: str) -> str:
    """Escape text for a raw HTML tag inside a line, where Markdown is read too."""
    return _PUNCTUATION.sub(lambda found: references(found[0]), text)
