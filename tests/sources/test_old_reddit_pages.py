"""Threads from pages of old Reddit: hand-made, generated, and real ones where they are."""

import gzip
import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from reddit_archive import errors
from reddit_archive.model import capture, deletion
from reddit_archive.sources.saved_page import dom
from reddit_archive.sources.saved_page.old_reddit import reader
from reddit_archive.sources.saved_page.page import ThreadPage
from tests.conftest import RECORDINGS
from tests.support import old_reddit_pages as pages
from tests.support.old_reddit_pages import PATH, POST_ID, PageComment, make_page, make_post

REAL_PAGES = RECORDINGS.parent / "saved-pages"
POST_NAME = f"t3_{POST_ID}"
SINGLE_THREAD_NOTICE = f'<div class="infobar"><p>x</p><p><a href="{PATH}">y</a></p></div>'


def read(html: str) -> ThreadPage:
    return reader.read(dom.parse(html))


def read_post(**options: Any) -> dict[str, Any]:
    data: dict[str, Any] = read(make_page(post=make_post(**options))).things[0]["data"]
    return data


def read_comment(comment: PageComment | None = None, /, **options: Any) -> dict[str, Any]:
    comment = comment or PageComment("c1", POST_NAME, **options)
    data: dict[str, Any] = read(make_page([comment])).things[1]["data"]
    return data


def edit(html: str, old: str, new: str) -> str:
    assert old in html
    return html.replace(old, new)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("is_modern", [True, False])
def test_read__generated_thread_comes_back(seed: int, is_modern: bool) -> None:
    thread = pages.make_random_thread(Random(seed))
    found = read(make_page(thread, is_modern=is_modern)).things[1:]
    expected = pages.list_things(thread)
    assert [thing["kind"] for thing in found] == [thing["kind"] for thing in expected]
    for thing, wanted in zip(found, expected, strict=True):
        assert {key: thing["data"].get(key) for key in wanted["data"]} == wanted["data"]


@pytest.mark.parametrize("depth", [500, pytest.param(5_000, marks=pytest.mark.slow)])
def test_read__deep_thread(depth: int) -> None:
    things = read(make_page(pages.make_chain(depth))).things
    assert [thing["data"]["parent_id"] for thing in things[2:]] == [
        f"t1_c{number}" for number in range(depth - 1)
    ]


def count_visits(monkeypatch: pytest.MonkeyPatch, html: str) -> int:
    """Count how often the reader looks at an attribute of an element."""
    visits = 0
    original = dom.get

    def get(node: dom.Node, name: str) -> str:
        nonlocal visits
        visits += 1
        return original(node, name)

    with monkeypatch.context() as patch:
        patch.setattr(dom, "get", get)
        read(html)
    return visits


def test_read__work_is_linear_in_size_and_depth(monkeypatch: pytest.MonkeyPatch) -> None:
    for make in (pages.make_chain, lambda count: pages.make_random_thread(Random(1), count)):
        once, twice = (count_visits(monkeypatch, make_page(make(count))) for count in (200, 400))
        assert once < twice < 2.2 * once


def test_read__post() -> None:
    page = read(make_page())
    assert (page.kind, page.thread_id, page.warnings) == ("old", POST_ID, ())
    assert page.things[0]["data"] == {
        "id": POST_ID,
        "name": POST_NAME,
        "title": "A title",
        "author": "op_example",
        "author_fullname": "t2_op",
        "subreddit": "breadlog",
        "subreddit_name_prefixed": "r/breadlog",
        "created_utc": 1_500_000_000.0,
        "edited": False,
        "score": 42,
        "num_comments": 7,
        "selftext_html": '<div class="md"><p>The post.</p>\n</div>',
        "domain": "self.breadlog",
        "is_self": True,
        "url": f"https://www.reddit.com{PATH}",
        "permalink": PATH,
        "over_18": False,
        "spoiler": False,
        "stickied": False,
        "_page": "old",
    }


def test_read__viewer_leaves_no_trace() -> None:
    page = read(make_page([PageComment("c1", POST_NAME, classes="saved")]))
    assert "SENTINEL" not in json.dumps(page.things)
    assert not {"likes", "saved", "score_likes"} & page.things[1]["data"].keys()


def test_read__advertisement_is_not_the_post() -> None:
    advertisement = make_post(classes="promotedlink", attributes='data-promoted="true"')
    advertisement = advertisement.replace(POST_ID, "adadad")
    assert read(make_page(post=advertisement + make_post())).thread_id == POST_ID


