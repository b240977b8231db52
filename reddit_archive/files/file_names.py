"""Convert file names to text that every program can read, even if they are not UTF-8.

Python keeps a byte that is not UTF-8 as a lone surrogate, which most other programs refuse.
"""

import re

_SURROGATE = re.compile("[\ud800-\udfff]")
_ESCAPE = re.compile(r"\\ud[89ab][0-9a-f]{2}\\ud[c-f][0-9a-f]{2}|\\u(d[89a-f][0-9a-f]{2})|\\.")


def make_readable(text: str) -> str:
    r"""Replace bytes that are not UTF-8 by `\xe9` etc., and other lone surrogates by U+FFFD."""
    return text if text.isascii() else _SURROGATE.sub(_replace_surrogate, text)


def make_json_readable(json_text: str) -> str:
    """Do the same in JSON text in which all non-ASCII characters are escaped."""
    return _ESCAPE.sub(_replace_escape, json_text) if "\\ud" in json_text else json_text


def _replace_surrogate(match: re.Match[str]) -> str:
    byte = ord(match[0]) - 0xDC00
    return f"\\x{byte:02x}" if 0x80 <= byte <= 0xFF else "\ufffd"


def _replace_escape(match: re.Match[str]) -> str:
    """Replace the JSON escape of a lone surrogate; return any other escape unchanged."""
    if match[1] is None:
        return match[0]
    replacement = make_readable(chr(int(match[1], 16)))
    return "\\ufffd" if replacement == "\ufffd" else f"\\{replacement}"
