"""Threads read from pages of shreddit, as a browser saves them and as the server sends them."""

import sys
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from types import FrameType
from typing import Any

import pytest

from reddit_archive.errors import OtherPageError
from reddit_archive.markup import convert
from reddit_archive.model.content import Post
from reddit_archive.sources.saved_page import dom
from reddit_archive.sources.saved_page.page import ThreadPage
from reddit_archive.sources.saved_page.shreddit import more_controls, reader
from tests.support import shreddit_pages as pages
from tests.support.shreddit_pages import Comment

TIME = "2026-04-15T02:26:40.284000+0000"
FORMS = pytest.mark.parametrize("is_saved", [True, False])


def read(html: str, url: str = "") -> ThreadPage:
    return reader.read(dom.parse(html), url)


def read_comments(html: str, url: str = "") -> dict[str, dict[str, Any]]:
    """Return the data of the comments by id, from a page that holds only comments."""
    tree = f'<shreddit-comment-tree post-id="t3_{pages.THREAD}">{html}</shreddit-comment-tree>'
    things = read(pages.write_post() + tree, url).things
    return {thing["data"]["id"]: thing["data"] for thing in things if thing["kind"] == "t1"}


def read_comment(attributes: str = "", inner: str = "") -> dict[str, Any]:
    html = f'<shreddit-comment thingid="t1_a" depth="0" {attributes}>{inner}</shreddit-comment>'
    return read_comments(html)["a"]


def read_post(**options: Any) -> dict[str, Any]:
    return read(pages.write_post(**options)).things[0]["data"]


def write_text(text: str) -> str:
    return f'<div slot="comment"><div id="t1_a-post-rtjson-content"><p>{text}</p></div></div>'


def test_read__taken_down_by_reddit_with_its_author() -> None:
    data = read_comment('author="ada_example"', write_text("[ Removed by Reddit ]"))
    assert (data["body"], data["author"]) == ("[ Removed by Reddit ]", "ada_example")


def test_read__comments_without_text_are_reported() -> None:
    comments = '<shreddit-comment thingid="t1_a" author="ada" depth="0">{}</shreddit-comment>'
    whole, empty = (comments.format(text) for text in (write_text("words"), ""))
    assert read(pages.write_post() + whole).warnings == ()
    assert read(pages.write_post() + whole + empty.replace("t1_a", "t1_b")).warnings == (
        "Some comments (1) have no text in the page, because they were collapsed or the page is "
        "damaged.",
    )


def test_read__hidden_by_a_block_is_no_text() -> None:
    data = read_comment('author="[unavailable]"', write_text("[unavailable]"))
    assert not {"body", "body_html", "author"} & {*data}
    assert "body_html" in read_comment('author="ada_example"', write_text("[unavailable]"))


@FORMS
@pytest.mark.parametrize("seed", range(40))
def test_read__finds_the_thread_that_was_written(seed: int, is_saved: bool) -> None:
    thread = pages.make_thread(seed)
    page = read(pages.write_page(thread, is_saved=is_saved))
    comments = {t["data"]["id"]: t["data"] for t in page.things if t["kind"] == "t1"}
    expected = pages.list_comments(thread)
    assert [*comments] == [*expected]
    for comment_id, data in comments.items():
        text = convert(data.get("body_html", ""), target="text")
        found = {key: data.get(key) for key in expected[comment_id]} | {"text": text}
        assert found == expected[comment_id]
    stubs = {
        (t["data"]["parent_id"], tuple(t["data"]["children"]), t["data"]["count"])
        for t in page.things
        if t["kind"] == "more"
    }
    assert stubs == pages.list_stubs(thread)
    assert page.comments_without_id == pages.count_nameless(thread)


@FORMS
def test_read__nothing_of_the_viewer_is_read(is_saved: bool) -> None:
    page = read(pages.write_page(pages.make_thread(1), is_saved=is_saved))
    assert pages.SENTINEL not in repr(page)


