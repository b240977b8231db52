"""Redact items: remove the text or author of posts and comments, and mark them. Pure.

A redacted post or comment keeps its ids, position and time, and gets a mark. Texts by other people
stay unchanged, even if they quote a redacted text.
"""

from reddit_archive.model.redaction.marks import (
    ALL,
    AUTHOR,
    FOREIGN_MARK_KEY,
    MARK_KEY,
    PLACEHOLDER,
    RedactionLevels,
    find_crossposted,
    find_redacted_items,
    is_content_redacted,
    iter_items,
    rename_foreign_marks,
)
from reddit_archive.model.redaction.plan import RedactionPlan, build_plan
from reddit_archive.model.redaction.removal import (
    apply,
    redact_strings,
    remove_author,
    remove_content,
)

__all__ = [
    "ALL",
    "AUTHOR",
    "FOREIGN_MARK_KEY",
    "MARK_KEY",
    "PLACEHOLDER",
    "RedactionLevels",
    "RedactionPlan",
    "apply",
    "build_plan",
    "find_crossposted",
    "find_redacted_items",
    "is_content_redacted",
    "iter_items",
    "redact_strings",
    "remove_author",
    "remove_content",
    "rename_foreign_marks",
]
