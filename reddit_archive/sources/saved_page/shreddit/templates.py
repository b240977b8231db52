"""Templates in a page: what they hold is no part of the page until a script takes it out.

The pages that Reddit's server sends keep the first comments in templates. A shadow root is a
template, too, but holds only the page's own controls.
"""

import re

from reddit_archive.sources.saved_page import dom

OPENED_TEMPLATE = "opened-template"
_TAG = re.compile(r"<(/?)template(?=[\s/>])", re.IGNORECASE)
_COMMENT = re.compile(r"<shreddit-comment[\s>]", re.IGNORECASE)
_SHADOW_ATTRIBUTES = frozenset({"shadowrootmode", "shadowroot", "shadowmode"})


def is_shadow_root(template: dom.Node) -> bool:
    """Return whether a template holds the inner side of a component, as saved by a browser."""
    return not _SHADOW_ATTRIBUTES.isdisjoint(template.attributes)


def open_template(template: dom.Node) -> dom.Node | None:
    """Return the content of a template with comments, and of those inside it; None if it has none.

    A template is parsed once, however deep others are nested in it.
    """
    html = template.html or ""
    if is_shadow_root(template) or not _COMMENT.search(html):
        return None
    return dom.parse(_TAG.sub(rf"<\1{OPENED_TEMPLATE}", html)).body
