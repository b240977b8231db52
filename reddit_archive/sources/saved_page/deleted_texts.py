"""The fields of a deleted or removed text, as Reddit's API has them."""

from reddit_archive.markup.escape import escape_html
from reddit_archive.model.deletion import (
    DELETED_AUTHORS,
    DELETION_PLACEHOLDERS,
    REMOVED_BY_REDDIT_PATTERN,
)


def find_placeholder(text: str, author: str | None) -> str:
    """Return the placeholder that stands for a deleted text; "" if the text is the author's."""
    if author not in DELETED_AUTHORS:
        return ""
    is_placeholder = text in DELETION_PLACEHOLDERS or REMOVED_BY_REDDIT_PATTERN.fullmatch(text)
    return text if is_placeholder else ""


def build_fields(placeholder: str, text_key: str) -> dict[str, str]:
    """Return `body` and `body_html`, or `selftext` and `selftext_html`, of a deleted text."""
    html = f'<div class="md"><p>{escape_html(placeholder)}</p>\n</div>'
    return {text_key: placeholder, f"{text_key}_html": html}