def test_read__the_post_has_the_fields_of_the_api() -> None:
    assert read_post() == {
        "id": "p0st1",
        "name": "t3_p0st1",
        "_page": "shreddit",
        "title": "A title & more",
        "author": "op_",
        "author_fullname": "t2_op",
        "subreddit": "cats",
        "subreddit_name_prefixed": "r/cats",
        "permalink": "/r/cats/comments/p0st1/a_title/",
        "created_utc": 1776219392.79,
        "score": 357,
        "num_comments": 3,
        "domain": "self.cats",
        "is_self": True,
        "url": "https://www.reddit.com/r/cats/comments/p0st1/a_title/",
        "selftext_html": '<div class="md"><p>The post.</p>\n</div>',
    }


def test_read__a_field_that_the_page_does_not_tell_is_absent() -> None:
    html = f'<shreddit-post id="t3_{pages.THREAD}"></shreddit-post>'
    data = read(html).things[0]["data"]
    assert data == {"id": "p0st1", "name": "t3_p0st1", "_page": "shreddit"}


def test_read__flags_have_no_value() -> None:
    data = read_post(nsfw="", spoiler="", locked="", stickied="", archived="")
    assert all(data[name] for name in ("over_18", "spoiler", "locked", "stickied", "archived"))
    assert "spoiler" not in read_post(spoiler="false")


@pytest.mark.parametrize(("value", "expected"), [("1.2k", None), ("-5", -5), ("", None)])
def test_read__only_an_exact_score_is_read(value: str, expected: int | None) -> None:
    assert read_post(score=value).get("score") == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<div class='md'><p>a text</p></div>", "<p>a text</p>"),
        (
            "<shreddit-post-text-body slot='text-body'><a slot='text-body' href='#'><div>"
            "<div id='t3_p0st1-post-rtjson-content'><p>a text</p></div></div></a>"
            "<button>Read more</button></shreddit-post-text-body>",
            "<p>a text</p>",
        ),
        ("<div style='outline: salmon solid'><div slot='text-body'>x</div></div>", None),
    ],
)
def test_read__the_text_of_a_post(body: str, expected: str | None) -> None:
    html = read_post(body="", media=f"<div slot='text-body'>{body}</div>").get("selftext_html")
    assert html == (expected and f'<div class="md">{expected}\n</div>')


def test_read__the_flair_comes_from_its_link() -> None:
    link = "<a href='/r/cats/?f=flair_name%3A%22Sleepy%20%3Acat%3A%22'><div>Flair</div></a>"
    assert read_post(media=f"<shreddit-post-flair>{link}</shreddit-post-flair>")[
        "link_flair_text"
    ] == ("Sleepy :cat:")


@pytest.mark.parametrize(
    ("author", "words", "expected"),
    [
        ("[deleted]", "Beitrag entfernt", ("deleted", "[deleted]")),
        ("op_", "Removido", ("moderator", "[removed]")),
        ("[deleted]", "removed by the moderators of r/cats", ("moderator", "[removed]")),
        ("[deleted]", "This post was removed by Reddit", ("reddit", "[removed]")),
    ],
)
def test_read__a_banner_says_who_removed_a_post(
    author: str, words: str, expected: tuple[str, str]
) -> None:
    banner = f"<div slot='post-removed-banner'><p>{words}</p></div>"
    data = read_post(author=author, media=banner, body="")
    assert (data["removed_by_category"], data["selftext"]) == expected


GALLERY = (
    "<div slot='post-media-container'><gallery-carousel><ul><li slot='page-1'><figure>"
    "<img class='post-background-image-filter' src='https://preview.redd.it/t-v0-aaaaaaaa1.jpg?s=0'>"
    "<img src='https://preview.redd.it/t-v0-aaaaaaaa1.jpg?s=1' alt='r/cats - A title &amp; more'>"
    "<div class='lightboxed-content' hidden><img src='https://i.redd.it/aaaaaaaa1.jpg'></div>"
    "<figcaption> The <b>first</b> </figcaption></figure></li><li slot='page-2'>"
    "<img data-lazy-src='https://preview.redd.it/t-v0-bbbbbbbb2.png?s=2' src='' alt='r/cats - Cat'>"
    "</li><li slot='page-3'><img src='https://i.redd.it/aaaaaaaa1.jpg'></li>"
    "<li slot='page-4'><img src='data:image/png;base64,AA'></li></ul></gallery-carousel></div>"
)


