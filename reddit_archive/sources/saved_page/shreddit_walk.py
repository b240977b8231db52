"""Walk once through a page of shreddit and collect the elements that matter.

Nothing is interpreted here. The walk keeps no recursion and looks at each element once, so its time
grows with the size of the page, however deep comments are nested.
"""

import re
from dataclasses import dataclass, replace

from reddit_archive.sources.saved_page import dom, templates
from reddit_archive.sources.saved_page.dom import Document, Node
from reddit_archive.sources.saved_page.rich_text_html import is_inserted
from reddit_archive.sources.saved_page.shreddit_elements import (
    FoundComment,
    FoundGap,
    FoundPage,
    FoundPicture,
    FoundPost,
    Template,
)

RICH_TEXT_SUFFIX = "-post-rtjson-content"
_SKIPPED_ELEMENTS = frozenset({"script", "style", "svg", "noscript"})
_OTHER_POSTS = frozenset(
    {"shreddit-feed", "shreddit-ad-post", "shreddit-comments-page-ad", "shreddit-comment-tree-ad"}
    | {"shreddit-comment-tree-ads", "shreddit-sidebar-ad", "aside", "shreddit-gallery-feed"}
)
_LISTS_OF_PICTURES = frozenset(
    {"gallery-carousel", "shreddit-gallery-carousel", "faceplate-carousel"}
)
_SHOWN_ON_SOME_SCREENS = re.compile(r":(?:block|flex|grid|inline|contents)")
_PLAYERS = frozenset({"shreddit-player", "shreddit-player-2", "video"})
_COMMENT_SLOTS = {
    "commentMeta": "meta",
    "comment": "body",
    "commentAvatar": "aside",
    "actionRow": "aside",
}
_POST_SLOTS = {
    "text-body": "text",
    "post-media-container": "media",
    "post-removed-banner": "banner",
    "post-flair": "flair",
    "title": "title",
}


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an element stands. Its children inherit this.

    Attributes:
        post: The post around it.
        comment: The innermost comment around it.
        area: The part of the post or comment: "meta", "body", "media", …
        gap: The control around it.
        texts: Where its text is collected.
        page: Its place in the gallery around it.
        is_hidden: A part of the comment that hides it is around it.
        is_among_other_posts: It stands in a listing or an advertisement.
        template: The template around it.
    """

    post: FoundPost | None = None
    comment: FoundComment | None = None
    area: str = ""
    gap: FoundGap | None = None
    texts: list[str] | None = None
    page: int = 0
    is_in_gallery: bool = False
    is_hidden: bool = False
    is_among_other_posts: bool = False
    template: Template | None = None


def walk(document: Document) -> FoundPage:
    """Collect the posts, comments and controls of a page."""
    page = FoundPage(html=document.root)
    todo: list[tuple[Node | None, _Place]] = [(document.root, _Place())]
    while todo:
        node, place = todo.pop()
        if node is None:
            continue
        todo.append((node.next, place))
        if node.is_text_node:
            if place.texts is not None:
                place.texts.append(node.text_content or "")
        elif node.is_element_node and node.tag not in _SKIPPED_ELEMENTS:
            if node.tag in ("template", templates.OPENED_TEMPLATE):
                todo += _enter_template(node, place, page)
            else:
                todo.append((node.first_child, _enter(node, place, page)))
    return page


def _enter_template(node: Node, place: _Place, page: FoundPage) -> list[tuple[Node | None, _Place]]:
    if node.tag == templates.OPENED_TEMPLATE:
        return [] if templates.is_shadow_root(node) else [(node.first_child, place)]
    content = templates.open_template(node)
    if content is None:
        return []
    if place.comment is not None:  # as behind a template that is not closed
        place.comment.has_foreign_parts = True
    template = Template()
    page.templates.append(template)
    return [(content.first_child, replace(place, template=template))]


def _enter(node: Node, place: _Place, page: FoundPage) -> _Place:
    """Note an element, and return the place of its children."""
    tag = node.tag or ""
    _note_page_part(node, page)
    if tag == "shreddit-comment":
        comment = FoundComment(node, place.comment, place.template)
        page.comments.append(comment)
        return _Place(
            comment=comment,
            template=place.template,
            is_among_other_posts=place.is_among_other_posts,
        )
    if tag in _OTHER_POSTS:
        return replace(place, is_among_other_posts=True, post=None)
    if tag == "shreddit-post" and not place.is_among_other_posts:
        post = FoundPost(node, place.post)
        page.posts.append(post)
        return _Place(post=post, template=place.template)
    if _is_gap(node, place):
        return _enter_gap(node, place, page)
    if place.comment is not None:
        return _enter_comment_part(node, place, place.comment)
    if place.post is not None:
        return _enter_post_part(node, place, place.post)
    return _enter_gap_part(node, place)


def _note_page_part(node: Node, page: FoundPage) -> None:
    match node.tag:
        case "shreddit-comment-tree":
            page.trees.append(node)
        case "shreddit-comment-tree-stats":
            page.stats.append(node)
        case "comment-translator" | "shreddit-post-translator":
            page.translation_languages.append(dom.get(node, "mt-seo-language").strip())
        case "link" if dom.get(node, "rel").lower() == "canonical":
            page.addresses.append(dom.get(node, "href"))
        case "meta" if dom.get(node, "property").lower() == "og:url":
            page.addresses.append(dom.get(node, "content"))


def _is_gap(node: Node, place: _Place) -> bool:
    if place.area == "body" or place.gap is not None:
        return False
    if node.tag == "faceplate-partial":
        return "/more-comments/" in dom.get(node, "src")
    slot = dom.get(node, "slot")
    return slot == "more-comments-permalink" or (
        node.tag == "a" and slot == "children" and "/comment/" in dom.get(node, "href")
    )


def _enter_gap(node: Node, place: _Place, page: FoundPage) -> _Place:
    is_link = node.tag != "faceplate-partial"
    gap = FoundGap(
        outer_comment=place.comment,
        is_place_certain=place.comment is None or not place.comment.has_foreign_parts,
        slot=dom.get(node, "slot"),
        address=dom.get(node, "href" if is_link else "src"),
        is_link=is_link,
        is_hidden=place.is_hidden or _is_hidden(node),
        is_slotted=node.parent is not None and node.parent.tag == "shreddit-comment",
    )
    page.gaps.append(gap)
    return replace(place, gap=gap, texts=gap.texts, area="gap")


def _enter_gap_part(node: Node, place: _Place) -> _Place:
    gap = place.gap
    if gap is not None:
        if node.tag == "input" and dom.get(node, "name") == "cursor":
            gap.cursors.append(dom.get(node, "value"))
        elif node.tag == "faceplate-number":
            gap.numbers.append(dom.get(node, "number"))
        elif node.tag == "a" and gap.is_link and not gap.address:
            gap.address = dom.get(node, "href")
    return place


def _is_hidden(node: Node) -> bool:
    if dom.has(node, "hidden"):
        return True
    classes = dom.get_classes(node)
    if "hidden" in classes and not any(map(_SHOWN_ON_SOME_SCREENS.search, classes)):
        return True
    return "display:none" in dom.get(node, "style").replace(" ", "")


def _enter_comment_part(node: Node, place: _Place, comment: FoundComment) -> _Place:
    slot = dom.get(node, "slot")
    if area := _COMMENT_SLOTS.get(slot, "aside" if slot == "content" else ""):
        place = replace(place, area=_claim_area(node, area, comment), texts=None)
    if place.area in ("meta", "time", "flair"):
        return _enter_meta_part(node, place, comment)
    if node_id := dom.get(node, "id").lower():
        _note_id(node, node_id, place, comment)
    if place.area != "body" and not place.is_hidden and _is_hidden(node):
        place = replace(place, is_hidden=True)
    return _enter_gap_part(node, place)


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


def _note_id(node: Node, node_id: str, place: _Place, comment: FoundComment) -> None:
    """Keep the element with the whole text: the one with the comment's own id, if there is one."""
    own_name = dom.get(comment.element, "thingid").lower()
    if node_id.startswith("t1_") and own_name not in ("", "t1_deleted", node_id.split("-")[0]):
        comment.has_foreign_parts = True
    if not node_id.endswith(RICH_TEXT_SUFFIX):
        return
    own_id = f"{own_name}{RICH_TEXT_SUFFIX}"
    has_own = comment.rich_text is not None and dom.get(comment.rich_text, "id").lower() == own_id
    is_nameless = place.area == "body" and not node_id.startswith("t1_")
    if (node_id == own_id and not has_own) or (is_nameless and comment.rich_text is None):
        comment.rich_text = node


