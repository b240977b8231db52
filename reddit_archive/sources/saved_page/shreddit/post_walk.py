"""Note what stands in a post of a shreddit page, element by element."""

from dataclasses import replace

from reddit_archive.sources.saved_page import dom
from reddit_archive.sources.saved_page.dom import Node
from reddit_archive.sources.saved_page.rich_text.html_cleaner import is_inserted
from reddit_archive.sources.saved_page.shreddit.elements import (
    RICH_TEXT_SUFFIX,
    Context,
    FoundPicture,
    FoundPost,
)

_LISTS_OF_PICTURES = frozenset(
    {"gallery-carousel", "shreddit-gallery-carousel", "faceplate-carousel"}
)
_PLAYERS = frozenset({"shreddit-player", "shreddit-player-2", "video"})
_POST_SLOTS = {
    "text-body": "text",
    "post-media-container": "media",
    "post-removed-banner": "banner",
    "post-flair": "flair",
    "title": "title",
}


def enter_part(node: Node, context: Context, post: FoundPost) -> Context:
    """Note an element inside a post, and return the context of its children."""
    if context.area == "inserted" or is_inserted(node):
        return replace(context, area="inserted", texts=None)
    slot = dom.get(node, "slot")
    if area := _POST_SLOTS.get(slot, "aside" if slot == "content" else ""):
        context = replace(context, area=area, texts=post.title if area == "title" else None)
    if node.tag == "shreddit-post-text-body" and context.area != "aside":
        context = replace(context, area="text")
    match context.area:
        case "text":
            _note_post_text(node, post)
        case "media":
            return _enter_media_part(node, context, post)
        case "banner" if slot == "post-removed-banner":
            post.banner = post.banner or []
            return replace(context, texts=post.banner)
    if node.tag == "shreddit-post-flair":
        return replace(context, texts=post.flair, area="flair")
    if context.area == "flair":
        if node.tag == "a" and "flair_name" in dom.get(node, "href"):
            post.flair_href = post.flair_href or dom.get(node, "href")
        elif node.tag in ("img", "faceplate-img") and context.texts is not None:
            context.texts.append(dom.get(node, "alt").removeprefix("emoji"))
    return context


def _note_post_text(node: Node, post: FoundPost) -> None:
    post.text_body = post.text_body or node
    own_id = f"{dom.get(post.element, 'id')}{RICH_TEXT_SUFFIX}"
    node_id = dom.get(node, "id")
    if node_id == own_id or (post.rich_text is None and node_id.endswith(RICH_TEXT_SUFFIX)):
        post.rich_text = node


def _enter_media_part(node: Node, context: Context, post: FoundPost) -> Context:
    tag = node.tag or ""
    if tag in _LISTS_OF_PICTURES:
        return replace(context, is_in_gallery=True)
    if tag in ("li", "figure") and context.is_in_gallery and not context.page:
        post.page_count += 1
        return replace(context, page=post.page_count, texts=None)
    if tag == "figcaption" and context.page:
        return replace(context, texts=post.captions.setdefault(context.page, []))
    if tag in ("img", "faceplate-img") or tag in _PLAYERS:
        post.pictures.append(FoundPicture(node, context.page))
    elif "crosspost-title" in dom.get_classes(node):
        return replace(context, texts=post.crosspost_title)
    elif tag == "a" and context.texts is post.crosspost_title:
        post.crosspost_href = post.crosspost_href or dom.get(node, "href")
    return context
