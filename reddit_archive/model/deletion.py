"""What Reddit says in place of a text that it shows no longer, and what became of that text."""

import re

from reddit_archive.model.json_fields import Raw, text

NO_AUTHOR = ("[deleted]", "[removed]")
NOBODY = (None, *NO_AUTHOR)
"""What stands as the author of a post or comment whose author does not show."""
REMOVED_BY_REDDIT = re.compile(r"\[\s*Removed by Reddit\b[^\]]*\]\s*")


def lost_text(kind: str, data: Raw) -> str | None:
    """Tell how a text is gone: "deleted", "removed", "removed by Reddit", "missing"; else None.

    Reddit puts words in place of the text (and for the first two of the author); a user may type
    the same words, so both must agree. For a post that has these words or no text,
    `removed_by_category` tells, whether or not its author is named: of one that its author has
    deleted the text is "[removed]" as well.
    """
    body = data.get("body" if kind == "t1" else "selftext")
    said = body.strip() if isinstance(body, str) else ""
    if said.startswith("["):
        author = data.get("author")
        is_nobody = author in NOBODY
        if REMOVED_BY_REDDIT.fullmatch(said):
            return "removed by Reddit"
        if kind == "t3" and said in NO_AUTHOR and (lost := _lost_post(data)):
            return lost
        if said == "[deleted]" and is_nobody:
            return "deleted"
        if said == "[removed]" and is_nobody:
            return "removed"
    if kind == "t3":
        return _lost_post(data) if body in (None, "", *NO_AUTHOR) else None
    return None if isinstance(body, str) or text(data, "body_html") else "missing"


def is_lost_by_law(data: Raw) -> bool:
    """Tell whether a text that Reddit removed was removed for legal reasons, like a copyright."""
    body = text(data, "body") or text(data, "selftext")
    return (
        data.get("removal_reason") == "legal"
        or data.get("removed_by_category") in ("copyright_takedown", "legal_operations")
        or bool(REMOVED_BY_REDDIT.fullmatch(body.strip()) and "copyright notice" in body)
    )


def _lost_post(data: Raw) -> str | None:
    match data.get("removed_by_category"):
        case None:
            return None
        case "deleted" | "author":
            return "deleted"
        case "moderator" | "automod_filtered":
            return "removed"
        case _:
            return "removed by Reddit"