def test_read__link_post_has_no_text() -> None:
    html = make_page(post=make_post(classes="", expando='<span class="error">loading</span>'))
    html = edit(html, 'data-domain="self.breadlog"', 'data-domain="example.org"')
    data = read(edit(html, f'data-url="{PATH}"', 'data-url="https://example.org/a"')).things[0][
        "data"
    ]
    assert (data["is_self"], data["url"]) == (False, "https://example.org/a")
    assert not any(key.startswith("selftext") for key in data)


def test_read__gallery_in_an_expando_that_was_not_opened() -> None:
    pictures = "".join(
        '<div class="gallery-preview"><div class="media-preview-content"><a href="'
        f'https://preview.redd.it/{name}.jpg?width=640&amp;s=ab"><img src="x"></a></div>'
        f"{caption}</div>"
        for name, caption in (
            ("pic00001", '<p class="gallery-item-caption">Caption: One</p>'),
            ("pic00002", ""),
        )
    ).replace('"', "&quot;")
    post = make_post(classes="", attributes='data-is-gallery="true"', expando=" ").replace(
        '<div class="expando">', f'<div class="expando" data-cachedhtml="{pictures}">'
    )
    data = read(make_page(post=post)).things[0]["data"]
    assert data["is_gallery"] is True
    assert data["gallery_data"]["items"] == [
        {"media_id": "pic00001", "caption": "One"},
        {"media_id": "pic00002"},
    ]
    assert "pic00002" in data["media_metadata"]["pic00002"]["s"]["u"]


def test_read__crosspost_names_the_original_and_has_not_its_text() -> None:
    preview = (
        '<div class="crosspost-preview"><div class="crosspost-preview-header">'
        '<a class="content-link" href="/r/other/comments/bb22cc/x/">x</a></div>'
        '<div class="usertext-body"><div class="md">'
        "<p>Text of the original</p></div></div></div>"
    )
    data = read_post(classes="", attributes='data-crosspost-root-title="x"', expando=preview)
    assert data["crosspost_parent"] == "t3_bb22cc"
    assert "selftext_html" not in data


@pytest.mark.parametrize(
    ("heading", "count"),
    [("všetky 1 234 komentáre", 1234), ("коментарі (86)", 86), ("no comments (yet)", None)],
)
def test_read__number_of_comments_in_the_heading(heading: str, count: int | None) -> None:
    post = edit(make_post(is_modern=False), ">7 x<", ">x<")
    data = read(make_page(post=post, heading=heading)).things[0]["data"]
    assert data.get("num_comments") == count


def test_read__best_200_comments_are_not_their_number() -> None:
    post = edit(make_post(is_modern=False), ">7 x<", ">x<")
    heading = 'best 200 comments<a class="title-button" href="?limit=500">show 500</a>'
    assert "num_comments" not in read(make_page(post=post, heading=heading)).things[0]["data"]


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("970 bodov", 970),
        ("-3 bodov", -3),
        ("1 234 bodov", 1234),
        ("1,234 points", 1234),
        ("٣ نقاط", 3),
        ("•", None),
        ("1.2k points", None),
        ("12k", None),
    ],
)
def test_read__score_in_words(text: str, score: int | None) -> None:
    html = make_page([PageComment("c1", POST_NAME, score=555)], is_modern=False)
    data = read(edit(html, "555 bodov", text)).things[1]["data"]
    assert data.get("score") == score


@pytest.mark.parametrize(("text", "score"), [("42", 42), ("4.2k", 4213), ("•", None)])
def test_read__score_of_the_post(text: str, score: int | None) -> None:
    post = edit(make_post(attributes='data-score="4213"'), ' title="42">42<', f">{text}<")
    post = edit(post, 'data-score="42"', "")
    assert read(make_page(post=post)).things[0]["data"].get("score") == score


@pytest.mark.parametrize("shown", ["dislikes", "unvoted", "likes"])
def test_read__only_the_score_that_the_viewer_saw_is_saved(shown: str) -> None:
    html = make_page([PageComment("c1", POST_NAME, score=9)])
    for name, number in (("dislikes", 8), ("unvoted", 9), ("likes", 10)):
        score = f'<span class="score {name}" title={number}>{number} bodov</span>'
        html = html if name == shown else edit(html, score, "")
    assert read(html).things[1]["data"]["score"] == 9


