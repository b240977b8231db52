"""Read a thread from a page of old Reddit: www.reddit.com until 2018, old.reddit.com since."""

from reddit_archive import errors
from reddit_archive.model.capture import Thing
from reddit_archive.sources.saved_page.dom import Document, Node, get_ancestor, get_classes
from reddit_archive.sources.saved_page.old_reddit import comment_reader, post_reader
from reddit_archive.sources.saved_page.old_reddit.entry_reader import (
    find_id,
    is_promoted,
    is_thing,
    read_entry,
)
from reddit_archive.sources.saved_page.page import PAGE_KIND_KEY, ThreadPage

KIND = "old"


def read(document: Document) -> ThreadPage:
    """Return the thread that the page shows.

    Raises:
        NotAThreadError: The page has no post with a valid id.
    """
    nodes = _find_things(document)
    post_node = next((node for node in nodes if _is_shown_post(node)), None)
    entry = read_entry(post_node) if post_node is not None else None
    post_id = find_id(post_node, entry, "t3") if post_node is not None and entry else ""
    if post_node is None or entry is None or not post_id:
        raise errors.NotAThreadError(
            "the page of old Reddit has no post with an ID",
            "Open the thread itself on old.reddit.com, and save that page.",
        )
    post = post_reader.read_post(post_node, entry, post_id, document)
    comments = comment_reader.read_comments(document, nodes, post_node, f"t3_{post_id}")
    things = (post, *comments.things)
    foreign_count = comments.foreign_text_count + entry.has_foreign_text
    return ThreadPage(
        kind=KIND,
        thread_id=post_id,
        things=tuple(_mark(thing) for thing in things),
        comments_without_id=comments.without_id_count,
        warnings=tuple(_list_warnings(comments, foreign_count)),
    )


def _find_things(document: Document) -> list[Node]:
    """Return the posts, comments and stubs in the order of the page, each once."""
    nodes = {node.mem_id: node for node in document.css(".thing, [data-fullname]")}
    return [node for node in nodes.values() if is_thing(node)]


def _is_shown_post(node: Node) -> bool:
    """Return whether a thing is the page's own post: no advertisement, no post in the comments."""
    return (
        post_reader.is_post(node)
        and not is_promoted(node)
        and get_ancestor(node, lambda ancestor: "commentarea" in get_classes(ancestor)) is None
    )


def _mark(thing: Thing) -> Thing:
    if thing["kind"] != "more":
        thing["data"][PAGE_KIND_KEY] = KIND
    return thing


def _list_warnings(comments: comment_reader.PageComments, foreign_count: int) -> list[str]:
    warnings = []
    if foreign_count:
        warnings.append(
            f"A browser extension put deleted texts into the page ({foreign_count}). They are left "
            "out, because Reddit does not show them."
        )
    if comments.without_text_count:
        warnings.append(
            f"Some comments ({comments.without_text_count}) have no text in the page, because they "
            "were collapsed or the page is damaged."
        )
    if comments.without_parent_count:
        warnings.append(
            f"The page does not tell which comments {comments.without_parent_count} of its "
            "comments reply to."
        )
    if comments.is_single_thread:
        warnings.append(
            "The page shows the thread of a single comment, so the other comments are missing."
        )
    return warnings
