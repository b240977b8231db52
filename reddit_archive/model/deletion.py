"""Recognize deleted and removed texts by the placeholders that Reddit shows instead. Pure."""

import re

from reddit_archive.model.json_fields import Raw, get_str

DELETION_PLACEHOLDERS = ("[deleted]", "[removed]")
DELETED_AUTHORS = (None, *DELETION_PLACEHOLDERS)
"""Values of `author` for a post or comment without a visible author."""
REMOVED_BY_REDDIT_PATTERN = re.compile(r"\[\s*Removed by Reddit\b(?:[^\[\]]|\[[^\[\]]*\])*\]\s*")
"""One form has a link: `[ Removed by Reddit on account of violating the [content policy](…). ]`."""


def get_deletion_reason(kind: str, data: Raw) -> str | None:
    """Return why Reddit shows no text: "deleted", "removed", "removed by Reddit" or "missing".

    Returns None if Reddit shows the text. Reddit replaces a deleted or removed text by a
    placeholder, and its author, too. Users can type the same words, so both must be placeholders.
    For a post with a placeholder or no text, `removed_by_category` decides, because the text of a
    post that its author deleted can be "[removed]", and its author can still be named.

    Args:
        kind: "t1" for a comment, "t3" for a post.
        data: The raw data.
    """
    body = data.get("body" if kind == "t1" else "selftext")
    stripped_body = body.strip() if isinstance(body, str) else ""
    if stripped_body.startswith("["):
        author = data.get("author")
        is_author_deleted = author in DELETED_AUTHORS
        if REMOVED_BY_REDDIT_PATTERN.fullmatch(stripped_body):
            return "removed by Reddit"
        if (
            kind == "t3"
            and stripped_body in DELETION_PLACEHOLDERS
            and (reason := _get_post_deletion_reason(data))
        ):
            return reason
        if stripped_body == "[deleted]" and is_author_deleted:
            return "deleted"
        if stripped_body == "[removed]" and is_author_deleted:
            return "removed"
    if kind == "t3":
        return (
            _get_post_deletion_reason(data) if body in (None, "", *DELETION_PLACEHOLDERS) else None
        )
    return None if isinstance(body, str) or get_str(data, "body_html") else "missing"


def is_legal_removal(data: Raw) -> bool:
    """Return whether a text that Reddit removed was removed for legal reasons (copyright, law)."""
    body = get_str(data, "body") or get_str(data, "selftext")
    return (
        data.get("removal_reason") == "legal"
        or data.get("removed_by_category") in ("copyright_takedown", "legal_operations")
        or bool(REMOVED_BY_REDDIT_PATTERN.fullmatch(body.strip()) and "copyright notice" in body)
    )


def _get_post_deletion_reason(data: Raw) -> str | None:
    match data.get("removed_by_category"):
        case None:
            return None
        case "deleted" | "author":
            return "deleted"
        case "moderator" | "automod_filtered":
            return "removed"
        case _:
            return "removed by Reddit"
