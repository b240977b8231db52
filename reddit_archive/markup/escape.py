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
RUN_EDGE = "\x01"  # where one run of a line ends and the next begins
ATOM = "\x02"  # finished Markdown: code, superscript, an automatic link
LINK_ATOM = "\x03"  # finished Markdown that begins with a square bracket

_WHITESPACE = re.compile(r"[\t\n\r\f\x0b\x85][ \t\n\r\f\x0b\x85]*+|[ ][ \t\n\r\f\x0b\x85]++")
_SPACES = re.compile("  +")
# C0 and C1 controls; bidi overrides and isolates, which reorder what is read; lone surrogates.
_CONTROLS = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)

# Blanks that some renderer strips from the edge of a line, or that an editor would hide there.
_BLANK = r"[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\ufeff]"

_REFERENCE_RULES = rf"""
  (?P<reference>
      <(?![ 0-9=.,;)$"'+(\n-])         # a tag, a comment, an automatic link
    | <(?=[^\s<>@]{{1,99}}@)            # an e-mail address, too
    | &(?=\#?\w{{1,40}};)               # a character reference, spelt out
    | \\(?=[\n{RUN_EDGE}]|\Z)               # kramdown reads two of them before a newline as a break
    | \\(?={_BLANK}|[\u2028\u2029])     # which may be written as references
    | \{{(?=[{{%])                      # Liquid (Jekyll) runs before Markdown, and in code too
    | [\u2028\u2029]                    # some programs end a line here
    | (?:(?<=[\n{RUN_EDGE}])|\A){_BLANK}+
    | (?<!{_BLANK}){_BLANK}++(?=[\n{RUN_EDGE}]|\Z)
  )
"""
_INLINE_RULES = rf"""
  | (?P<mark>
      [|]                               # kramdown: one bar makes a table
    | \\(?=[!-/:-@\[-`{{-~])
    | \*(?!(?<=[ ]\*)[ ])
    | (?<!\w)_++ | (?<!_)_++(?![^\W_])  # inside of a word it means nothing
    | ~(?!(?<![^ \n]~)[^\W_]|(?<=[ ]~)[ ])  # `~5` opens a word, and can close nothing
    | \[(?=[\^!]|[^\[\]\n{LINK_ATOM}]*+\])  # the page may define a link or a note of this name
    | \](?=[(\[]|{RUN_EDGE}{LINK_ATOM})
    | \$(?=\$) | (?<=\$)\$              # kramdown: mathematics
    | \{{(?=[:\#{RUN_EDGE}]|\Z)            # kramdown: attributes
    | !(?={RUN_EDGE}{LINK_ATOM})
  )
"""
_BLOCK_RULES = r"""
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
_URL_RULES = r"""
  | (?P<address>
        (?:(?<=(?<![a-z])http)|(?<=(?<![a-z])https)|(?<=(?<![a-z])ftp)):(?=//)
      | (?<=\bwww)\.
    )
"""
_BACKTICK_RULE = r"| (?P<tick>`)"
# kramdown takes `[^` for a note, and `[x\]: y](z)` for a definition.
_LABEL_RULES = r"| (?P<note>\A\^ | \](?=:)) | (?P<bracket>[\[\]])"
# Obsidian: links and embeds, tags, comments, highlights, notes in the line, ids of blocks, other
# programs' addresses. Two percent signs have no escape that every version knows.
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
    | \$(?=[^ \n])CLOSED
  )
"""
# A price alone opens no mathematics; whatever is finished may hold what closes it.
_CLOSED_LATER = rf"(?=[^${ATOM}{LINK_ATOM}]*+[${ATOM}{LINK_ATOM}])"
# kramdown makes these typographic.
_LITERAL_RULES = r"""
  | (?P<typographic>["'] | -(?=-) | (?<=-)- | \.(?=\.\.) | >(?=>))
"""
# snudown: what it knows to escape, and no more. A backslash does not keep a mark from closing
# emphasis, so that none may open any.
_REDDIT_RULES = rf"""
  (?P<reference>
      &(?=\#?\w{{1,40}};) | @(?=[\w-]+\.\w)
    | (?:(?<=[\n{RUN_EDGE}])|\A){_BLANK}+
    | (?<!{_BLANK}){_BLANK}++(?=[\n{RUN_EDGE}]|\Z)
    | [\u2028\u2029] | (?<![^\n])=(?==*+(?:\n|\Z))
  )
  | (?P<mark>
      \\(?=[\\`*_{{}}\[\]()\#+.!:|&<>/^~\n{RUN_EDGE}-]|\Z)
    | \*(?!(?<=[ ]\*)[ ]) | _ | ~(?=~) | (?<=~)~ | `
    | \^(?![ \n]|\Z) | <(?=[\w/!?]) | !(?=<|{RUN_EDGE}{LINK_ATOM}) | (?<=>)!
    | \[(?=\^)                         # a note, in newer renderers
    | \](?={RUN_EDGE}?[ \n]*+[(\[]|[ ]?{RUN_EDGE}{LINK_ATOM}) | \{{(?=[{{%])
    | (?:(?<=\bhttp)|(?<=\bhttps)|(?<=\bftp)):(?=//) | (?<=\bwww)\. | (?<=\b[ru])/(?=\w)
  )
"""
_REDDIT_LABEL_RULES = r"| (?P<bracket>[\[\]])"
_REDDIT_BLOCK_RULES = r"""
  | (?<![^\n])(?:
      (?P<number>[0-9]++\.)(?=[ \n]|\Z)
    | (?P<first>[\#>] | [-+](?=[ \n]|\Z) | [-|:](?=[-|: ]*+(?:\n|\Z)) | \[(?=[^\]\n]*+\]:))
  )
"""
_FLAGS = re.VERBOSE | re.IGNORECASE
# Every rule begins with one of these. To look for that first is several times faster.
_RULE_START = (
    r"(?-i:(?=[!-'*+\--:<-@\[-`{|~\u00a0\u1680\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff]))"
)


@cache
def _compile_rules(rule_set: str, can_start_block: bool, is_label: bool) -> re.Pattern[str]:
    if rule_set == "reddit":
        rules = (
            _REDDIT_RULES + _REDDIT_LABEL_RULES * is_label + _REDDIT_BLOCK_RULES * can_start_block
        )
        return re.compile(f"{_RULE_START}(?:{rules})", _FLAGS)
    extra_rules = {
        "obsidian": _OBSIDIAN_RULES.replace("CLOSED", _CLOSED_LATER * can_start_block),
        "literal": _LITERAL_RULES,
    }
    # No address is linked in the text of a link; a title may stand outside.
    has_url_rules = can_start_block or not is_label
    rules = (
        _REFERENCE_RULES + extra_rules.get(rule_set, "") + _LABEL_RULES * is_label + _INLINE_RULES
    )
    rules += _BLOCK_RULES * can_start_block + _URL_RULES * has_url_rules + _BACKTICK_RULE
    return re.compile(f"{_RULE_START}(?:{rules})", _FLAGS)


# Most lines hold nothing to escape: looking for that first makes this twice as fast.
_SPECIAL_CHARACTERS = (
    r"\\`*_\[\]<&~|${\n\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
)
_MAY_NEED_ESCAPE = {
    "markdown": re.compile(f"[{_SPECIAL_CHARACTERS}]"),
    "literal": re.compile(f"[{_SPECIAL_CHARACTERS}\"'>]|--|\\.\\.\\."),
    "obsidian": re.compile(f"[{_SPECIAL_CHARACTERS}!#^]|==|%%"),
    "reddit": re.compile(f"[{_SPECIAL_CHARACTERS}!^@/]"),
}
_BLOCK_START = re.compile(r"[#>+=:^-]|[0-9]+[.)]")
_IMAGE_START = f"!{RUN_EDGE}{LINK_ATOM}"


def clean(text: str) -> str:
    """Drop control characters, and make one space of every stretch of white space."""
    text = text.replace("\n", " ")
    if not text.isprintable():
        return _WHITESPACE.sub(" ", _CONTROLS.sub("", text))
    return _SPACES.sub(" ", text) if "  " in text else text


def drop_controls(text: str) -> str:
    """Drop the control characters of code, where white space counts."""
    return _CONTROLS.sub("", text).replace("\x0b", " ").replace("\x0c", " ").replace("\x85", " ")


def escape_line(
    text: str,
    *,
    can_start_block: bool = True,
    is_label: bool = False,
    is_cell: bool = False,
    rule_set: str = "markdown",
    last_positions: Mapping[str, int] | None = None,
) -> str:
    """Escape clean text, which may hold place holders and newlines (hard breaks).

    `block`: a line's start could start a block (not so in a heading or a cell). `label`: the text
    of a link. `cell`: kramdown looks for code spans before it finds the cells of a table, so that a
    backtick can't be escaped with a backslash there. `pairing`: marks, and behind which place
    the paragraph has no other, so that one without a partner in `raw` needs no escape.
    """
    may_need_escape = (
        _MAY_NEED_ESCAPE[rule_set].search(text) or _BLOCK_START.match(text) or _IMAGE_START in text
    )
    if not (may_need_escape or "://" in text or "ww." in text.lower()):
        return text
    escaped_backtick = "&#96;" if is_cell else "\\`"
    unpaired = unpaired_delimiters.find_unpaired(text, last_positions) if last_positions else ()
    return _compile_rules(rule_set, can_start_block, is_label).sub(
        lambda match: (
            match[0] if match.start() in unpaired else _escape_match(match, escaped_backtick)
        ),
        text,
    )


def _escape_match(rule_match: re.Match[str], escaped_backtick: str) -> str:
    text = rule_match[0]
    match rule_match.lastgroup:
        case "reference" | "caret" | "note" | "twin":
            return to_character_references(text)
        case "tick":
            return escaped_backtick
        case "number":
            return f"{text[:-1]}\\{text[-1]}"
        case "mark" if text[0] == "_":
            return "\\_" * len(text)
        case _:
            return "\\" + text


_NAMED_REFERENCES = {"<": "&lt;", ">": "&gt;", "&": "&amp;", '"': "&quot;", "\u00a0": "&nbsp;"}


def to_character_references(text: str) -> str:
    """Write every character of a short text as a character reference."""
    return "".join(_NAMED_REFERENCES.get(character) or f"&#{ord(character)};" for character in text)


def escape_html(text: str) -> str:
    """Escape text for a block of raw HTML, where Liquid must find nothing either."""
    return html.escape(text, quote=True).replace("{", "&#123;")


_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~\u00a0\u2028\u2029]")


def escape_inline_html(text: str) -> str:
    """Escape text for a raw HTML tag inside a line, where Markdown is read too."""
    return _PUNCTUATION.sub(lambda match: to_character_references(match[0]), text)
