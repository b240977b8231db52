"""Computes digests of quotes in blocks, to detect whether somebody edited a quote.

A digest ignores what editors and Git change automatically: line endings, white space at the end of
a line, blank lines around the quote, and indentation that all lines share.
"""

import hashlib
import re
from textwrap import dedent

_LINE_END = re.compile(r"\r\n|\r|\n")
_DIGEST_LENGTH = 16


def compute(body: str) -> str:
    """Return the digest of a block's body: 16 hexadecimal digits, "" for an empty body."""
    return _sha256(body)[:_DIGEST_LENGTH] if body.strip() else ""


def matches(body: str, digest: str) -> bool:
    """Return whether a body has this digest, which may have 16 to 64 digits."""
    return len(digest) >= _DIGEST_LENGTH and _sha256(body).startswith(digest)


def normalize_lines(body: str) -> list[str]:
    """Return the lines that the digest is computed from, without their common indentation."""
    return dedent("\n".join(trim_lines(body))).strip("\n").split("\n")


def trim_lines(body: str) -> list[str]:
    """Split a body into lines without line endings and trailing white space."""
    return [line.rstrip(" \t") for line in _LINE_END.split(body)]


def _sha256(body: str) -> str:
    text = "\n".join(normalize_lines(body))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