def test_read__a_gallery_has_each_picture_once_with_its_caption() -> None:
    data = read_post(post_type="gallery", domain="old.reddit.com", media=GALLERY, body="")
    assert data["is_gallery"] is True
    assert data["is_self"] is False
    assert [(image.url, image.caption) for image in Post(data).gallery_images] == [
        ("https://i.redd.it/aaaaaaaa1.jpg", "The first"),
        ("https://preview.redd.it/t-v0-bbbbbbbb2.png?s=2", "Cat"),
    ]


@pytest.mark.parametrize(
    ("post_type", "href", "media", "expected"),
    [
        ("link", "https://x.example/?a=1&amp;b=2", "", "https://x.example/?a=1&b=2"),
        ("image", "https://i.redd.it/a.jpg", "", "https://i.redd.it/a.jpg"),
        (
            "image",
            "-",
            "<img class='post-background-image-filter' src='https://preview.redd.it/b.jpg'>"
            "<img id='post-image' src='https://preview.redd.it/a.jpg?s=1'>",
            "https://preview.redd.it/a.jpg?s=1",
        ),
        (
            "video",
            "https://www.reddit.com/r/cats/comments/p0st1/a_title/",
            "<shreddit-player src='https://v.redd.it/abc1/HLSPlaylist.m3u8?a=1'></shreddit-player>",
            "https://v.redd.it/abc1",
        ),
        ("link", "javascript:alert(1)", "", None),
        ("link", "//x.example/a", "", "https://x.example/a"),
    ],
)
def test_read__the_link_of_a_post(
    post_type: str, href: str, media: str, expected: str | None
) -> None:
    media = f"<div slot='post-media-container'>{media}</div>"
    data = read_post(
        post_type=post_type, content_href=href, media=media, body="", domain="x.example"
    )
    assert data.get("url") == expected


def test_read__a_crosspost_names_its_parent() -> None:
    media = (
        "<div slot='post-media-container'><div class='crosspost-title m-0'>"
        "<a href='/r/dogs/comments/0rig/t/'> The  original </a></div></div>"
    )
    href = "/r/dogs/comments/0rig/t/"
    data = read_post(post_type="crosspost", content_href=href, media=media, domain="i.redd.it")
    parent = Post(data).crosspost_parent
    assert data["crosspost_parent"] == "t3_0rig"
    assert parent is not None
    assert (parent.title, parent.subreddit) == ("The original", "r/dogs")


def test_read__several_posts_and_no_comments_are_no_thread() -> None:
    other = pages.write_post(id="t3_0ther", view_context="SearchResults")
    html = pages.write_post(view_context="SearchResults") + other
    with pytest.raises(OtherPageError, match="a list of posts"):
        read(html)
    assert read(html + f"<shreddit-comment-tree post-id='t3_{pages.THREAD}'>").thread_id == "p0st1"


def test_read__a_single_search_result_is_no_thread() -> None:
    with pytest.raises(OtherPageError, match="a list of posts"):
        read(pages.write_post(view_context="SearchResults"))


def test_read__a_gallery_without_its_pictures_is_a_gallery() -> None:
    data = read_post(post_type="gallery", content_href="https://www.reddit.com/gallery/p0st1")
    assert data["is_gallery"] is True
    assert "gallery_data" not in data


@pytest.mark.parametrize("html", ["", "<p>hello</p>", pages.FEED, pages.AD])
def test_read__a_page_without_a_post_is_no_thread(html: str) -> None:
    with pytest.raises(OtherPageError, match="without a post"):
        read(html)


def test_read__a_post_without_comments_is_a_thread() -> None:
    page = read(pages.write_post(310))
    assert [thing["data"]["num_comments"] for thing in page.things] == [310]


def test_read__comments_without_their_post_are_read() -> None:
    comment = pages.write_comment(Comment("a"))
    things = read(comment).things
    assert [(t["data"]["name"], t["data"]["link_id"]) for t in things] == [("t1_a", "t3_p0st1")]