def test_read__score_of_a_comment_is_not_that_of_its_midcol() -> None:
    html = make_page([PageComment("c1", POST_NAME, score=None)])
    html = edit(
        html,
        '<div class="midcol dislikes"><div class="arrow up"></div>',
        '<div class="midcol dislikes"><div class="score unvoted">9</div>',
    )
    assert "score" not in read(html).things[1]["data"]


def test_read__marks_of_a_comment() -> None:
    html = make_page([PageComment("c1", POST_NAME, classes="stickied controversial locked")])
    html = edit(
        html,
        'class="author may-blank" href="/user/ann',
        'class="author submitter admin" href="/user/ann',
    )
    html = edit(
        html,
        '<span class="userattrs"></span>',
        '<span class="flair" title="Full text">Fu…</span><span class="gilded-icon" data-count="2">',
    )
    data = read(edit(html, 'data-gildings="0"', "")).things[1]["data"]
    assert (data["stickied"], data["locked"], data["controversiality"]) == (True, True, 1)
    assert (data["is_submitter"], data["distinguished"], data["gilded"]) == (True, "admin", 2)
    assert data["author_flair_text"] == "Full text"


def test_read__deleted_since_2018_has_its_attributes() -> None:
    comment = PageComment("c1", POST_NAME, author="[deleted]", body="<p>[deleted]</p>\n")
    data = read_comment(comment)
    assert deletion.get_deletion_reason("t1", data) == "deleted"


def test_read__deleted_account_keeps_its_text() -> None:
    html = edit(
        make_page([PageComment("c1", POST_NAME)]),
        '<a class="author may-blank" href="/user/ann_example">ann_example</a>',
        "<span>[vymazané]</span>",
    )
    data = read(edit(html, 'data-author="ann_example"', "")).things[1]["data"]
    assert (data["author"], "body" in data) == ("[deleted]", False)
    assert "Some words" in data["body_html"]


def test_read__typed_placeholder_is_a_text() -> None:
    assert "body" not in read_comment(body="<p>[removed]</p>\n")


@pytest.mark.parametrize("text", ["[ Removed by Reddit ]", "odstránené"])
def test_read__taken_down_by_administrators(text: str) -> None:
    html = make_page([PageComment("c1", POST_NAME, author="[deleted]", body=f"<p>{text}</p>")])
    html = edit(html, "usertext-body may-blank-within", "usertext-body admin_takedown")
    data = read(html).things[1]["data"]
    assert deletion.get_deletion_reason("t1", data) == "removed by Reddit"


def test_read__taken_down_by_reddit_with_its_author() -> None:
    data = read_comment(body="<p>[ Removed by Reddit ]</p>\n")
    assert (data["body"], data["author"]) == ("[ Removed by Reddit ]", "ann_example")
    assert deletion.get_deletion_reason("t1", data) == "removed by Reddit"


def test_read__hidden_by_a_block_is_no_text() -> None:
    comment = PageComment("c1", POST_NAME, author="[unavailable]", body="<p>[unavailable]</p>\n")
    assert not {"body", "body_html", "author"} & {*read_comment(comment)}
    assert "body_html" in read_comment(body="<p>[unavailable]</p>\n")  # typed by an author


def test_read__another_thread_on_the_page_is_left_out() -> None:
    def build(name: str) -> str:
        stub = PageComment("m1", POST_NAME, "more", missing_ids=("m1", "m2"))
        return make_page([PageComment("c1", POST_NAME), stub]).replace("c1", f"{name}1")

    other = build("d").replace(POST_ID, "zz99zz").replace("m1", "n1")
    things = read(build("c").replace("</body></html>", other)).things
    assert [thing["data"].get("id") for thing in things] == [POST_ID, "c1", None]


def test_read__removed_for_the_content_policy() -> None:
    text = '[ Removed by Reddit on account of violating the <a href="/help/contentpolicy">'
    body = f"<p>{text}content policy</a>. ]</p>"
    data = read_comment(PageComment("c1", POST_NAME, author="[deleted]", body=body))
    assert data["body"].endswith("the [content policy](/help/contentpolicy). ]")
    assert deletion.get_deletion_reason("t1", data) == "removed by Reddit"


