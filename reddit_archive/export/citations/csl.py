"""Citations as CSL-JSON, which Zotero, pandoc and every CSL processor read."""

import re
from datetime import datetime
from typing import Any

from reddit_archive.export.citations.citation import Citation

TAG = re.compile(r"<(?=[A-Za-z/!?])")
WORD_JOINER = "\u2060"


def item(cited: Citation) -> dict[str, Any]:
    """Give the item; what was typed is text in it, though a processor reads `<i>` as markup."""
    found: dict[str, Any] = {
        "id": cited.key,
        "type": "post",
        "title": _inert(cited.title),
        "container-title": "Reddit",
        "genre": _genre(cited),
        "URL": cited.url,
        "accessed": _date(cited.accessed),
        "note": _inert(cited.note),
    }
    if cited.author:
        found["author"] = [{"literal": _inert(cited.author)}]
    if cited.issued:
        found["issued"] = _date(cited.issued)
    return found


def _genre(cited: Citation) -> str:
    if not cited.is_comment:
        return "Online forum post"
    if not cited.about:
        return "Comment on an online forum post"
    return f"Comment on the online forum post <i>{_inert(cited.about)}</i>"


def _date(moment: datetime) -> dict[str, Any]:
    return {"date-parts": [[moment.year, moment.month, moment.day]]}


def _inert(plain: str) -> str:
    """CSL-JSON has no escape: what looks like a tag is parted by a character that does not show."""
    return TAG.sub(f"<{WORD_JOINER}", plain)