def test_read__comments_of_other_threads_are_left_out() -> None:
    other = "<shreddit-comment thingid='t1_b' depth='0' postid='t3_0ther'></shreddit-comment>"
    assert [*read_comments(pages.write_comment(Comment("a")) + other)] == ["a"]


def test_read__the_servers_templates_hold_comments() -> None:
    inner = pages.write_comment(Comment("b"), depth=1, parent_id="a", is_saved=False)
    shadow = "<template shadowrootmode='open'><shreddit-comment thingid='t1_x'></template>"
    first = pages.write_comment(Comment("a"), inner, is_saved=False)
    nameless = pages.write_comment(Comment("", "nameless"))
    html = f"<template>{first}<template>{nameless}</template>{shadow}</template>"
    assert [*read_comments(html)] == ["a", "b"]
    page = read(pages.write_post() + html + html)
    assert page.comments_without_id == 1


def test_read__shadow_roots_are_not_the_page() -> None:
    shadow = "<template shadowmode='open'><shreddit-comment thingid='t1_x'></template>"
    assert [*read_comments(shadow + pages.write_comment(Comment("a")))] == ["a"]


def test_read__a_reply_to_a_nameless_comment_has_no_guessed_parent() -> None:
    reply = pages.write_comment(Comment("b", names_parent=False), depth=1, parent_id="zz")
    html = pages.write_comment(Comment("zz", "nameless"), reply)
    assert "parent_id" not in read_comments(html)["b"]
    assert read(pages.write_post() + html).comments_without_id == 1


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ("", "t3_p0st1"),
        ("parentid='t1_x'", "t1_x"),
        ("parentid='t1_deleted'", None),
        ("parentid='t1_<b>'", None),
        ("parentid='t1_a'", None),
        ("parentid='T3_P0ST1'", "t3_p0st1"),
        ("parentid='t3_0ther'", None),
        ("parent-permalink='/r/cats/comments/p0st1/comment/x/'", "t1_x"),
        ("slot='children-t1_x-0'", "t1_x"),
        ("slot='children-t1_deleted-0'", None),
    ],
)
def test_read__the_parent_is_what_the_page_says(attributes: str, expected: str | None) -> None:
    assert read_comment(attributes).get("parent_id") == expected


def test_read__the_top_of_a_comments_page_has_no_known_parent() -> None:
    html = pages.write_comment(Comment("a"), pages.write_comment(Comment("b"), depth=1))
    url = "https://www.reddit.com/r/cats/comments/p0st1/comment/b/?force-legacy-sct=1"
    assert [c.get("parent_id") for c in read_comments(html, url).values()] == [None, "t1_a"]
    link = f"<link rel='canonical' href='{url}'>"
    assert "parent_id" not in read_comments(link + html)["a"]


@pytest.mark.parametrize("depth", ["depth='2'", "depth='0'", "depth='x'", ""])
def test_read__nesting_counts_only_where_the_depths_agree(depth: str) -> None:
    inner = f"<shreddit-comment thingid='t1_b' {depth}></shreddit-comment>"
    html = f"<shreddit-comment thingid='t1_a' depth='0'>{inner}</shreddit-comment>"
    assert read_comments(html)["b"].get("parent_id") in (None, "t3_p0st1")


def test_read__without_any_depth_the_nesting_counts() -> None:
    inner = "<shreddit-comment thingid='t1_b'></shreddit-comment>"
    html = f"<shreddit-comment thingid='t1_a'>{inner}</shreddit-comment>"
    parents = [data["parent_id"] for data in read_comments(html).values()]
    assert parents == ["t3_p0st1", "t1_a"]


@pytest.mark.parametrize(
    "name",
    [
        "t1_deleted",
        "t1_",
        "t1_ABC!",
        "t1_" + "a" * 14,
        "t3_a",
        "a",
        "t1_\u0661",
        "t1_a b",
        "t1_a\0",
    ],
)
def test_read__a_comment_without_a_valid_id_is_not_stored(name: str) -> None:
    assert read_comments(f'<shreddit-comment thingid="{name}" depth="0"></shreddit-comment>') == {}


