"""Leave out the last text of a page that is cut off, because its end is missing.

Half a text looks like an edit of the whole one. A comment without a text tells nothing about it.
"""

import re

END = re.compile(r"</(?:body|html)\b", re.IGNORECASE)
TEXT_MARKS = (
    *('class="md"', 'class="md ', "-rtjson-content", "RichTextJSON-root", 'data-testid="comment"'),
)
DIV = re.compile(r"<(/?)div\b", re.IGNORECASE)


def drop_cut_text(page: str) -> str:
    """Return a page without the text in which it ends; other pages as they are."""
    if END.search(page):
        return page
    start = page.rfind("<", 0, max(page.rfind(mark) for mark in TEXT_MARKS) + 1)
    if start < 0 or not DIV.match(page, start) or _is_closed(page, start):
        return page
    return page[:start]


def _is_closed(page: str, start: int) -> bool:
    """Return whether the element that begins at `start` ends in the page."""
    depth = 0
    for tag in DIV.finditer(page, start):
        depth += -1 if tag[1] else 1
        if depth == 0:
            return True
    return False
