"""Format citations as CSL-JSON for Zotero, pandoc and other CSL processors."""

import re
from datetime import datetime
from typing import Any

from reddit_archive.export.citations.citation import Citation

TAG_START = re.compile(r"<(?=[A-Za-z/!?])")
WORD_JOINER = "\u2060"


def build_item(citation: Citation) -> dict[str, Any]:
    """Return the CSL item. CSL processors read `<i>` as markup, so user text is escaped."""
    result: dict[str, Any] = {
        "id": citation.key,
        "type": "post",
        "title": _escape_tags(citation.title),
        "container-title": "Reddit",
        "genre": _format_genre(citation),
        "URL": citation.url,
        "accessed": _build_date(citation.accessed),
        "note": _escape_tags(citation.note),
    }
    if citation.author:
        result["author"] = [{"literal": _escape_tags(citation.author)}]
    if citation.issued:
        result["issued"] = _build_date(citation.issued)
    return result


def _format_genre(citation: Citation) -> str:
    if not citation.is_comment:
        return "Online forum post"
    if not citation.post_title:
        return "Comment on an online forum post"
    return f"Comment on the online forum post <i>{_escape_tags(citation.post_title)}</i>"


def _build_date(timestamp: datetime) -> dict[str, Any]:
    return {"date-parts": [[timestamp.year, timestamp.month, timestamp.day]]}


def _escape_tags(text: str) -> str:
    """Insert an invisible character into what looks like a tag, because CSL-JSON has no escapes."""
    return TAG_START.sub(f"<{WORD_JOINER}", text)