def test_read__a_comment_stands_once() -> None:
    html = pages.write_comment(Comment("a", text="first")) + pages.write_comment(Comment("a"))
    assert "first" in read_comments(html)["a"]["body_html"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-04-15T02:26:40.284000+0000", 1776220000.284),
        ("2026-04-15T04:26:40+02:00", 1776220000.0),
        ("2026-04-15T02:26:40Z", 1776220000.0),
        ("2026-04-15T02:26:40", None),
        ("2026-13-15T02:26:40Z", None),
        ("yesterday", None),
    ],
)
def test_read__a_time_has_a_zone(value: str, expected: float | None) -> None:
    assert read_comment(f'created="{value}"').get("created_utc") == expected


META = '<div slot="commentMeta"><time datetime="2026-04-15T02:26:40.284Z">2d</time>{}</div>'


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("", False),
        ("<time datetime='2026-04-15T03:00:00Z'>1d</time>", 1776222000.0),
        (
            "<faceplate-timeago ts='2026-04-15T03:00:00Z'><time datetime='2026-04-15T03:00:00Z'>"
            "</time></faceplate-timeago>",
            1776222000.0,
        ),
        ("<div slot='content'><time datetime='2026-05-01T00:00:00Z'></time></div>", False),
        ("<time datetime='2019-01-01T00:00:00Z'>cake day</time>", False),
        ("<faceplate-timeago ts='2026-04-15T02:26:40.284Z'></faceplate-timeago>", False),
    ],
)
def test_read__a_second_time_is_the_edit(more: str, expected: float | bool) -> None:
    assert read_comment(f'created="{TIME}"', META.format(more))["edited"] == expected


def test_read__times_of_replies_and_texts_are_no_edits() -> None:
    reply = pages.write_comment(Comment("b", created=1_776_290_000), depth=1, parent_id="a")
    text = "<div slot='comment'><p><time datetime='2026-05-01T00:00:00Z'>x</time></p></div>"
    inner = META.format("") + text + reply
    assert read_comment(f'created="{TIME}"', inner)["edited"] is False


def test_read__without_its_head_a_comment_is_not_known_to_be_unedited() -> None:
    assert "edited" not in read_comment(f'created="{TIME}"')


def test_read__a_missing_score_is_hidden_or_of_a_deleted_comment() -> None:
    assert read_comment()["score_hidden"] is True
    assert "score_hidden" not in read_comment("is-comment-deleted")
    assert read_comment('score="-4"')["score"] == -4


def test_read__badges() -> None:
    badges = (
        "<div slot='commentMeta'><shreddit-comment-author-modifier-icon op"
        " distinguished-as='MODERATOR'></shreddit-comment-author-modifier-icon>"
        "<shreddit-comment-badges stickied><locked></locked></shreddit-comment-badges></div>"
    )
    data = read_comment("author='op_'", badges)
    names = ("distinguished", "stickied", "locked", "is_submitter")
    assert [data[name] for name in names] == ["moderator", True, True, True]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Comment deleted by user", "[deleted]"),
        ("Comment removed by moderator", "[removed]"),
        ("Comment has been removed", "[removed]"),
        ("Kommentar gelöscht", "[deleted]"),
    ],
)
def test_read__a_deleted_comment_has_reddits_placeholder(words: str, expected: str) -> None:
    text = f"<div slot='comment'><p>{words}</p></div>"
    data = read_comment("author='alice' is-comment-deleted='true'", text)
    assert (data["author"], data["body"]) == ("[deleted]", expected)
    assert data["body_html"] == f'<div class="md"><p>{expected}</p>\n</div>'


def test_read__the_text_of_a_deleted_account_stays() -> None:
    text = "<div slot='comment'><p>still here</p></div>"
    data = read_comment("author='[deleted]' is-author-deleted='true'", text)
    assert data["author"] == "[deleted]"
    assert "body" not in data
    assert "still here" in data["body_html"]


