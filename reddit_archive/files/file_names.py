"""Write file names as text that every program can read, even if they are not UTF-8.

Python keeps a byte that is not UTF-8 as a lone surrogate, which most other programs refuse.
"""

import re

_SURROGATE = re.compile("[\ud800-\udfff]")
_ESCAPE = re.compile(r"\\ud[89ab][0-9a-f]{2}\\ud[c-f][0-9a-f]{2}|\\u(d[89a-f][0-9a-f]{2})|\\.")


def readable(text: str) -> str:
    r"""Replace bytes that are not UTF-8 by `\xe9` etc., and other lone surrogates by U+FFFD."""
    return text if text.isascii() else _SURROGATE.sub(_byte, text)


def readable_json(written: str) -> str:
    """Do the same in JSON text in which all non-ASCII characters are escaped."""
    return _ESCAPE.sub(_escaped_byte, written) if "\\ud" in written else written


def _byte(found: re.Match[str]) -> str:
    byte = ord(found[0]) - 0xDC00
    return f"\\x{byte:02x}" if 0x80 <= byte <= 0xFF else "\ufffd"


def _escaped_byte(found: re.Match[str]) -> str:
    """Replace the JSON escape of a lone surrogate; return any other escape unchanged."""
    if found[1] is None:
        return found[0]
    byte = readable(chr(int(found[1], 16)))
    return "\\ufffd" if byte == "\ufffd" else f"\\{byte}"
