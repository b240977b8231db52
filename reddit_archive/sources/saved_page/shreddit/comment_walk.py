"""Note what stands in a comment of a shreddit page, and controls that load more comments."""

import re
from dataclasses import replace

from reddit_archive.sources.saved_page import dom
from reddit_archive.sources.saved_page.dom import Node
from reddit_archive.sources.saved_page.shreddit.elements import (
    RICH_TEXT_SUFFIX,
    Context,
    FoundComment,
    FoundPage,
    MoreControl,
)

_SHOWN_ON_SOME_SCREENS = re.compile(r":(?:block|flex|grid|inline|contents)")
_COMMENT_SLOTS = {
    "commentMeta": "meta",
    "comment": "body",
    "commentAvatar": "aside",
    "actionRow": "aside",
}


def is_control(node: Node, context: Context) -> bool:
    """Return whether an element loads more comments or links to them."""
    if context.area == "body" or context.control is not None:
        return False
    if node.tag == "faceplate-partial":
        return "/more-comments/" in dom.get(node, "src")
    slot = dom.get(node, "slot")
    return slot == "more-comments-permalink" or (
        node.tag == "a" and slot == "children" and "/comment/" in dom.get(node, "href")
    )


def enter_control(node: Node, context: Context, page: FoundPage) -> Context:
    """Note a control or link, and return the context of its children."""
    is_link = node.tag != "faceplate-partial"
    control = MoreControl(
        outer_comment=context.comment,
        is_nesting_certain=context.comment is None or not context.comment.has_foreign_parts,
        slot=dom.get(node, "slot"),
        address=dom.get(node, "href" if is_link else "src"),
        is_link=is_link,
        is_hidden=context.is_hidden or _is_hidden(node),
        is_slotted=node.parent is not None and node.parent.tag == "shreddit-comment",
    )
    page.controls.append(control)
    return replace(context, control=control, texts=control.texts, area="control")


def enter_control_part(node: Node, context: Context) -> Context:
    """Note what a control says: its cursor, its number, its address."""
    control = context.control
    if control is not None:
        if node.tag == "input" and dom.get(node, "name") == "cursor":
            control.cursors.append(dom.get(node, "value"))
        elif node.tag == "faceplate-number":
            control.numbers.append(dom.get(node, "number"))
        elif node.tag == "a" and control.is_link and not control.address:
            control.address = dom.get(node, "href")
    return context


def _is_hidden(node: Node) -> bool:
    if dom.has(node, "hidden"):
        return True
    classes = dom.get_classes(node)
    if "hidden" in classes and not any(map(_SHOWN_ON_SOME_SCREENS.search, classes)):
        return True
    return "display:none" in dom.get(node, "style").replace(" ", "")


def enter_part(node: Node, context: Context, comment: FoundComment) -> Context:
    """Note an element inside a comment, and return the context of its children."""
    slot = dom.get(node, "slot")
    if area := _COMMENT_SLOTS.get(slot, "aside" if slot == "content" else ""):
        context = replace(context, area=_claim_area(node, area, comment), texts=None)
    if context.area in ("meta", "time", "flair"):
        return _enter_meta_part(node, context, comment)
    if node_id := dom.get(node, "id").lower():
        _note_id(node, node_id, context, comment)
    if context.area != "body" and not context.is_hidden and _is_hidden(node):
        context = replace(context, is_hidden=True)
    return enter_control_part(node, context)


def _claim_area(node: Node, area: str, comment: FoundComment) -> str:
    """Return the area of a part of a comment. A second head or text is another comment's."""
    is_second = comment.has_meta if area == "meta" else area == "body" and comment.body is not None
    if is_second:
        comment.has_foreign_parts = True
        return "aside"
    if area == "meta":
        comment.has_meta = True
    elif area == "body":
        comment.body = node
    return area


def _note_id(node: Node, node_id: str, context: Context, comment: FoundComment) -> None:
    """Keep the element with the whole text: the one with the comment's own id, if there is one."""
    own_name = dom.get(comment.element, "thingid").lower()
    if node_id.startswith("t1_") and own_name not in ("", "t1_deleted", node_id.split("-")[0]):
        comment.has_foreign_parts = True
    if not node_id.endswith(RICH_TEXT_SUFFIX):
        return
    own_id = f"{own_name}{RICH_TEXT_SUFFIX}"
    has_own = comment.rich_text is not None and dom.get(comment.rich_text, "id").lower() == own_id
    is_nameless = context.area == "body" and not node_id.startswith("t1_")
    if (node_id == own_id and not has_own) or (is_nameless and comment.rich_text is None):
        comment.rich_text = node


def _enter_meta_part(node: Node, context: Context, comment: FoundComment) -> Context:
    match node.tag:
        case "faceplate-partial" | "rpl-tooltip":
            return replace(context, area="aside")
        case "faceplate-timeago" if dom.get(node, "ts"):
            comment.times.append(dom.get(node, "ts"))
            return replace(context, area="time")
        case "time" if context.area == "meta":
            comment.times.append(dom.get(node, "datetime"))
        case "author-flair-event-handler":
            comment.author_id = comment.author_id or dom.get(node, "userid")
            return replace(context, area="flair", texts=comment.flair)
        case "locked":
            comment.is_locked = True
        case "shreddit-comment-badges" | "shreddit-comment-author-modifier-icon":
            comment.badges.append(node)
        case "img" | "faceplate-img" if context.area == "flair":
            comment.flair.append(dom.get(node, "alt").removeprefix("emoji"))
    return context
