"""Plain text -> Markdown that shows exactly these characters, with as few marks as that takes.

A rule looks at the neighbours of a character, not at the character alone: `snake_case`, `3 - 2`,
`C#` and `a < b` stay as they were typed. A backslash stands only before characters that GitHub,
CommonMark and kramdown all let it escape; the others are written as character references.
"""

import html
import re

# Place holders that no text can hold, since control characters are dropped from it. A line is
# escaped as one string, so that a rule sees across the borders of styles, links and code.
EDGE = "\x01"  # where one run of a line ends and the next begins
ATOM = "\x02"  # finished Markdown: code, superscript, an automatic link
LINK = "\x03"  # finished Markdown that begins with a square bracket

_WHITE = re.compile(r"[\t\n\r\f\x0b\x85][ \t\n\r\f\x0b\x85]*+|[ ][ \t\n\r\f\x0b\x85]++")
# C0 and C1 controls; bidi overrides and isolates, which reorder what is read; lone surrogates.
_DROPPED = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]+"
)

# Blanks that some renderer strips from the edge of a line, or that an editor would hide there.
_BLANK = r"[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000\ufeff]"

_REFERENCE = rf"""
  (?P<reference>
      <(?![ 0-9=.,;)\n-])              # a tag, a comment, an automatic link
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
    | \[(?=[\^!]|[^\[\]\n]*+\])         # the page may define a link or a note of this name
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
_ADDRESS = r"| (?P<address>(?:(?<=\bhttp)|(?<=\bhttps)|(?<=\bftp)):(?=//)|(?<=\bwww)\.)"
_TICK = r"| (?P<tick>`)"
# kramdown takes `[^` for a note, and `[x\]: y](z)` for a definition.
_LABEL = r"| (?P<note>\A\^ | \](?=:)) | (?P<bracket>[\[\]])"
_FLAGS = re.VERBOSE | re.IGNORECASE


def _rule(*, block: bool, label: bool) -> re.Pattern[str]:
    address = (
        block or not label
    )  # no address is linked in the text of a link; a title may stand outside
    rules = _REFERENCE + _LABEL * label + _INLINE + _BLOCK * block + _ADDRESS * address + _TICK
    return re.compile(rules, _FLAGS)


# Most lines hold nothing to escape: looking for that first makes this twice as fast.
_SUSPECT = re.compile(
    r"[\\`*_\[\]<&~|${!\n\u00a0\u1680\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff]"
)
_STARTS = frozenset("0123456789#>-+=:^")
_RULES = {(b, i): _rule(block=b, label=i) for b in (False, True) for i in (False, True)}


def clean(text: str) -> str:
    """Drop control characters, and make one space of every stretch of white space."""
    if _DROPPED.search(text):
        text = _DROPPED.sub("", text)
    return _WHITE.sub(" ", text)


def drop_controls(text: str) -> str:
    """Drop the control characters of code, where white space counts."""
    return _DROPPED.sub("", text).replace("\x0b", " ").replace("\x0c", " ").replace("\x85", " ")


def line(raw: str, *, block: bool = True, label: bool = False, cell: bool = False) -> str:
    """Escape clean text, which may hold place holders and newlines (hard breaks).

    `block`: a line's start could start a block (not so in a heading or a cell). `label`: the text
    of a link. `cell`: kramdown looks for code spans before it finds the cells of a table, so that a
    backtick can't be escaped with a backslash there.
    """
    if not (_SUSPECT.search(raw) or raw[:1] in _STARTS or "://" in raw or "ww." in raw.lower()):
        return raw
    tick = "&#96;" if cell else "\\`"
    return _RULES[block, label].sub(lambda found: _written(found, tick), raw)


def _written(found: re.Match[str], tick: str) -> str:
    text = found[0]
    match found.lastgroup:
        case "reference" | "caret" | "note":
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
