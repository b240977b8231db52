"""The fields of a deleted or removed text, as Reddit's API has them."""

from reddit_archive.markup.escape import escape_html
from reddit_archive.model.deletion import (
    DELETED_AUTHORS,
    DELETION_PLACEHOLDERS,
    REMOVED_BY_REDDIT_PATTERN,
)

UNAVAILABLE = "[unavailable]"
"""What Reddit shows, as author and as text, to a reader whom the author blocked."""


def is_withheld(text: str, author: str | None) -> bool:
    """Return whether a text is only hidden from this reader, so that the page does not tell it."""
    return text == UNAVAILABLE and author in ("", UNAVAILABLE, *DELETED_AUTHORS)


def find_placeholder(text: str, author: str | None) -> str:
    """Return the placeholder that stands for a deleted text; "" if the text is the author's.

    Reddit can keep the author's name where it removed the text itself.
    """
    is_deleted = author in DELETED_AUTHORS and text in DELETION_PLACEHOLDERS
    return text if is_deleted or REMOVED_BY_REDDIT_PATTERN.fullmatch(text) else ""


def build_fields(placeholder: str, text_key: str) -> dict[str, str]:
    """Return `body` and `body_html`, or `selftext` and `selftext_html`, of a deleted text."""
    html = f'<div class="md"><p>{escape_html(placeholder)}</p>\n</div>'
    return {text_key: placeholder, f"{text_key}_html": html}