def test_read__a_text_put_into_a_deleted_comment_is_not_stored() -> None:
    text = "<div style='outline: salmon solid'><div class='md'><p>undeleted</p></div></div>"
    data = read_comment("is-comment-deleted='true' undeleted", f"<div slot='comment'>{text}</div>")
    assert "undeleted" not in repr(data)


def test_read__the_whole_text_stands_inside_its_teaser() -> None:
    whole = "<div id='t1_a-post-rtjson-content'><p>all of it</p></div>"
    teaser = f"<div slot='comment'><div id='t1_a-comment-teaser'><p>all …</p>{whole}</div></div>"
    assert read_comment("", teaser)["body_html"] == '<div class="md"><p>all of it</p>\n</div>'


@pytest.mark.parametrize(
    ("attributes", "is_stored"),
    [
        ("translation-experience='immersive_en'", True),
        ("rendered-translation-state='original' translation-experience='immersive_de'", True),
        ("rendered-translation-state='translated' translation-experience='immersive_de'", False),
    ],
)
def test_read__a_translated_text_is_not_the_authors(attributes: str, is_stored: bool) -> None:
    comment = pages.write_comment(Comment("a"), extra=" " + attributes)
    page = read(pages.write_post() + comment)
    assert ("body_html" in page.things[1]["data"]) is is_stored
    assert bool(page.warnings) is not is_stored


@pytest.mark.parametrize(
    "html",
    [
        pages.write_post(
            post_language="de",
            translation_language="en-US",
            translation_experience="immersive_en",
        ),
        "<comment-translator mt-seo-language='fr'></comment-translator>" + pages.write_post(),
        "<!DOCTYPE html><html class='translated-ltr'>" + pages.write_post(),
    ],
)
def test_read__a_translated_post_is_stored_without_its_text(html: str) -> None:
    page = read(html)
    assert "selftext_html" not in page.things[0]["data"]
    assert page.warnings == (
        "The page shows 1 text in a machine translation, which is not stored. "
        "Turn the translation off and save the page again.",
    )