def _enter_meta_part(node: Node, place: _Place, comment: FoundComment) -> _Place:
    match node.tag:
        case "faceplate-partial" | "rpl-tooltip":
            return replace(place, area="aside")
        case "faceplate-timeago" if dom.get(node, "ts"):
            comment.times.append(dom.get(node, "ts"))
            return replace(place, area="time")
        case "time" if place.area == "meta":
            comment.times.append(dom.get(node, "datetime"))
        case "author-flair-event-handler":
            comment.author_id = comment.author_id or dom.get(node, "userid")
            return replace(place, area="flair", texts=comment.flair)
        case "locked":
            comment.is_locked = True
        case "shreddit-comment-badges" | "shreddit-comment-author-modifier-icon":
            comment.badges.append(node)
        case "img" | "faceplate-img" if place.area == "flair":
            comment.flair.append(dom.get(node, "alt").removeprefix("emoji"))
    return place


def _enter_post_part(node: Node, place: _Place, post: FoundPost) -> _Place:
    if place.area == "inserted" or is_inserted(node):
        return replace(place, area="inserted", texts=None)
    slot = dom.get(node, "slot")
    if area := _POST_SLOTS.get(slot, "aside" if slot == "content" else ""):
        place = replace(place, area=area, texts=post.title if area == "title" else None)
    if node.tag == "shreddit-post-text-body" and place.area != "aside":
        place = replace(place, area="text")
    match place.area:
        case "text":
            _note_post_text(node, post)
        case "media":
            return _enter_media_part(node, place, post)
        case "banner" if slot == "post-removed-banner":
            post.banner = post.banner or []
            return replace(place, texts=post.banner)
    if node.tag == "shreddit-post-flair":
        return replace(place, texts=post.flair, area="flair")
    if place.area == "flair":
        if node.tag == "a" and "flair_name" in dom.get(node, "href"):
            post.flair_href = post.flair_href or dom.get(node, "href")
        elif node.tag in ("img", "faceplate-img") and place.texts is not None:
            place.texts.append(dom.get(node, "alt").removeprefix("emoji"))
    return place


def _note_post_text(node: Node, post: FoundPost) -> None:
    post.text_body = post.text_body or node
    own_id = f"{dom.get(post.element, 'id')}{RICH_TEXT_SUFFIX}"
    node_id = dom.get(node, "id")
    if node_id == own_id or (post.rich_text is None and node_id.endswith(RICH_TEXT_SUFFIX)):
        post.rich_text = node


def _enter_media_part(node: Node, place: _Place, post: FoundPost) -> _Place:
    tag = node.tag or ""
    if tag in _LISTS_OF_PICTURES:
        return replace(place, is_in_gallery=True)
    if tag in ("li", "figure") and place.is_in_gallery and not place.page:
        post.page_count += 1
        return replace(place, page=post.page_count, texts=None)
    if tag == "figcaption" and place.page:
        return replace(place, texts=post.captions.setdefault(place.page, []))
    if tag in ("img", "faceplate-img") or tag in _PLAYERS:
        post.pictures.append(FoundPicture(node, place.page))
    elif "crosspost-title" in dom.get_classes(node):
        return replace(place, texts=post.crosspost_title)
    elif tag == "a" and place.texts is post.crosspost_title:
        post.crosspost_href = post.crosspost_href or dom.get(node, "href")
    return place