def test_read__deleted_without_any_id_is_counted() -> None:
    html = make_page([PageComment("c1", POST_NAME, deleted="[removed]")])
    page = read(edit(html, "report-t1_c1", ""))
    assert (page.comments_without_id, len(page.things)) == (1, 1)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("noncollapsed &#32; comment", "undeleted &#32; comment"),
        ('data-type="comment"', 'data-type="comment" undeleted="true"'),
        ('<div class="md"><p>SECRET', '<div class="md undeleted"><p>SECRET'),
        ('<div class="md"><p>SECRET', '<div class="md" style="border: 2px solid red"><p>SECRET'),
        ("<p>SECRET", '<p class="undeleted">SECRET'),
    ],
)
def test_read__text_that_an_extension_put_in(old: str, new: str) -> None:
    comment = PageComment("c1", POST_NAME, author="[deleted]", body="<p>SECRET</p>")
    page = read(edit(make_page([comment]), old, new))
    assert "SECRET" not in json.dumps(page.things)
    assert page.things[1]["data"]["author"] == "[deleted]"
    assert "extension" in page.warnings[0]


@pytest.mark.parametrize(
    "inserted",
    [
        '<a class="expando-button collapsed" href="x">show</a>',
        '<div class="res-media-zoomable"><img src="x"></div>',
        '<span class="keyNavAnnotation">[1]</span>',
        '<p class="og"><b>Original:</b> other words</p>',
        '<font class="notranslate immersive-translate-target-wrapper">iné slová</font>',
        "<script>x</script><button>x</button>",
    ],
)
def test_read__insertions_of_extensions_are_left_out(inserted: str) -> None:
    body = '<p>Some <a href="/r/x">words</a>, <span class="md-spoiler-text">hidden</span></p>'
    damaged = body.replace("<a ", '<a class="imgScanned" ').replace("</p>", f"</p>{inserted}")
    assert read_comment(body=damaged)["body_html"] == f'<div class="md">{body}\n</div>'


def test_read__words_in_foreign_elements_are_kept() -> None:
    body = '<p>One <font><mark class="x">two</mark></font> <void>three</void></p>\n'
    expected = '<div class="md"><p>One two three</p>\n</div>'
    assert read_comment(body=body)["body_html"] == expected


def test_read__ids_of_stubs_without_words_before_them() -> None:
    stub = PageComment("", POST_NAME, "more", missing_ids=("c1:m1", "m2", "m2", "x y"), count=9)
    assert read(make_page([stub])).things[1]["data"] == {
        "parent_id": POST_NAME,
        "children": ["m1", "m2"],
        "count": 9,
    }


def test_read__stub_without_script_names_its_first_id() -> None:
    stub = PageComment("", POST_NAME, "more", missing_ids=("m1", "m2"), count=2)
    html = make_page([stub]).replace("onclick=", "data-x=")
    data = read(html).things[1]["data"]
    assert (data["children"], data["count"]) == (["m1"], 2)


def test_read__stubs_are_what_is_missing() -> None:
    comment = PageComment("c1", POST_NAME)
    comment.replies = [PageComment("", "t1_c1", "deep")]
    stub = PageComment("", POST_NAME, "more", missing_ids=("m1",), count=1)
    missing = capture.find_missing_comments(read(make_page([comment, stub])).things)
    assert {(group.parent, group.ids) for group in missing} == {
        ("t1_c1", ()),
        (POST_NAME, ("m1",)),
    }


@pytest.mark.parametrize(
    ("parent_link", "parent"),
    [
        (f'<a class="bylink" data-event-action="parent" href="{PATH}p1/">up</a>', "t1_p1"),
        ("", POST_NAME),
    ],
)
def test_read__first_comment_of_a_single_thread(parent_link: str, parent: str) -> None:
    comment = PageComment("c1", POST_NAME, replies=[PageComment("c2", "t1_c1")])
    html = edit(
        make_page([comment], notice=SINGLE_THREAD_NOTICE),
        ">x</a></li>",
        f">x</a>{parent_link}</li>",
    )
    page = read(html)
    assert [thing["data"].get("parent_id") for thing in page.things[1:]] == [parent, "t1_c1"]
    assert "single comment" in page.warnings[-1]


def test_read__deleted_first_comment_of_a_single_thread_has_no_parent() -> None:
    comment = PageComment("c1", POST_NAME, deleted="[removed]")
    page = read(make_page([comment], notice=SINGLE_THREAD_NOTICE))
    assert "parent_id" not in page.things[1]["data"]