def count_calls(action: Callable[[], object]) -> int:
    """Return how many functions, those of the parser included, an action calls."""
    calls = 0

    def count(frame: FrameType, event: str, argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        action()
    finally:
        sys.setprofile(None)
    return calls


def read_stubs(html: str) -> list[dict[str, Any]]:
    page = read(f"{pages.write_post()}<shreddit-comment-tree>{html}</shreddit-comment-tree>")
    return [thing["data"] for thing in page.things if thing["kind"] == "more"]


def write_partial(inner: str = "", query: str = "") -> str:
    src = f"/svc/shreddit/more-comments/cats/t3_{pages.THREAD}?sort=top{query}"
    return f'<faceplate-partial loading="action" src="{src}">{inner}</faceplate-partial>'


CURSOR = f"<input name='cursor' value='{pages.write_cursor('bc')}'>"


@pytest.mark.parametrize(
    ("partial", "ids", "count"),
    [
        (write_partial(CURSOR), ["b", "c"], 2),
        (
            write_partial(query=f"&amp;at={pages.write_cursor('bc').replace('=', '%3D')}"),
            [*"bc"],
            2,
        ),
        (write_partial("<button>12 weitere Antworten</button>"), [], 12),
        (write_partial("<faceplate-number number='7'>77</faceplate-number> more"), [], 7),
        (
            write_partial(
                "<input name='cursor' value='eyJhIjoxfQ=='>", "&amp;comments-remaining=9"
            ),
            [],
            9,
        ),
        (write_partial("<b>Mehr</b>"), [], 0),
        (write_partial("<b>1.2k replies</b>"), [], 0),
    ],
)
def test_read__a_control_for_more_comments_is_a_stub(
    partial: str, ids: list[str], count: int
) -> None:
    comment = pages.write_comment(Comment("a"), partial * 3)
    assert read_stubs(comment) == [{"parent_id": "t1_a", "children": ids, "count": count}]
    assert read_stubs(partial) == [{"parent_id": "t3_p0st1", "children": ids, "count": count}]


def test_read__a_control_below_a_nameless_comment_has_no_known_parent() -> None:
    partial = write_partial("<b>5</b>")
    stub = {"parent_id": "t3_p0st1", "children": [], "count": 5, "_left_over": True}
    assert read_stubs(pages.write_comment(Comment("a", "nameless"), partial)) == [stub]


def test_read__a_control_for_comments_that_are_in_the_page_is_no_stub() -> None:
    partial = write_partial(f"<input name='cursor' value='{pages.write_cursor('b')}'>")
    reply = pages.write_comment(Comment("b"), depth=1, parent_id="a")
    assert read_stubs(pages.write_comment(Comment("a"), reply + partial)) == []


LINK = "<a href='/r/cats/comments/p0st1/comment/a/?force-legacy-sct=1'>{}</a>"
FOLD = f"<div class='fold-more {{}}'><div slot='more-comments-permalink'>{LINK}</div></div>"
SLOTTED = "<a slot='more-comments-permalink' href='/r/cats/comments/p0st1/comment/a/?x=1'>{}</a>"


@pytest.mark.parametrize(
    ("html", "depth", "counts"),
    [
        (FOLD.format("", "Continue this thread"), 0, [0]),
        (FOLD.format("", "94 more replies"), 0, [94]),
        (FOLD.format("hidden", "Continue this thread"), 0, []),
        (FOLD.format("hidden", "94 more replies"), 0, []),
        (FOLD.format("hidden xs:block", "Continue"), 0, [0]),
        (SLOTTED.format("More replies"), 0, []),
        (SLOTTED.format("More replies"), 3, [0]),
        (SLOTTED.format("94 more replies"), 0, [94]),
        (
            "<a slot='children' href='/r/cats/comments/p0st1/comment/a/'>"
            "<faceplate-number number='3'></faceplate-number> more replies</a>",
            5,
            [3],
        ),
    ],
)
def test_read__only_a_visible_link_to_more_comments_is_a_stub(
    html: str, depth: int, counts: list[int]
) -> None:
    stubs = read_stubs(pages.write_comment(Comment("a"), html, depth))
    assert [(stub["parent_id"], stub["count"]) for stub in stubs] == [("t1_a", n) for n in counts]


@FORMS
def test_read__a_link_beside_the_replies_is_no_stub(is_saved: bool) -> None:
    reply = pages.write_comment(Comment("b"), depth=3, parent_id="a", is_saved=is_saved)
    html = reply + SLOTTED.format("More replies")
    assert read_stubs(pages.write_comment(Comment("a"), html, 2, is_saved=is_saved)) == []


@pytest.mark.parametrize(
    ("cursor", "expected"),
    [
        (pages.write_cursor(["a1", "b2"]), ["a1", "b2"]),
        (pages.write_cursor(["a1", "b2"]).rstrip("="), ["a1", "b2"]),
        (pages.write_cursor(["a1"], "commenttree:"), ["a1"]),
        (pages.write_cursor(["a1", "<b>", "x" * 14, "A2", "deleted", "a1"]), ["a1", "a2"]),
        (pages.write_cursor(["a1"], "commenttree:ex:(abc):"), []),
        (pages.write_cursor(["a1"], "other:"), []),
        ("t1_a1,t1_b2", []),
        ("", []),
        ("====", []),
        ("\x00é", []),
    ],
)
def test_decode_cursor__only_the_known_form_has_ids(cursor: str, expected: list[str]) -> None:
    assert more_controls.decode_cursor(cursor) == expected


@FORMS
def test_read__replies_of_any_depth_are_read(is_saved: bool) -> None:
    page = read(pages.write_deep_page(1000, is_saved=is_saved))
    comments = [thing["data"] for thing in page.things if thing["kind"] == "t1"]
    assert len(comments) == 1000
    assert all(reply["parent_id"] == comment["name"] for comment, reply in pairwise(comments))


@FORMS
def test_read__each_element_is_looked_at_once(is_saved: bool) -> None:
    documents = [dom.parse(pages.write_deep_page(n, is_saved=is_saved)) for n in (50, 400)]
    shallow, deep = (count_calls(partial(reader.read, document)) for document in documents)
    assert deep < 8.5 * shallow
