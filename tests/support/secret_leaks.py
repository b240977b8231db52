"""Find secrets in the output of a command, in each form in which they may be written."""

import base64
from urllib.parse import quote as percent_encode

SENTINEL = "S3NT1NEL-do-not-leak/+&="


def find_leaks(secrets: list[str], texts: list[bytes]) -> list[str]:
    """Return the secrets in a text: plain, in base64 or percent-encoded."""
    return [
        secret
        for secret in secrets
        for form in (
            secret,
            percent_encode(secret, safe=""),
            _base64(secret),
            _base64(f":{secret}"),
        )
        if any(form.encode() in text for text in texts)
    ]


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode().rstrip("=")
