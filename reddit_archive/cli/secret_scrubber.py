"""Remove secrets from text that is shown to the user, such as the message of an unexpected error.

Three kinds are removed: the configured secrets in each form in which libraries write them, what
is labelled as a secret (`Authorization: …`, `password=…`), and what looks like a token.
"""

import os
import re
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

HIDDEN = "[hidden]"
KEY_NAMES = ("client_id", "client_secret", "refresh_token", "username", "password")
MIN_ID_LENGTH = 4
"""A shorter id or user name is part of too many words to be removed from text."""
SECRET_VARIABLE = re.compile(r"secret|token|passw|client_id|api_?key", re.IGNORECASE)
PROXY_VARIABLE = re.compile(r"(?:https?|all)_proxy", re.IGNORECASE)
_USERINFO = re.compile(r"://([^/?#\s]*)@")
_PIECE = re.compile(r"[^\s'\"<>]+")
_LABELLED = re.compile(
    r"(?P<label>\b[\w-]{0,40}(?:authorization|cookie|secret|token|passw(?:or)?d|client_id"
    r"|api_?key|bearer|basic)\b['\"]{0,2}\s{0,3}(?:[:=]|(?<=bearer)\s|(?<=basic)\s)\s{0,3})"
    r"(?P<value>b?(?P<mark>['\"])(?:(?!(?P=mark)).)*(?:(?P=mark)|$)"
    r"|(?:(?:bearer|basic|digest|token)\s+)?[^\s,;&'\")}\]]+)",
    re.IGNORECASE | re.DOTALL,
)
_TOKEN = re.compile(r"[A-Za-z0-9_+=-]{20,}")

_configured: set[str] = set()


def protect(settings: Mapping[str, Any]) -> None:
    """Remember the secrets among the settings of `reddit:`, to remove them from later messages."""
    for name in KEY_NAMES:
        value = str(settings.get(name) or "")
        if len(value) >= (MIN_ID_LENGTH if name in ("client_id", "username") else 1):
            _configured.add(value)
    if settings.get("client_secret"):
        _configured.add(f"{settings.get('client_id') or ''}:{settings['client_secret']}")


def scrubbed(text: str) -> str:
    """Return the text without secrets."""
    known = {*_configured, *_from_environment()}
    for form in sorted({form for each in known for form in _forms(each)}, key=len, reverse=True):
        text = text.replace(form, HIDDEN)
    text = _USERINFO.sub(f"://{HIDDEN}@", text)
    text = _PIECE.sub(_without_query, text)
    text = _LABELLED.sub(rf"\g<label>{HIDDEN}", text)
    return _TOKEN.sub(_without_token, text)


def _from_environment() -> Iterator[str]:
    """Yield the secrets in environment variables, and the logins of proxies."""
    for name, value in os.environ.items():
        if SECRET_VARIABLE.search(name) and len(value) >= MIN_ID_LENGTH:
            yield value
        if PROXY_VARIABLE.fullmatch(name) and (found := _USERINFO.search(value)):
            yield found[1]
            yield from (part for part in found[1].split(":") if len(part) >= MIN_ID_LENGTH)


def _forms(secret: str) -> Iterable[str]:
    """Return a secret as it is, quoted, percent-encoded and in base64."""
    encoded = b64encode(secret.encode("utf-8", "surrogatepass")).decode().rstrip("=")
    percent = {
        quoting(secret, safe="", errors="surrogatepass") for quoting in (quote, quote_plus)
    } | {quote(secret, errors="surrogatepass")}
    escaped = {repr(secret)[1:-1], secret.encode("unicode_escape").decode()}
    return {secret, encoded, *percent, *escaped}


def _without_query(found: re.Match[str]) -> str:
    """Hide the query and the fragment of an address; what has no `/` is none."""
    parts = re.split("([?#])", found[0], maxsplit=1)
    is_address = "/" in parts[0] and parts[-1] != "" and len(parts) == 3
    return f"{parts[0]}{parts[1]}{HIDDEN}" if is_address else found[0]


def _without_token(found: re.Match[str]) -> str:
    """Keep a long word; hide a long run that mixes letters with digits or upper with lower case."""
    run = found[0]
    has_digit = any(char.isdigit() for char in run) and any(char.isalpha() for char in run)
    is_mixed = len(run) >= 24 and run.upper() != run != run.lower()
    return HIDDEN if has_digit or is_mixed else run
