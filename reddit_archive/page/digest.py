"""Digests of block bodies: they tell whether a quote is still as this program wrote it.

A digest ignores what editors and Git change without changing a word: line ends, white space at the
end of a line, blank lines around the quote, and the indentation that all lines share.
"""

import hashlib
import re
from textwrap import dedent

_LINE_END = re.compile(r"\r\n|\r|\n")
_DIGITS = 16


def compute(body: str) -> str:
    """Return the digest of a block's body: 16 hexadecimal digits, "" for an empty body."""
    return _sha256(body)[:_DIGITS] if body.strip() else ""


def matches(body: str, digest: str) -> bool:
    """Tell whether a body has this digest, which may have from 16 to 64 digits."""
    return len(digest) >= _DIGITS and _sha256(body).startswith(digest)


def lines(body: str) -> list[str]:
    """Split a body into the lines that count, without the indentation that they share."""
    return dedent("\n".join(trimmed(body))).strip("\n").split("\n")


def trimmed(body: str) -> list[str]:
    """Split a body into lines without line ends and trailing white space."""
    return [line.rstrip(" \t") for line in _LINE_END.split(body)]


def _sha256(body: str) -> str:
    text = "\n".join(lines(body))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
