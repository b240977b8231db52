"""Remove secrets from text that is shown to the user, such as the message of an unexpected error.

It removes three kinds: the configured secrets in every encoding that libraries use, values with a
label like `Authorization: …` or `password=…`, and long strings that look like tokens.
"""

import os
import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus

from reddit_archive.cli.configured_secrets import MIN_ID_LENGTH, SECRETS

HIDDEN = "[hidden]"
SECRET_VARIABLE = re.compile(r"secret|token|passw|client_id|api_?key", re.IGNORECASE)
PROXY_VARIABLE = re.compile(r"(?:https?|all)_proxy", re.IGNORECASE)
_USERINFO = re.compile(r"://([^/?#\s]*)@")
_PIECE = re.compile(r"[^\s'\"<>]+")
_LABELED = re.compile(
    r"(?P<label>\b[\w-]{0,40}(?:authorization|cookie|secret|token|passw(?:or)?d|client_id"
    r"|api_?key|bearer|basic)\b['\"]{0,2}\s{0,3}(?:[:=]|(?<=bearer)\s|(?<=basic)\s)\s{0,3})"
    r"(?P<value>b?(?P<mark>['\"])(?:(?!(?P=mark)).)*(?:(?P=mark)|$)"
    r"|(?:(?:bearer|basic|digest|token)\s+)?[^\s,;&'\")}\]]+)",
    re.IGNORECASE | re.DOTALL,
)
_TOKEN = re.compile(r"[A-Za-z0-9_+=-]{20,}")


def scrub(text: str) -> str:
    """Return the text without secrets."""
    secrets = {*SECRETS, *_iter_environment_secrets()}
    variants = {variant for secret in secrets for variant in _encode_variants(secret)}
    for variant in sorted(variants, key=len, reverse=True):
        text = text.replace(variant, HIDDEN)
    text = _USERINFO.sub(f"://{HIDDEN}@", text)
    text = _PIECE.sub(_hide_query, text)
    text = _LABELED.sub(rf"\g<label>{HIDDEN}", text)
    return _TOKEN.sub(_hide_token, text)


def _iter_environment_secrets() -> Iterator[str]:
    """Yield the secrets in environment variables, and the logins of proxies."""
    for name, value in os.environ.items():
        if SECRET_VARIABLE.search(name) and len(value) >= MIN_ID_LENGTH:
            yield value
        if PROXY_VARIABLE.fullmatch(name) and (match := _USERINFO.search(value)):
            yield match[1]
            yield from (part for part in match[1].split(":") if len(part) >= MIN_ID_LENGTH)


def _encode_variants(secret: str) -> Iterable[str]:
    """Return a secret unchanged, escaped, percent-encoded and in base64."""
    encoded = b64encode(secret.encode("utf-8", "surrogatepass")).decode().rstrip("=")
    percent_encoded = {
        encode(secret, safe="", errors="surrogatepass") for encode in (quote, quote_plus)
    } | {quote(secret, errors="surrogatepass")}
    escaped = {repr(secret)[1:-1], secret.encode("unicode_escape").decode()}
    return {secret, encoded, *percent_encoded, *escaped}


def _hide_query(match: re.Match[str]) -> str:
    """Hide the query and the fragment of a URL. A string without `/` is not a URL."""
    parts = re.split("([?#])", match[0], maxsplit=1)
    is_url = "/" in parts[0] and parts[-1] != "" and len(parts) == 3
    return f"{parts[0]}{parts[1]}{HIDDEN}" if is_url else match[0]


def _hide_token(match: re.Match[str]) -> str:
    """Hide a long string that mixes letters and digits, or a longer one of mixed case."""
    text = match[0]
    is_alphanumeric = any(char.isdigit() for char in text) and any(char.isalpha() for char in text)
    is_mixed_case = len(text) >= 24 and text.upper() != text != text.lower()
    return HIDDEN if is_alphanumeric or is_mixed_case else text