def test_read__parent_that_the_page_contradicts_is_unknown() -> None:
    html = make_page([PageComment("c1", POST_NAME, replies=[PageComment("c2", "t1_c1")])])
    data = read(edit(html, 'href="#c1"', 'href="#other"')).things[2]["data"]
    assert "parent_id" not in data


def test_read__parent_of_the_first_comment_is_on_another_page() -> None:
    up = (
        f'<a class="bylink" data-event-action="parent" href="https://old.reddit.com{PATH}p1">up</a>'
    )
    html = edit(make_page([PageComment("c1", POST_NAME)]), ">x</a></li>", f">x</a>{up}</li>")
    assert read(html).things[1]["data"]["parent_id"] == "t1_p1"


def test_read__links_that_a_browser_made_absolute() -> None:
    html = make_page([PageComment("c1", POST_NAME, replies=[PageComment("c2", "t1_c1")])])
    html = edit(html, 'href="#c1"', f'href="https://old.reddit.com{PATH}#c1"')
    assert read(html).things[2]["data"]["parent_id"] == "t1_c1"


def test_read__page_without_links_to_parents() -> None:
    comment = PageComment("c1", POST_NAME, replies=[PageComment("c2", "t1_c1")])
    comment.replies[0].replies = [PageComment("", "t1_c2", "deep")]
    html = edit(make_page([comment]), 'data-event-action="parent" href="#c1"', "")
    parents = [thing["data"]["parent_id"] for thing in read(html).things[1:]]
    assert parents == [POST_NAME, "t1_c1", "t1_c2"]


def test_read__contradicting_ids_are_no_id() -> None:
    html = make_page([PageComment("c1", POST_NAME)])
    page = read(edit(html, 'data-fullname="t1_c1"', 'data-fullname="t1_other"'))
    assert (page.comments_without_id, len(page.things)) == (1, 1)


def test_read__collapsed_comments_without_text_are_reported() -> None:
    html = make_page([PageComment("c1", POST_NAME)])
    page = read(edit(html, '<div class="md"><p>Some words.</p>\n</div>', ""))
    assert "body_html" not in page.things[1]["data"]
    assert "no text" in page.warnings[0]


def test_read__page_without_a_post_is_refused() -> None:
    with pytest.raises(errors.NotAThreadError, match="no post"):
        read("<div class='commentarea'></div>")


@pytest.mark.slow
def test_read__real_texts_stay_as_the_api_has_them(recordings: Path) -> None:
    with gzip.open(recordings / "pairs.jsonl.gz", "rt") as file:
        texts = [json.loads(line)["html"] for line in file]
    texts = [text for text in texts if text.startswith('<div class="md">')]
    texts = [text for text in texts if "<void>" not in text]  # no tag of Reddit's Markdown
    assert len(texts) > 7_000
    comments = [
        PageComment(f"c{number}", POST_NAME, body=text[len('<div class="md">') : -len("</div>")])
        for number, text in enumerate(texts)
    ]
    for text, thing in zip(texts, read(make_page(comments)).things[1:], strict=True):
        shown, original = (dom.parse(html).html for html in (thing["data"]["body_html"], text))
        assert (shown or "").replace("\n</div>", "</div>") == (original or "").replace(
            "\n</div>", "</div>"
        )


@pytest.mark.skipif(not REAL_PAGES.is_dir(), reason="there are no saved pages here")
@pytest.mark.parametrize("name", ["old-2016-72-comments", "old-2016-200-of-637"])
def test_read__real_page(name: str) -> None:
    expected = json.loads((REAL_PAGES / "expected.json").read_text())[name]
    page = read((REAL_PAGES / f"{name}.html").read_text())
    comments = {
        thing["data"]["id"]: thing["data"] for thing in page.things if thing["kind"] == "t1"
    }
    stubs = [thing["data"]["children"] for thing in page.things if thing["kind"] == "more"]
    assert (len(comments), len(stubs)) == (expected["comments"], expected["stubs"])
    assert sum(map(len, stubs)) == expected["missing_ids_named"]
    for sample in [*expected["sample"], expected["post"]]:
        data = comments.get(sample["id"], page.things[0]["data"])
        wanted = {key: value for key, value in sample.items() if value is not None}
        assert {key: data[key] for key in wanted} == wanted
