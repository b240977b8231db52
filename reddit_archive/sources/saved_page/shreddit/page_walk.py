"""Walk once through a page of shreddit and collect the elements that matter.

Nothing is interpreted here. The walk keeps no recursion and looks at each element once, so its time
grows with the size of the page, however deep comments are nested.
"""

from dataclasses import replace

from reddit_archive.sources.saved_page import dom
from reddit_archive.sources.saved_page.dom import Document, Node
from reddit_archive.sources.saved_page.shreddit import comment_walk, post_walk, templates
from reddit_archive.sources.saved_page.shreddit.elements import (
    Context,
    FoundComment,
    FoundPage,
    FoundPost,
    Template,
)

_SKIPPED_ELEMENTS = frozenset({"script", "style", "svg", "noscript"})
_OTHER_POSTS = frozenset(
    {"shreddit-feed", "shreddit-ad-post", "shreddit-comments-page-ad", "shreddit-comment-tree-ad"}
    | {"shreddit-comment-tree-ads", "shreddit-sidebar-ad", "aside", "shreddit-gallery-feed"}
)


def walk(document: Document) -> FoundPage:
    """Collect the posts, comments and controls of a page."""
    page = FoundPage(html=document.root)
    todo: list[tuple[Node | None, Context]] = [(document.root, Context())]
    while todo:
        node, context = todo.pop()
        if node is None:
            continue
        todo.append((node.next, context))
        if node.is_text_node:
            if context.texts is not None:
                context.texts.append(node.text_content or "")
        elif node.is_element_node and node.tag not in _SKIPPED_ELEMENTS:
            if node.tag in ("template", templates.OPENED_TEMPLATE):
                todo += _enter_template(node, context, page)
            else:
                todo.append((node.first_child, _enter(node, context, page)))
    return page


def _enter_template(
    node: Node, context: Context, page: FoundPage
) -> list[tuple[Node | None, Context]]:
    if node.tag == templates.OPENED_TEMPLATE:
        return [] if templates.is_shadow_root(node) else [(node.first_child, context)]
    content = templates.open_template(node)
    if content is None:
        return []
    if context.comment is not None:  # as behind a template that is not closed
        context.comment.has_foreign_parts = True
    template = Template()
    page.templates.append(template)
    return [(content.first_child, replace(context, template=template))]


def _enter(node: Node, context: Context, page: FoundPage) -> Context:
    """Note an element, and return the context of its children."""
    tag = node.tag or ""
    _note_page_part(node, page)
    if tag == "shreddit-comment":
        comment = FoundComment(node, context.comment, context.template)
        page.comments.append(comment)
        return Context(
            comment=comment,
            template=context.template,
            is_among_other_posts=context.is_among_other_posts,
        )
    if tag in _OTHER_POSTS:
        return replace(context, is_among_other_posts=True, post=None)
    if tag == "shreddit-post" and not context.is_among_other_posts:
        post = FoundPost(node, context.post)
        page.posts.append(post)
        return Context(post=post, template=context.template)
    if comment_walk.is_control(node, context):
        return comment_walk.enter_control(node, context, page)
    if context.comment is not None:
        return comment_walk.enter_part(node, context, context.comment)
    if context.post is not None:
        return post_walk.enter_part(node, context, context.post)
    return comment_walk.enter_control_part(node, context)


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
