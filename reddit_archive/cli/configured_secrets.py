"""The secrets in the settings, which `secret_scrubber` removes from text."""

from collections.abc import Mapping
from typing import Any

KEY_NAMES = ("client_id", "client_secret", "refresh_token", "username", "password")
MIN_ID_LENGTH = 4
"""A shorter id or user name also occurs inside ordinary words."""
SECRETS: set[str] = set()


def protect(settings: Mapping[str, Any]) -> None:
    """Remember the secrets in the settings under `reddit:`; they are hidden from now on."""
    for name in KEY_NAMES:
        value = str(settings.get(name) or "")
        if len(value) >= (MIN_ID_LENGTH if name in ("client_id", "username") else 1):
            SECRETS.add(value)
    if settings.get("client_secret"):
        SECRETS.add(f"{settings.get('client_id') or ''}:{settings['client_secret']}")
